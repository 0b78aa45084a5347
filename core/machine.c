/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether to load at all, and which counters live.
 */
#include "core/machine.h"

#include <stddef.h>

#include "core/allow.h"
#include "core/compiler.h"
#include "core/units.h"

/* Intel's counters have 32 bits; the upper half is reserved. */
static bool is_moving(const struct rapl_register *package, const struct rapl_reading *reading)
{
    return reading->ok && (package->amd ? reading->value : (uint32_t)reading->value) != 0;
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

    const struct rapl_register *const unit =
        rapl_register_of(machine->model, RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE);
    const struct rapl_register *const package =
        rapl_register_of(machine->model, RAPL_REGISTER_ENERGY, RAPL_DOMAIN_PACKAGE);

    for (uint32_t i = 0; i < machine->processor_count; i++) {
        struct rapl_reading readings[] = {{.msr = unit->msr}, {.msr = package->msr}};
        struct rapl_units units;

        if (machine->processors[i].package_lead != i) {
            continue;
        }
        platform->ops->read(platform->context, i, readings, 2);
        has_unit |= readings[0].ok && rapl_units_decode(machine->model, readings[0].value, &units);
        moves |= is_moving(package, &readings[1]);
    }
    if (!has_unit) {
        return RAPL_GATE_NO_UNIT;
    }
    if (machine->cpu.hypervisor && !machine->cpu.hyperv_root && !moves) {
        return RAPL_GATE_GUEST;
    }
    return RAPL_GATE_OPEN;
}

/* Where it is kept whether the counter was ever seen to move; NULL where nothing is kept. */
static uint8_t *alive_flag(struct rapl_machine *machine, const struct rapl_register *reg,
                           uint32_t processor)
{
    const struct rapl_processor *known;
    uint32_t lead;

    if (processor >= machine->processor_count) {
        return NULL; /* added since load: nothing is remembered of it */
    }
    known = &machine->processors[processor];
    lead = reg->domain == RAPL_DOMAIN_CORE ? known->core_lead : known->package_lead;
    return &machine->processors[lead].alive[reg->domain];
}

/*
 * Requests race here, and may: the byte only ever goes from 0 to 1, and a request that misses the
 * change sees a dead counter as it would have a moment before.
 */
bool rapl_machine_is_alive(struct rapl_machine *machine, const struct rapl_register *reg,
                           uint32_t processor, uint64_t value)
{
    uint8_t *const flag = alive_flag(machine, reg, processor);

    if (value == 0) {
        return flag != NULL && COMPILER_LOAD_BYTE(flag) != 0;
    }
    if (flag != NULL) {
        COMPILER_STORE_BYTE(flag, 1);
    }
    return true;
}
