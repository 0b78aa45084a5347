/* SPDX-License-Identifier: Apache-2.0
 *
 * CreateProcess by full path. What the program prints goes through a pipe: it explains a failure.
 */
#include "loader/process.h"

#include <stdbool.h>
#include <string.h>

#include "lib/last_error.h"
#include "loader/files.h"
#include "loader/text.h"

struct run {
    struct loader_path path;
    wchar_t command[LOADER_PATH_CHARS + 256];
    HANDLE read_end;
    HANDLE write_end;
    PROCESS_INFORMATION process;
};

static DWORD name_program(struct run *run, const wchar_t *program, const wchar_t *arguments)
{
    wchar_t folder[LOADER_PATH_CHARS];

    const UINT length = GetSystemDirectoryW(folder, LOADER_PATH_CHARS);
    if (length == 0 || length + wcslen(program) + 1 >= LOADER_PATH_CHARS) {
        return length == 0 ? last_error() : ERROR_FILENAME_EXCED_RANGE;
    }
    text_format(run->path.text, LOADER_PATH_CHARS, L"%ls\\%ls", folder, program);
    text_format(run->command, TEXT_CHARS(run->command), L"\"%ls\" %ls", run->path.text, arguments);
    return ERROR_SUCCESS;
}

/* The program inherits the writing end, and nothing else of ours that could be inherited. */
static DWORD make_pipe(struct run *run)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};

    if (!CreatePipe(&run->read_end, &run->write_end, &inherited, 0)) {
        return last_error();
    }
    return SetHandleInformation(run->read_end, HANDLE_FLAG_INHERIT, 0) ? ERROR_SUCCESS
                                                                       : last_error();
}

static DWORD start(struct run *run)
{
    STARTUPINFOW startup = {
        .cb = sizeof(startup),
        .dwFlags = STARTF_USESTDHANDLES,
        .hStdOutput = run->write_end,
        .hStdError = run->write_end,
    };

    const BOOL started = CreateProcessW(run->path.text, run->command, NULL, NULL, TRUE,
                                        CREATE_NO_WINDOW, NULL, NULL, &startup, &run->process);
    const DWORD error = started ? ERROR_SUCCESS : last_error();
    CloseHandle(run->write_end);
    run->write_end = NULL;
    return error;
}

static DWORD wait_for_end(const struct run *run, DWORD wait_ms, struct process_result *out)
{
    const DWORD waited = WaitForSingleObject(run->process.hProcess, wait_ms);

    if (waited == WAIT_TIMEOUT) {
        TerminateProcess(run->process.hProcess, 1);
        return WAIT_TIMEOUT;
    }
    if (waited != WAIT_OBJECT_0 || !GetExitCodeProcess(run->process.hProcess, &out->exit_code)) {
        return last_error();
    }
    return ERROR_SUCCESS;
}

/* After its end: what fits into the pipe is there, and these programs print a line or two. */
static void read_said(const struct run *run, struct process_result *out)
{
    char bytes[TEXT_CHARS(out->said) - 1];
    DWORD available = 0;
    DWORD size = 0;

    if (!PeekNamedPipe(run->read_end, NULL, 0, NULL, &available, NULL) || available == 0 ||
        !ReadFile(run->read_end, bytes, sizeof(bytes), &size, NULL)) {
        return;
    }
    const int length = MultiByteToWideChar(CP_OEMCP, 0, bytes, (int)size, out->said,
                                           (int)TEXT_CHARS(out->said) - 1);
    out->said[length > 0 ? length : 0] = L'\0';
    for (wchar_t *c = out->said; *c != L'\0'; c++) {
        *c = *c < L' ' ? L' ' : *c;
    }
    for (size_t end = wcslen(out->said); end > 0 && out->said[end - 1] == L' '; end--) {
        out->said[end - 1] = L'\0';
    }
}

static void close_run(struct run *run)
{
    const HANDLE handles[] = {run->read_end, run->write_end, run->process.hProcess,
                              run->process.hThread};

    for (size_t i = 0; i < TEXT_CHARS(handles); i++) {
        if (handles[i] != NULL) {
            CloseHandle(handles[i]);
        }
    }
}

DWORD process_run(const wchar_t *program, const wchar_t *arguments, DWORD wait_ms,
                  struct process_result *out)
{
    struct process_result result = {0};
    struct run run = {0};

    DWORD error = name_program(&run, program, arguments);
    if (error == ERROR_SUCCESS) {
        error = make_pipe(&run);
    }
    if (error == ERROR_SUCCESS) {
        error = start(&run);
    }
    if (error == ERROR_SUCCESS) {
        error = wait_for_end(&run, wait_ms, &result);
    }
    if (error == ERROR_SUCCESS) {
        read_said(&run, &result);
        *out = result;
    }
    close_run(&run);
    return error;
}
