/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy over time, from shipped recordings: joules and watts as the recording's comments state
 * them, wraps, counters that are refused or dead.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/sampler.h"

#include "tests/unit/cli_played.h"

#define SECOND RAPL_100NS_PER_SECOND

struct lab {
    struct played played;
    struct rapl_source source;
    struct rapl_sampler sampler;
};

static void lab_open(struct lab *lab, const char *name)
{
    played_open(name, &lab->played, &lab->source);
    assert_true(rapl_sampler_open(&lab->source.host, &lab->source.device, lab->source.speed,
                                  &lab->sampler));
}

static void lab_close(struct lab *lab)
{
    rapl_sampler_close(&lab->sampler);
    played_close(&lab->played, &lab->source);
}

/* Waits, then reads every counter once. */
static void lab_pass(struct lab *lab, uint64_t duration_100ns)
{
    rapl_sampler_wait(&lab->sampler, &lab->source.clock, lab->played.now_100ns + duration_100ns);
    rapl_sampler_read(&lab->sampler);
}

static struct rapl_meter *meter(struct lab *lab, uint32_t package, uint32_t domain, uint32_t core)
{
    for (uint32_t i = 0; i < lab->sampler.meter_count; i++) {
        struct rapl_meter *found = &lab->sampler.meters[i];

        if (found->package == package && found->domain == domain && found->core == core) {
            return found;
        }
    }
    fail_msg("no meter %u %u %u", package, domain, core);
    return NULL;
}

static struct rapl_meter_sample take(struct lab *lab, uint32_t package, uint32_t domain, uint32_t core)
{
    struct rapl_meter_sample sample;

    assert_true(rapl_meter_take(meter(lab, package, domain, core), &sample));
    return sample;
}

/* Within the one update of about 1 ms that a reading may be off at either end. */
static void expect_power(const struct rapl_meter_sample *sample, uint64_t power_mw)
{
    uint64_t slack_uw = power_mw * 2; /* 0.2 % */

    assert_in_range(sample->power_uw, power_mw * 1000 - slack_uw, power_mw * 1000 + slack_uw);
}

#define NO_CORE RAPL_METER_NO_CORE

static void test_two_sockets(void **state)
{
    static const struct {
        uint32_t package, domain;
        uint64_t power_mw;
    } rows[] = {
        {0, RAPL_DOMAIN_PACKAGE, 61500},
        {0, RAPL_DOMAIN_DRAM, 9500},
        {1, RAPL_DOMAIN_PACKAGE, 47250},
        {1, RAPL_DOMAIN_DRAM, 6250},
    };
    struct lab lab;
    uint32_t wraps = 0;

    (void)state;
    lab_open(&lab, "haswell-ep-2s.rec");
    assert_int_equal(lab.sampler.package_count, 2);
    assert_int_equal(lab.sampler.packages[0].lead, 0);
    assert_int_equal(lab.sampler.packages[1].lead, 16);
    for (int second = 0; second < 3; second++) {
        lab_pass(&lab, SECOND);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            struct rapl_meter_sample sample = take(&lab, rows[i].package, rows[i].domain, NO_CORE);

            expect_power(&sample, rows[i].power_mw);
            assert_int_equal(sample.breaks, 0);
            wraps += sample.wraps;
        }
    }
    assert_int_equal(wraps, 1); /* package 1, after 1.35 s */
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PP0, NO_CORE)->state, RAPL_METER_REFUSED);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PP0, NO_CORE)->error, RAPL_ERROR_IO_DEVICE);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PP1, NO_CORE)->state, RAPL_METER_NOT_ON_MODEL);
    assert_int_equal(meter(&lab, 1, RAPL_DOMAIN_CORE, NO_CORE)->state, RAPL_METER_NOT_ON_MODEL);
    lab_close(&lab);
}

static void test_arithmetic_is_exact(void **state)
{
    struct lab lab;
    struct rapl_meter_sample sample;
    uint32_t before;

    (void)state;
    lab_open(&lab, "haswell-ep-2s.rec");
    before = meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE)->raw;
    lab_pass(&lab, 3 * SECOND);
    sample = take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE);
    assert_true(sample.counts == (uint32_t)(sample.raw - before));
    assert_true(sample.energy_uj == sample.counts * 1000000 / 16384);
    assert_true(sample.total_uj == sample.energy_uj);
    assert_true(sample.power_uw == sample.energy_uj * SECOND / sample.elapsed_100ns);
    lab_close(&lab);
}

/* Totals come from all counts, not from rounded intervals. */
static void test_totals_do_not_drift(void **state)
{
    struct lab lab;
    uint64_t sum_counts = 0;
    struct rapl_meter_sample sample = {0};

    (void)state;
    lab_open(&lab, "haswell-ep-2s.rec");
    for (int i = 0; i < 200; i++) {
        lab_pass(&lab, SECOND / 10);
        sample = take(&lab, 0, RAPL_DOMAIN_DRAM, NO_CORE);
        sum_counts += sample.counts;
    }
    assert_true(sample.total_uj == sum_counts * 1000000 / 65536);
    lab_close(&lab);
}

