/* SPDX-License-Identifier: Apache-2.0
 *
 * GET_TOPOLOGY: what there is, where it is read, and in which units.
 */
#include "core/energy_reply.h"

#include "core/allow.h"
#include "core/fields.h"

static uint32_t narrow(uint64_t value)
{
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static struct rapl_wire_fraction unit_of(const struct rapl_inventory_package *package,
                                         uint32_t domain)
{
    const struct rapl_fraction unit = package->units.energy_j[domain];

    return (struct rapl_wire_fraction){unit.numerator, unit.denominator};
}

/* The constant of that kind and domain; NULL if there is none, or it cannot be decoded. */
static const struct rapl_constant *constant_of(const struct rapl_inventory *inventory,
                                               const struct rapl_inventory_package *package,
                                               uint32_t kind, uint32_t domain)
{
    const struct rapl_register *const reg =
        rapl_register_of(inventory->machine->model, kind, domain);

    return reg != NULL && package->has_units ? rapl_package_constant(package, reg->msr) : NULL;
}

static struct rapl_wire_power_info info_of(const struct rapl_inventory *inventory,
                                           const struct rapl_inventory_package *package,
                                           uint32_t domain)
{
    const struct rapl_constant *const raw =
        constant_of(inventory, package, RAPL_REGISTER_POWER_INFO, domain);
    struct rapl_power_info info;

    if (raw == NULL) {
        return (struct rapl_wire_power_info){0};
    }
    rapl_power_info_decode(&package->units, raw->value, &info);
    return (struct rapl_wire_power_info){narrow(info.tdp_mw), narrow(info.min_mw),
                                         narrow(info.max_mw), narrow(info.max_window_us)};
}

/* Which limit of which domain's register each entry is. */
static const struct {
    uint8_t domain;
    uint8_t number;
} limits[RAPL_LIMITS] = {
    [RAPL_LIMIT_PACKAGE_1] = {RAPL_DOMAIN_PACKAGE, 0},
    [RAPL_LIMIT_PACKAGE_2] = {RAPL_DOMAIN_PACKAGE, 1},
    [RAPL_LIMIT_PP0] = {RAPL_DOMAIN_PP0, 0},
    [RAPL_LIMIT_PP1] = {RAPL_DOMAIN_PP1, 0},
    [RAPL_LIMIT_DRAM] = {RAPL_DOMAIN_DRAM, 0},
    [RAPL_LIMIT_PSYS_1] = {RAPL_DOMAIN_PSYS, 0},
    [RAPL_LIMIT_PSYS_2] = {RAPL_DOMAIN_PSYS, 1},
};

static struct rapl_wire_limit limit_of(const struct rapl_energy_reply *reply,
                                       const struct rapl_inventory_package *package, uint32_t index)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    const struct rapl_constant *const raw =
        constant_of(inventory, package, RAPL_REGISTER_POWER_LIMIT, limits[index].domain);
    struct rapl_power_limits decoded;

    if (raw == NULL || !rapl_power_limits_decode(inventory->machine->model, &package->units,
                                                 raw->msr, raw->value, &decoded)) {
        return (struct rapl_wire_limit){0};
    }
    if (reply->coarse) {
        return (struct rapl_wire_limit){.flags = RAPL_LIMIT_PRESENT | RAPL_LIMIT_WITHHELD};
    }

    const struct rapl_limit *const limit = &decoded.limit[limits[index].number];

    return (struct rapl_wire_limit){
        .limit_mw = narrow(limit->limit_mw),
        .window_us = narrow(limit->window_us),
        .flags = RAPL_LIMIT_PRESENT | (limit->enabled ? RAPL_LIMIT_ENABLED : 0) |
                 (limit->clamp ? RAPL_LIMIT_CLAMP : 0) | (decoded.locked ? RAPL_LIMIT_LOCKED : 0),
    };
}

static uint32_t wrap_s(const struct rapl_topology_package *entry,
                       const struct rapl_inventory_package *package, uint32_t domain)
{
    const uint32_t tdp_mw = domain == RAPL_DOMAIN_DRAM ? entry->dram.tdp_mw : entry->package.tdp_mw;

    return domain == RAPL_DOMAIN_PSYS
               ? 0
               : narrow(rapl_wrap_time_s(package->units.energy_j[domain], tdp_mw));
}

