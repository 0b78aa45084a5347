/* SPDX-License-Identifier: Apache-2.0
 *
 * Several threads use one session at once: readings, updates, waits, everything that can be asked.
 * Meant for ThreadSanitizer as well.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <pthread.h>
#include <cmocka.h>

#include <rapl/rapl.h>

#define THREADS   4u
#define ROUNDS    300u
#define NS_PER_MS UINT64_C(1000000)

static struct rapl_session *session;
static uint32_t failures;

/* cmocka's own checks are for the thread that runs the test. */
static void expect(bool condition)
{
    if (!condition) {
        __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
    }
}

static void ask(uint32_t round)
{
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_package_info package = {.size = sizeof(package)};
    struct rapl_domain_info domain = {.size = sizeof(domain)};
    struct rapl_source_info source = {.size = sizeof(source)};

    expect(rapl_machine_get(session, &machine) == RAPL_OK);
    expect(rapl_package_get(session, 0, &package) == RAPL_OK);
    expect(rapl_domain_get(session, round % rapl_domain_count(session), &domain) == RAPL_OK);
    expect(rapl_source_get(session, rapl_source_count(session) - 1, &source) == RAPL_OK);
    expect(rapl_read_interval_ms(session) > 0);
}

/* Each thread's own samples only ever go forward. */
static void *use(void *context)
{
    const uintptr_t number = (uintptr_t)context;
    struct rapl_samples *before;
    struct rapl_samples *after;
    struct rapl_difference gained = {.size = sizeof(gained)};
    uint32_t updates = 0;

    expect(rapl_samples_new(session, &before) == RAPL_OK);
    expect(rapl_samples_new(session, &after) == RAPL_OK);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const uint64_t now_ns = rapl_now_ns(session);

        expect(rapl_read(session, before) == RAPL_OK);
        if (number % 2 == 0) {
            expect(rapl_wait_until(session, now_ns + NS_PER_MS) == RAPL_OK);
            expect(rapl_read(session, after) == RAPL_OK);
        } else {
            /* other threads' waits may be over before this one looks twice */
            const int error = rapl_read_update(session, 0, now_ns + 20 * NS_PER_MS, after);

            expect(error == RAPL_OK || error == RAPL_ERROR_TIMEOUT);
            if (error != RAPL_OK) {
                continue;
            }
            updates++;
        }
        expect(rapl_difference(before, after, 0, &gained) == RAPL_OK);
        ask(i);
    }
    expect(number % 2 == 0 || updates > 0);
    rapl_samples_free(before);
    rapl_samples_free(after);
    return NULL;
}

static void test_one_session_many_threads(void **state)
{
    const struct rapl_options options = {.size = sizeof(options),
                                         .flags = RAPL_OPEN_CORES,
                                         .source = "replay",
                                         .path = RAPL_SOURCE_DIR "/recordings/zen-desktop.rec"};
    pthread_t threads[THREADS];

    (void)state;
    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    assert_int_equal(rapl_session_open(session), RAPL_OK);
    for (uintptr_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, use, (void *)i), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    rapl_session_free(session);
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_session_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
