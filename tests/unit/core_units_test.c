/* SPDX-License-Identifier: Apache-2.0
 *
 * Units: every value of every field under every rule, and the arithmetic against 128 bits.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/units.h"

__extension__ typedef unsigned __int128 wide;

static const uint8_t rules[] = {RAPL_UNIT_ESU, RAPL_UNIT_2POW16, RAPL_UNIT_1J, RAPL_UNIT_ESU_MICRO};

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b != 0) {
        const uint32_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* fraction == numerator / denominator, and in lowest terms */
static void expect_fraction(struct rapl_fraction fraction, uint64_t numerator, uint64_t denominator)
{
    assert_int_not_equal(fraction.denominator, 0);
    assert_true((wide)fraction.numerator * denominator == (wide)fraction.denominator * numerator);
    assert_int_equal(gcd(fraction.numerator, fraction.denominator), 1);
}

/* What the rule means, from the manuals: numerator and denominator in joules. */
static void expect_energy(struct rapl_fraction fraction, uint8_t rule, uint32_t esu)
{
    switch (rule) {
    case RAPL_UNIT_ESU:
        expect_fraction(fraction, 1, 1ull << esu);
        break;
    case RAPL_UNIT_2POW16:
        expect_fraction(fraction, 1, 65536);
        break;
    case RAPL_UNIT_1J:
        expect_fraction(fraction, 1, 1);
        break;
    default:
        expect_fraction(fraction, 1ull << esu, 1000000);
        break;
    }
}

static void check_register(const struct rapl_model *model, uint64_t raw, uint32_t pu, uint32_t esu,
                           uint32_t tu)
{
    struct rapl_units units;
    struct rapl_units before;

    memset(&units, 0xA5, sizeof(units));
    before = units;
    if (esu == 0) {
        assert_false(rapl_units_decode(model, raw, &units));
        assert_memory_equal(&units, &before, sizeof(units));
        return;
    }
    assert_true(rapl_units_decode(model, raw, &units));
    assert_int_equal(units.power_exponent, pu);
    assert_int_equal(units.energy_exponent, esu);
    assert_int_equal(units.time_exponent, tu);
    if (model->energy_unit == RAPL_UNIT_ESU_MICRO) {
        expect_fraction(units.power_w, 1ull << pu, 1000);
    } else {
        expect_fraction(units.power_w, 1, 1ull << pu);
    }
    expect_fraction(units.time_s, 1, 1ull << tu);
    expect_energy(units.energy_j[RAPL_DOMAIN_PACKAGE], model->energy_unit, esu);
    expect_energy(units.energy_j[RAPL_DOMAIN_PP0], model->energy_unit, esu);
    expect_energy(units.energy_j[RAPL_DOMAIN_PP1], model->energy_unit, esu);
    expect_energy(units.energy_j[RAPL_DOMAIN_DRAM], model->dram_unit, esu);
    expect_energy(units.energy_j[RAPL_DOMAIN_PSYS], model->psys_unit, esu);
    expect_energy(units.energy_j[RAPL_DOMAIN_CORE], model->energy_unit, esu);
}

/* All 2^4 * 2^5 * 2^4 unit registers, all rules, with every bit outside the fields 0 and 1. */
static void test_every_unit_register(void **state)
{
    const uint64_t elsewhere = ~(uint64_t)0xF1F0F;

    (void)state;
    for (uint32_t rule = 0; rule < 4 * 4 * 4; rule++) {
        const struct rapl_model model = {
            .energy_unit = rules[rule % 4],
            .dram_unit = rules[rule / 4 % 4],
            .psys_unit = rules[rule / 16],
        };

        for (uint32_t i = 0; i < 1u << 13; i++) {
            const uint32_t pu = i & 0xF;
            const uint32_t esu = i >> 4 & 0x1F;
            const uint32_t tu = i >> 9;
            const uint64_t raw = pu | esu << 8 | tu << 16;

            check_register(&model, raw, pu, esu, tu);
            if (rule < 4) {
                check_register(&model, raw | elsewhere, pu, esu, tu);
            }
        }
    }
}

/* Units as published: turbostat logs, SDM defaults. */
static void test_published(void **state)
{
    const struct rapl_model plain = {0};
    const struct rapl_model silvermont = {.energy_unit = RAPL_UNIT_ESU_MICRO};
    struct rapl_units units;

    (void)state;
    assert_true(rapl_units_decode(&plain, 0xA1003, &units)); /* Core i7-2600 */
    assert_int_equal(rapl_micro(1000, units.power_w), 125000000);
    assert_int_equal(rapl_nano(1, units.energy_j[RAPL_DOMAIN_PACKAGE]), 15258); /* 15.2588 uJ */
    assert_int_equal(rapl_nano(1, units.time_s), 976562);                       /* 976.5625 us */
    assert_true(rapl_units_decode(&plain, 0xA0E03, &units)); /* Haswell and later clients */
    assert_int_equal(rapl_nano(1, units.energy_j[RAPL_DOMAIN_PACKAGE]), 61035); /* 61.0352 uJ */
    assert_true(rapl_units_decode(&plain, 0xA1000, &units)); /* Ryzen 9 7950X: 1 W */
    assert_int_equal(rapl_micro(1, units.power_w), 1000000);
    assert_true(rapl_units_decode(&silvermont, 0x505, &units)); /* SDM: 32 mW, 32 uJ, 1 s */
    assert_int_equal(rapl_micro(1, units.power_w), 32000);
    assert_int_equal(rapl_micro(1, units.energy_j[RAPL_DOMAIN_PACKAGE]), 32);
    assert_int_equal(rapl_micro(1, units.time_s), 1000000);
    assert_false(rapl_units_decode(&plain, 0, &units)); /* KVM */
    assert_false(rapl_units_decode(&plain, 0xA0003, &units));
}

