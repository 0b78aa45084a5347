/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Windows: arguments are UTF-16, the rest of the program speaks UTF-8.
 */
#include <windows.h>

#include <stdlib.h>

#include "cli/program.h"
#include "lib/console.h"
#include "lib/utf.h"

/* The start-up code would replace * and ? in arguments by file names. */
int _dowildcard = 0;

static volatile LONG stopped;

/*
 * On a thread of its own. The first event asks; the second, if the verb does not listen, ends the
 * program. When the window closes or the user logs off the program ends once this returns, so it
 * waits for the verb to finish what it writes.
 */
static BOOL WINAPI stop(DWORD event)
{
    if (InterlockedExchange(&stopped, 1) != 0) {
        return FALSE;
    }
    if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) {
        Sleep(3000);
    }
    return TRUE;
}

static bool interrupted(void *context)
{
    (void)context;
    return stopped != 0;
}

static enum cli_written write_stream(void *context, enum cli_stream stream, const char *bytes,
                                     size_t size)
{
    (void)context;
    if (rapl_console_write(stream == CLI_OUT ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, bytes, size)) {
        return CLI_WRITTEN;
    }
    switch (GetLastError()) {
    case ERROR_NO_DATA: /* a pipe that is being closed */
    case ERROR_BROKEN_PIPE:
        return CLI_WRITE_CLOSED;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return CLI_WRITE_FULL;
    default:
        return CLI_WRITE_FAILED;
    }
}

static void size(void *context, uint32_t *columns, uint32_t *lines)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    (void)context;
    if (GetConsoleScreenBufferInfo(GetStdHandle(STD_OUTPUT_HANDLE), &info)) {
        *columns = (uint32_t)(info.srWindow.Right - info.srWindow.Left + 1);
        *lines = (uint32_t)(info.srWindow.Bottom - info.srWindow.Top + 1);
    }
}

static uint64_t unix_us(void *context)
{
    FILETIME now;

    (void)context;
    GetSystemTimePreciseAsFileTime(&now);
    /* 100 ns since 1601; 1970 is 11644473600 s later. */
    return (((uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime) -
            UINT64_C(116444736000000000)) /
           10;
}

/*
 * Asks the console to take VT codes, which Windows 10 1607 and later can. False: it does not, or
 * standard output is none. `*before` is the mode to go back to.
 */
static bool terminal_begin(DWORD *before)
{
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);

    return GetConsoleMode(console, before) &&
           SetConsoleMode(console, *before | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

int wmain(int argc, wchar_t **argv)
{
    struct cli cli = {
        .write = write_stream,
        .interrupted = interrupted,
        .size = size,
        .unix_us = unix_us,
        .driver_state = rapl_driver_state_query,
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
    SetConsoleCtrlHandler(stop, TRUE);
    cli.terminal = terminal_begin(&before);
    cli.colour = cli.terminal && GetEnvironmentVariableW(L"NO_COLOR", NULL, 0) <= 1;
    /* Text goes to the console as UTF-16; the code page still tells which glyphs its font has. */
    cli.unicode = cli.terminal && GetConsoleOutputCP() == CP_UTF8;
    code = program_main(&cli, count, arguments);
    if (cli.terminal) {
        SetConsoleMode(GetStdHandle(STD_OUTPUT_HANDLE), before);
    }
    free(arguments);
    return code;
}
