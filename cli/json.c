/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON output (RFC 8259), one document a line.
 */
#include "cli/json.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

/*
 * Length of the well-formed UTF-8 character at `bytes`, 0 if there is none (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF).
 */
static size_t utf8_length(const unsigned char *bytes)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (bytes[0] < forms[i].first_low || bytes[0] > forms[i].first_high) {
            continue;
        }
        if (forms[i].length > 1 &&
            (bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high)) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].length; k++) {
            if (bytes[k] < 0x80 || bytes[k] > 0xBF) {
                return 0;
            }
        }
        return forms[i].length;
    }
    return 0;
}

static void add_quoted(struct text *out, const char *value)
{
    const unsigned char *at = (const unsigned char *)value;

    text_add(out, "\"");
    while (*at != '\0') {
        size_t length = utf8_length(at);

        if (length == 0) {
            text_add(out, REPLACEMENT);
        } else if (*at == '"' || *at == '\\') {
            text_printf(out, "\\%c", *at);
        } else if (*at < 0x20 || *at == 0x7F) {
            text_printf(out, "\\u%04x", (unsigned)*at);
        } else {
            text_add_bytes(out, (const char *)at, length);
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

void cli_json_begin_object(struct json *json, const char *key)
{
    begin_group(json, key, "{");
}

void cli_json_end_object(struct json *json)
{
    end_group(json, "}");
}

void cli_json_begin_array(struct json *json, const char *key)
{
    begin_group(json, key, "[");
}

void cli_json_end_array(struct json *json)
{
    end_group(json, "]");
}

void cli_json_string(struct json *json, const char *key, const char *value)
{
    if (value == NULL) {
        cli_json_null(json, key);
        return;
    }
    begin_value(json, key);
    add_quoted(json->out, value);
}

void cli_json_unsigned(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    text_printf(json->out, "%" PRIu64, value);
}

void cli_json_bool(struct json *json, const char *key, bool value)
{
    begin_value(json, key);
    text_add(json->out, value ? "true" : "false");
}

void cli_json_null(struct json *json, const char *key)
{
    begin_value(json, key);
    text_add(json->out, "null");
}

void cli_json_hex(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    text_printf(json->out, "\"0x%" PRIX64 "\"", value);
}

void cli_json_decimal(struct json *json, const char *key, uint64_t value,
                      struct rapl_fraction scale, uint32_t digits)
{
    begin_value(json, key);
    text_decimal(json->out, value, scale, digits, true);
}

void cli_json_truth(struct json *json, const char *key, uint32_t truth)
{
    if (truth == RAPL_TRUTH_UNKNOWN) {
        cli_json_string(json, key, "unknown");
    } else {
        cli_json_bool(json, key, truth == RAPL_TRUTH_YES);
    }
}

void cli_json_end_document(struct json *json)
{
    text_add(json->out, "\n");
    json->comma = false;
}
