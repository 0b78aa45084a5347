/* SPDX-License-Identifier: Apache-2.0
 *
 * The register table and the allow-lists: every number of both MSR ranges that hold RAPL registers,
 * against every distinct list.
 *
 * Not swept: all 2^32 numbers against every list, which takes minutes. rapl_allow answers with a
 * row of the register table whose number equals the one asked for, or NULL; the table has 22 rows,
 * all of them in the swept ranges (tested). Beyond them, numbers are sampled: neighbours of every
 * row in any one or two bits, and one number in 4093 of the whole space.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/allow.h"

#define PKG  0x01u
#define PP0  0x02u
#define PP1  0x04u
#define DRAM 0x08u
#define PSYS 0x10u
#define CORE 0x20u

/* From the manuals' tables: number, vendor's side, domain, kind, and whether coarse callers may. */
static const struct known {
    uint32_t msr;
    bool amd;
    uint8_t domain;
    uint8_t kind;
    bool coarse;
} known[] = {
    {0x606, false, PKG, RAPL_REGISTER_UNIT, true},
    {0x610, false, PKG, RAPL_REGISTER_POWER_LIMIT, false},
    {0x611, false, PKG, RAPL_REGISTER_ENERGY, true},
    {0x613, false, PKG, RAPL_REGISTER_PERF, false},
    {0x614, false, PKG, RAPL_REGISTER_POWER_INFO, true},
    {0x618, false, DRAM, RAPL_REGISTER_POWER_LIMIT, false},
    {0x619, false, DRAM, RAPL_REGISTER_ENERGY, true},
    {0x61B, false, DRAM, RAPL_REGISTER_PERF, false},
    {0x61C, false, DRAM, RAPL_REGISTER_POWER_INFO, true},
    {0x638, false, PP0, RAPL_REGISTER_POWER_LIMIT, false},
    {0x639, false, PP0, RAPL_REGISTER_ENERGY, true},
    {0x63A, false, PP0, RAPL_REGISTER_POLICY, false},
    {0x63B, false, PP0, RAPL_REGISTER_PERF, false},
    {0x640, false, PP1, RAPL_REGISTER_POWER_LIMIT, false},
    {0x641, false, PP1, RAPL_REGISTER_ENERGY, true},
    {0x642, false, PP1, RAPL_REGISTER_POLICY, false},
    {0x64D, false, PSYS, RAPL_REGISTER_ENERGY, true},
    {0x65C, false, PSYS, RAPL_REGISTER_POWER_LIMIT, false},
    {0x66E, false, PKG, RAPL_REGISTER_POWER_INFO, true},
    {0xC0010299, true, PKG, RAPL_REGISTER_UNIT, true},
    {0xC001029A, true, CORE, RAPL_REGISTER_ENERGY, false},
    {0xC001029B, true, PKG, RAPL_REGISTER_ENERGY, true},
};

#define KNOWN_COUNT (sizeof(known) / sizeof(known[0]))

static const struct known *known_find(uint32_t msr)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        if (known[i].msr == msr) {
            return &known[i];
        }
    }
    return NULL;
}

static bool oracle(const struct rapl_model *model, uint32_t msr)
{
    const struct known *const row = known_find(msr);
    const bool amd = model->vendor == RAPL_VENDOR_AMD || model->vendor == RAPL_VENDOR_HYGON;

    if (row == NULL || row->amd != amd || (model->domains & row->domain) == 0) {
        return false;
    }
    return msr != 0x66E || (model->family == 0x06 && model->model == 0x4D);
}

static void check(const struct rapl_model *model, uint32_t msr)
{
    const struct rapl_register *const reg = rapl_allow(model, msr);

    if (oracle(model, msr) ? reg == NULL || reg->msr != msr : reg != NULL) {
        fail_msg("model %02x_%02x, register %x", model->family, model->model, msr);
    }
}

/* Rows with the same vendor's side, domains and 0x66E have the same list. */
static bool is_first_with_list(const struct rapl_model *rows, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if ((rows[i].vendor == RAPL_VENDOR_INTEL) == (rows[index].vendor == RAPL_VENDOR_INTEL) &&
            rows[i].domains == rows[index].domains &&
            (rows[i].model == 0x4D) == (rows[index].model == 0x4D)) {
            return false;
        }
    }
    return true;
}

static void sweep(const struct rapl_model *model)
{
    for (uint32_t msr = 0; msr <= 0xFFFF; msr++) {
        check(model, msr);
        check(model, 0xC0010000u | (msr & 0xFFFF));
    }
    for (uint64_t msr = 0; msr <= UINT32_MAX; msr += 4093) {
        check(model, (uint32_t)msr);
    }
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        for (uint32_t a = 0; a < 32; a++) {
            for (uint32_t b = 0; b < 32; b++) {
                check(model, known[i].msr ^ 1u << a ^ 1u << b);
                check(model, known[i].msr ^ 1u << a);
            }
        }
    }
}

