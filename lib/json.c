/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON output (RFC 8259), one document a line.
 */
#include "lib/json.h"

#include <stdio.h>

#include <inttypes.h>

#include "lib/utf.h"

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

static void add_quoted(struct text *out, const char *value)
{
    const char *at = value;

    text_add(out, "\"");
    while (*at != '\0') {
        size_t length = rapl_utf8_length(at);

        if (length == 0) {
            text_add(out, REPLACEMENT);
        } else if (*at == '"' || *at == '\\') {
            text_printf(out, "\\%c", *at);
        } else if ((unsigned char)*at < 0x20 || *at == 0x7F) {
            text_printf(out, "\\u%04x", (unsigned)*at);
        } else {
            text_add_bytes(out, at, length);
        }
        at += length == 0 ? 1 : length;
    }
    text_add(out, "\"");
}

static void begin_value(struct json *json, const char *key)
{
    if (json->comma) {
        text_add(json->out, ",");
    }
    json->comma = true;
    if (key != NULL) {
        add_quoted(json->out, key);
        text_add(json->out, ":");
    }
}

static void begin_group(struct json *json, const char *key, const char *bracket)
{
    begin_value(json, key);
    text_add(json->out, bracket);
    json->comma = false;
}

static void end_group(struct json *json, const char *bracket)
{
    text_add(json->out, bracket);
    json->comma = true;
}

void json_begin_object(struct json *json, const char *key)
{
    begin_group(json, key, "{");
}

void json_end_object(struct json *json)
{
    end_group(json, "}");
}

void json_begin_array(struct json *json, const char *key)
{
    begin_group(json, key, "[");
}

void json_end_array(struct json *json)
{
    end_group(json, "]");
}

void json_string(struct json *json, const char *key, const char *value)
{
    if (value == NULL) {
        json_null(json, key);
        return;
    }
    begin_value(json, key);
    add_quoted(json->out, value);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    text_printf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    text_add(json->out, value ? "true" : "false");
}

void json_null(struct json *json, const char *key)
{
    begin_value(json, key);
    text_add(json->out, "null");
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    text_printf(json->out, "\"0x%" PRIX64 "\"", value);
}

void json_decimal(struct json *json, const char *key, uint64_t value, struct rapl_fraction scale,
                  uint32_t digits)
{
    begin_value(json, key);
    text_decimal(json->out, value, scale, digits, true);
}

void json_real(struct json *json, const char *key, double value, int digits)
{
    char number[352]; /* 309 digits of the largest double, a point and the rest */
    size_t size;

    begin_value(json, key);
    if (value - value != 0) { /* infinite, or no number */
        text_add(json->out, "null");
        return;
    }
    size = (size_t)snprintf(number, sizeof(number), "%.*f", digits, value);
    while (digits > 0 && number[size - 1] == '0') {
        size--;
    }
    if (digits > 0 && number[size - 1] == '.') {
        size--;
    }
    if (size == 2 && number[0] == '-' && number[1] == '0') {
        text_add(json->out, "0");
        return;
    }
    text_add_bytes(json->out, number, size);
}

void json_truth(struct json *json, const char *key, uint32_t truth)
{
    if (truth == RAPL_TRUTH_UNKNOWN) {
        json_string(json, key, "unknown");
    } else {
        json_bool(json, key, truth == RAPL_TRUTH_YES);
    }
}

void json_end_document(struct json *json)
{
    text_add(json->out, "\n");
    json->comma = false;
}
