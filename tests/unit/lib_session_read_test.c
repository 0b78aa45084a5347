/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings and time over sources made up for the purpose: differences, what goes back, what dies,
 * and waiting.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/lib_fake_sources.h"

/* ---- Readings ------------------------------------------------------------------------------- */

static void test_difference(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const from = samples_of(session);
    struct rapl_samples *const to = samples_of(session);
    struct rapl_difference gained = {.size = sizeof(gained), .energy_uj = 5};

    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_ERROR_NO_SAMPLE);
    assert_int_equal(gained.energy_uj, 5);
    assert_int_equal(rapl_read(session, from), RAPL_OK);
    first.readings[0] = (struct backend_reading){
        .flags = RAPL_FLAG_COARSE, .energy_ticks = 3, .time_ns = 1000 + 7 * SECOND, .raw = 9};
    assert_int_equal(rapl_read(session, to), RAPL_OK);
    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
    assert_int_equal(gained.energy_ticks, 3);
    assert_int_equal(gained.energy_uj, 183); /* 3 / 16384 J is 183.1 uJ */
    assert_int_equal(gained.duration_ns, 7 * SECOND);
    assert_int_equal(gained.power_uw, 26); /* 26.16 uW */
    assert_int_equal(gained.flags, RAPL_FLAG_COARSE);
    assert_int_equal(rapl_difference(to, from, 0, &gained), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_difference(from, from, 0, &gained), RAPL_OK);
    assert_int_equal(gained.power_uw, 0);
    assert_int_equal(sample_of(to, 0).raw, 9);
    assert_int_equal(sample_of(to, 0).energy_uj, 183);
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

/* A century of a rack, and more than anybody has: exact, or saturated. */
static void test_large_differences(void **state)
{
    static const struct {
        uint64_t ticks, duration_ns;
        uint32_t numerator, denominator;
        uint64_t energy_uj, power_uw;
    } rows[] = {
        {UINT64_C(1) << 40, SECOND, 1, 16384, UINT64_C(67108864000000), UINT64_C(67108864000000)},
        {1, 1, 1, 65536, 15, UINT64_C(15258789063)},
        {UINT64_C(1000000000000), UINT64_C(3155760000) * SECOND, 1, 1,
         UINT64_C(1000000000000000000), UINT64_C(316880878)},
        {UINT64_C(1) << 60, SECOND, 1, 1u << 30, UINT64_C(1073741824000000),
         UINT64_C(1073741824000000)},
        {UINT64_MAX, SECOND, UINT32_MAX, 1, UINT64_MAX, UINT64_MAX},
        {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX, UINT64_C(1000000000000000)},
        {5, SECOND, 0, 1, 0, 0},
        {1, SECOND, 1, 2000000, 1, 1}, /* half a microjoule is one */
        {1, SECOND, 1, 2000001, 0, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_difference gained = {.size = sizeof(gained)};

        first.domains[0].unit_numerator = rows[i].numerator;
        first.domains[0].unit_denominator = rows[i].denominator;
        first.readings[0] = (struct backend_reading){.time_ns = 0};
        struct rapl_session *const session = open_session(NULL);
        struct rapl_samples *const from = samples_of(session);
        struct rapl_samples *const to = samples_of(session);
        assert_int_equal(rapl_read(session, from), RAPL_OK);
        first.readings[0] =
            (struct backend_reading){.energy_ticks = rows[i].ticks, .time_ns = rows[i].duration_ns};
        assert_int_equal(rapl_read(session, to), RAPL_OK);
        assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
        assert_int_equal(gained.energy_uj, rows[i].energy_uj);
        assert_int_equal(gained.power_uw, rows[i].power_uw);
        rapl_samples_free(from);
        rapl_samples_free(to);
        rapl_session_free(session);
    }
}

static void test_resets_and_gaps(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const from = samples_of(session);
    struct rapl_samples *const to = samples_of(session);
    struct rapl_difference gained = {.size = sizeof(gained)};

    first.readings[0].reset_count = 1;
    assert_int_equal(rapl_read(session, from), RAPL_OK);
    assert_int_equal(sample_of(from, 0).flags, RAPL_FLAG_RESET);
    first.readings[0].gap_count = 2;
    assert_int_equal(rapl_read(session, to), RAPL_OK);
    assert_int_equal(sample_of(to, 0).flags, RAPL_FLAG_RESET | RAPL_FLAG_GAP);
    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
    assert_int_equal(gained.flags, RAPL_FLAG_GAP); /* the reset was before */
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

/* A counter or a clock that goes back is not believed, and is once it has caught up. */
static void test_going_back(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const samples = samples_of(session);

    first.readings[0].energy_ticks = 100;
    first.readings[0].time_ns = 2000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    first.readings[0].energy_ticks = 99;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GARBAGE);
    assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GARBAGE);
    assert_int_equal(sample_of(samples, 0).energy_ticks, 0);
    first.readings[0].energy_ticks = 101;
    first.readings[0].time_ns = 1999; /* the clock jumped */
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GARBAGE);
    first.readings[0].time_ns = 2000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(domain_of(session, 0).status, RAPL_OK);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