static void test_every_list(void **state)
{
    uint32_t count;
    uint32_t lists = 0;
    const struct rapl_model *const rows = rapl_models(&count);

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        if (is_first_with_list(rows, i)) {
            sweep(&rows[i]);
            lists++;
        }
        for (size_t j = 0; j < KNOWN_COUNT; j++) {
            check(&rows[i], known[j].msr); /* every row, whatever its list is called */
        }
    }
    assert_int_equal(lists, 12);
}

static void test_no_model(void **state)
{
    (void)state;
    for (uint32_t msr = 0; msr <= 0xFFFF; msr++) {
        assert_null(rapl_allow(NULL, msr));
        assert_null(rapl_allow(NULL, 0xC0010000u | msr));
    }
}

/* Lists written out, as a reader would look them up. */
static void test_lists_by_hand(void **state)
{
    static const uint32_t sandy_bridge[] = {0x606, 0x610, 0x611, 0x613, 0x614, 0x638,
                                            0x639, 0x63A, 0x63B, 0x640, 0x641, 0x642};
    static const uint32_t zen[] = {0xC0010299, 0xC001029A, 0xC001029B};
    const struct rapl_cpu intel = {.vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x2A};
    const struct rapl_cpu amd = {
        .vendor = RAPL_VENDOR_AMD, .family = 0x17, .model = 0x71, .amd_rapl = true};
    uint32_t intel_count = 0;
    uint32_t amd_count = 0;

    (void)state;
    for (uint32_t msr = 0; msr <= 0xFFFF; msr++) {
        intel_count += rapl_allow(rapl_model_find(&intel), msr) != NULL ? 1 : 0;
        intel_count += rapl_allow(rapl_model_find(&intel), 0xC0010000u | msr) != NULL ? 1 : 0;
        amd_count += rapl_allow(rapl_model_find(&amd), msr) != NULL ? 1 : 0;
        amd_count += rapl_allow(rapl_model_find(&amd), 0xC0010000u | msr) != NULL ? 1 : 0;
    }
    assert_int_equal(intel_count, 12);
    assert_int_equal(amd_count, 3);
    for (size_t i = 0; i < 12; i++) {
        assert_non_null(rapl_allow(rapl_model_find(&intel), sandy_bridge[i]));
    }
    for (size_t i = 0; i < 3; i++) {
        assert_non_null(rapl_allow(rapl_model_find(&amd), zen[i]));
    }
}

static void test_table(void **state)
{
    uint32_t count;
    const struct rapl_register *const registers = rapl_registers(&count);

    (void)state;
    assert_int_equal(count, KNOWN_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        const struct rapl_register *const reg = &registers[i];

        assert_int_equal(reg->msr, known[i].msr);
        assert_int_equal(reg->kind, known[i].kind);
        assert_int_equal(1u << reg->domain, known[i].domain);
        assert_int_equal(reg->amd, known[i].amd);
        assert_non_null(reg->name);
        assert_true(i == 0 || registers[i - 1].msr < reg->msr);
        assert_ptr_equal(rapl_register_find(reg->msr), reg);
        assert_int_equal(rapl_allow_coarse(reg), known[i].coarse);
    }
}

/* For every row of the models: the vendor's number, Avoton's own power info, or none. */
static void test_registers_of_vendors(void **state)
{
    static const struct {
        uint32_t kind, domain, intel, amd; /* 0: none */
    } rows[] = {
        {RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE, 0x606, 0xC0010299},
        {RAPL_REGISTER_UNIT, RAPL_DOMAIN_DRAM, 0, 0},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_PACKAGE, 0x611, 0xC001029B},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_PP0, 0x639, 0},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_PP1, 0x641, 0},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_DRAM, 0x619, 0},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_PSYS, 0x64D, 0},
        {RAPL_REGISTER_ENERGY, RAPL_DOMAIN_CORE, 0, 0xC001029A},
        {RAPL_REGISTER_POWER_INFO, RAPL_DOMAIN_PACKAGE, 0x614, 0},
        {RAPL_REGISTER_POWER_INFO, RAPL_DOMAIN_DRAM, 0x61C, 0},
        {RAPL_REGISTER_POWER_LIMIT, RAPL_DOMAIN_PSYS, 0x65C, 0},
        {RAPL_REGISTER_POLICY, RAPL_DOMAIN_PP1, 0x642, 0},
    };
    uint32_t count;
    const struct rapl_model *const models = rapl_models(&count);

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        const bool is_intel = models[i].vendor == RAPL_VENDOR_INTEL;
        const bool is_avoton = is_intel && models[i].family == 6 && models[i].model == 0x4D;

        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            const struct rapl_register *const reg =
                rapl_register_of(&models[i], rows[j].kind, rows[j].domain);
            uint32_t expected = is_intel ? rows[j].intel : rows[j].amd;

            if (is_avoton && expected == 0x614) {
                expected = 0x66E;
            }
            assert_int_equal(reg != NULL ? reg->msr : 0, expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_list),           cmocka_unit_test(test_no_model),
        cmocka_unit_test(test_lists_by_hand),        cmocka_unit_test(test_table),
        cmocka_unit_test(test_registers_of_vendors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
