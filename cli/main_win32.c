/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Windows: arguments are UTF-16, the rest of the program speaks UTF-8.
 */
#include <windows.h>

#include <stdlib.h>

#include "cli/cli.h"
#include "lib/console.h"
#include "lib/utf.h"

/* The start-up code would replace * and ? in arguments by file names. */
int _dowildcard = 0;

static bool write_stream(void *context, enum cli_stream stream, const char *bytes, size_t size)
{
    (void)context;
    return rapl_console_write(stream == CLI_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, bytes,
                              size);
}

/*
 * Asks the console to show colours, which Windows 10 1607 and later can. False: it does not, or
 * standard output is none. `*before` is the mode to go back to.
 */
static bool colour_begin(DWORD *before)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);

    return GetConsoleMode(console, before) && GetEnvironmentVariableW(L"NO_COLOR", NULL, 0) <= 1 &&
           SetConsoleMode(console, *before | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

int wmain(int argc, wchar_t **argv)
{
    struct cli cli = {
        .write = write_stream,
        .source_open = rapl_source_open,
        .source_close = rapl_source_close,
    };
    int count = argc > 0 ? argc - 1 : 0;
    char **arguments;
    DWORD before;
    int code;

    /* No library is ever taken from the folder of the program: it may be a downloads folder. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    arguments = rapl_utf8_arguments(count, argv + 1);
    if (arguments == NULL) {
        return EXIT_CODE_OS;
    }
    cli.colour = colour_begin(&before);
    code = cli_main(&cli, count, arguments);
    if (cli.colour) {
        SetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), before);
    }
    free(arguments);
    return code;
}
