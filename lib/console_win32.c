/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing to standard output and standard error.
 */
#include "lib/console.h"

#include <stdlib.h>

/* A console takes less than 64 KiB at once on the oldest Windows we run on. */
#define CONSOLE_PIECE 8192u
#define FILE_PIECE    (1u << 20)

static bool write_console(HANDLE console, const char *bytes, size_t size)
{
    int length = MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, NULL, 0);
    wchar_t *text = length > 0 ? malloc((size_t)length * sizeof(*text)) : NULL;
    DWORD left = (DWORD)length;
    DWORD written = 1;

    if (text == NULL) {
        return size == 0;
    }
    MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, text, length);
    while (left > 0 && written > 0) {
        DWORD piece = left < CONSOLE_PIECE ? left : CONSOLE_PIECE;

        if (!WriteConsoleW(console, text + ((DWORD)length - left), piece, &written, NULL)) {
            break;
        }
        left -= written;
    }
    free(text);
    return left == 0;
}

static bool write_file(HANDLE file, const char *bytes, size_t size)
{
    while (size > 0) {
        DWORD written = 0;
        DWORD piece = size < FILE_PIECE ? (DWORD)size : FILE_PIECE;

        if (!WriteFile(file, bytes, piece, &written, NULL) || written == 0) {
            return false;
        }
        bytes += written;
        size -= written;
    }
    return true;
}

bool rapl_console_write(DWORD stream, const char *utf8, size_t size)
{
    HANDLE handle = GetStdHandle(stream);
    DWORD mode;

    return GetConsoleMode(handle, &mode) ? write_console(handle, utf8, size)
                                         : write_file(handle, utf8, size);
}
