/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of registers.
 */
#include "core/msr.h"

#include <stddef.h>

#define INTEL(number, kind, domain, name)                                                          \
    {RAPL_MSR_##number, RAPL_REGISTER_##kind, RAPL_DOMAIN_##domain, false, name}
#define AMD(number, kind, domain, name)                                                            \
    {RAPL_MSR_##number, RAPL_REGISTER_##kind, RAPL_DOMAIN_##domain, true, name}

static const struct rapl_register registers[] = {
    INTEL(POWER_UNIT, UNIT, PACKAGE, "RAPL_POWER_UNIT"),
    INTEL(PKG_POWER_LIMIT, POWER_LIMIT, PACKAGE, "PKG_POWER_LIMIT"),
    INTEL(PKG_ENERGY, ENERGY, PACKAGE, "PKG_ENERGY_STATUS"),
    INTEL(PKG_PERF, PERF, PACKAGE, "PKG_PERF_STATUS"),
    INTEL(PKG_POWER_INFO, POWER_INFO, PACKAGE, "PKG_POWER_INFO"),
    INTEL(DRAM_POWER_LIMIT, POWER_LIMIT, DRAM, "DRAM_POWER_LIMIT"),
    INTEL(DRAM_ENERGY, ENERGY, DRAM, "DRAM_ENERGY_STATUS"),
    INTEL(DRAM_PERF, PERF, DRAM, "DRAM_PERF_STATUS"),
    INTEL(DRAM_POWER_INFO, POWER_INFO, DRAM, "DRAM_POWER_INFO"),
    INTEL(PP0_POWER_LIMIT, POWER_LIMIT, PP0, "PP0_POWER_LIMIT"),
    INTEL(PP0_ENERGY, ENERGY, PP0, "PP0_ENERGY_STATUS"),
    INTEL(PP0_POLICY, POLICY, PP0, "PP0_POLICY"),
    INTEL(PP0_PERF, PERF, PP0, "PP0_PERF_STATUS"),
    INTEL(PP1_POWER_LIMIT, POWER_LIMIT, PP1, "PP1_POWER_LIMIT"),
    INTEL(PP1_ENERGY, ENERGY, PP1, "PP1_ENERGY_STATUS"),
    INTEL(PP1_POLICY, POLICY, PP1, "PP1_POLICY"),
    INTEL(PSYS_ENERGY, ENERGY, PSYS, "PLATFORM_ENERGY_STATUS"),
    INTEL(PSYS_POWER_LIMIT, POWER_LIMIT, PSYS, "PLATFORM_POWER_LIMIT"),
    INTEL(AVOTON_PKG_POWER_INFO, POWER_INFO, PACKAGE, "PKG_POWER_INFO (Avoton)"),
    AMD(AMD_POWER_UNIT, UNIT, PACKAGE, "RAPL_PWR_UNIT"),
    AMD(AMD_CORE_ENERGY, ENERGY, CORE, "CORE_ENERGY_STAT"),
    AMD(AMD_PKG_ENERGY, ENERGY, PACKAGE, "PKG_ENERGY_STAT"),
};

#define REGISTER_COUNT ((uint32_t)(sizeof(registers) / sizeof(registers[0])))

const struct rapl_register *rapl_registers(uint32_t *count)
{
    *count = REGISTER_COUNT;
    return registers;
}

const struct rapl_register *rapl_register_find(uint32_t msr)
{
    for (uint32_t i = 0; i < REGISTER_COUNT; i++) {
        if (registers[i].msr == msr) {
            return &registers[i];
        }
    }
    return NULL;
}
