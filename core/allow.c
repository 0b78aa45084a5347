/* SPDX-License-Identifier: Apache-2.0
 *
 * The allow-list: derived from the model row and the register table, so that a register is readable
 * only if both know it.
 */
#include "core/allow.h"

#include <stddef.h>

static bool is_vendors(const struct rapl_model *model, const struct rapl_register *reg)
{
    return reg->amd == (model->vendor != RAPL_VENDOR_INTEL);
}

const struct rapl_register *rapl_allow(const struct rapl_model *model, uint32_t msr)
{
    const struct rapl_register *reg = rapl_register_find(msr);

    if (model == NULL || reg == NULL) {
        return NULL;
    }
    if (!is_vendors(model, reg)) {
        return NULL;
    }
    if ((model->domains & RAPL_DOMAIN_BIT(reg->domain)) == 0) {
        return NULL;
    }
    if (msr == RAPL_MSR_AVOTON_PKG_POWER_INFO && (model->flags & RAPL_MODEL_INFO_AT_66E) == 0) {
        return NULL;
    }
    return reg;
}

const struct rapl_register *rapl_register_of(const struct rapl_model *model, uint32_t kind,
                                             uint32_t domain)
{
    uint32_t count;
    const struct rapl_register *const registers = rapl_registers(&count);

    if (kind == RAPL_REGISTER_POWER_INFO && domain == RAPL_DOMAIN_PACKAGE &&
        (model->flags & RAPL_MODEL_INFO_AT_66E) != 0) {
        return rapl_register_find(RAPL_MSR_AVOTON_PKG_POWER_INFO);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (registers[i].kind == kind && registers[i].domain == domain &&
            is_vendors(model, &registers[i])) {
            return &registers[i];
        }
    }
    return NULL;
}

bool rapl_allow_coarse(const struct rapl_register *reg)
{
    switch (reg->kind) {
    case RAPL_REGISTER_UNIT:
    case RAPL_REGISTER_POWER_INFO:
        return true;
    case RAPL_REGISTER_ENERGY:
        return reg->domain != RAPL_DOMAIN_CORE;
    default:
        return false;
    }
}
