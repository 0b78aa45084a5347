/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers decoded into fields: units that differ between models, layouts, and what is said when
 * something cannot be decoded. Published read-outs are checked by cli_fixtures_test.py.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/allow.h"
#include "lib/decode.h"

static const struct rapl_model *model_of(uint8_t vendor, uint16_t family, uint16_t model)
{
    struct rapl_cpu cpu = {.vendor = vendor, .family = family, .model = model, .amd_rapl = true};
    const struct rapl_model *found = rapl_model_find(&cpu);

    assert_non_null(found);
    return found;
}

static const struct rapl_model *intel(uint16_t model)
{
    return model_of(RAPL_VENDOR_INTEL, 0x06, model);
}

/* Decodes with the units of `unit_raw` and the given package TDP; 0: no unit register. */
static struct rapl_decoded decode(const struct rapl_model *model, uint64_t unit_raw,
                                  uint64_t tdp_mw, uint32_t msr, uint64_t raw)
{
    struct rapl_units units;
    struct rapl_decode_context context = {
        .model = model, .package_tdp_mw = tdp_mw, .dram_tdp_mw = tdp_mw / 10};
    struct rapl_decoded decoded;

    if (unit_raw != 0) {
        assert_true(rapl_units_decode(model, unit_raw, &units));
        context.units = &units;
    }
    rapl_decode(&context, msr, raw, &decoded);
    return decoded;
}

static const struct rapl_field *find(const struct rapl_decoded *decoded, const char *key)
{
    for (uint32_t i = 0; i < decoded->count; i++) {
        if (strcmp(decoded->field[i].key, key) == 0) {
            return &decoded->field[i];
        }
    }
    return NULL;
}

static const struct rapl_field *need(const struct rapl_decoded *decoded, const char *key)
{
    const struct rapl_field *field = find(decoded, key);

    if (field == NULL) {
        fail_msg("no field %s", key);
    }
    return field;
}

/* value * scale == numerator / denominator, exactly. */
static void expect_exact(const struct rapl_decoded *decoded, const char *key, uint64_t numerator,
                         uint64_t denominator)
{
    const struct rapl_field *field = need(decoded, key);

    assert_int_equal(field->state, RAPL_FIELD_VALUE);
    assert_true(field->value * field->scale.numerator * denominator ==
                numerator * field->scale.denominator);
}

