/* SPDX-License-Identifier: Apache-2.0
 *
 * Text that grows: output is made in memory and written in one piece.
 */
#ifndef RAPL_LIB_TEXT_H
#define RAPL_LIB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/compiler.h"
#include "core/units.h"

/* Zeroed is empty. Without memory, `failed` is set and nothing more is added. */
struct text {
    char *data; /* not terminated */
    size_t size;
    size_t capacity;
    bool failed;
};

void text_free(struct text *text);
void text_clear(struct text *text);

void text_add(struct text *text, const char *string);
void text_add_bytes(struct text *text, const char *bytes, size_t size);

COMPILER_PRINTF(2, 3) void text_printf(struct text *text, const char *format, ...);

/* The content, terminated; "" without memory. Valid until more is added. */
const char *text_string(struct text *text);

/* Characters of UTF-8, each counted as one column. */
size_t text_columns(const char *bytes, size_t size);

#define DECIMAL_DIGITS_MAX 12u

/*
 * `value * scale` as a decimal number, exact but for the rounding to `digits` (at most
 * DECIMAL_DIGITS_MAX) fractional ones, half up. `trim`: without trailing zeros. A whole part that
 * does not fit in 64 bits is shown as 18446744073709551615.
 */
void text_decimal(struct text *text, uint64_t value, struct rapl_fraction scale, uint32_t digits,
                  bool trim);

#endif
