/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON writing: escaping and commas, nothing else.
 */
#include "loader/json.h"

#include <string.h>

static void put(struct json *json, const char *bytes, size_t count)
{
    if (json->overflow || count >= json->size - json->length) {
        json->overflow = true;
        return;
    }
    memcpy(json->text + json->length, bytes, count);
    json->length += count;
    json->text[json->length] = '\0';
}

static void put_text(struct json *json, const char *text)
{
    put(json, text, strlen(text));
}

static void put_character(struct json *json, char character)
{
    static const char hex[] = "0123456789abcdef";
    static const char special[] = "\"\\\b\f\n\r\t";
    static const char letter[] = "\"\\bfnrt";
    const unsigned char byte = (unsigned char)character;
    const char *found = byte != 0 ? strchr(special, character) : NULL;

    if (found != NULL) {
        put(json, (const char[]){'\\', letter[found - special]}, 2);
    } else if (byte < 0x20 || byte == 0x7F) {
        put(json, (const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
    } else {
        put(json, &character, 1);
    }
}

static void put_quoted(struct json *json, const char *value)
{
    put_text(json, "\"");
    for (; *value != '\0'; value++) {
        put_character(json, *value);
    }
    put_text(json, "\"");
}

static void begin_element(struct json *json)
{
    if (json->comma) {
        put_text(json, ",");
    }
    json->comma = true;
}

static void begin_member(struct json *json, const char *name)
{
    begin_element(json);
    put_quoted(json, name);
    put_text(json, ":");
}

void json_open(struct json *json, char *buffer, size_t size)
{
    *json = (struct json){.text = buffer, .size = size};
    buffer[0] = '\0';
    put_text(json, "{");
}

void json_close(struct json *json)
{
    put_text(json, "}");
}

void json_string(struct json *json, const char *name, const char *value)
{
    begin_member(json, name);
    if (value == NULL) {
        put_text(json, "null");
    } else {
        put_quoted(json, value);
    }
}

void json_number(struct json *json, const char *name, uint64_t value)
{
    char digits[20];
    size_t first = sizeof(digits);

    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    begin_member(json, name);
    put(json, digits + first, sizeof(digits) - first);
}

void json_bool(struct json *json, const char *name, bool value)
{
    begin_member(json, name);
    put_text(json, value ? "true" : "false");
}

void json_array_open(struct json *json, const char *name)
{
    begin_member(json, name);
    put_text(json, "[");
    json->comma = false;
}

void json_array_string(struct json *json, const char *value)
{
    begin_element(json);
    put_quoted(json, value);
}

void json_array_close(struct json *json)
{
    put_text(json, "]");
    json->comma = true;
}
