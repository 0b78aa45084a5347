/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Windows: arguments and console text are UTF-16, the rest of the
 * program speaks UTF-8. Files and pipes get UTF-8 without a byte order mark.
 */
#include <windows.h>

#include <stdlib.h>

#include "cli/cli.h"

/* A console takes less than 64 KiB at once on the oldest Windows we run on. */
#define CONSOLE_PIECE 8192u

/* The start-up code would replace * and ? in arguments by file names. */
int _dowildcard = 0;

static HANDLE stream_handle(enum cli_stream stream)
{
    return GetStdHandle(stream == CLI_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
}

static bool write_console(HANDLE console, const char *bytes, size_t size)
{
    int length = MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, NULL, 0);
    wchar_t *text = length > 0 ? malloc((size_t)length * sizeof(*text)) : NULL;
    DWORD left = (DWORD)length;
    DWORD written = 1;

    if (text == NULL) {
        return false;
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
        DWORD piece = size < 1u << 20 ? (DWORD)size : 1u << 20;

        if (!WriteFile(file, bytes, piece, &written, NULL) || written == 0) {
            return false;
        }
        bytes += written;
        size -= written;
    }
    return true;
}

static bool write_stream(void *context, enum cli_stream stream, const char *bytes, size_t size)
{
    HANDLE handle = stream_handle(stream);
    DWORD mode;

    (void)context;
    return GetConsoleMode(handle, &mode) ? write_console(handle, bytes, size)
                                         : write_file(handle, bytes, size);
}

/*
 * Asks the console to show colours, which Windows 10 1607 and later can. False: it does not, or
 * standard output is none. `*before` is the mode to go back to.
 */
static bool colour_begin(DWORD *before)
{
    HANDLE console = stream_handle(CLI_OUT);

    return GetConsoleMode(console, before) && GetEnvironmentVariableW(L"NO_COLOR", NULL, 0) <= 1 &&
           SetConsoleMode(console, *before | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

/* UTF-8, malloc'ed; NULL without memory. */
static char *utf8(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *bytes = size > 0 ? malloc((size_t)size) : NULL;

    if (bytes != NULL) {
        WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, size, NULL, NULL);
    }
    return bytes;
}

int wmain(int argc, wchar_t **argv)
{
    struct cli cli = {
        .write = write_stream,
        .source_open = rapl_source_open,
        .source_close = rapl_source_close,
    };
    int count = argc > 0 ? argc - 1 : 0;
    char **arguments = calloc((size_t)count + 1, sizeof(*arguments));
    bool memory = arguments != NULL;
    int code = EXIT_CODE_OS;

    for (int i = 0; memory && i < count; i++) {
        arguments[i] = utf8(argv[i + 1]);
        memory = arguments[i] != NULL;
    }
    if (memory) {
        DWORD before;

        cli.colour = colour_begin(&before);
        code = cli_main(&cli, count, arguments);
        if (cli.colour) {
            SetConsoleMode(stream_handle(CLI_OUT), before);
        }
    }
    for (int i = 0; arguments != NULL && i < count; i++) {
        free(arguments[i]);
    }
    free(arguments);
    return code;
}
