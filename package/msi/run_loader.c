/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader as a child process, its lines forwarded.
 */
#include "package/msi/msi_action.h"

#include <string.h>

#include "lib/last_error.h"
#include "lib/utf.h"
#include "loader/text.h"

#define LINE_BYTES 2048

struct output {
    MSIHANDLE install;
    char line[LINE_BYTES];
    size_t length;
    wchar_t last[2][LINE_BYTES]; /* the last two lines: of a failure, what and what to do */
};

static void end_line(struct output *output)
{
    wchar_t line[LINE_BYTES];

    output->line[output->length] = '\0';
    output->length = 0;
    (void)rapl_wide_from_utf8(output->line, line, TEXT_CHARS(line));
    if (line[0] == L'\0') {
        return;
    }
    action_log(output->install, L"DriverLoader says: %ls", line);
    memcpy(output->last[0], output->last[1], sizeof(output->last[0]));
    memcpy(output->last[1], line, sizeof(output->last[1]));
}

static void take(struct output *output, const char *bytes, DWORD size)
{
    for (DWORD i = 0; i < size; i++) {
        if (bytes[i] == '\n' || output->length == LINE_BYTES - 1) {
            end_line(output);
        }
        if (bytes[i] != '\n' && bytes[i] != '\r') {
            output->line[output->length++] = bytes[i];
        }
    }
}

/* A pipe whose writing end the child gets, and only that. */
static DWORD open_pipe(HANDLE *reading, HANDLE *writing)
{
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited), .bInheritHandle = TRUE};

    if (!CreatePipe(reading, writing, &inherited, 0)) {
        return last_error();
    }
    SetHandleInformation(*reading, HANDLE_FLAG_INHERIT, 0);
    return ERROR_SUCCESS;
}

static DWORD start(const wchar_t *program, const wchar_t *arguments, HANDLE writing,
                   HANDLE *process)
{
    STARTUPINFOW startup = {.cb = sizeof(startup),
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdOutput = writing,
                            .hStdError = writing};
    PROCESS_INFORMATION made;
    wchar_t command[ACTION_TEXT_CHARS];

    text_format(command, TEXT_CHARS(command), L"\"%ls\" %ls", program, arguments);
    if (!CreateProcessW(program, command, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &startup,
                        &made)) {
        return last_error();
    }
    CloseHandle(made.hThread);
    *process = made.hProcess;
    return ERROR_SUCCESS;
}

/* Reads until the child has closed its end, then waits for its exit code. */
static DWORD follow(struct output *output, HANDLE reading, HANDLE process)
{
    char bytes[512];
    DWORD size;
    DWORD code = ERROR_GEN_FAILURE;

    while (ReadFile(reading, bytes, sizeof(bytes), &size, NULL) && size > 0) {
        take(output, bytes, size);
    }
    end_line(output);
    WaitForSingleObject(process, INFINITE);
    GetExitCodeProcess(process, &code);
    return code;
}

enum loader_result run_loader(MSIHANDLE install, const wchar_t *data)
{
    static struct output output; /* too large for the stack; a process runs one action at a time */
    wchar_t program[ACTION_TEXT_CHARS];
    const wchar_t *bar = wcschr(data, L'|');
    HANDLE reading;
    HANDLE writing;
    HANDLE process;

    if (bar == NULL) {
        action_error(install,
                     L"The MSI is damaged: no command for DriverLoader. Download it again.");
        return LOADER_FAILED;
    }
    text_format(program, TEXT_CHARS(program), L"%.*ls", (int)(bar - data), data);
    action_log(install, L"Running %ls %ls", program, bar + 1);

    DWORD error = open_pipe(&reading, &writing);
    if (error == ERROR_SUCCESS) {
        error = start(program, bar + 1, writing, &process);
        CloseHandle(writing);
        if (error != ERROR_SUCCESS) {
            CloseHandle(reading);
        }
    }
    if (error != ERROR_SUCCESS) {
        action_log(install, L"%ls could not be run: Windows error %lu.", program,
                   (unsigned long)error);
        return LOADER_ABSENT;
    }

    memset(&output, 0, sizeof(output));
    output.install = install;
    const DWORD code = follow(&output, reading, process);
    CloseHandle(process);
    CloseHandle(reading);
    action_log(install, L"DriverLoader %ls: exit code %lu", bar + 1, (unsigned long)code);
    if (code != 0) {
        action_error(install, L"DriverLoader %ls failed with exit code %lu. %ls %ls", bar + 1,
                     (unsigned long)code, output.last[0], output.last[1]);
    }
    return code == 0 ? LOADER_RAN : LOADER_FAILED;
}
