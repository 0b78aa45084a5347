/* SPDX-License-Identifier: Apache-2.0
 *
 * A command to be measured, with everything it starts. It is made ready first and let go later, so
 * that the moment it begins can be chosen.
 *
 * Linux: fork, with exec held back until release. The command stays in this process group, so the
 * terminal is its too: it may read from it, and Ctrl-C and Ctrl-Z reach both. This process becomes
 * a subreaper: descendants whose parents have ended are handed to it, and it waits for them all.
 * Descendants that another subreaper adopts (a container runtime, a user's service manager) are
 * not seen.
 *
 * Windows: a suspended process in a Job Object of its own, which its children join. The wait is for
 * the job to be empty. Processes that a service starts on its behalf are not in it.
 */
#ifndef RAPL_CLI_PROCESS_H
#define RAPL_CLI_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of a shell, env and perf for a command that could not be run. */
#define PROCESS_NOT_EXECUTABLE 126
#define PROCESS_NOT_FOUND      127
#define PROCESS_BY_SIGNAL      128 /* Linux: plus the signal that ended it */

struct process;

/* A new file for results, which no command inherits. NULL: it cannot be made. */
FILE *process_open_output(const char *path);

/* Once, before the first process: what the terminal sends is noted from here on. */
bool process_begin(void);
void process_end(void);

/*
 * Whether the user asked to stop (Ctrl-C, SIGTERM, ...) since process_begin. Does not wait, and is
 * not for while a process runs: it would not be told.
 */
bool process_interrupted(void);

/*
 * 0 if `command` (argv[0]) can be found and may be run, else PROCESS_NOT_FOUND or
 * PROCESS_NOT_EXECUTABLE and `*system_error`. What then happens at release may still differ.
 */
int process_check(const char *command, uint32_t *system_error);

/*
 * Makes `argv` (NULL-terminated, UTF-8) ready: it inherits the streams and begins at release. 0 and
 * `*out`, or an exit code (PROCESS_*, or 71 when the system has no room) and `*system_error`.
 */
int process_prepare(char *const *argv, struct process **out, uint32_t *system_error);

/* Lets it go. 0, or an exit code and `*system_error`: it never began, and only free is left. */
int process_release(struct process *process, uint32_t *system_error);

enum process_event {
    PROCESS_TIMEOUT,
    PROCESS_ENDED,    /* the command has ended, what it started has not */
    PROCESS_ALL_DONE, /* the command and everything it started has ended */
    PROCESS_STOPPED,  /* the user asked to stop; the command was told */
};

/* Waits for one of them. ENDED comes once; ALL_DONE may come without it. */
enum process_event process_wait(struct process *process, uint64_t timeout_ms);

/* After ENDED or ALL_DONE: what the command returned, or PROCESS_BY_SIGNAL + its signal. */
int process_exit_code(const struct process *process);

/* Safe on NULL. A process that was never released is gone; one that runs on is left alone. */
void process_free(struct process *process);

#endif
