/* SPDX-License-Identifier: Apache-2.0
 *
 * Bit fields of the power registers: all windows, every bit of every limit register, and registers
 * as published with what they mean.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/fields.h"
#include "core/msr.h"

static const struct rapl_model plain = {.vendor = RAPL_VENDOR_INTEL};
static const struct rapl_model sapphire = {.vendor = RAPL_VENDOR_INTEL,
                                           .flags = RAPL_MODEL_PSYS_LIMIT_17};

/* 1/8 W and 1/1024 s: what almost every published unit register says. */
static const struct rapl_units usual = {.power_w = {1, 8}, .time_s = {1, 1024}};

/*
 * Oracle in double precision, where 2^Y * (4+Z) * 10^6 / 2^n has a mantissa of 23 bits at most and
 * is exact.
 */
static void test_every_window(void **state)
{
    (void)state;
    for (uint32_t tu = 0; tu < 16; tu++) {
        const struct rapl_units units = {.time_s = {1, 1u << tu}};

        for (uint32_t field = 0; field < 128; field++) {
            const double power = (double)(1ull << (field % 32));
            const uint32_t quarters = field / 32;
            const double factor = 1.0 + (double)quarters / 4.0;
            const double seconds = power * factor / (double)(1u << tu);

            assert_true(rapl_window_us(&units, field) == (uint64_t)(seconds * 1e6));
            /* Only seven bits count. */
            assert_true(rapl_window_us(&units, field | 0xFFFFFF80) == (uint64_t)(seconds * 1e6));
        }
    }
}

/* Windows as turbostat printed them: field 0x6E is 28 s, 0x0A 1 s, 0x21 2.441 ms. */
static void test_published_windows(void **state)
{
    (void)state;
    assert_int_equal(rapl_window_us(&usual, 0x6E), 28000000);
    assert_int_equal(rapl_window_us(&usual, 0x0A), 1000000);
    assert_int_equal(rapl_window_us(&usual, 0x21), 2441);
    assert_int_equal(rapl_window_us(&usual, 0x00), 976);
    assert_int_equal(rapl_window_us(&usual, 0x08), 250000);
    assert_int_equal(rapl_window_us(&usual, 0x4E), 24000000);
}

static void expect_limit(const struct rapl_limit *limit, uint64_t limit_mw, bool enabled,
                         bool clamp, uint64_t window_us)
{
    assert_int_equal(limit->limit_mw, limit_mw);
    assert_int_equal(limit->enabled, enabled);
    assert_int_equal(limit->clamp, clamp);
    assert_int_equal(limit->window_us, window_us);
}

static void test_published_limits(void **state)
{
    struct rapl_power_limits limits;

    (void)state;
    /* i7-8550U: 44 W / 28 s, 44 W / 2.44 ms */
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x610, 0x42816000DD8160, &limits));
    assert_int_equal(limits.count, 2);
    assert_false(limits.locked);
    expect_limit(&limits.limit[0], 44000, true, true, 28000000);
    expect_limit(&limits.limit[1], 44000, true, false, 2441);
    /* Core i7-2600 class: locked */
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x610, 0x800087F8001487F8, &limits));
    assert_true(limits.locked);
    expect_limit(&limits.limit[0], 255000, true, false, 1000000);
    expect_limit(&limits.limit[1], 255000, true, false, 976);
    /* Kaby Lake-R: an eighth of a watt */
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x610, 0x43816000DD8001, &limits));
    expect_limit(&limits.limit[0], 125, true, true, 28000000);
    expect_limit(&limits.limit[1], 44000, true, true, 2441);
    /* Skylake-SP: package and memory */
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x610, 0x184B0001183E8, &limits));
    expect_limit(&limits.limit[0], 125000, true, true, 250000);
    expect_limit(&limits.limit[1], 150000, true, true, 976);
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x618, 0x108444, &limits));
    assert_int_equal(limits.count, 1);
    assert_false(limits.locked);
    expect_limit(&limits.limit[0], 136500, true, false, 250000);
    expect_limit(&limits.limit[1], 0, false, false, 0);
    /* A laptop's platform limit: 37 W twice */
    assert_true(rapl_power_limits_decode(&plain, &usual, 0x65C, 0x812800DD8128, &limits));
    assert_int_equal(limits.count, 2);
    expect_limit(&limits.limit[0], 37000, true, true, 28000000);
    expect_limit(&limits.limit[1], 37000, true, false, 976);
}

/* Where each field of a register lies, by the manual: first bit and width. */
struct map {
    uint32_t msr;
    const struct rapl_model *model;
    uint32_t count, limit_bits, enable, clamp, window, lock;
};

#define NONE 64u

static const struct map maps[] = {
    {0x610, &plain, 2, 15, 15, 16, 17, 63},      {0x618, &plain, 1, 15, 15, 16, 17, 31},
    {0x638, &plain, 1, 15, 15, 16, 17, 31},      {0x640, &plain, 1, 15, 15, 16, 17, 31},
    {0x65C, &plain, 2, 15, 15, 16, 17, 63},      {0x610, &sapphire, 2, 15, 15, 16, 17, 63},
    {0x618, &sapphire, 1, 15, 15, 16, 17, 31},   {0x638, &sapphire, 1, 15, 15, 16, 17, 31},
    {0x65C, &sapphire, 2, 17, 17, NONE, 19, 63},
};

