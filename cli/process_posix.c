/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes on Linux. Signals are not handled but blocked and waited for, so nothing runs behind
 * the measurement's back.
 */
#include "cli/process.h"
#include "core/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/exit_code.h"

struct process {
    pid_t pid;
    int gate;   /* closing it keeps the command from beginning, a byte lets it go */
    int failed; /* errno of a failed exec comes from here */
    bool released;
    bool ended;
    bool all_done;
    int status; /* of waitpid */
};

/* What process_begin changed, and the stop it has seen. One command line, one of them. */
static struct {
    sigset_t waited;
    sigset_t mask_before; /* the command's */
    struct sigaction child_before;
    bool stopped;
} signals;

FILE *process_open_output(const char *path)
{
    return fopen(path, "we");
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

bool process_begin(void)
{
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t blocked;

    signals.stopped = false;
    sigemptyset(&signals.waited);
    sigaddset(&signals.waited, SIGCHLD);
    for (size_t i = 0; i < sizeof(stop_signals) / sizeof(stop_signals[0]); i++) {
        sigaddset(&signals.waited, stop_signals[i]);
    }
    blocked = signals.waited;
    sigaddset(&blocked,
              SIGPIPE); /* a command that is killed early leaves a gate without a reader */
    /* Whoever started us may have ignored SIGCHLD: exit codes would be lost. */
    return sigaction(SIGCHLD, &standard, &signals.child_before) == 0 &&
           sigprocmask(SIG_BLOCK, &blocked, &signals.mask_before) == 0 &&
           prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

static void signals_restore(void)
{
    sigaction(SIGCHLD, &signals.child_before, NULL);
    sigprocmask(SIG_SETMASK, &signals.mask_before, NULL);
}

void process_end(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
    signals_restore();
}

/* The next blocked signal, or 0 after that time. */
static int next_signal(uint64_t timeout_ms, siginfo_t *info)
{
    struct timespec timeout = {(time_t)(timeout_ms / 1000), (long)(timeout_ms % 1000 * 1000000)};
    int number = sigtimedwait(&signals.waited, info, &timeout);

    return number > 0 ? number : 0;
}

bool process_interrupted(void)
{
    siginfo_t info;
    int number;

    while ((number = next_signal(0, &info)) != 0) {
        signals.stopped = signals.stopped || number != SIGCHLD;
    }
    return signals.stopped;
}

/* As a shell sees it: 0 for a file that may be run. */
static int check_file(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return S_ISDIR(status.st_mode) ? EISDIR : EACCES;
    }
    return access(path, X_OK) == 0 ? 0 : errno;
}

/* The best answer that the folders of PATH have: runs, is there but does not run, is not there. */
static int check_folders(const char *command, const char *folders)
{
    int best = ENOENT;

    for (;;) {
        size_t size = strcspn(folders, ":");
        char path[PATH_MAX];
        int length = snprintf(path, sizeof(path), "%.*s%s%s", (int)size, folders,
                              size != 0 ? "/" : "", command); /* an empty folder is this one */
        int error = length >= 0 && (size_t)length < sizeof(path) ? check_file(path) : ENAMETOOLONG;

        if (error == 0) {
            return 0;
        }
        if (error == EACCES) {
            best = EACCES;
        }
        if (folders[size] == '\0') {
            return best;
        }
        folders += size + 1;
    }
}

static int exit_code_of(int error)
{
    switch (error) {
    case 0:
        return 0;
    case ENOENT:
    case ENOTDIR:
        return PROCESS_NOT_FOUND;
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
        return EXIT_CODE_OS;
    default:
        return PROCESS_NOT_EXECUTABLE;
    }
}

int process_check(const char *command, uint32_t *system_error)
{
    const char *folders = getenv("PATH");
    int error;

    if (command[0] == '\0') {
        error = ENOENT;
    } else if (strchr(command, '/') != NULL) {
        error = check_file(command);
    } else {
        error = check_folders(command, folders != NULL ? folders : "/bin:/usr/bin");
    }
    *system_error = (uint32_t)error;
    return exit_code_of(error);
}

/* In the child: waits for the gate, then becomes the command. */
COMPILER_NORETURN static void become(char *const *argv, int gate, int failed)
{
    ssize_t size;
    char go;
    int error;

    do {
        size = read(gate, &go, 1);
    } while (size < 0 && errno == EINTR);
    if (size != 1) {
        _exit(0); /* the parent has gone, or thought better of it */
    }
    signals_restore();
    signal(SIGPIPE, SIG_DFL); /* the program ignores it, and exec would hand that on */
    execvp(argv[0], argv);
    error = errno;
    if (write(failed, &error, sizeof(error)) != (ssize_t)sizeof(error)) {
        _exit(PROCESS_NOT_EXECUTABLE);
    }
    _exit(exit_code_of(error));
}

static void close_pipe(const int *ends)
{
    close(ends[0]);
    close(ends[1]);
}

/* 0 or an errno. Both pipes are closed by exec, which is how its success is seen. */
static int fork_behind_gate(char *const *argv, struct process *process)
{
    int gate[2], failed[2], error;

    if (pipe2(gate, O_CLOEXEC) != 0) {
        return errno;
    }
    if (pipe2(failed, O_CLOEXEC) != 0) {
        error = errno;
        close_pipe(gate);
        return error;
    }
    process->pid = fork();
    if (process->pid < 0) {
        error = errno;
        close_pipe(gate);
        close_pipe(failed);
        return error;
    }
    if (process->pid == 0) {
        close(gate[1]);
        close(failed[0]);
        become(argv, gate[0], failed[1]);
    }
    close(gate[0]);
    close(failed[1]);
    process->gate = gate[1];
    process->failed = failed[0];
    return 0;
}

int process_prepare(char *const *argv, struct process **out, uint32_t *system_error)
{
    struct process *process = calloc(1, sizeof(*process));
    int error = process == NULL ? ENOMEM : fork_behind_gate(argv, process);

    if (error != 0) {
        free(process);
        *system_error = (uint32_t)error;
        return EXIT_CODE_OS;
    }
    *out = process;
    return 0;
}

static void close_gate(struct process *process)
{
    if (process->gate >= 0) {
        close(process->gate);
        process->gate = -1;
    }
}

/* Everything that has ended by now. */
static void reap(struct process *process)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == process->pid) {
            process->ended = true;
            process->status = status;
        }
    }
    process->all_done = pid < 0 && errno == ECHILD;
}

