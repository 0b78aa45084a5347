/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes one flat JSON object (arrays of strings allowed) into a buffer of the caller's. Pure C.
 */
#ifndef RAPL_LOADER_JSON_H
#define RAPL_LOADER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `text` is NUL-terminated after every call. Once something did not fit, `overflow` stays set. */
struct json {
    char *text;
    size_t size;
    size_t length;
    bool overflow;
    bool comma; /* the next member or element needs one before it */
};

void json_open(struct json *json, char *buffer, size_t size); /* size >= 1; writes '{' */
void json_close(struct json *json);                           /* writes '}' */

/* Values are UTF-8. A NULL `value` becomes null. */
void json_string(struct json *json, const char *name, const char *value);
void json_number(struct json *json, const char *name, uint64_t value);
void json_bool(struct json *json, const char *name, bool value);

void json_array_open(struct json *json, const char *name);
void json_array_string(struct json *json, const char *value);
void json_array_close(struct json *json);

#endif
