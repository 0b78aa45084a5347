/* SPDX-License-Identifier: Apache-2.0
 *
 * One counter that the test moves as it likes: resets, gaps, a counter that wakes up, and watts
 * over long intervals.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/error_text.h"
#include "lib/sampler.h"

#define SECOND RAPL_100NS_PER_SECOND

/* A device whose only counter the test sets. */
struct scripted {
    uint32_t raw;
    uint64_t time_100ns;
    struct rapl_host host;
    struct rapl_processor processor;
    struct rapl_sampler sampler;
};

static uint32_t scripted_read(void *context, uint32_t msr, uint32_t processor,
                              struct rapl_register_value *out)
{
    const struct scripted *scripted = context;

    (void)processor;
    switch (msr) {
    case RAPL_MSR_POWER_UNIT:
        *out = (struct rapl_register_value){.value = 0xA1003};
        return 0;
    case RAPL_MSR_PKG_ENERGY:
        *out = (struct rapl_register_value){.value = scripted->raw,
                                            .time_100ns = scripted->time_100ns};
        return 0;
    default:
        return RAPL_ERROR_INVALID_FUNCTION;
    }
}

static void scripted_open(struct scripted *scripted, uint32_t raw)
{
    struct rapl_device device = {.context = scripted, .read = scripted_read};

    *scripted = (struct scripted){.raw = raw, .time_100ns = 5};
    scripted->host = (struct rapl_host){
        .cpu = {.vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x86}, /* package only */
        .processors = &scripted->processor,
        .processor_count = 1,
    };
    scripted->host.model = rapl_model_find(&scripted->host.cpu);
    assert_true(rapl_sampler_open(&scripted->host, &device, 1, &scripted->sampler));
}

/* The counter moves to `raw` at a time; false if there is nothing to take. */
static bool scripted_take(struct scripted *scripted, uint32_t raw, uint64_t time_100ns,
                          struct rapl_meter_sample *out)
{
    scripted->raw = raw;
    scripted->time_100ns = time_100ns;
    rapl_sampler_read(&scripted->sampler);
    return rapl_meter_take(&scripted->sampler.meters[0], out);
}

static void test_reset_and_gap_are_marked(void **state)
{
    struct scripted scripted;
    struct rapl_meter_sample sample;

    (void)state;
    scripted_open(&scripted, 0x80000000);
    assert_int_equal(scripted.sampler.meters[0].state, RAPL_METER_COUNTS);

    /* Back to almost nothing in a second: a wrap would have taken 32 kJ. */
    assert_true(scripted_take(&scripted, 65536, 5 + SECOND, &sample));
    assert_int_equal(sample.breaks, 1);
    assert_int_equal(sample.wraps, 0);
    assert_int_equal(sample.energy_uj, 1000000); /* what was counted since the reset */

    /* Two hours later anything may have happened: nothing is added. */
    assert_true(scripted_take(&scripted, 131072, 7200 * SECOND, &sample));
    assert_int_equal(sample.breaks, 1);
    assert_int_equal(sample.energy_uj, 0);

    assert_true(scripted_take(&scripted, 196608, 7201 * SECOND, &sample));
    assert_int_equal(sample.breaks, 0);
    assert_int_equal(sample.energy_uj, 1000000);
    assert_int_equal(sample.power_uw, 1000000);
    rapl_sampler_close(&scripted.sampler);
}

static void test_waking_counter(void **state)
{
    struct scripted scripted;
    struct rapl_meter_sample sample;

    (void)state;
    scripted_open(&scripted, 0);
    assert_int_equal(scripted.sampler.meters[0].state, RAPL_METER_ZERO);
    assert_true(scripted_take(&scripted, 65536, 5 + SECOND, &sample));
    assert_int_equal(scripted.sampler.meters[0].state, RAPL_METER_COUNTS);
    assert_int_equal(sample.energy_uj, 1000000);
    rapl_sampler_close(&scripted.sampler);
}

/* 99.5 J every second: the watts of that must not lose a digit, however many megajoules it is. */
static void expect_steady_power(uint64_t seconds)
{
    struct scripted scripted;
    struct rapl_meter_sample sample;
    uint32_t raw = 1;

    scripted_open(&scripted, raw);
    for (uint64_t second = 1; second <= seconds; second++) {
        raw += 99 * 65536 + 32768;
        scripted.raw = raw;
        scripted.time_100ns = 5 + second * SECOND;
        rapl_sampler_read(&scripted.sampler);
    }
    assert_true(rapl_meter_take(&scripted.sampler.meters[0], &sample));
    assert_int_equal(sample.breaks, 0);
    assert_int_equal(sample.energy_uj, seconds * 99500000);
    assert_int_equal(sample.power_uw, 99500000);
    rapl_sampler_close(&scripted.sampler);
}

static void test_power_of_long_intervals(void **state)
{
    (void)state;
    expect_steady_power(1);
    expect_steady_power(18539); /* the last whole second below 2^64 / 10^7 microjoules */
    expect_steady_power(18540);
    expect_steady_power(86400);  /* a day */
    expect_steady_power(259200); /* three */
}

static void test_power_bounds(void **state)
{
    (void)state;
    assert_int_equal(rapl_power_max_mw(0), 1000000);
    assert_int_equal(rapl_power_max_mw(1), 200000);
    assert_int_equal(rapl_power_max_mw(15000), 200000);
    assert_int_equal(rapl_power_max_mw(25000), 200000);
    assert_int_equal(rapl_power_max_mw(95000), 760000);
    assert_int_equal(rapl_power_max_mw(375000), 3000000);
    assert_int_equal(rapl_power_max_mw(500000), 3000000);
    assert_int_equal(rapl_power_max_mw(UINT64_MAX), 3000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reset_and_gap_are_marked),
        cmocka_unit_test(test_waking_counter),
        cmocka_unit_test(test_power_of_long_intervals),
        cmocka_unit_test(test_power_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