int process_release(struct process *process, uint32_t *system_error)
{
    ssize_t size;
    int error = 0;

    process->released = true;
    if (write(process->gate, "", 1) != 1) {
        error = errno;
    }
    close_gate(process);
    do {
        size = read(process->failed, &error, sizeof(error));
    } while (size < 0 && errno == EINTR);
    if (error == 0) {
        return 0;
    }
    while (waitpid(process->pid, &process->status, 0) < 0 && errno == EINTR) {
    }
    process->ended = true;
    *system_error = (uint32_t)error;
    return exit_code_of(error);
}

/* Ctrl-C at the terminal has reached the command by itself; what was sent to us only, has not. */
static void pass_on(const struct process *process, int number, const siginfo_t *info)
{
    if (!process->ended && info->si_code != SI_KERNEL) {
        kill(process->pid, number);
    }
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

enum process_event process_wait(struct process *process, uint64_t timeout_ms)
{
    uint64_t until_ms = now_ms() + timeout_ms;

    for (;;) {
        bool had_ended = process->ended;
        uint64_t now = now_ms();
        siginfo_t info;
        int number;

        reap(process);
        if (process->all_done) {
            return PROCESS_ALL_DONE;
        }
        if (process->ended && !had_ended) {
            return PROCESS_ENDED;
        }
        number = next_signal(until_ms > now ? until_ms - now : 0, &info);
        if (number == 0 && now >= until_ms) {
            return PROCESS_TIMEOUT;
        }
        if (number != 0 && number != SIGCHLD) {
            signals.stopped = true;
            pass_on(process, number, &info);
            return PROCESS_STOPPED;
        }
    }
}

int process_exit_code(const struct process *process)
{
    return WIFSIGNALED(process->status) ? PROCESS_BY_SIGNAL + WTERMSIG(process->status)
                                        : WEXITSTATUS(process->status);
}

void process_free(struct process *process)
{
    if (process == NULL) {
        return;
    }
    close_gate(process); /* never let go: it ends */
    close(process->failed);
    if (!process->released) {
        while (waitpid(process->pid, &process->status, 0) < 0 && errno == EINTR) {
        }
    }
    free(process);
}
