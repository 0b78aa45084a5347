/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON, written piece by piece into a text: commas and escapes are this file's business.
 */
#ifndef RAPL_LIB_JSON_H
#define RAPL_LIB_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/text.h"
#include "lib/driver_state.h"

struct json {
    struct text *out;
    bool comma; /* the next value follows another one */
};

/* Everywhere: `key` is NULL in arrays and at the top. */
void json_begin_object(struct json *json, const char *key);
void json_end_object(struct json *json);
void json_begin_array(struct json *json, const char *key);
void json_end_array(struct json *json);

/* `value` NULL is null. Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct json *json, const char *key, const char *value);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* A register or a register number, as a string: "0xA0E03". 64 bits do not survive as a number. */
void json_hex(struct json *json, const char *key, uint64_t value);

/* As text_decimal, without trailing zeros. */
void json_decimal(struct json *json, const char *key, uint64_t value, struct rapl_fraction scale,
                  uint32_t digits);

/* At most `digits` (at most 17) after the point, without trailing zeros; null if not finite. */
void json_real(struct json *json, const char *key, double value, int digits);

/* true, false or "unknown". */
void json_truth(struct json *json, const char *key, uint32_t truth);

/* Ends a document: a newline. */
void json_end_document(struct json *json);

#endif