/* Energies as published beside their raw counts. */
static void test_published_energy(void **state)
{
    const struct rapl_fraction esu_16 = {1, 1u << 16};
    const struct rapl_fraction esu_14 = {1, 1u << 14};

    (void)state;
    assert_int_equal(rapl_micro(0x4EB8D4FF, esu_16) / 1000000, 20152); /* Xeon E31270 */
    assert_int_equal(rapl_micro(0x18161F0, esu_14) / 1000000, 1541);   /* i7-8550U, cores */
    assert_int_equal(rapl_micro(67, esu_14), 4089);                    /* 4.1 mJ later */
    assert_int_equal(rapl_micro(0x3CC4D0, esu_14) / 1000, 243075);     /* Xeon 6767P, socket 1 */
    assert_int_equal(rapl_micro(0x2F91F9, esu_14) / 1000, 190280);     /* socket 0: 190.2808 J */
    assert_int_equal(rapl_micro(0x2FE2B74E, esu_14) / 1000, 49034864); /* Broadwell-U */
}

static uint64_t oracle(uint64_t value, struct rapl_fraction unit, uint32_t factor)
{
    const wide quotient = (wide)value * unit.numerator * factor / unit.denominator;

    return quotient > UINT64_MAX ? UINT64_MAX : (uint64_t)quotient;
}

static uint64_t noise(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed ^ *seed >> 29;
}

static void test_scaling_against_128_bits(void **state)
{
    static const uint64_t values[] = {
        0, 1, 2, 0xFFFF, 0xFFFFFFFF, 0x100000000, 0x123456789ABCDEF, 1ull << 63, UINT64_MAX};
    static const uint32_t parts[] = {1,       2,          3,          15625,      65536,
                                     1000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 999999937};
    uint64_t seed = 42;

    (void)state;
    for (uint32_t i = 0; i < 2000000; i++) {
        const bool listed = i < 900;
        const struct rapl_fraction unit = {
            listed ? parts[i / 10 % 10] : (uint32_t)noise(&seed) >> (noise(&seed) % 32),
            listed ? parts[i % 10] : ((uint32_t)noise(&seed) >> (noise(&seed) % 32)) | 1,
        };
        const uint64_t value = listed ? values[i / 100] : noise(&seed) >> (noise(&seed) % 64);

        assert_true(rapl_micro(value, unit) == oracle(value, unit, 1000000));
        assert_true(rapl_nano(value, unit) == oracle(value, unit, 1000000000));
    }
}

/* The edge between fitting and not: UINT64_MAX counts of 1 uJ fit, of 2 uJ do not. */
static void test_saturation(void **state)
{
    (void)state;
    assert_true(rapl_micro(UINT64_MAX, (struct rapl_fraction){1, 1000000}) == UINT64_MAX);
    assert_true(rapl_micro(UINT64_MAX - 1, (struct rapl_fraction){1, 1000000}) == UINT64_MAX - 1);
    assert_true(rapl_micro(UINT64_MAX, (struct rapl_fraction){2, 1000000}) == UINT64_MAX);
    assert_true(rapl_micro(1ull << 63, (struct rapl_fraction){2, 1000000}) == UINT64_MAX);
    assert_true(rapl_micro((1ull << 63) - 1, (struct rapl_fraction){2, 1000000}) == UINT64_MAX - 1);
    assert_true(rapl_nano(UINT64_MAX, (struct rapl_fraction){UINT32_MAX, 1}) == UINT64_MAX);
}

/* Wrap times as turbostat and the unit's arithmetic give them. */
static void test_wrap_time(void **state)
{
    static const struct {
        struct rapl_fraction unit;
        uint64_t power_mw, wrap_s;
    } rows[] = {
        {{1, 1u << 16}, 15000, 4369}, {{1, 1u << 16}, 95000, 689},
        {{1, 1u << 16}, 250000, 262}, {{1, 1u << 16}, 280000, 234},
        {{1, 1u << 16}, 1000000, 65}, {{1, 1u << 14}, 15000, 17476},
        {{1, 1u << 14}, 55000, 4766}, {{1, 1u << 14}, 250000, 1048},
        {{4, 125000}, 10000, 13743}, /* 32 uJ, Silvermont */
        {{1, 1}, 1000000, 4294967},  /* psys of Sapphire Rapids: 49.7 days at 1 kW */
        {{1, 1u << 16}, 0, 0},        {{1, 1u << 16}, UINT64_MAX, 0},
        {{1, 1u << 31}, 1, 2000},     {{33554432, 15625}, 1, 9223372036854775},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(rapl_wrap_time_s(rows[i].unit, rows[i].power_mw), rows[i].wrap_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_unit_register), cmocka_unit_test(test_published),
        cmocka_unit_test(test_published_energy),    cmocka_unit_test(test_scaling_against_128_bits),
        cmocka_unit_test(test_saturation),          cmocka_unit_test(test_wrap_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
