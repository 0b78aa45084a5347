/* SPDX-License-Identifier: Apache-2.0
 *
 * The allow-list: derived from the model row and the register table, so that a register is readable
 * only if both know it.
 */
#include "core/allow.h"

#include <stddef.h>

const struct rapl_register *rapl_allow(const struct rapl_model *model, uint32_t msr)
{
    const struct rapl_register *reg = rapl_register_find(msr);

    if (model == NULL || reg == NULL) {
        return NULL;
    }
    if (reg->amd != (model->vendor != RAPL_VENDOR_INTEL)) {
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
