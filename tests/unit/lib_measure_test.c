/* SPDX-License-Identifier: Apache-2.0
 *
 * Measuring between counter updates: commands of a known energy at many phases of the counter,
 * through a session on a recording, in a time that stands still unless it is waited for.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/trial.h"
#include "lib/measure.h"

#define US UINT64_C(1000)
#define MS (1000 * US)

static char path[] = "/tmp/rapl-measure-XXXXXX";

/* Relative error of the energy, and what was measured. */
static double run(struct trial *trial, struct measure_result *result)
{
    double energy_j;

    assert_true(trial_run(trial, path, result, &energy_j));
    return result->energy_j / energy_j - 1;
}

/* The largest error of many commands of about that length. */
static double worst(uint32_t step_us, uint32_t jitter_us, uint64_t run_us, int count)
{
    uint64_t seed = 20261122;
    double most = 0;

    for (int i = 0; i < count; i++) {
        struct trial trial = trial_random(&seed, step_us, jitter_us, run_us);
        struct measure_result result;
        double error = fabs(run(&trial, &result));

        assert_int_equal(result.status, RAPL_OK);
        assert_true(result.aligned);
        assert_int_equal(result.flags, RAPL_FLAG_SIMULATED);
        assert_false(result.short_run);
        most = error > most ? error : most;
    }
    print_message("%u us steps, %u us jitter, %u ms: at most %.4f %%\n", (unsigned)step_us,
                  (unsigned)jitter_us, (unsigned)(run_us / 1000), most * 100);
    return most;
}

static void test_steady_steps(void **state)
{
    assert_true(worst(977, 0, 100000, 10) < 0.01);
    assert_true(worst(977, 0, 1000000, 4) < 0.002);
}

static void test_jittered_steps(void **state)
{
    assert_true(worst(1000, 400, 100000, 40) < 0.01);
    assert_true(worst(1000, 400, 1000000, 10) < 0.002);
}

static void test_long_steps(void **state)
{
    assert_true(worst(15000, 0, 100000, 10) < 0.01);
    assert_true(worst(15000, 0, 1000000, 4) < 0.002);
    assert_true(worst(15000, 3000, 100000, 10) < 0.01);
}

/* Half a step: there is nothing to measure with, and no number. */
static void test_too_short(void **state)
{
    uint64_t seed = 1;
    struct trial trial = trial_random(&seed, 1000, 400, 0);
    struct measure_result result;

    trial.run_us = 500;
    trial.exec_us = 50;
    run(&trial, &result);
    assert_int_equal(result.status, RAPL_OK);
    assert_true(result.short_run);
    assert_float_equal(result.energy_j, 0, 0);
    assert_in_range(result.step_ns, 950 * US, 1050 * US);
    assert_in_range(result.step_max_ns, 1050 * US, 1400 * US);
}

static void test_across_a_wrap(void **state)
{
    uint64_t seed = 2;
    struct trial trial = trial_random(&seed, 1000, 400, 100000);
    struct measure_result result;

    trial.profile.first_raw = UINT32_MAX - 20000; /* 1.2 J before: within the command */
    assert_true(fabs(run(&trial, &result)) < 0.01);
    assert_int_equal(result.flags, RAPL_FLAG_SIMULATED);
}

/* What coarse callers share is renewed every 50 ms, whatever the counter does. */
static void test_coarse(void **state)
{
    uint64_t seed = 3;
    struct trial trial = trial_random(&seed, 1000, 400, 1000000);
    struct measure_result result;

    trial.profile.coarse = true;
    trial.profile.idle_swing = 0;
    assert_true(fabs(run(&trial, &result)) < 0.01);
    assert_int_equal(result.flags, RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE);
    assert_in_range(result.step_ns, 49 * MS, 52 * MS);
    trial.run_us = 20000;
    run(&trial, &result);
    assert_true(result.short_run);
}

/* Two packages that step at times of their own, and domains that are 0 or not there. */
static void test_shipped_machine(void **state)
{
    struct rapl_options options = {.size = sizeof(options),
                                   .source = "replay",
                                   .path = RAPL_SOURCE_DIR "/recordings/haswell-ep-2s.rec"};
    struct rapl_session *session = NULL;
    struct measure *measure = NULL;
    uint64_t start_ns;
    uint32_t measured = 0;

    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    assert_int_equal(rapl_session_open(session), RAPL_OK);
    assert_int_equal(measure_new(session, &measure), RAPL_OK);
    rapl_wait_until(session, 12345 * US);
    assert_int_equal(measure_begin(measure), RAPL_OK);
    start_ns = rapl_now_ns(session);
    rapl_wait_until(session, start_ns + 250 * MS);
    assert_int_equal(measure_end(measure, start_ns, rapl_now_ns(session)), RAPL_OK);
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_domain_info info = {.size = sizeof(info)};
        struct measure_result result;

        assert_int_equal(rapl_domain_get(session, i, &info), RAPL_OK);
        assert_int_equal(measure_get(measure, i, &result), RAPL_OK);
        if (info.domain == RAPL_DOMAIN_PP0) {
            assert_int_equal(result.status, RAPL_ERROR_DEAD);
        } else if (result.status == RAPL_OK) {
            /* its power is constant: what it idles at is what it takes */
            assert_float_equal(result.energy_j / (result.idle_w * result.duration_s), 1, 0.002);
            measured++;
        }
    }
    assert_int_equal(measured, 4);
    assert_int_equal(measure_get(measure, rapl_domain_count(session), NULL), RAPL_ERROR_ARGUMENT);
    measure_free(measure);
    rapl_session_free(session);
}

/* Idle power between marks. */
static void test_marks(void **state)
{
    uint64_t seed = 4;
    struct trial trial = trial_random(&seed, 1000, 400, 0);
    struct rapl_session *session;
    struct measure *measure = NULL;
    double power_w = 0;

    trial.profile.start_us = UINT64_MAX;
    trial.profile.end_us = UINT64_MAX;
    trial.profile.idle_swing = 0;
    trial.profile.length_us = 700000;
    session = trial_open(&trial.profile, path);
    assert_non_null(session);
    assert_int_equal(measure_new(session, &measure), RAPL_OK);
    assert_int_equal(measure_begin(measure), RAPL_OK);
    assert_false(measure_power(measure, 0, &power_w));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(measure_mark(measure), RAPL_OK);
        assert_int_equal(measure_power(measure, 0, &power_w), i > 0);
        rapl_wait_until(session, rapl_now_ns(session) + 100 * MS);
    }
    assert_float_equal(power_w, trial.profile.idle_w, 0.01);
    measure_free(measure);
    rapl_session_free(session);
}

static int set_up(void **state)
{
    int file = mkstemp(path);

    return file >= 0 && close(file) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    return unlink(path);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady_steps),    cmocka_unit_test(test_jittered_steps),
        cmocka_unit_test(test_long_steps),      cmocka_unit_test(test_too_short),
        cmocka_unit_test(test_across_a_wrap),   cmocka_unit_test(test_coarse),
        cmocka_unit_test(test_shipped_machine), cmocka_unit_test(test_marks),
    };

    return cmocka_run_group_tests_name("lib_measure", tests, set_up, tear_down);
}
