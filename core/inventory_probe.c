/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of the candidate registers are really there, and what the constant ones say.
 */
#include "core/inventory_parts.h"

#include "core/allow.h"
#include <rapl/energy.h>

/* Intel SDM volume 4: which of the two below exist, and the control of energy filtering. */
#define MSR_ARCH_CAPABILITIES         0x10Au
#define MSR_MISC_PACKAGE_CTLS         0xBCu
#define ARCH_MISC_PACKAGE_CTLS        (1u << 10)
#define ARCH_ENERGY_FILTERING_CTL     (1u << 11)
#define MISC_ENERGY_FILTERING_ENABLED (1u << 0)

static void read_on(const struct rapl_inventory *inventory, uint32_t processor,
                    struct rapl_reading *readings, uint32_t count)
{
    const struct rapl_platform *const platform = &inventory->machine->platform;

    platform->ops->read(platform->context, processor, readings, count);
}

/* ---- Constants ------------------------------------------------------------------------------ */

static bool is_constant(const struct rapl_model *model, const struct rapl_register *reg)
{
    return rapl_allow(model, reg->msr) != NULL &&
           (reg->kind == RAPL_REGISTER_UNIT || reg->kind == RAPL_REGISTER_POWER_INFO ||
            reg->kind == RAPL_REGISTER_POWER_LIMIT);
}

static void probe_constants(struct rapl_inventory *inventory,
                            struct rapl_inventory_package *package)
{
    const struct rapl_model *const model = inventory->machine->model;
    struct rapl_reading readings[RAPL_CONSTANTS_MAX];
    uint32_t register_count;
    const struct rapl_register *const registers = rapl_registers(&register_count);
    uint32_t count = 0;

    for (uint32_t i = 0; i < register_count && count < RAPL_CONSTANTS_MAX; i++) {
        if (is_constant(model, &registers[i])) {
            readings[count] = (struct rapl_reading){.msr = registers[i].msr};
            count++;
        }
    }
    read_on(inventory, package->lead, readings, count);
    for (uint32_t i = 0; i < count; i++) {
        package->constant[i] = (struct rapl_constant){
            .value = readings[i].value, .msr = readings[i].msr, .ok = readings[i].ok};
    }
    package->constant_count = count;
}

/* Once known they stay: what was counted was counted in them. */
static void decode_units(const struct rapl_inventory *inventory,
                         struct rapl_inventory_package *package)
{
    const struct rapl_model *const model = inventory->machine->model;
    const struct rapl_register *const reg =
        rapl_register_of(model, RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE);
    const struct rapl_constant *const unit = rapl_package_constant(package, reg->msr);

    if (!package->has_units && unit != NULL) {
        package->has_units = rapl_units_decode(model, unit->value, &package->units);
    }
}

/* A package whose own unit register faults: all packages of a machine are of one model. */
static void borrow_units(const struct rapl_inventory *inventory,
                         struct rapl_inventory_package *package)
{
    for (uint32_t i = 0; i < inventory->package_count && !package->has_units; i++) {
        if (inventory->packages[i].has_units) {
            package->units = inventory->packages[i].units;
            package->has_units = true;
        }
    }
}

static void probe_filter(struct rapl_inventory *inventory)
{
    const uint32_t both = ARCH_MISC_PACKAGE_CTLS | ARCH_ENERGY_FILTERING_CTL;
    struct rapl_reading reading = {.msr = MSR_ARCH_CAPABILITIES};

    inventory->filter_flags = 0;
    if (!inventory->settings.has_arch_capabilities) {
        return;
    }
    read_on(inventory, inventory->packages[0].lead, &reading, 1);
    if (!reading.ok) {
        return;
    }
    if ((reading.value & both) != both) {
        inventory->filter_flags = RAPL_CAP_FILTER_KNOWN;
        return;
    }
    inventory->filter_flags = RAPL_CAP_FILTER_EXISTS;
    reading.msr = MSR_MISC_PACKAGE_CTLS;
    read_on(inventory, inventory->packages[0].lead, &reading, 1);
    if (reading.ok) {
        const bool on = (reading.value & MISC_ENERGY_FILTERING_ENABLED) != 0;

        inventory->filter_flags |= RAPL_CAP_FILTER_KNOWN | (on ? RAPL_CAP_FILTER_ON : 0);
    }
}

