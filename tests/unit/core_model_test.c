/* SPDX-License-Identifier: Apache-2.0
 *
 * The model table against what the sources list by group, for every vendor, family and model.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/model.h"

#define PKG  0x01u
#define PP0  0x02u
#define PP1  0x04u
#define DRAM 0x08u
#define PSYS 0x10u
#define CORE 0x20u

#define MODELS_MAX 24u

/* Groups of models that differ in nothing, from the lists in perf, turbostat and powercap. */
struct group {
    uint8_t vendor, family;
    uint8_t domains;
    uint8_t energy_unit, dram_unit, psys_unit;
    uint8_t flags;
    uint8_t count;
    uint8_t models[MODELS_MAX];
};

#define ESU       RAPL_UNIT_ESU
#define FIXED     RAPL_UNIT_2POW16
#define ONE_JOULE RAPL_UNIT_1J
#define INVERTED  RAPL_UNIT_ESU_MICRO
#define INTEL     RAPL_VENDOR_INTEL
#define AMD       RAPL_VENDOR_AMD
#define HYGON     RAPL_VENDOR_HYGON
#define WIDE      RAPL_MODEL_COUNTER_64

static const struct group groups[] = {
    /* Sandy and Ivy Bridge, client and server */
    {INTEL, 6, PKG | PP0 | PP1, ESU, ESU, ESU, 0, 2, {0x2A, 0x3A}},
    {INTEL, 6, PKG | PP0 | DRAM, ESU, ESU, ESU, 0, 2, {0x2D, 0x3E}},
    /* Haswell and Broadwell; all Goldmonts and client Tremonts have the same domains */
    {INTEL,
     6,
     PKG | PP0 | PP1 | DRAM,
     ESU,
     ESU,
     ESU,
     0,
     10,
     {0x3C, 0x45, 0x46, 0x3D, 0x47, 0x5C, 0x5F, 0x7A, 0x96, 0x9C}},
    {INTEL, 6, PKG | PP0 | DRAM, ESU, FIXED, ESU, 0, 3, {0x3F, 0x4F, 0x56}},
    /* Skylake to Rocket Lake clients */
    {INTEL,
     6,
     PKG | PP0 | PP1 | DRAM | PSYS,
     ESU,
     ESU,
     ESU,
     0,
     14,
     {0x4E, 0x5E, 0x8E, 0x9E, 0xA5, 0xA6, 0x66, 0x7D, 0x7E, 0x9D, 0xA7, 0x8C, 0x8D, 0x8A}},
    /* Alder Lake and later clients */
    {INTEL,
     6,
     PKG | PP0 | PP1 | DRAM | PSYS,
     ESU,
     ESU,
     ESU,
     0,
     16,
     {0x97, 0x9A, 0xBE, 0xB7, 0xBA, 0xBF, 0xD7, 0xAC, 0xAA, 0xC5, 0xC6, 0xB5, 0xBD, 0xCC, 0xE5,
      0xD5}},
    {INTEL, 0x12, PKG | PP0 | PP1 | DRAM | PSYS, ESU, ESU, ESU, 0, 2, {0x01, 0x03}},
    /* servers */
    {INTEL, 6, PKG | PP0 | DRAM, ESU, FIXED, ESU, RAPL_MODEL_PER_DIE, 1, {0x55}},
    {INTEL, 6, PKG | PP0 | DRAM | PSYS, ESU, FIXED, ESU, 0, 2, {0x6A, 0x6C}},
    {INTEL,
     6,
     PKG | PP0 | DRAM | PSYS,
     ESU,
     ESU,
     ONE_JOULE,
     RAPL_MODEL_PSYS_LIMIT_17,
     2,
     {0x8F, 0xCF}},
    {INTEL, 6, PKG | DRAM | PSYS, ESU, ESU, ONE_JOULE, RAPL_MODEL_PSYS_LIMIT_17, 2, {0xAD, 0xAE}},
    {INTEL, 6, PKG | DRAM | PSYS, ESU, ESU, ESU, 0, 3, {0xAF, 0xB6, 0xDD}},
    {INTEL, 6, PKG | DRAM, ESU, FIXED, ESU, 0, 2, {0x57, 0x85}},
    {INTEL, 6, PKG, ESU, ESU, ESU, 0, 1, {0x86}},
    {INTEL, 0x13, 0, ESU, ESU, ESU, 0, 1, {0x01}},
    /* Silvermont and Airmont; Avoton */
    {INTEL, 6, PKG | PP0, INVERTED, INVERTED, INVERTED, 0, 5, {0x37, 0x4A, 0x5A, 0x5D, 0x4C}},
    {INTEL, 6, PKG | PP0, ESU, ESU, ESU, RAPL_MODEL_INFO_AT_66E, 1, {0x4D}},
    /* Zen to Zen 3: 32-bit counters; Zen 4 and 5: 64 */
    {AMD,
     0x17,
     PKG | CORE,
     ESU,
     ESU,
     ESU,
     0,
     11,
     {0x01, 0x08, 0x11, 0x18, 0x20, 0x31, 0x60, 0x68, 0x71, 0x90, 0xA0}},
    {AMD, 0x19, PKG | CORE, ESU, ESU, ESU, 0, 7, {0x00, 0x01, 0x08, 0x21, 0x30, 0x44, 0x50}},
    {AMD,
     0x19,
     PKG | CORE,
     ESU,
     ESU,
     ESU,
     WIDE,
     9,
     {0x10, 0x11, 0x18, 0x61, 0x74, 0x75, 0x78, 0x90, 0xA0}},
    {AMD, 0x1A, PKG | CORE, ESU, ESU, ESU, WIDE, 7, {0x02, 0x10, 0x11, 0x24, 0x44, 0x60, 0x70}},
    {HYGON, 0x18, PKG | CORE, ESU, ESU, ESU, 0, 3, {0x00, 0x01, 0x02}},
};