static void test_a_source_that_dies(void **state)
{
    struct rapl_session *session;
    struct rapl_samples *samples;
    struct rapl_source_info info = {.size = sizeof(info)};

    add(&second, RAPL_DOMAIN_DRAM, 0, RAPL_OK);
    session = open_session("first+second");
    samples = samples_of(session);
    first.read_status = RAPL_ERROR_GONE;
    assert_int_equal(rapl_read(session, samples), RAPL_OK); /* the other one goes on */
    assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GONE);
    assert_int_equal(sample_of(samples, 0).system_error, 1167);
    assert_int_equal(sample_of(samples, 1).status, RAPL_OK);
    assert_int_equal(rapl_source_get(session, 0, &info), RAPL_OK);
    assert_int_equal(info.status, RAPL_ERROR_GONE);
    assert_string_equal(info.reason, "it was stopped");
    assert_string_equal(info.remedy, "Start it.");
    second.read_status = RAPL_ERROR_SYSTEM;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GONE); /* the first one's */
    first.read_status = RAPL_OK;
    assert_int_equal(rapl_read(session, samples), RAPL_OK); /* what comes back counts again */
    expect_source(session, 0, "first", RAPL_OK);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

/* ---- Time ----------------------------------------------------------------------------------- */

static void test_waiting_reads_in_between(void **state)
{
    struct rapl_session *session;

    timed.interval_ms = 1000;
    session = open_session("timed");
    timed.reads = 0;
    assert_int_equal(rapl_read_interval_ms(session), 1000);
    assert_int_equal(rapl_wait_until(session, 10 * SECOND), RAPL_OK);
    assert_int_equal(rapl_now_ns(session), 10 * SECOND);
    assert_int_equal(timed.reads, 9);
    assert_int_equal(rapl_wait_until(session, 5 * SECOND), RAPL_OK);
    assert_int_equal(rapl_now_ns(session), 10 * SECOND);
    rapl_session_free(session);
}

/* As a program waits that wants to see Ctrl-C. */
static void test_many_short_waits_read_too(void **state)
{
    struct rapl_session *session;

    (void)state;
    timed.interval_ms = 1000;
    session = open_session("timed");
    timed.reads = 0;
    for (uint64_t at_ns = 0; at_ns <= 10 * SECOND; at_ns += SECOND / 10) {
        assert_int_equal(rapl_wait_until(session, at_ns), RAPL_OK);
        assert_int_equal(rapl_now_ns(session), at_ns);
    }
    assert_int_equal(timed.reads, 9);
    rapl_session_free(session);
}

static void test_update(void **state)
{
    struct rapl_session *session;
    struct rapl_samples *samples;

    session = open_session("timed");
    samples = samples_of(session);
    /* nothing moves: the sample set stays empty */
    assert_int_equal(rapl_read_update(session, 0, SECOND / 1000, samples), RAPL_ERROR_TIMEOUT);
    assert_true(rapl_now_ns(session) >= SECOND / 1000);
    {
        struct rapl_sample none = {.size = sizeof(none)};

        assert_int_equal(rapl_sample_get(samples, 0, &none), RAPL_ERROR_NO_SAMPLE);
    }
    timed.step_ns = 100;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_OK);
    assert_true(sample_of(samples, 0).energy_ticks >= 1);
    timed.readings[0].status = RAPL_ERROR_FAULTS;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_ERROR_FAULTS);
    timed.read_status = RAPL_ERROR_GONE;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_ERROR_GONE);
    assert_int_equal(rapl_read_update(session, 1, 2 * SECOND, samples), RAPL_ERROR_ARGUMENT);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_difference, reset),
        cmocka_unit_test_setup(test_large_differences, reset),
        cmocka_unit_test_setup(test_resets_and_gaps, reset),
        cmocka_unit_test_setup(test_going_back, reset),
        cmocka_unit_test_setup(test_a_source_that_dies, reset),
        cmocka_unit_test_setup(test_waiting_reads_in_between, reset),
        cmocka_unit_test_setup(test_many_short_waits_read_too, reset),
        cmocka_unit_test_setup(test_update, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
