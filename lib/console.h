/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing to standard output and standard error: a console gets UTF-16, which it shows in any
 * language; files and pipes get UTF-8 without a byte order mark. Win32 only.
 */
#ifndef RAPL_LIB_CONSOLE_H
#define RAPL_LIB_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#include <windows.h>

/* `stream` is STD_OUTPUT_HANDLE or STD_ERROR_HANDLE. False if not all of it could be written. */
bool rapl_console_write(DWORD stream, const char *utf8, size_t size);

#endif