#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

/* Rows of a family, not of a model: Intel 06, 12, 13, 14+; AMD 17, 19, 1A, 1B+; Hygon 18, 19+. */
#define GENERIC_ROWS 10u

static const struct group *group_of(uint32_t vendor, uint32_t family, uint32_t model)
{
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        for (uint32_t j = 0; j < groups[i].count; j++) {
            if (groups[i].vendor == vendor && groups[i].family == family &&
                groups[i].models[j] == model) {
                return &groups[i];
            }
        }
    }
    return NULL;
}

static bool has_generic_row(uint32_t vendor, uint32_t family)
{
    switch (vendor) {
    case INTEL:
        return family == 6 || family >= 0x12;
    case AMD:
        return family == 0x17 || family >= 0x19;
    case HYGON:
        return family >= 0x18;
    default:
        return false;
    }
}

static void expect_generic(const struct rapl_model *row)
{
    const uint8_t domains = row->vendor == INTEL ? PKG | PP0 | PP1 | DRAM | PSYS : PKG | CORE;

    assert_int_equal(row->model, RAPL_MODEL_ANY);
    assert_int_equal(row->domains, domains);
    assert_int_equal(row->energy_unit, ESU);
    assert_int_equal(row->dram_unit, ESU);
    assert_int_equal(row->psys_unit, ESU);
    assert_int_equal(row->flags & ~(unsigned)RAPL_MODEL_LATER_FAMILIES, RAPL_MODEL_GENERIC);
}

static void expect_group(const struct rapl_model *row, const struct group *group, uint32_t model)
{
    assert_int_equal(row->family, group->family);
    assert_int_equal(row->model, model);
    assert_int_equal(row->domains, group->domains);
    assert_int_equal(row->energy_unit, group->energy_unit);
    assert_int_equal(row->dram_unit, group->dram_unit);
    assert_int_equal(row->psys_unit, group->psys_unit);
    assert_int_equal(row->flags, group->flags);
}

static void check_cpu(const struct rapl_cpu *cpu)
{
    const struct rapl_model *const row = rapl_model_find(cpu);
    const struct group *const group = group_of(cpu->vendor, cpu->family, cpu->model);
    const bool readable = cpu->vendor == INTEL || cpu->amd_rapl;

    if (!readable || !has_generic_row(cpu->vendor, cpu->family)) {
        assert_null(row);
        return;
    }
    assert_non_null(row);
    assert_int_equal(row->vendor, cpu->vendor);
    if (group == NULL) {
        expect_generic(row);
    } else {
        expect_group(row, group, cpu->model);
    }
}

