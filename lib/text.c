/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing text and exact decimal numbers.
 */
#include "lib/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_free(struct text *text)
{
    free(text->data);
    *text = (struct text){.data = NULL};
}

void text_clear(struct text *text)
{
    text->size = 0;
}

/* Room for `more` bytes, or failed. */
static bool reserve(struct text *text, size_t more)
{
    size_t capacity = text->capacity != 0 ? text->capacity : 256;
    char *data;

    if (text->failed) {
        return false;
    }
    if (more <= text->capacity - text->size) {
        return true;
    }
    while (capacity - text->size < more) {
        if (capacity > SIZE_MAX / 2) {
            text->failed = true;
            return false;
        }
        capacity *= 2;
    }
    data = realloc(text->data, capacity);
    if (data == NULL) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_add_bytes(struct text *text, const char *bytes, size_t size)
{
    if (size == 0 || !reserve(text, size)) {
        return;
    }
    memcpy(text->data + text->size, bytes, size);
    text->size += size;
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length + 1)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->data + text->size, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->size += (size_t)length;
}

const char *text_string(struct text *text)
{
    if (!reserve(text, 1)) {
        return "";
    }
    text->data[text->size] = '\0';
    return text->data;
}

size_t text_columns(const char *bytes, size_t size)
{
    size_t columns = 0;

    for (size_t i = 0; i < size; i++) {
        if (((unsigned char)bytes[i] & 0xC0u) != 0x80u) {
            columns++;
        }
    }
    return columns;
}

/* a * b + c, UINT64_MAX if that does not fit. */
static uint64_t multiply_add(uint64_t a, uint64_t b, uint64_t c)
{
    if (b != 0 && a > (UINT64_MAX - c) / b) {
        return UINT64_MAX;
    }
    return a * b + c;
}

void text_decimal(struct text *text, uint64_t value, struct rapl_fraction scale, uint32_t digits,
                  bool trim)
{
    /* remainder * numerator and rest * 10 fit: both factors are below 2^32. */
    uint64_t remainder = value % scale.denominator * scale.numerator;
    uint64_t whole =
        multiply_add(value / scale.denominator, scale.numerator, remainder / scale.denominator);
    uint64_t rest = remainder % scale.denominator;
    uint64_t fraction = 0;
    uint64_t limit = 1;

    for (uint32_t i = 0; i < digits; i++) {
        fraction = fraction * 10 + rest * 10 / scale.denominator;
        rest = rest * 10 % scale.denominator;
        limit *= 10;
    }
    if (rest * 2 >= scale.denominator && ++fraction == limit) {
        fraction = 0;
        whole = multiply_add(whole, 1, 1);
    }
    while (trim && digits > 0 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    text_printf(text, "%" PRIu64, whole);
    if (digits > 0) {
        text_printf(text, ".%0*" PRIu64, (int)digits, fraction);
    }
}