static void test_dram_and_psys_units(void **state)
{
    static const struct {
        uint16_t model;
        const char *key;
        uint64_t numerator, denominator; /* in microjoules */
    } rows[] = {
        /* Fixed 2^-16 J whatever ESU says: Xeon E5 v3, Phi, Scalable. */
        {0x3F, "dram_energy_unit_uj", 1000000, 65536},
        {0x57, "dram_energy_unit_uj", 1000000, 65536},
        {0x55, "dram_energy_unit_uj", 1000000, 65536},
        /* ESU: clients and Sapphire Rapids. */
        {0x9E, "dram_energy_unit_uj", 1000000, 16384},
        {0x8F, "dram_energy_unit_uj", 1000000, 16384},
        {0x9E, "psys_energy_unit_uj", 1000000, 16384},
        {0x8F, "psys_energy_unit_uj", 1000000, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_decoded decoded = decode(intel(rows[i].model), 0, 0, 0x606, 0xA0E03);

        assert_int_equal(decoded.result, RAPL_DECODE_OK);
        expect_exact(&decoded, rows[i].key, rows[i].numerator, rows[i].denominator);
        expect_exact(&decoded, "energy_unit_uj", 1000000, 16384);
    }
}

static void test_energy(void **state)
{
    /* Xeon E31270, published: 0x4EB8D4FF at ESU 16 is 20152 J. */
    struct rapl_decoded decoded = decode(intel(0x2A), 0xA1003, 80000, 0x611, 0x4EB8D4FF);

    (void)state;
    assert_int_equal(decoded.result, RAPL_DECODE_OK);
    expect_exact(&decoded, "energy_j", 0x4EB8D4FF, 65536);
    assert_int_equal(0x4EB8D4FF / 65536, 20152);
    expect_exact(&decoded, "range_j", 65536, 1);
    expect_exact(&decoded, "wrap_at_tdp_s", 819, 1); /* 65536 J / 80 W */
    assert_null(find(&decoded, "other_bits"));

    /* DRAM lasts by its own TDP, psys has none. */
    decoded = decode(intel(0x3F), 0xA0E03, 80000, 0x619, 1);
    expect_exact(&decoded, "wrap_at_tdp_s", 8192, 1); /* 65536 J / 8 W */
    decoded = decode(intel(0x8F), 0xA0E03, 80000, 0x64D, 3);
    expect_exact(&decoded, "energy_j", 3, 1);
    assert_null(find(&decoded, "wrap_at_tdp_s"));

    /* Bits above the counter are shown, not added. */
    decoded = decode(intel(0x2A), 0xA1003, 0, 0x611, 0x500000001);
    assert_true(need(&decoded, "count")->raw == 1);
    assert_true(need(&decoded, "other_bits")->raw == 0x500000000);
    assert_null(find(&decoded, "wrap_at_tdp_s"));
}

static void test_amd_energy(void **state)
{
    const struct rapl_model *zen4 = model_of(RAPL_VENDOR_AMD, 0x19, 0x61);
    const struct rapl_model *zen1 = model_of(RAPL_VENDOR_AMD, 0x17, 0x01);
    struct rapl_decoded decoded = decode(zen4, 0xA1000, 0, 0xC001029B, 0x123456789);

    (void)state;
    assert_true(need(&decoded, "count")->raw == 0x123456789);
    expect_exact(&decoded, "energy_j", 0x123456789, 65536);
    /* 2^64 counts of 2^-16 J. */
    assert_true(need(&decoded, "range_j")->value == UINT64_C(1) << 63);
    assert_int_equal(need(&decoded, "range_j")->scale.denominator, 32768);

    decoded = decode(zen1, 0xA1003, 0, 0xC001029A, 0x123456789);
    assert_int_equal(decoded.reg->domain, RAPL_DOMAIN_CORE);
    assert_true(need(&decoded, "count")->raw == 0x23456789);
    expect_exact(&decoded, "range_j", 65536, 1);
}

static void test_limits(void **state)
{
    struct rapl_decoded decoded = decode(intel(0x8E), 0xA0E03, 0, 0x610, 0x42816000DD8160);

    (void)state;
    /* i7-8550U, published: 44 W / 28 s and 44 W / 2.44 ms. */
    expect_exact(&decoded, "pl1_w", 44, 1);
    expect_exact(&decoded, "pl1_window_s", 28, 1);
    expect_exact(&decoded, "pl2_w", 44, 1);
    expect_exact(&decoded, "pl2_window_s", 10, 4096); /* 2.44140625 ms */
    assert_int_equal(need(&decoded, "pl1_enabled")->raw, 1);
    assert_int_equal(need(&decoded, "pl1_clamp")->raw, 1);
    assert_int_equal(need(&decoded, "pl2_enabled")->raw, 1);
    assert_int_equal(need(&decoded, "pl2_clamp")->raw, 0);
    assert_int_equal(need(&decoded, "locked")->raw, 0);
    assert_null(find(&decoded, "other_bits"));

    decoded = decode(intel(0x8E), 0xA0E03, 0, 0x638, UINT64_C(1) << 31 | 0x8000 | 8);
    expect_exact(&decoded, "pl_w", 1, 1);
    assert_int_equal(need(&decoded, "pl_enabled")->raw, 1);
    assert_int_equal(need(&decoded, "locked")->raw, 1);
}

static void test_psys_limit_of_17_bits(void **state)
{
    /* 0x1F400 eighths of a watt = 16000 W need 17 bits; enable is bit 17, window field 0. */
    uint64_t raw = 0x1F400 | UINT64_C(1) << 17 | UINT64_C(0x10000) << 32 | UINT64_C(1) << 63;
    struct rapl_decoded decoded = decode(intel(0x8F), 0xA0E03, 0, 0x65C, raw);

    (void)state;
    expect_exact(&decoded, "pl1_w", 16000, 1);
    assert_int_equal(need(&decoded, "pl1_enabled")->raw, 1);
    expect_exact(&decoded, "pl2_w", 8192, 1);
    assert_int_equal(need(&decoded, "pl2_enabled")->raw, 0);
    assert_int_equal(need(&decoded, "locked")->raw, 1);
    assert_null(find(&decoded, "pl1_clamp"));

    /* The same register on a client has the usual layout. */
    decoded = decode(intel(0x9E), 0xA0E03, 0, 0x65C, 0xDD8128);
    expect_exact(&decoded, "pl1_w", 37, 1);
    assert_non_null(find(&decoded, "pl1_clamp"));
}

static void test_power_info(void **state)
{
    struct rapl_decoded decoded = decode(intel(0x3F), 0xA0E03, 0, 0x614, 0x2F0550014002A8);

    (void)state;
    expect_exact(&decoded, "tdp_w", 85, 1);
    expect_exact(&decoded, "min_w", 40, 1);
    expect_exact(&decoded, "max_w", 170, 1);
    expect_exact(&decoded, "max_window_s", 47, 1024);
    decoded = decode(intel(0x9E), 0xA0E03, 0, 0x614, 0x208);
    expect_exact(&decoded, "tdp_w", 65, 1);
    assert_int_equal(need(&decoded, "min_w")->state, RAPL_FIELD_NOT_STATED);
    assert_int_equal(need(&decoded, "max_window_s")->state, RAPL_FIELD_NOT_STATED);
}

static void test_other_kinds(void **state)
{
    struct rapl_decoded decoded = decode(intel(0x9E), 0xA0E03, 0, 0x613, 1024);

    (void)state;
    expect_exact(&decoded, "throttled_s", 1, 1);
    decoded = decode(intel(0x9E), 0, 0, 0x63A, 0x1F);
    assert_int_equal(decoded.result, RAPL_DECODE_OK); /* needs no unit */
    assert_int_equal(need(&decoded, "priority")->raw, 31);
}

static void test_no_unit_is_never_guessed(void **state)
{
    static const uint32_t msrs[] = {0x610, 0x611, 0x613, 0x614, 0x618, 0x619, 0x639};

    (void)state;
    for (size_t i = 0; i < sizeof(msrs) / sizeof(msrs[0]); i++) {
        struct rapl_decoded decoded = decode(intel(0x55), 0, 100000, msrs[i], 0x1234567812345678);

        assert_int_equal(decoded.result, RAPL_DECODE_NO_UNIT);
        assert_true(decoded.count > 0);
        for (uint32_t k = 0; k < decoded.count; k++) {
            assert_int_not_equal(decoded.field[k].state, RAPL_FIELD_VALUE);
            assert_int_not_equal(decoded.field[k].state, RAPL_FIELD_NOT_STATED);
        }
    }
}

static void test_refusals(void **state)
{
    struct rapl_decoded decoded = decode(intel(0x9E), 0xA0E03, 0, 0x10, 5);

    (void)state;
    assert_int_equal(decoded.result, RAPL_DECODE_UNKNOWN);
    assert_null(decoded.reg);
    assert_int_equal(decoded.count, 0);
    decoded = decode(intel(0x9E), 0xA0E03, 0, 0xC001029B, 5);
    assert_int_equal(decoded.result, RAPL_DECODE_NOT_LISTED);
    assert_int_equal(decoded.count, 0);
    decoded = decode(intel(0x2A), 0xA1003, 0, 0x619, 5); /* Sandy Bridge clients have no DRAM */
    assert_int_equal(decoded.result, RAPL_DECODE_NOT_LISTED);
    decoded = decode(intel(0x9E), 0, 0, 0x606, 0);
    assert_int_equal(decoded.result, RAPL_DECODE_BAD_UNIT);
    assert_int_equal(need(&decoded, "energy_unit_uj")->state, RAPL_FIELD_BITS);
}

/* Every register on every model, all bits set: no field array overflows, every bit is accounted. */
static void test_all_registers_of_all_models(void **state)
{
    uint32_t model_count;
    uint32_t register_count;
    uint32_t decoded_count = 0;
    const struct rapl_model *models = rapl_models(&model_count);
    const struct rapl_register *registers = rapl_registers(&register_count);

    (void)state;
    for (uint32_t m = 0; m < model_count; m++) {
        for (uint32_t r = 0; r < register_count; r++) {
            struct rapl_decoded decoded =
                decode(&models[m], 0xA1003, 1000, registers[r].msr, UINT64_MAX);
            uint64_t covered = 0;

            if (rapl_allow(&models[m], registers[r].msr) == NULL) {
                assert_int_equal(decoded.result, RAPL_DECODE_NOT_LISTED);
                continue;
            }
            assert_int_equal(decoded.result, RAPL_DECODE_OK);
            assert_true(decoded.count <= RAPL_DECODE_FIELDS_MAX);
            for (uint32_t i = 0; i < decoded.count; i++) {
                if (decoded.field[i].width != 0) {
                    covered |= decoded.field[i].raw << decoded.field[i].low_bit;
                }
            }
            assert_true(covered == UINT64_MAX);
            decoded_count++;
        }
    }
    assert_true(decoded_count > 1000);
}

static void test_how_long_a_counter_lasts(void **state)
{
    struct rapl_units units;
    struct rapl_decode_context context = {
        .model = intel(0x3F), .package_tdp_mw = 85000, .dram_tdp_mw = 35000};

    (void)state;
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_PACKAGE), 0); /* no unit */
    assert_true(rapl_units_decode(context.model, 0xA0E03, &units));
    context.units = &units;
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_PACKAGE), 3084); /* 262144 J */
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_PP0), 3084);
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_DRAM), 1872); /* 65536 J */
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_PSYS), 0);
    context.dram_tdp_mw = 0;
    assert_int_equal(rapl_decode_lasts_s(&context, RAPL_DOMAIN_DRAM), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dram_and_psys_units),
        cmocka_unit_test(test_energy),
        cmocka_unit_test(test_amd_energy),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_psys_limit_of_17_bits),
        cmocka_unit_test(test_power_info),
        cmocka_unit_test(test_other_kinds),
        cmocka_unit_test(test_no_unit_is_never_guessed),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_all_registers_of_all_models),
        cmocka_unit_test(test_how_long_a_counter_lasts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