/* One register with one bit set: exactly the field that owns the bit changes. */
static void check_bit(const struct map *map, uint32_t at)
{
    /* 1 W and 1 s: limits and windows are whole numbers for one bit. */
    const struct rapl_units units = {.power_w = {1, 1}, .time_s = {1, 1}};
    struct rapl_power_limits limits;

    assert_true(rapl_power_limits_decode(map->model, &units, map->msr, 1ull << at, &limits));
    assert_int_equal(limits.count, map->count);
    assert_int_equal(limits.locked, at == map->lock);
    for (uint32_t i = 0; i < 2; i++) {
        const struct rapl_limit *const limit = &limits.limit[i];
        const uint32_t half = at - i * 32; /* wraps far out of range below its half */
        uint64_t window_us = 1000000;      /* 2^0 * (1 + 0/4) */

        if (i >= map->count) {
            expect_limit(limit, 0, false, false, 0);
            continue;
        }
        if (half >= map->window && half < map->window + 5) {
            window_us = 1000000ull << (1u << (half - map->window));
        } else if (half == map->window + 5) {
            window_us = 1250000;
        } else if (half == map->window + 6) {
            window_us = 1500000;
        }
        expect_limit(limit, half < map->limit_bits ? 1000ull << half : 0, half == map->enable,
                     half == map->clamp, window_us);
    }
}

static void test_every_bit_of_every_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        for (uint32_t at = 0; at < 64; at++) {
            check_bit(&maps[i], at);
        }
    }
}

static void test_limits_of_other_registers(void **state)
{
    struct rapl_power_limits limits;
    struct rapl_power_limits before;

    (void)state;
    memset(&limits, 0x5A, sizeof(limits));
    before = limits;
    for (uint32_t msr = 0; msr < 0x10000; msr++) {
        const bool listed =
            msr == 0x610 || msr == 0x618 || msr == 0x638 || msr == 0x640 || msr == 0x65C;

        if (listed) {
            continue;
        }
        assert_false(rapl_power_limits_decode(&plain, &usual, msr, UINT64_MAX, &limits));
        assert_memory_equal(&limits, &before, sizeof(limits));
    }
}

static void test_published_power_info(void **state)
{
    static const struct {
        uint64_t raw, tdp_mw, min_mw, max_mw, max_window_us;
    } rows[] = {
        {0x1E002F8, 95000, 60000, 0, 0},                 /* Core i7-2600 class */
        {0x10000000C00118, 35000, 24000, 0, 15625},      /* Ivy Bridge mobile */
        {0x5C, 11500, 0, 0, 0},                          /* a ULT part */
        {0x2F0550014002A8, 85000, 40000, 170000, 45898}, /* Haswell-EP */
        {0x120000000001B8, 55000, 0, 0, 17578},          /* Arrow Lake-HX */
        {0, 0, 0, 0, 0},
        {UINT64_MAX, 4095875, 4095875, 4095875, 61523}, /* every bit: the fields' ends */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_power_info info;

        rapl_power_info_decode(&usual, rows[i].raw, &info);
        assert_int_equal(info.tdp_mw, rows[i].tdp_mw);
        assert_int_equal(info.min_mw, rows[i].min_mw);
        assert_int_equal(info.max_mw, rows[i].max_mw);
        assert_int_equal(info.max_window_us, rows[i].max_window_us);
    }
}

/* TDP 14:0, minimum 30:16, maximum 46:32, window 53:48; nothing else. */
static void test_every_bit_of_power_info(void **state)
{
    const struct rapl_units units = {.power_w = {1, 1}, .time_s = {1, 1}};

    (void)state;
    for (uint32_t at = 0; at < 64; at++) {
        struct rapl_power_info info;

        rapl_power_info_decode(&units, 1ull << at, &info);
        assert_int_equal(info.tdp_mw, at <= 14 ? 1000ull << at : 0);
        assert_int_equal(info.min_mw, at >= 16 && at <= 30 ? 1000ull << (at - 16) : 0);
        assert_int_equal(info.max_mw, at >= 32 && at <= 46 ? 1000ull << (at - 32) : 0);
        assert_int_equal(info.max_window_us, at >= 48 && at <= 53 ? 1000000ull << (at - 48) : 0);
    }
}

static void test_throttled_and_policy(void **state)
{
    const struct rapl_units silvermont = {.power_w = {4, 125}, .time_s = {1, 1}};

    (void)state;
    assert_int_equal(rapl_throttled_us(&usual, 1024), 1000000);
    assert_int_equal(rapl_throttled_us(&usual, 1), 976);
    assert_int_equal(rapl_throttled_us(&usual, 0xFFFFFFFF00000000), 0);
    assert_int_equal(rapl_throttled_us(&usual, UINT64_MAX), 4194303999023);
    assert_int_equal(rapl_throttled_us(&silvermont, 3), 3000000);
    for (uint32_t raw = 0; raw < 256; raw++) {
        assert_int_equal(rapl_policy_priority(0xFFFFFFFFFFFFFF00 | raw), raw % 32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_window),
        cmocka_unit_test(test_published_windows),
        cmocka_unit_test(test_published_limits),
        cmocka_unit_test(test_every_bit_of_every_limit),
        cmocka_unit_test(test_limits_of_other_registers),
        cmocka_unit_test(test_published_power_info),
        cmocka_unit_test(test_every_bit_of_power_info),
        cmocka_unit_test(test_throttled_and_policy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
