/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 from Windows to the UTF-8 everything else speaks. Win32 only.
 */
#ifndef RAPL_LIB_WIN32_TEXT_H
#define RAPL_LIB_WIN32_TEXT_H

#include <stddef.h>
#include <wchar.h>

/*
 * Converts NUL-terminated `text` into `out`, always terminated, cut between two characters if it
 * does not fit in `size` bytes (at least 1).
 */
void rapl_utf8_from_wide(const wchar_t *text, char *out, size_t size);

#endif
