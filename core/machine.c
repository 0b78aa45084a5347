/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether to load at all.
 */
#include "core/machine.h"

#include <stddef.h>

#include "core/msr.h"
#include "core/units.h"

static bool is_intel(const struct rapl_machine *machine)
{
    return machine->model->vendor == RAPL_VENDOR_INTEL;
}

uint32_t rapl_machine_unit_msr(const struct rapl_machine *machine)
{
    return is_intel(machine) ? RAPL_MSR_POWER_UNIT : RAPL_MSR_AMD_POWER_UNIT;
}

uint32_t rapl_machine_package_msr(const struct rapl_machine *machine)
{
    return is_intel(machine) ? RAPL_MSR_PKG_ENERGY : RAPL_MSR_AMD_PKG_ENERGY;
}

/* Intel's counters have 32 bits; the upper half is reserved. */
static bool is_moving(const struct rapl_machine *machine, const struct rapl_reading *package)
{
    const uint64_t value = is_intel(machine) ? (uint32_t)package->value : package->value;

    return package->ok && value != 0;
}

enum rapl_gate rapl_machine_gate(const struct rapl_machine *machine)
{
    const struct rapl_platform *const platform = &machine->platform;
    bool has_unit = false;
    bool moves = false;

    if (machine->model == NULL) {
        return RAPL_GATE_UNKNOWN_CPU;
    }
    if (machine->model->domains == 0) {
        return RAPL_GATE_NO_MSR;
    }
    for (uint32_t i = 0; i < machine->processor_count; i++) {
        struct rapl_reading readings[] = {
            {.msr = rapl_machine_unit_msr(machine)},
            {.msr = rapl_machine_package_msr(machine)},
        };
        struct rapl_units units;

        if (machine->processors[i].package_lead != i) {
            continue;
        }
        platform->read(platform->context, i, readings, 2);
        has_unit |= readings[0].ok && rapl_units_decode(machine->model, readings[0].value, &units);
        moves |= is_moving(machine, &readings[1]);
    }
    if (!has_unit) {
        return RAPL_GATE_NO_UNIT;
    }
    if (machine->cpu.hypervisor && !machine->cpu.hyperv_root && !moves) {
        return RAPL_GATE_GUEST;
    }
    return RAPL_GATE_OPEN;
}
