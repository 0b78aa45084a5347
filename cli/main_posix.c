/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Linux.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/program.h"

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* The first signal asks; the second, if the verb does not listen, ends the program. */
static void listen(int signal)
{
    struct sigaction action;

    if (sigaction(signal, NULL, &action) != 0 || action.sa_handler == SIG_IGN) {
        return; /* nohup */
    }
    action = (struct sigaction){.sa_handler = stop, .sa_flags = (int)SA_RESETHAND};
    sigaction(signal, &action, NULL);
}

static bool interrupted(void *context)
{
    (void)context;
    return stopped != 0;
}

static enum cli_written write_stream(void *context, enum cli_stream stream, const char *bytes,
                                     size_t size)
{
    int file = stream == CLI_OUT ? STDOUT_FILENO : STDERR_FILENO;

    (void)context;
    while (size > 0) {
        ssize_t written = write(file, bytes, size);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return errno == EPIPE
                       ? CLI_WRITE_CLOSED
                       : (errno == ENOSPC || errno == EDQUOT ? CLI_WRITE_FULL : CLI_WRITE_FAILED);
        }
        bytes += written;
        size -= (size_t)written;
    }
    return CLI_WRITTEN;
}

static void size(void *context, uint32_t *columns, uint32_t *lines)
{
    struct winsize window;

    (void)context;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col != 0 &&
        window.ws_row != 0) {
        *columns = window.ws_col;
        *lines = window.ws_row;
    }
}

static uint64_t unix_us(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool is_terminal(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");

    return is_terminal() && (no_colour == NULL || no_colour[0] == '\0');
}

/* The first of LC_ALL, LC_CTYPE, LANG that is set says how the terminal reads bytes. */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0') {
            return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    struct cli cli = {
        .colour = wants_colour(),
        .terminal = is_terminal(),
        .unicode = is_terminal() && is_utf8(),
        .write = write_stream,
        .interrupted = interrupted,
        .size = size,
        .unix_us = unix_us,
    };

    /* A closed pipe is an error of write(), with an exit code of its own. A child process would
     * inherit this: verbs that start one undo it there. */
    signal(SIGPIPE, SIG_IGN);
    listen(SIGINT);
    listen(SIGTERM);
    return program_main(&cli, argc > 0 ? argc - 1 : 0, argv + 1);
}
