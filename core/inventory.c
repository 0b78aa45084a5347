/* SPDX-License-Identifier: Apache-2.0
 *
 * What the machine has, counted and laid out once.
 */
#include "core/inventory.h"

#include <string.h>

#include "core/allow.h"
#include <rapl/energy.h>

struct counts {
    uint32_t packages;
    uint32_t physical_cores;
    uint32_t metered_cores;
};

static struct counts count_all(const struct rapl_machine *machine)
{
    struct counts counts = {0};

    for (uint32_t i = 0; i < machine->processor_count; i++) {
        counts.packages += machine->processors[i].package_lead == i ? 1 : 0;
        counts.physical_cores += machine->processors[i].core_lead == i ? 1 : 0;
    }
    if ((machine->model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_CORE)) != 0) {
        counts.metered_cores = counts.physical_cores;
    }
    return counts;
}

static uint32_t jobs_of(const struct counts *counts)
{
    return counts->packages + counts->metered_cores;
}

static uint32_t readings_of(const struct counts *counts)
{
    return counts->packages * RAPL_PACKAGE_READINGS_MAX + counts->metered_cores;
}

uint32_t rapl_inventory_jobs_max(const struct rapl_machine *machine)
{
    const struct counts counts = count_all(machine);

    return jobs_of(&counts);
}

size_t rapl_inventory_size(const struct rapl_machine *machine)
{
    const struct counts counts = count_all(machine);

    if (counts.packages > RAPL_WIRE_PACKAGES_MAX || counts.physical_cores > RAPL_WIRE_CORES_MAX) {
        return 0;
    }
    return counts.packages * sizeof(struct rapl_inventory_package) +
           counts.metered_cores * sizeof(struct rapl_inventory_core) +
           jobs_of(&counts) * sizeof(struct rapl_job) +
           readings_of(&counts) * sizeof(struct rapl_reading);
}

/* ---- Who is who ----------------------------------------------------------------------------- */

/* The first processor in the die of this one. */
static uint32_t first_of_die(const struct rapl_machine *machine, uint32_t processor)
{
    uint32_t i = 0;

    while (machine->processors[i].location.die != machine->processors[processor].location.die ||
           machine->processors[i].location.package !=
               machine->processors[processor].location.package) {
        i++;
    }
    return i;
}

/* Gives the processor the number of its die: a new one if it is the first there. */
static void count_die(struct rapl_inventory *inventory, uint32_t processor)
{
    struct rapl_processor *const processors = inventory->machine->processors;
    const uint32_t first = first_of_die(inventory->machine, processor);

    processors[processor].die =
        first == processor ? (uint16_t)inventory->die_count++ : processors[first].die;
}

/* The socket of a package: that of an earlier one with the same package id, or a new one. */
static uint32_t socket_of(struct rapl_inventory *inventory, uint32_t lead)
{
    const struct rapl_processor *const processors = inventory->machine->processors;

    for (uint32_t i = 0; i < inventory->package_count; i++) {
        const struct rapl_inventory_package *const package = &inventory->packages[i];

        if (processors[package->lead].location.package == processors[lead].location.package) {
            return package->socket;
        }
    }
    return inventory->socket_count++;
}

static void add_package(struct rapl_inventory *inventory, uint32_t lead)
{
    struct rapl_inventory_package *const package = &inventory->packages[inventory->package_count];

    package->lead = lead;
    package->socket = socket_of(inventory, lead);
    package->die = inventory->machine->processors[lead].die;
    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        package->tally[i].state = RAPL_STATE_NO_MODEL;
        package->copy[i].state = RAPL_STATE_NO_MODEL;
        package->throttled_us[i] = RAPL_NO_THROTTLE;
    }
    inventory->package_count++;
}

static void add_core(struct rapl_inventory *inventory, uint32_t lead)
{
    const uint32_t package_lead = inventory->machine->processors[lead].package_lead;
    const struct rapl_inventory_package *const package =
        rapl_inventory_find_package(inventory, package_lead);

    inventory->physical_core_count++;
    if (inventory->energy[RAPL_DOMAIN_CORE] != NULL) {
        inventory->cores[inventory->core_count] = (struct rapl_inventory_core){
            .tally.state = RAPL_STATE_FAULTS, /* until the probe */
            .lead = lead,
            .package = (uint32_t)(package - inventory->packages),
        };
        inventory->core_count++;
    }
}

static void add_processors(struct rapl_inventory *inventory)
{
    const struct rapl_machine *const machine = inventory->machine;

    for (uint32_t i = 0; i < machine->processor_count; i++) {
        const struct rapl_processor *const processor = &machine->processors[i];

        count_die(inventory, i);
        if (processor->package_lead == i) {
            add_package(inventory, i);
        }
        if (processor->core_lead == i) {
            add_core(inventory, i);
        }
        if (processor->group >= inventory->group_count) {
            inventory->group_count = processor->group + 1u;
        }
    }
}

/* ---- Layout --------------------------------------------------------------------------------- */

static void find_registers(struct rapl_inventory *inventory)
{
    const struct rapl_model *const model = inventory->machine->model;

    for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
        if ((model->domains & RAPL_DOMAIN_BIT(domain)) != 0) {
            inventory->energy[domain] = rapl_register_of(model, RAPL_REGISTER_ENERGY, domain);
            inventory->perf[domain] = rapl_register_of(model, RAPL_REGISTER_PERF, domain);
        }
    }
}

_Static_assert(sizeof(struct rapl_inventory_package) % sizeof(uint64_t) == 0,
               "parts follow each other");
_Static_assert(sizeof(struct rapl_inventory_core) % sizeof(uint64_t) == 0,
               "parts follow each other");
_Static_assert(sizeof(struct rapl_job) % sizeof(uint64_t) == 0, "parts follow each other");

void rapl_inventory_init(struct rapl_inventory *inventory, struct rapl_machine *machine,
                         void *memory, const struct rapl_inventory_settings *settings)
{
    const struct counts counts = count_all(machine);

    memset(inventory, 0, sizeof(*inventory));
    memset(memory, 0, rapl_inventory_size(machine));
    inventory->machine = machine;
    inventory->settings = *settings;
    inventory->packages = memory;
    inventory->cores = (void *)(inventory->packages + counts.packages);
    inventory->jobs = (void *)(inventory->cores + counts.metered_cores);
    inventory->readings = (void *)(inventory->jobs + jobs_of(&counts));
    find_registers(inventory);
    add_processors(inventory);
}

struct rapl_inventory_package *rapl_inventory_find_package(const struct rapl_inventory *inventory,
                                                           uint32_t lead)
{
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        if (inventory->packages[i].lead == lead) {
            return &inventory->packages[i];
        }
    }
    return NULL;
}

const struct rapl_constant *rapl_package_constant(const struct rapl_inventory_package *package,
                                                  uint32_t msr)
{
    for (uint32_t i = 0; i < package->constant_count; i++) {
        if (package->constant[i].msr == msr && package->constant[i].ok) {
            return &package->constant[i];
        }
    }
    return NULL;
}
