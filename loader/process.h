/* SPDX-License-Identifier: Apache-2.0
 *
 * Running one of Windows' own programs, without a shell.
 */
#ifndef RAPL_LOADER_PROCESS_H
#define RAPL_LOADER_PROCESS_H

#include <stddef.h>

#include <windows.h>

struct process_result {
    DWORD exit_code;
    wchar_t said[512]; /* the beginning of what it printed, one line; may be empty */
};

/*
 * `program` is a file of the system's folder (System32), `arguments` what follows it. A Windows
 * error code: ERROR_SUCCESS if it ran to its end, whatever its exit code; WAIT_TIMEOUT if it did
 * not end within `wait_ms` and was ended.
 */
DWORD process_run(const wchar_t *program, const wchar_t *arguments, DWORD wait_ms,
                  struct process_result *out);

#endif
