/* SPDX-License-Identifier: Apache-2.0
 *
 * Where fields are: each layout against the manual's table, written out here, and on every model
 * the layout that its registers have.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/allow.h"
#include "core/layout.h"

/* Intel SDM volume 3B: bits high:low of each field, lowest field first; a row of 0:0 ends. */
struct expected {
    uint8_t id, high, low, kind;
};

#define FIELDS_MAX 9u

static const struct expected unit[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_POWER_UNIT, 3, 0, RAPL_KIND_BITS},
    {RAPL_LAYOUT_ENERGY_UNIT, 12, 8, RAPL_KIND_BITS},
    {RAPL_LAYOUT_TIME_UNIT, 19, 16, RAPL_KIND_BITS},
};
static const struct expected counter_32[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_COUNT, 31, 0, RAPL_KIND_BITS},
};
static const struct expected counter_64[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_COUNT, 63, 0, RAPL_KIND_BITS},
};
static const struct expected throttled[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_THROTTLED, 31, 0, RAPL_KIND_TIME},
};
static const struct expected policy[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_PRIORITY, 4, 0, RAPL_KIND_BITS},
};
static const struct expected power_info[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_TDP, 14, 0, RAPL_KIND_POWER},
    {RAPL_LAYOUT_POWER_MIN, 30, 16, RAPL_KIND_POWER},
    {RAPL_LAYOUT_POWER_MAX, 46, 32, RAPL_KIND_POWER},
    {RAPL_LAYOUT_WINDOW_MAX, 53, 48, RAPL_KIND_TIME},
};
static const struct expected one_limit[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_LIMIT, 14, 0, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT_ENABLED, 15, 15, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT_CLAMP, 16, 16, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT_WINDOW, 23, 17, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 31, 31, RAPL_KIND_FLAG},
};
static const struct expected two_limits[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_LIMIT1, 14, 0, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT1_ENABLED, 15, 15, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_CLAMP, 16, 16, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_WINDOW, 23, 17, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LIMIT2, 46, 32, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT2_ENABLED, 47, 47, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_CLAMP, 48, 48, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_WINDOW, 55, 49, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 63, 63, RAPL_KIND_FLAG},
};
/* Linux powercap, the Sapphire Rapids psys primitives. */
static const struct expected psys_17[FIELDS_MAX + 1] = {
    {RAPL_LAYOUT_LIMIT1, 16, 0, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT1_ENABLED, 17, 17, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_WINDOW, 25, 19, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LIMIT2, 48, 32, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT2_ENABLED, 49, 49, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_WINDOW, 57, 51, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 63, 63, RAPL_KIND_FLAG},
};

static const struct {
    uint32_t msr;
    const struct expected *fields;
} registers[] = {
    {0x606, unit},
    {0x610, two_limits},
    {0x611, counter_32},
    {0x613, throttled},
    {0x614, power_info},
    {0x618, one_limit},
    {0x619, counter_32},
    {0x61B, throttled},
    {0x61C, power_info},
    {0x638, one_limit},
    {0x639, counter_32},
    {0x63A, policy},
    {0x63B, throttled},
    {0x640, one_limit},
    {0x641, counter_32},
    {0x642, policy},
    {0x64D, counter_32},
    {0x65C, two_limits},
    {0x66E, power_info},
    {0xC0010299, unit},
    {0xC001029A, counter_32},
    {0xC001029B, counter_32},
};

#define REGISTER_COUNT (sizeof(registers) / sizeof(registers[0]))

static void expect_layout(const struct rapl_layout *layout, const struct expected *expected)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        assert_int_equal(layout->field[i].id, expected[i].id);
        assert_int_equal(layout->field[i].low_bit, expected[i].low);
        assert_int_equal(layout->field[i].low_bit + layout->field[i].width - 1, expected[i].high);
        assert_int_equal(layout->field[i].kind, expected[i].kind);
        assert_ptr_equal(rapl_layout_find(layout, expected[i].id), &layout->field[i]);
    }
    assert_int_equal(expected[layout->count].id + expected[layout->count].high, 0);
}

static void test_every_register(void **state)
{
    const struct rapl_model plain = {.vendor = RAPL_VENDOR_INTEL};
    uint32_t count;

    (void)state;
    (void)rapl_registers(&count);
    assert_int_equal(count, REGISTER_COUNT);
    for (size_t i = 0; i < REGISTER_COUNT; i++) {
        const struct rapl_register *const reg = rapl_register_find(registers[i].msr);

        assert_non_null(reg);
        expect_layout(rapl_layout_of(&plain, reg), registers[i].fields);
    }
}

/* On every model: two of its flags change a layout, each of its own registers only. */
static void test_every_model(void **state)
{
    uint32_t count;
    const struct rapl_model *const models = rapl_models(&count);

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        for (size_t j = 0; j < REGISTER_COUNT; j++) {
            const uint32_t msr = registers[j].msr;
            const struct expected *expected = registers[j].fields;

            if (msr == 0x65C && (models[i].flags & RAPL_MODEL_PSYS_LIMIT_17) != 0) {
                expected = psys_17;
            }
            if (msr > 0xC0010299 && (models[i].flags & RAPL_MODEL_COUNTER_64) != 0) {
                expected = counter_64;
            }
            expect_layout(rapl_layout_of(&models[i], rapl_register_find(msr)), expected);
        }
    }
}

static void test_bits(void **state)
{
    static const struct rapl_layout_field all = {RAPL_LAYOUT_COUNT, 0, 64, RAPL_KIND_BITS};
    static const struct rapl_layout_field top = {RAPL_LAYOUT_LOCKED, 63, 1, RAPL_KIND_FLAG};
    static const struct rapl_layout_field middle = {RAPL_LAYOUT_LIMIT2, 32, 15, RAPL_KIND_POWER};

    (void)state;
    assert_true(rapl_layout_bits(&all, 0xFEDCBA9876543210) == 0xFEDCBA9876543210);
    assert_int_equal(rapl_layout_bits(&top, UINT64_MAX), 1);
    assert_int_equal(rapl_layout_bits(&top, UINT64_MAX >> 1), 0);
    assert_int_equal(rapl_layout_bits(&middle, UINT64_MAX), 0x7FFF);
    assert_int_equal(rapl_layout_bits(&middle, 0xFFFF8000FFFFFFFF), 0);
    assert_null(rapl_layout_find(&rapl_layout_power_info, RAPL_LAYOUT_LOCKED));
}

static void expect_scale(uint32_t kind, uint64_t bits, uint64_t count, uint32_t denominator)
{
    const struct rapl_units units = {.power_w = {1, 8}, .time_s = {1, 1024}};
    const struct rapl_scaled scaled = rapl_layout_scale(&units, kind, bits);

    assert_true(scaled.count == count);
    assert_int_equal(scaled.unit.numerator, 1);
    assert_int_equal(scaled.unit.denominator, denominator);
}

static void test_scale(void **state)
{
    (void)state;
    expect_scale(RAPL_KIND_POWER, 360, 360, 8); /* 45 W */
    expect_scale(RAPL_KIND_TIME, 47, 47, 1024);
    expect_scale(RAPL_KIND_WINDOW, 0x6E, 7u << 14, 4096); /* 28 s */
    expect_scale(RAPL_KIND_WINDOW, 0x7F, 7ull << 31, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_register),
        cmocka_unit_test(test_every_model),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_scale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