/* ---- Counters ------------------------------------------------------------------------------- */

static void probe_tally(struct rapl_inventory *inventory, struct rapl_tally *tally,
                        const struct rapl_inventory_package *package, uint32_t domain,
                        uint32_t processor, struct rapl_reading *reading, enum rapl_tally_span span)
{
    if (reading->ok && package->has_units) {
        rapl_inventory_take(inventory, tally, package, domain, processor, reading, span);
    } else {
        tally->state = RAPL_STATE_FAULTS;
        tally->read_failed = false;
    }
}

/* Of each domain that the model has, one reading after the other. */
struct candidates {
    struct rapl_reading reading[RAPL_PACKAGE_READINGS_MAX];
    uint8_t domain[RAPL_PACKAGE_READINGS_MAX];
    uint32_t count;
};

static void add_candidates(const struct rapl_register *const *by_domain, struct candidates *to)
{
    for (uint8_t i = 0; i < RAPL_PACKAGE_DOMAINS && to->count < RAPL_PACKAGE_READINGS_MAX; i++) {
        if (by_domain[i] != NULL) {
            to->reading[to->count] = (struct rapl_reading){.msr = by_domain[i]->msr};
            to->domain[to->count] = i;
            to->count++;
        }
    }
}

static void probe_counters(struct rapl_inventory *inventory, struct rapl_inventory_package *package,
                           enum rapl_tally_span span)
{
    struct candidates found = {.count = 0};
    uint32_t energy_count;

    add_candidates(inventory->energy, &found);
    energy_count = found.count;
    add_candidates(inventory->perf, &found);
    read_on(inventory, package->lead, found.reading, found.count);
    for (uint32_t i = 0; i < energy_count; i++) {
        const uint8_t domain = found.domain[i];

        probe_tally(inventory, &package->tally[domain], package, domain, package->lead,
                    &found.reading[i], span);
    }
    package->throttle_domains = 0;
    for (uint32_t i = energy_count; i < found.count; i++) {
        if (found.reading[i].ok && package->has_units) {
            package->throttle_domains |= (uint8_t)RAPL_DOMAIN_BIT(found.domain[i]);
        }
    }
}

static void probe_core(struct rapl_inventory *inventory, struct rapl_inventory_core *core,
                       enum rapl_tally_span span)
{
    const struct rapl_inventory_package *const package = &inventory->packages[core->package];
    struct rapl_reading reading = {.msr = inventory->energy[RAPL_DOMAIN_CORE]->msr};

    read_on(inventory, core->lead, &reading, 1);
    probe_tally(inventory, &core->tally, package, RAPL_DOMAIN_CORE, core->lead, &reading, span);
}

void rapl_inventory_probe_all(struct rapl_inventory *inventory, enum rapl_tally_span span)
{
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        probe_constants(inventory, &inventory->packages[i]);
        decode_units(inventory, &inventory->packages[i]);
    }
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        borrow_units(inventory, &inventory->packages[i]);
        probe_counters(inventory, &inventory->packages[i], span);
    }
    for (uint32_t i = 0; i < inventory->core_count; i++) {
        probe_core(inventory, &inventory->cores[i], span);
    }
    probe_filter(inventory);
    inventory->has_copy = false;
    inventory->core_100ns = rapl_inventory_now(inventory);
}

void rapl_inventory_probe(struct rapl_inventory *inventory)
{
    rapl_inventory_probe_all(inventory, RAPL_TALLY_RUNNING);
}
