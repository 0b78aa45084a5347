/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Windows: arguments and console text are UTF-16, the rest of the
 * program speaks UTF-8. Files and pipes get UTF-8 without a byte order mark.
 */
#include <windows.h>

#include <stdlib.h>

#include "cli/cli.h"

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
    DWORD written = 0;
    bool done;

    if (text == NULL) {
        return false;
    }
    MultiByteToWideChar(CP_UTF8, 0, bytes, (int)size, text, length);
    done = WriteConsoleW(console, text, (DWORD)length, &written, NULL);
    free(text);
    return done;
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

/* A console that understands escapes; asks it to, which Windows 10 1607 and later can. */
static bool wants_colour(void)
{
    HANDLE console = stream_handle(CLI_OUT);
    DWORD mode;

    if (!GetConsoleMode(console, &mode) || GetEnvironmentVariableW(L"NO_COLOR", NULL, 0) > 1) {
        return false;
    }
    return (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0 ||
           SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
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
        cli.colour = wants_colour();
        code = cli_main(&cli, count, arguments);
    }
    for (int i = 0; arguments != NULL && i < count; i++) {
        free(arguments[i]);
    }
    free(arguments);
    return code;
}
