/* SPDX-License-Identifier: Apache-2.0
 *
 * lib/decode.c and core/fields.c hold the same layouts, written twice: they must agree.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/fields.h"

#include "tests/unit/lib_decode_support.h"

/* core rounds down to milliwatts and microseconds; 0 where a field is not stated. */
static void expect_rounded(const struct rapl_decoded *decoded, const char *key, uint64_t expected,
                           uint64_t divisor)
{
    const struct rapl_field *field = need(decoded, key);

    if (field->state == RAPL_FIELD_NOT_STATED) {
        assert_true(expected == 0);
    } else {
        assert_int_equal(field->state, RAPL_FIELD_VALUE);
        assert_true(rapl_micro(field->value, field->scale) / divisor == expected);
    }
}

static void expect_limits_as_core(const struct rapl_model *model, uint32_t unit_raw, uint32_t msr,
                                  uint64_t raw)
{
    static const char *const keys[2][2][3] = {
        {{"pl_w", "pl_enabled", "pl_window_s"}, {NULL, NULL, NULL}},
        {{"pl1_w", "pl1_enabled", "pl1_window_s"}, {"pl2_w", "pl2_enabled", "pl2_window_s"}},
    };
    struct rapl_decoded decoded = decode(model, unit_raw, 0, msr, raw);
    struct rapl_units units;
    struct rapl_power_limits limits;

    assert_true(rapl_units_decode(model, unit_raw, &units));
    assert_true(rapl_power_limits_decode(model, &units, msr, raw, &limits));
    assert_int_equal(limits.locked, need(&decoded, "locked")->raw);
    for (uint32_t i = 0; i < limits.count; i++) {
        const char *const *key = keys[limits.count - 1][i];

        expect_rounded(&decoded, key[0], limits.limit[i].limit_mw, 1000);
        assert_int_equal(need(&decoded, key[1])->raw, limits.limit[i].enabled);
        expect_rounded(&decoded, key[2], limits.limit[i].window_us, 1);
    }
}

/* Two tables of the same layouts: this file's and core's. Every window field and time unit. */
static void test_agrees_with_core(void **state)
{
    static const uint32_t msrs[] = {0x610, 0x618, 0x65C};
    uint64_t random = 0x9E3779B97F4A7C15;

    (void)state;
    for (uint32_t round = 0; round < 128 * 16; round++) {
        uint64_t window = round & 127;
        uint32_t unit_raw = 0xE03 | (round >> 7) << 16;

        random = random * 6364136223846793005u + 1442695040888963407u;
        for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
            uint64_t usual = (random & ~(UINT64_C(0x7F) << 17)) | window << 17;
            uint64_t psys = (random & ~(UINT64_C(0x7F) << 19)) | window << 19;

            expect_limits_as_core(intel(0x8F), unit_raw, msrs[i], msrs[i] == 0x65C ? psys : usual);
        }
        expect_limits_as_core(intel(0x9E), unit_raw, 0x65C, random);
    }
}

static void test_power_info_agrees_with_core(void **state)
{
    uint64_t random = 0x9E3779B97F4A7C15;

    (void)state;
    for (uint32_t round = 0; round < 4096; round++) {
        struct rapl_decoded decoded;
        struct rapl_units units;
        struct rapl_power_info info;

        random = random * 6364136223846793005u + 1442695040888963407u;
        decoded = decode(intel(0x9E), 0xA0E00 | (round & 15), 0, 0x614, random);
        assert_true(rapl_units_decode(intel(0x9E), 0xA0E00 | (round & 15), &units));
        rapl_power_info_decode(&units, random, &info);
        expect_rounded(&decoded, "tdp_w", info.tdp_mw, 1000);
        expect_rounded(&decoded, "min_w", info.min_mw, 1000);
        expect_rounded(&decoded, "max_w", info.max_mw, 1000);
        expect_rounded(&decoded, "max_window_s", info.max_window_us, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_core),
        cmocka_unit_test(test_power_info_agrees_with_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
