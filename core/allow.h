/* SPDX-License-Identifier: Apache-2.0
 *
 * Which registers may be read on which CPU. What is not listed is denied.
 */
#ifndef RAPL_CORE_ALLOW_H
#define RAPL_CORE_ALLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"
#include "core/msr.h"

/*
 * The register as listed for this model, NULL if it may not be read there: registers of the other
 * vendor, of domains the model has not, 0x66E elsewhere than on Avoton, and every number that is
 * not in msr.h. `model` may be NULL (denies everything).
 */
const struct rapl_register *rapl_allow(const struct rapl_model *model, uint32_t msr);

/*
 * The register of that kind and domain among the numbers of this model's vendor, whether or not the
 * model has the domain (rapl_allow tells); NULL if the vendor has none. Every vendor has a unit
 * register and a package counter, both of RAPL_DOMAIN_PACKAGE. `model` is not NULL.
 */
const struct rapl_register *rapl_register_of(const struct rapl_model *model, uint32_t kind,
                                             uint32_t domain);

/*
 * True for the registers a coarse caller may read: unit, power info, and energy counters of package
 * scope. Throttle time, limits, policies and per-core energy are for fresh callers.
 */
bool rapl_allow_coarse(const struct rapl_register *reg);

#endif
