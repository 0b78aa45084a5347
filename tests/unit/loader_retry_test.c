/* SPDX-License-Identifier: Apache-2.0
 *
 * Starting and stopping while the service database is locked.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "loader/retry.h"

/* A service manager that is locked until a moment, and then answers. */
struct manager {
    uint32_t now_ms;
    uint32_t locked_until_ms;
    uint32_t answer;
    uint32_t attempts;
};

static uint32_t attempt(void *context)
{
    struct manager *manager = context;

    manager->attempts++;
    return manager->now_ms < manager->locked_until_ms ? 1055 : manager->answer;
}

static void sleep_ms(void *context, uint32_t duration_ms)
{
    ((struct manager *)context)->now_ms += duration_ms;
}

static uint32_t run(struct manager *manager)
{
    const struct retry retry = {.context = manager, .attempt = attempt, .sleep_ms = sleep_ms};

    return retry_while_locked(&retry);
}

static void an_answer_is_taken_at_once(void **state)
{
    static const uint32_t answers[] = {0, 5, 1056, 1061};

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct manager manager = {.answer = answers[i]};

        assert_int_equal(run(&manager), answers[i]);
        assert_int_equal(manager.attempts, 1);
        assert_int_equal(manager.now_ms, 0);
    }
}

static void a_lock_that_goes_is_waited_for(void **state)
{
    struct manager manager = {.locked_until_ms = 3000, .answer = 0};

    assert_int_equal(run(&manager), 0);
    assert_in_range(manager.now_ms, 3000, 3500);
    manager = (struct manager){.locked_until_ms = 9900, .answer = 1058};
    assert_int_equal(run(&manager), 1058);
}

static void a_lock_that_stays_is_reported(void **state)
{
    struct manager manager = {.locked_until_ms = UINT32_MAX};

    assert_int_equal(run(&manager), 1055);
    assert_int_equal(manager.now_ms, 10000);
    assert_int_equal(manager.attempts, 41);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_taken_at_once),
        cmocka_unit_test(a_lock_that_goes_is_waited_for),
        cmocka_unit_test(a_lock_that_stays_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
