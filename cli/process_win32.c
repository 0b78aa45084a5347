/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes on Windows: a suspended process in a job of its own.
 */
#include "cli/process.h"

#include <windows.h>

#include <stdlib.h>

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "lib/last_error.h"
#include "lib/text.h"
#include "lib/utf.h"

#define COMMAND_LINE_MAX 32767u /* characters, the terminator included: CreateProcessW's limit */
/* A job's messages are not guaranteed to arrive (JOBOBJECT_ASSOCIATE_COMPLETION_PORT): ask, too. */
#define ASK_MS   100u
#define STOP_KEY 1u

struct process {
    HANDLE job;
    PROCESS_INFORMATION info;
    bool released;
    bool ended;
};

/* What the handler of Ctrl-C, which has a thread of its own, talks through. */
static HANDLE messages;
static volatile LONG stopped;

FILE *process_open_output(const char *path)
{
    wchar_t wide[MAX_PATH];

    return rapl_wide_from_utf8(path, wide, MAX_PATH) ? _wfopen(wide, L"wbN") : NULL;
}

static BOOL WINAPI on_control(DWORD control)
{
    (void)control; /* the command shares the console and is told by it as well */
    InterlockedExchange(&stopped, 1);
    PostQueuedCompletionStatus(messages, 0, STOP_KEY, NULL);
    return TRUE;
}

bool process_begin(void)
{
    stopped = 0;
    messages = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    return messages != NULL && SetConsoleCtrlHandler(on_control, TRUE);
}

void process_end(void)
{
    SetConsoleCtrlHandler(on_control, FALSE);
    CloseHandle(messages);
    messages = NULL;
}

bool process_interrupted(void)
{
    return stopped != 0;
}

static int exit_code_of(DWORD error)
{
    switch (error) {
    case ERROR_SUCCESS:
        return 0;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
        return PROCESS_NOT_FOUND;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
    case ERROR_COMMITMENT_LIMIT:
        return EXIT_CODE_OS;
    default:
        return PROCESS_NOT_EXECUTABLE;
    }
}

/* The whole search is CreateProcess's: a process is made and not let go. */
int process_check(const char *command, uint32_t *system_error)
{
    char name[MAX_PATH * 4];
    char *argv[] = {name, NULL};
    struct process *process;
    int code;

    if (snprintf(name, sizeof(name), "%s", command) >= (int)sizeof(name)) {
        *system_error = ERROR_FILENAME_EXCED_RANGE;
        return PROCESS_NOT_FOUND;
    }
    code = process_prepare(argv, &process, system_error);
    if (code == 0) {
        process_free(process);
    }
    return code;
}

/* Malloc'ed; NULL: `*error` says why. */
static wchar_t *wide_command_line(char *const *argv, DWORD *error)
{
    struct text line = {0};
    wchar_t *wide = NULL;

    *error = ERROR_INVALID_NAME;
    if (command_line_is_batch(argv[0])) {
        *error = ERROR_BAD_EXE_FORMAT;
    } else if (argv[0][0] != '\0' && command_line_build(&line, argv)) {
        *error = ERROR_NOT_ENOUGH_MEMORY;
        wide = calloc(COMMAND_LINE_MAX, sizeof(*wide));
        if (wide != NULL &&
            (line.failed || !rapl_wide_from_utf8(text_string(&line), wide, COMMAND_LINE_MAX))) {
            *error = line.failed ? ERROR_NOT_ENOUGH_MEMORY : ERROR_FILENAME_EXCED_RANGE;
            free(wide);
            wide = NULL;
        }
    }
    text_free(&line);
    return wide;
}

/* A job that tells `messages` what happens in it. */
static HANDLE create_job(void *key)
{
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT port = {.CompletionKey = key, .CompletionPort = messages};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    DWORD error;

    if (job != NULL && !SetInformationJobObject(job, JobObjectAssociateCompletionPortInformation,
                                                &port, sizeof(port))) {
        error = last_error();
        CloseHandle(job);
        SetLastError(error);
        job = NULL;
    }
    return job;
}

/* ERROR_SUCCESS, or the error and nothing is left behind. */
static DWORD create_suspended(wchar_t *line, struct process *process)
{
    STARTUPINFOW startup = {.cb = sizeof(startup),
                            .dwFlags = STARTF_USESTDHANDLES,
                            .hStdInput = GetStdHandle(STD_INPUT_HANDLE),
                            .hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE),
                            .hStdError = GetStdHandle(STD_ERROR_HANDLE)};
    DWORD error = ERROR_SUCCESS;

    process->job = create_job(process);
    if (process->job == NULL) {
        return last_error();
    }
    if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup,
                        &process->info)) {
        error = last_error();
    } else if (!AssignProcessToJobObject(process->job, process->info.hProcess)) {
        error = last_error();
        TerminateProcess(process->info.hProcess, 1);
        CloseHandle(process->info.hThread);
        CloseHandle(process->info.hProcess);
    }
    if (error != ERROR_SUCCESS) {
        CloseHandle(process->job);
    }
    return error;
}

int process_prepare(char *const *argv, struct process **out, uint32_t *system_error)
{
    struct process *process = calloc(1, sizeof(*process));
    DWORD error = ERROR_NOT_ENOUGH_MEMORY;
    wchar_t *line = process != NULL ? wide_command_line(argv, &error) : NULL;

    if (line != NULL) {
        error = create_suspended(line, process);
    }
    free(line);
    if (error != ERROR_SUCCESS) {
        free(process);
        *system_error = error;
        return exit_code_of(error);
    }
    *out = process;
    return 0;
}

int process_release(struct process *process, uint32_t *system_error)
{
    if (ResumeThread(process->info.hThread) == (DWORD)-1) {
        *system_error = last_error();
        return PROCESS_NOT_EXECUTABLE;
    }
    process->released = true;
    return 0;
}

static bool is_empty(const struct process *process)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION accounting;

    return QueryInformationJobObject(process->job, JobObjectBasicAccountingInformation, &accounting,
                                     sizeof(accounting), NULL) &&
           accounting.ActiveProcesses == 0;
}

enum process_event process_wait(struct process *process, uint64_t timeout_ms)
{
    uint64_t until_ms = GetTickCount64() + timeout_ms;

    for (;;) {
        uint64_t now_ms = GetTickCount64();
        uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
        DWORD message = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *detail = NULL;

        if (GetQueuedCompletionStatus(messages, &message, &key, &detail,
                                      left_ms < ASK_MS ? (DWORD)left_ms : ASK_MS)) {
            if (key == STOP_KEY) {
                return PROCESS_STOPPED;
            }
            if (key != (ULONG_PTR)process) {
                continue; /* of a process before this one */
            }
        }
        if (is_empty(process)) {
            process->ended = true;
            return PROCESS_ALL_DONE;
        }
        if (!process->ended && WaitForSingleObject(process->info.hProcess, 0) == WAIT_OBJECT_0) {
            process->ended = true;
            return PROCESS_ENDED;
        }
        if (left_ms == 0) {
            return PROCESS_TIMEOUT;
        }
    }
}

int process_exit_code(const struct process *process)
{
    DWORD code = 0;

    GetExitCodeProcess(process->info.hProcess, &code);
    return (int)code;
}

void process_free(struct process *process)
{
    if (process == NULL) {
        return;
    }
    if (!process->released) {
        TerminateProcess(process->info.hProcess, 1);
    }
    CloseHandle(process->info.hThread);
    CloseHandle(process->info.hProcess);
    CloseHandle(process->job);
    free(process);
}