static void test_cores(void **state)
{
    struct lab lab;
    uint64_t sum_uw = 0;

    (void)state;
    lab_open(&lab, "zen-desktop.rec");
    lab_pass(&lab, 2 * SECOND);
    for (uint32_t core = 0; core < 16; core++) {
        struct rapl_meter_sample sample = take(&lab, 0, RAPL_DOMAIN_CORE, core);

        expect_power(&sample, 1500 + 250 * core);
        sum_uw += sample.power_uw;
    }
    assert_in_range(sum_uw, 53900000, 54100000);
    expect_power(
        &(struct rapl_meter_sample){.power_uw = take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE).power_uw},
        78500);
    lab_close(&lab);
}

static void test_nothing_to_take(void **state)
{
    struct lab lab;
    struct rapl_meter_sample sample = {.raw = 77};

    (void)state;
    lab_open(&lab, "haswell-ep-2s.rec");
    /* Read once only, refused, not on the model. */
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE), &sample));
    lab_pass(&lab, SECOND);
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PP0, NO_CORE), &sample));
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PP1, NO_CORE), &sample));
    assert_int_equal(sample.raw, 77);
    /* Taken twice without a reading in between: no time has passed. */
    take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE);
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE), &sample));
    lab_close(&lab);
}

/* The predecessor answers a dead counter with 0: it is not shown either. */
static void test_dead_counter_of_the_predecessor(void **state)
{
    struct lab lab;
    struct rapl_meter_sample sample;

    (void)state;
    played_open("haswell-ep-2s.rec", &lab.played, &lab.source);
    lab.played.shows_zero = true;
    assert_true(rapl_sampler_open(&lab.source.host, &lab.source.device, 1, &lab.sampler));
    lab_pass(&lab, SECOND);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PP0, NO_CORE)->state, RAPL_METER_ZERO);
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PP0, NO_CORE), &sample));
    lab_close(&lab);
}

static void test_refused_for_a_while(void **state)
{
    struct lab lab;
    struct rapl_meter_sample sample;

    (void)state;
    lab_open(&lab, "zen-desktop.rec");
    lab_pass(&lab, SECOND);
    take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE);
    lab.played.refuse_msr = 0xC001029B;
    lab.played.refuse_error = RAPL_ERROR_DEVICE_NOT_CONNECTED;
    lab_pass(&lab, SECOND);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE)->state, RAPL_METER_REFUSED);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE)->error,
                     RAPL_ERROR_DEVICE_NOT_CONNECTED);
    assert_false(rapl_meter_take(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE), &sample));
    lab.played.refuse_msr = 0;
    lab_pass(&lab, SECOND);
    sample = take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE);
    assert_in_range(sample.elapsed_100ns, 2 * SECOND, 2 * SECOND + SECOND / 10);
    expect_power(&sample, 78500); /* nothing of the two seconds is lost */
    lab_close(&lab);
}

static void test_no_unit(void **state)
{
    struct lab lab;

    (void)state;
    lab_open(&lab, "guest-no-rapl.rec");
    assert_false(lab.sampler.packages[0].has_units);
    assert_int_equal(lab.sampler.packages[0].unit_error, 0);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE)->state, RAPL_METER_NO_UNIT);
    lab_close(&lab);

    played_open("zen-desktop.rec", &lab.played, &lab.source);
    lab.played.refuse_msr = 0xC0010299;
    lab.played.refuse_error = RAPL_ERROR_INVALID_FUNCTION;
    assert_true(rapl_sampler_open(&lab.source.host, &lab.source.device, 1, &lab.sampler));
    assert_int_equal(lab.sampler.packages[0].unit_error, RAPL_ERROR_INVALID_FUNCTION);
    assert_int_equal(meter(&lab, 0, RAPL_DOMAIN_CORE, 3)->state, RAPL_METER_NO_UNIT);
    lab_close(&lab);
}

/* A long interval is read in between, often enough for two wraps never to hide each other. */
static void test_long_interval(void **state)
{
    struct lab lab;
    struct rapl_meter_sample sample;
    uint32_t reads;

    (void)state;
    lab_open(&lab, "haswell-ep-2s.rec");
    reads = lab.played.reads;
    lab_pass(&lab, 600 * SECOND);
    assert_in_range(lab.played.reads - reads, 60 * 5, 62 * 7);
    sample = take(&lab, 0, RAPL_DOMAIN_PACKAGE, NO_CORE);
    expect_power(&sample, 61500);
    assert_int_equal(sample.breaks, 0);
    lab_close(&lab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_sockets),
        cmocka_unit_test(test_arithmetic_is_exact),
        cmocka_unit_test(test_totals_do_not_drift),
        cmocka_unit_test(test_cores),
        cmocka_unit_test(test_nothing_to_take),
        cmocka_unit_test(test_dead_counter_of_the_predecessor),
        cmocka_unit_test(test_refused_for_a_while),
        cmocka_unit_test(test_no_unit),
        cmocka_unit_test(test_long_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
