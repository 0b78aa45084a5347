/* SPDX-License-Identifier: Apache-2.0
 *
 * Bounded text: formatting and UTF-8. The result is always terminated; what does not fit is cut.
 * Sizes are in characters (bytes for UTF-8) and at least 1.
 */
#ifndef RAPL_LOADER_TEXT_H
#define RAPL_LOADER_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <wchar.h>

#define TEXT_CHARS(array) (sizeof(array) / sizeof((array)[0]))

void text_format(wchar_t *out, size_t size, const wchar_t *format, ...);
void text_format_list(wchar_t *out, size_t size, const wchar_t *format, va_list arguments);

void text_to_utf8(const wchar_t *text, char *out, size_t size);
void text_to_wide(const char *utf8, wchar_t *out, size_t size);

#endif