/* Every display family (0 to 0xF + 0xFF) and model, four vendors, with and without AMD's bit. */
static void test_every_cpu(void **state)
{
    (void)state;
    for (uint32_t vendor = RAPL_VENDOR_UNKNOWN; vendor <= RAPL_VENDOR_HYGON + 1; vendor++) {
        for (uint32_t family = 0; family <= 0xF + 0xFF; family++) {
            for (uint32_t model = 0; model <= 0xFF; model++) {
                struct rapl_cpu cpu = {
                    .vendor = (uint8_t)vendor,
                    .family = (uint16_t)family,
                    .model = (uint16_t)model,
                };

                check_cpu(&cpu);
                cpu.amd_rapl = true;
                check_cpu(&cpu);
            }
        }
    }
}

/* Every row is reached by its own CPU, so that none hides another, and none is missing. */
static void test_every_row(void **state)
{
    uint32_t count;
    uint32_t listed = 0;
    const struct rapl_model *const rows = rapl_models(&count);

    (void)state;
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        listed += groups[i].count;
    }
    assert_int_equal(listed, 106);
    assert_int_equal(count, listed + GENERIC_ROWS);
    for (uint32_t i = 0; i < count; i++) {
        const struct rapl_cpu cpu = {
            .vendor = rows[i].vendor,
            .family = rows[i].family,
            .model = rows[i].model,
            .amd_rapl = rows[i].vendor != INTEL,
        };

        assert_ptr_equal(rapl_model_find(&cpu), &rows[i]);
    }
}

static void test_unit_rules(void **state)
{
    const struct rapl_model model = {
        .energy_unit = INVERTED, .dram_unit = FIXED, .psys_unit = ONE_JOULE};

    (void)state;
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_PACKAGE), INVERTED);
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_PP0), INVERTED);
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_PP1), INVERTED);
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_CORE), INVERTED);
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_DRAM), FIXED);
    assert_int_equal(rapl_model_unit_rule(&model, RAPL_DOMAIN_PSYS), ONE_JOULE);
}

static const struct rapl_model_text *text_of(uint8_t vendor, uint16_t family, uint16_t model)
{
    const struct rapl_cpu cpu = {vendor, 0, family, model, false, false, vendor != INTEL};

    return rapl_model_text(rapl_model_find(&cpu));
}

static void test_texts(void **state)
{
    /* Where sources disagree, the row says so. */
    static const uint16_t doubted[] = {0x56, 0x8F, 0xCF, 0xAD, 0xAE, 0x4C, 0x4D};
    uint32_t count;
    const struct rapl_model *const rows = rapl_models(&count);

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        const struct rapl_model_text *const text = rapl_model_text(&rows[i]);

        assert_non_null(text->name);
        assert_non_null(text->source);
        assert_true(strlen(text->name) > 3);
        assert_true(strlen(text->source) > 3);
        assert_true(text->doubt == NULL || strlen(text->doubt) > 10);
        if ((rows[i].flags & RAPL_MODEL_GENERIC) != 0) {
            assert_non_null(text->doubt);
        }
    }
    for (size_t i = 0; i < sizeof(doubted) / sizeof(doubted[0]); i++) {
        assert_non_null(text_of(INTEL, 6, doubted[i])->doubt);
    }
    assert_null(text_of(INTEL, 6, 0x9E)->doubt);
    assert_string_equal(text_of(INTEL, 6, 0x3F)->name, "Haswell-EP/EX/E");
    assert_string_equal(text_of(AMD, 0x17, 0x71)->name, "Zen2: Matisse");
    assert_string_equal(text_of(HYGON, 0x18, 0x02)->name, "Dhyana");
    assert_string_equal(text_of(INTEL, 0x13, 0x01)->name, "Diamond Rapids (family 19 decimal)");
}

static void test_domain_names(void **state)
{
    (void)state;
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_PACKAGE), "package");
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_PP0), "pp0");
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_PP1), "pp1");
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_DRAM), "dram");
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_PSYS), "psys");
    assert_string_equal(rapl_domain_name(RAPL_DOMAIN_CORE), "core");
    assert_null(rapl_domain_name(RAPL_DOMAIN_COUNT));
    assert_null(rapl_domain_name(UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cpu),    cmocka_unit_test(test_every_row),
        cmocka_unit_test(test_unit_rules),   cmocka_unit_test(test_texts),
        cmocka_unit_test(test_domain_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
