/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of lib/decode.h share: models by name, one register decoded, fields by key.
 * Include after cmocka.h.
 */
#ifndef RAPL_TESTS_LIB_DECODE_SUPPORT_H
#define RAPL_TESTS_LIB_DECODE_SUPPORT_H

#include <string.h>

#include "lib/decode.h"

static inline const struct rapl_model *model_of(uint8_t vendor, uint16_t family, uint16_t model)
{
    struct rapl_cpu cpu = {.vendor = vendor, .family = family, .model = model, .amd_rapl = true};
    const struct rapl_model *found = rapl_model_find(&cpu);

    assert_non_null(found);
    return found;
}

static inline const struct rapl_model *intel(uint16_t model)
{
    return model_of(RAPL_VENDOR_INTEL, 0x06, model);
}

/* Decodes with the units of `unit_raw` and the given package TDP; 0: no unit register. */
static inline struct rapl_decoded decode(const struct rapl_model *model, uint64_t unit_raw,
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

static inline const struct rapl_field *find(const struct rapl_decoded *decoded, const char *key)
{
    for (uint32_t i = 0; i < decoded->count; i++) {
        if (strcmp(decoded->field[i].key, key) == 0) {
            return &decoded->field[i];
        }
    }
    return NULL;
}

static inline const struct rapl_field *need(const struct rapl_decoded *decoded, const char *key)
{
    const struct rapl_field *field = find(decoded, key);

    if (field == NULL) {
        fail_msg("no field %s", key);
    }
    return field;
}

#endif
