/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16, which Windows speaks, and UTF-8, which everything else here speaks. Pure C. What is not
 * well formed becomes U+FFFD.
 */
#ifndef RAPL_LIB_UTF_H
#define RAPL_LIB_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/*
 * Length of the well-formed UTF-8 character at `bytes`, which are NUL-terminated; 0 if there is
 * none (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
 */
size_t rapl_utf8_length(const char *bytes);

/*
 * Both convert NUL-terminated `text` into `out`, always terminated, cut between two characters if
 * it does not fit in `size` elements (at least 1). False if it was cut.
 */
bool rapl_utf8_from_wide(const wchar_t *text, char *out, size_t size);
bool rapl_wide_from_utf8(const char *text, wchar_t *out, size_t size);

/*
 * A program's arguments as UTF-8, with a NULL after the last, in one block that free() gives back.
 * NULL without memory.
 */
char **rapl_utf8_arguments(int count, wchar_t *const *arguments);

#endif
