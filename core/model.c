/* SPDX-License-Identifier: Apache-2.0
 *
 * The facts of core/models.def, and how a CPU finds its row.
 */
#include "core/model.h"

#include <stddef.h>

#define PKG  RAPL_DOMAIN_BIT(RAPL_DOMAIN_PACKAGE)
#define PP0  RAPL_DOMAIN_BIT(RAPL_DOMAIN_PP0)
#define PP1  RAPL_DOMAIN_BIT(RAPL_DOMAIN_PP1)
#define DRAM RAPL_DOMAIN_BIT(RAPL_DOMAIN_DRAM)
#define PSYS RAPL_DOMAIN_BIT(RAPL_DOMAIN_PSYS)
#define CORE RAPL_DOMAIN_BIT(RAPL_DOMAIN_CORE)

#define PER_DIE        RAPL_MODEL_PER_DIE
#define COUNTER_64     RAPL_MODEL_COUNTER_64
#define INFO_AT_66E    RAPL_MODEL_INFO_AT_66E
#define PSYS_LIMIT_17  RAPL_MODEL_PSYS_LIMIT_17
#define GENERIC        RAPL_MODEL_GENERIC
#define LATER_FAMILIES RAPL_MODEL_LATER_FAMILIES

#define ANY RAPL_MODEL_ANY

#define MODEL(vendor, family, model, domains, energy, dram, psys, flags, name, source, doubt)      \
    {RAPL_VENDOR_##vendor,                                                                         \
     domains,                                                                                      \
     RAPL_UNIT_##energy,                                                                           \
     RAPL_UNIT_##dram,                                                                             \
     RAPL_UNIT_##psys,                                                                             \
     flags,                                                                                        \
     family,                                                                                       \
     model},

static const struct rapl_model models[] = {
#include "core/models.def"
};

#define MODEL_COUNT ((uint32_t)(sizeof(models) / sizeof(models[0])))

static bool is_row_of(const struct rapl_model *row, const struct rapl_cpu *cpu)
{
    const bool family = (row->flags & RAPL_MODEL_LATER_FAMILIES) != 0 ? cpu->family >= row->family
                                                                      : cpu->family == row->family;

    return row->vendor == cpu->vendor && family &&
           (row->model == RAPL_MODEL_ANY || row->model == cpu->model);
}

const struct rapl_model *rapl_model_find(const struct rapl_cpu *cpu)
{
    if (cpu->vendor != RAPL_VENDOR_INTEL && !cpu->amd_rapl) {
        return NULL;
    }
    /* A model's own row comes before the generic one. */
    for (uint32_t i = 0; i < MODEL_COUNT; i++) {
        if (is_row_of(&models[i], cpu)) {
            return &models[i];
        }
    }
    return NULL;
}

const struct rapl_model *rapl_models(uint32_t *count)
{
    *count = MODEL_COUNT;
    return models;
}

enum rapl_unit_rule rapl_model_unit_rule(const struct rapl_model *model, uint32_t domain)
{
    switch (domain) {
    case RAPL_DOMAIN_DRAM:
        return (enum rapl_unit_rule)model->dram_unit;
    case RAPL_DOMAIN_PSYS:
        return (enum rapl_unit_rule)model->psys_unit;
    default:
        return (enum rapl_unit_rule)model->energy_unit;
    }
}
