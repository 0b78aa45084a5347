/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands made ready, let go and waited for, on Linux: exit codes, signals, what is not found,
 * grandchildren, and stopping.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/process.h"

#define LONG_MS 20000

static char *shell[] = {"sh", "-c", NULL, NULL};

static struct process *prepare(char *script)
{
    struct process *process = NULL;
    uint32_t error;

    shell[2] = script;
    assert_int_equal(process_prepare(shell, &process, &error), 0);
    return process;
}

static struct process *start(char *script)
{
    struct process *process = prepare(script);
    uint32_t error;

    assert_int_equal(process_release(process, &error), 0);
    return process;
}

static int finish(struct process *process)
{
    enum process_event event;
    int code;

    do {
        event = process_wait(process, LONG_MS);
    } while (event == PROCESS_ENDED);
    assert_int_equal(event, PROCESS_ALL_DONE);
    code = process_exit_code(process);
    process_free(process);
    return code;
}

static void test_exit_codes(void **state)
{
    assert_int_equal(finish(start("exit 0")), 0);
    assert_int_equal(finish(start("exit 7")), 7);
    assert_int_equal(finish(start("kill -TERM $$")), 128 + SIGTERM);
    assert_int_equal(finish(start("kill -KILL $$")), 128 + SIGKILL);
}

/* It has not begun before it is let go, and never does if it is not. */
static void test_held_back(void **state)
{
    char name[] = "/tmp/rapl-process-XXXXXX", script[64];
    int file = mkstemp(name);
    struct process *process;

    assert_true(file >= 0);
    close(file);
    snprintf(script, sizeof(script), "rm %s", name);
    process = prepare(script);
    usleep(20000);
    assert_int_equal(access(name, F_OK), 0);
    process_free(process);
    assert_int_equal(access(name, F_OK), 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left */
    assert_int_equal(finish(start(script)), 0);
    assert_int_equal(access(name, F_OK), -1);
}

static void test_not_there(void **state)
{
    uint32_t error = 0;

    assert_int_equal(process_check("sh", &error), 0);
    assert_int_equal(process_check("/bin/sh", &error), 0);
    assert_int_equal(process_check("no-such-command-here", &error), PROCESS_NOT_FOUND);
    assert_int_equal(error, ENOENT);
    assert_int_equal(process_check("/no/such/file", &error), PROCESS_NOT_FOUND);
    assert_int_equal(process_check("", &error), PROCESS_NOT_FOUND);
    assert_int_equal(process_check("/etc/passwd", &error), PROCESS_NOT_EXECUTABLE);
    assert_int_equal(error, EACCES);
    assert_int_equal(process_check("/tmp", &error), PROCESS_NOT_EXECUTABLE);
    assert_int_equal(error, EISDIR);
}

/* The same when it is found out only when it begins: it may have gone in between. */
static void test_gone_at_release(void **state)
{
    static char *const missing[] = {"/no/such/file", NULL};
    static char *const data[] = {"/etc/passwd", NULL};
    struct process *process;
    uint32_t error = 0;

    assert_int_equal(process_prepare(missing, &process, &error), 0);
    assert_int_equal(process_release(process, &error), PROCESS_NOT_FOUND);
    assert_int_equal(error, ENOENT);
    process_free(process);
    assert_int_equal(process_prepare(data, &process, &error), 0);
    assert_int_equal(process_release(process, &error), PROCESS_NOT_EXECUTABLE);
    assert_int_equal(error, EACCES);
    process_free(process);
}

/* The command ends at once, its grandchild 0.2 s later, disowned by everyone in between. */
static void test_grandchild(void **state)
{
    struct process *process = start("(setsid sh -c 'sleep 0.2' &) ; exit 3");

    assert_int_equal(process_wait(process, LONG_MS), PROCESS_ENDED);
    assert_int_equal(process_exit_code(process), 3);
    assert_int_equal(process_wait(process, 1), PROCESS_TIMEOUT);
    assert_int_equal(finish(process), 3);
}

static void test_timeout(void **state)
{
    struct process *process = start("sleep 0.1");

    assert_int_equal(process_wait(process, 0), PROCESS_TIMEOUT);
    assert_int_equal(process_wait(process, 5), PROCESS_TIMEOUT);
    assert_int_equal(finish(process), 0);
}

/* A signal to this process only is passed on; the command decides what comes of it. */
static void test_stop(void **state)
{
    struct process *process;

    assert_false(process_interrupted());
    process = start("trap 'exit 9' TERM; sleep 2 & kill -TERM $PPID; wait; exit 1");

    assert_int_equal(process_wait(process, LONG_MS), PROCESS_STOPPED);
    assert_int_equal(process_wait(process, LONG_MS), PROCESS_ENDED);
    assert_int_equal(process_exit_code(process), 9);
    assert_true(process_interrupted());
    /* what it left behind is not waited for */
    assert_int_equal(process_wait(process, 1), PROCESS_TIMEOUT);
    process_free(process);
}

static int set_up(void **state)
{
    return process_begin() ? 0 : -1;
}

static int tear_down(void **state)
{
    process_end();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_exit_codes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_held_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gone_at_release, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_grandchild, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_timeout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop, set_up, tear_down), /* leaves a sleep: last */
    };

    return cmocka_run_group_tests_name("cli_process", tests, NULL, NULL);
}
