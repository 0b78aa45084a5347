/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text. The result is always terminated; what does not fit is cut.
 * Sizes are in characters and at least 1.
 */
#ifndef RAPL_LOADER_TEXT_H
#define RAPL_LOADER_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <wchar.h>

#define TEXT_CHARS(array) (sizeof(array) / sizeof((array)[0]))

void text_format(wchar_t *out, size_t size, const wchar_t *format, ...);
void text_format_list(wchar_t *out, size_t size, const wchar_t *format, va_list arguments);

#endif
