/* SPDX-License-Identifier: Apache-2.0
 *
 * A session over the replay backend: what a client sees of a recording, to the tick.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <rapl/rapl.h>

#define SECOND UINT64_C(1000000000)

static struct rapl_session *open_recording(const char *name, uint32_t flags)
{
    char path[512];
    const struct rapl_options options = {
        .size = sizeof(options), .flags = flags, .source = "replay", .path = path};
    struct rapl_session *session;

    assert_true(snprintf(path, sizeof(path), "%s/recordings/%s.rec", RAPL_SOURCE_DIR, name) <
                (int)sizeof(path));
    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    assert_int_equal(rapl_session_open(session), RAPL_OK);
    return session;
}

static struct rapl_samples *read_at(struct rapl_session *session, uint64_t time_ns)
{
    struct rapl_samples *samples;

    assert_int_equal(rapl_samples_new(session, &samples), RAPL_OK);
    assert_int_equal(rapl_wait_until(session, time_ns), RAPL_OK);
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    return samples;
}

static struct rapl_difference difference(const struct rapl_samples *from,
                                         const struct rapl_samples *to, uint32_t index)
{
    struct rapl_difference out = {.size = sizeof(out)};

    assert_int_equal(rapl_difference(from, to, index, &out), RAPL_OK);
    return out;
}

static struct rapl_domain_info domain_of(struct rapl_session *session, uint32_t index)
{
    struct rapl_domain_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_domain_get(session, index, &out), RAPL_OK);
    return out;
}

/* 78.5 W, cores from 1.5 W in steps of 0.25 W: one count is 2^-16 J. */
static void test_cores(void **state)
{
    struct rapl_session *const session = open_recording("zen-desktop", RAPL_OPEN_CORES);
    struct rapl_samples *const from = read_at(session, 0);
    struct rapl_samples *const to = read_at(session, SECOND);

    assert_int_equal(rapl_domain_count(session), 17);
    for (uint32_t i = 0; i < 17; i++) {
        const struct rapl_domain_info domain = domain_of(session, i);
        const struct rapl_difference gained = difference(from, to, i);

        assert_int_equal(domain.unit_numerator, 1);
        assert_int_equal(domain.unit_denominator, 65536);
        assert_int_equal(domain.package, 0);
        assert_int_equal(gained.duration_ns, SECOND);
        assert_int_equal(gained.flags, RAPL_FLAG_SIMULATED);
        if (i == 0) {
            assert_string_equal(domain.name, "package");
            assert_int_equal(domain.core, RAPL_NONE);
            assert_int_equal(gained.energy_ticks, 5144576);
            assert_int_equal(gained.energy_uj, 78500000);
            assert_int_equal(gained.power_uw, 78500000);
        } else {
            assert_string_equal(domain.name, "core");
            assert_int_equal(domain.core, i - 1);
            assert_int_equal(gained.energy_ticks, 98304 + 16384 * (i - 1));
        }
    }
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

static void test_packages(void **state)
{
    struct rapl_session *const session = open_recording("haswell-ep-2s", 0);
    struct rapl_samples *const from = read_at(session, 0);
    struct rapl_samples *const to = read_at(session, SECOND);
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_difference none = {.size = sizeof(none), .energy_ticks = 7};

    assert_int_equal(rapl_machine_get(session, &machine), RAPL_OK);
    assert_int_equal(machine.package_count, 2);
    assert_int_equal(machine.socket_count, 2);
    assert_int_equal(machine.processor_count, 32);
    assert_int_equal(machine.group_count, 2);
    assert_true(machine.recording[0] != '\0');
    assert_int_equal(rapl_domain_count(session), 6);
    for (uint32_t i = 0; i < 6; i++) {
        const struct rapl_domain_info domain = domain_of(session, i);

        assert_int_equal(domain.package, i / 3);
        if (domain.domain == RAPL_DOMAIN_PP0) { /* it reads 0 on this machine */
            assert_int_equal(domain.status, RAPL_ERROR_DEAD);
            assert_int_equal(rapl_difference(from, to, i, &none), RAPL_ERROR_DEAD);
            assert_int_equal(none.energy_ticks, 7);
        } else {
            assert_true(difference(from, to, i).energy_uj > 1000000);
        }
    }
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

/* A day in no time: the session reads in between, so that no wrap goes unseen. */
static void test_wraps(void **state)
{
    struct rapl_session *const session = open_recording("zen-desktop", 0);
    struct rapl_samples *const from = read_at(session, 0);
    struct rapl_samples *const to = read_at(session, 86400 * SECOND);
    const struct rapl_difference gained = difference(from, to, 0);

    assert_true(rapl_read_interval_ms(session) >= 20000);
    assert_int_equal(gained.energy_ticks, UINT64_C(5144576) * 86400);
    assert_int_equal(gained.flags, RAPL_FLAG_SIMULATED);
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

static void test_update(void **state)
{
    struct rapl_session *const session = open_recording("zen-desktop", 0);
    struct rapl_samples *const samples = read_at(session, 300000);
    struct rapl_sample sample = {.size = sizeof(sample)};

    /* counters step at each whole millisecond */
    assert_int_equal(rapl_read_update(session, 0, SECOND, samples), RAPL_OK);
    assert_int_equal(rapl_sample_get(samples, 0, &sample), RAPL_OK);
    assert_in_range(sample.time_ns, 1000000, 1002000);
    assert_int_equal(rapl_read_update(session, 0, sample.time_ns + 500000, samples),
                     RAPL_ERROR_TIMEOUT);
    assert_in_range(rapl_now_ns(session), sample.time_ns + 500000, sample.time_ns + 504000);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cores),
        cmocka_unit_test(test_packages),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_update),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