/* Units, ranges and wrap times of the domains that the model has. */
static void put_domains(const struct rapl_inventory *inventory,
                        const struct rapl_inventory_package *package,
                        struct rapl_topology_package *entry)
{
    for (uint32_t i = 0; i < RAPL_WIRE_DOMAINS; i++) {
        entry->domain_state[i] = RAPL_STATE_NO_MODEL;
        entry->unit_j[i].denominator = 1;
        if (i < RAPL_DOMAIN_COUNT && inventory->energy[i] != NULL && package->has_units) {
            entry->unit_j[i] = unit_of(package, i);
            entry->counter_range_j[i] =
                ((uint64_t)entry->unit_j[i].numerator << 32) / entry->unit_j[i].denominator;
            entry->wrap_s[i] = wrap_s(entry, package, i);
        }
    }
    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        entry->domain_state[i] = package->tally[i].state;
    }
}

/* The best of its cores. */
static uint8_t core_state(const struct rapl_inventory *inventory, uint32_t package)
{
    uint8_t state = RAPL_STATE_NO_MODEL;

    for (uint32_t i = 0; i < inventory->core_count; i++) {
        if (inventory->cores[i].package == package) {
            state = rapl_energy_better_state(state, inventory->cores[i].tally.state);
        }
    }
    return state;
}

static void put_package(struct rapl_energy_reply *reply, uint32_t index)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    const struct rapl_machine *const machine = inventory->machine;
    const struct rapl_inventory_package *const package = &inventory->packages[index];
    const bool per_die = (machine->model->flags & RAPL_MODEL_PER_DIE) != 0;
    struct rapl_topology_package entry = {
        .index = index,
        .socket = package->socket,
        .die = package->die,
        .processor = package->lead,
        .group = machine->processors[package->lead].group,
        .number = machine->processors[package->lead].number,
        .scope = per_die ? RAPL_UNIT_SCOPE_DIE : RAPL_UNIT_SCOPE_PACKAGE,
        .package = info_of(inventory, package, RAPL_DOMAIN_PACKAGE),
        .dram = info_of(inventory, package, RAPL_DOMAIN_DRAM),
    };

    put_domains(inventory, package, &entry);
    entry.domain_state[RAPL_WIRE_DOMAIN_CORE] = core_state(inventory, index);
    for (uint32_t i = 0; i < RAPL_WIRE_DOMAINS; i++) {
        entry.domains |= entry.domain_state[i] == RAPL_STATE_PRESENT ? 1u << i : 0;
    }
    for (uint32_t i = 0; i < RAPL_LIMITS; i++) {
        entry.limit[i] = limit_of(reply, package, i);
    }
    rapl_energy_put(reply, &entry, sizeof(entry));
}

/* Cores with a counter of their own are in the same order as the leads of all cores. */
static void put_core(struct rapl_energy_reply *reply, uint32_t index, uint32_t lead)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    const struct rapl_processor *const processor = &inventory->machine->processors[lead];
    const struct rapl_inventory_package *const package =
        rapl_inventory_find_package(inventory, processor->package_lead);
    struct rapl_topology_core entry = {
        .index = index,
        .package_index = (uint32_t)(package - inventory->packages),
        .processor = lead,
        .group = processor->group,
        .number = processor->number,
        .die = processor->die,
        .state = RAPL_STATE_NO_MODEL,
        .unit_j.denominator = 1,
    };

    if (index < inventory->core_count) {
        entry.state = inventory->cores[index].tally.state;
        if (package->has_units) {
            entry.unit_j = unit_of(package, RAPL_DOMAIN_CORE);
        }
    }
    rapl_energy_put(reply, &entry, sizeof(entry));
}

enum rapl_energy_status rapl_energy_topology(struct rapl_energy_reply *reply)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    const struct rapl_machine *const machine = inventory->machine;
    struct rapl_topology found = {
        .package_count = inventory->package_count,
        .package_offset = sizeof(found),
        .package_size = sizeof(struct rapl_topology_package),
        .core_count = inventory->physical_core_count,
        .core_size = sizeof(struct rapl_topology_core),
    };
    uint32_t cores = 0;

    found.core_offset = found.package_offset + found.package_count * found.package_size;
    if (!rapl_energy_begin(reply, found.core_offset + (size_t)found.core_count * found.core_size,
                           &found.header)) {
        return RAPL_ENERGY_MORE;
    }
    rapl_energy_put(reply, &found, sizeof(found));
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        put_package(reply, i);
    }
    for (uint32_t i = 0; i < machine->processor_count; i++) {
        if (machine->processors[i].core_lead == i) {
            put_core(reply, cores++, i);
        }
    }
    return RAPL_ENERGY_OK;
}
