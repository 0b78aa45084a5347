/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text. msvcrt's own functions leave the end off when the buffer is full.
 */
#include "loader/text.h"

#include <stdio.h>

void text_format_list(wchar_t *out, size_t size, const wchar_t *format, va_list arguments)
{
    const int length = _vsnwprintf(out, size, format, arguments);
    if (length < 0 || (size_t)length >= size) {
        out[size - 1] = L'\0';
    }
}

void text_format(wchar_t *out, size_t size, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_format_list(out, size, format, arguments);
    va_end(arguments);
}
