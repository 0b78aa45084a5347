/* SPDX-License-Identifier: Apache-2.0
 *
 * GET_SNAPSHOT: energy, from the hardware for a fresh caller, from the copy for a coarse one.
 */
#include "core/energy_reply.h"

#define CORE_BIT RAPL_DOMAIN_BIT(RAPL_DOMAIN_CORE)

/* Which counters were asked for: masks with the bits that cannot be had together taken out. */
struct wanted {
    uint32_t scopes;
    uint32_t package_domains;
    bool throttle;
};

/* False: malformed, or it asks for nothing. */
static bool decode(const struct rapl_get_snapshot *request, struct wanted *out)
{
    uint32_t scopes = request->scope_mask;

    if ((request->domain_mask & ~RAPL_WIRE_DOMAIN_MASK) != 0 || (scopes & ~RAPL_SCOPE_MASK) != 0 ||
        (request->options & ~RAPL_SNAPSHOT_OPTIONS) != 0) {
        return false;
    }
    if ((request->domain_mask & ~CORE_BIT) == 0) {
        scopes &= ~RAPL_SCOPE_PACKAGES;
    }
    if ((request->domain_mask & CORE_BIT) == 0) {
        scopes &= ~RAPL_SCOPE_CORES;
    }
    out->scopes = scopes;
    out->package_domains =
        (scopes & RAPL_SCOPE_PACKAGES) != 0 ? request->domain_mask & ~CORE_BIT : 0;
    out->throttle = (request->options & RAPL_SNAPSHOT_THROTTLE) != 0;
    return scopes != 0;
}

static bool is_wanted(const struct wanted *wanted, const struct rapl_tally *tally, uint32_t domain)
{
    return (wanted->package_domains & RAPL_DOMAIN_BIT(domain)) != 0 && rapl_tally_is_listed(tally);
}

/* The same before and after a reading: only a probe changes what is listed. */
static uint32_t count_items(const struct rapl_inventory *inventory, const struct wanted *wanted)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < inventory->package_count; i++) {
        for (uint32_t j = 0; j < RAPL_PACKAGE_DOMAINS; j++) {
            count += is_wanted(wanted, &inventory->packages[i].tally[j], j) ? 1 : 0;
        }
    }
    for (uint32_t i = 0; (wanted->scopes & RAPL_SCOPE_CORES) != 0 && i < inventory->core_count;
         i++) {
        count += rapl_tally_is_listed(&inventory->cores[i].tally) ? 1 : 0;
    }
    return count;
}

static uint16_t status_of(const struct rapl_tally *tally)
{
    if (tally->read_failed || !rapl_tally_is_read(tally)) {
        return RAPL_ITEM_FAULTS;
    }
    return tally->state == RAPL_STATE_DEAD ? RAPL_ITEM_DEAD : RAPL_ITEM_OK;
}

static uint32_t reply_flags(const struct rapl_energy_reply *reply)
{
    return (reply->coarse ? RAPL_ITEM_COARSE : 0) |
           (reply->device->simulated ? RAPL_ITEM_SIMULATED : 0);
}

/* Fills what every item has from its tally. */
static struct rapl_snapshot_item item_of(const struct rapl_energy_reply *reply,
                                         const struct rapl_tally *tally)
{
    return (struct rapl_snapshot_item){
        .status = status_of(tally),
        .flags = reply_flags(reply) | (tally->reset_count != 0 ? RAPL_ITEM_RESET : 0) |
                 (tally->gap_count != 0 ? RAPL_ITEM_GAP : 0),
        .energy_ticks = tally->counter.total,
        .raw = reply->coarse ? 0 : tally->raw,
        .time_100ns = tally->time_100ns,
        .ticks = tally->ticks,
        .throttled_us = RAPL_NO_THROTTLE,
        .reset_count = tally->reset_count,
        .gap_count = tally->gap_count,
    };
}

static void put_package(struct rapl_energy_reply *reply, const struct wanted *wanted,
                        uint32_t index)
{
    const struct rapl_machine *const machine = reply->device->inventory->machine;
    const struct rapl_inventory_package *const package = &reply->device->inventory->packages[index];
    const bool per_die = (machine->model->flags & RAPL_MODEL_PER_DIE) != 0;

    for (uint32_t i = 0; i < RAPL_PACKAGE_DOMAINS; i++) {
        if (is_wanted(wanted, &package->tally[i], i)) {
            struct rapl_snapshot_item item =
                item_of(reply, reply->coarse ? &package->copy[i] : &package->tally[i]);

            item.scope = per_die ? RAPL_UNIT_SCOPE_DIE : RAPL_UNIT_SCOPE_PACKAGE;
            item.domain = (uint8_t)i;
            item.index = index;
            item.unit_index = index;
            if (wanted->throttle) {
                item.throttled_us = package->throttled_us[i];
            }
            rapl_energy_put(reply, &item, sizeof(item));
        }
    }
}

static void put_core(struct rapl_energy_reply *reply, uint32_t index)
{
    const struct rapl_inventory_core *const core = &reply->device->inventory->cores[index];

    if (rapl_tally_is_listed(&core->tally)) {
        struct rapl_snapshot_item item = item_of(reply, &core->tally);

        item.scope = RAPL_UNIT_SCOPE_CORE;
        item.domain = RAPL_WIRE_DOMAIN_CORE;
        item.index = index;
        item.unit_index = core->package;
        rapl_energy_put(reply, &item, sizeof(item));
    }
}

/* Brings the values up to date, and says when that was. */
static const struct rapl_span *refresh(const struct rapl_energy_reply *reply,
                                       const struct wanted *wanted)
{
    struct rapl_inventory *const inventory = reply->device->inventory;

    if (reply->coarse) {
        rapl_inventory_refresh_copy(inventory);
        return &inventory->copy_span;
    }
    rapl_inventory_read(inventory, wanted->scopes, wanted->throttle);
    return &inventory->span;
}

static enum rapl_energy_status put_snapshot(struct rapl_energy_reply *reply,
                                            const struct wanted *wanted)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    struct rapl_snapshot found = {
        .ticks_per_s = inventory->machine->platform.ticks_per_s,
        .item_count = count_items(inventory, wanted),
        .item_offset = sizeof(found),
        .item_size = sizeof(struct rapl_snapshot_item),
        .flags = reply_flags(reply),
    };
    const struct rapl_span *span;

    if (!rapl_energy_begin(reply, sizeof(found) + (size_t)found.item_count * found.item_size,
                           &found.header)) {
        return RAPL_ENERGY_MORE;
    }
    span = refresh(reply, wanted);
    found.sequence = span->sequence;
    found.start_100ns = span->start_100ns;
    found.end_100ns = span->end_100ns;
    found.start_ticks = span->start_ticks;
    found.end_ticks = span->end_ticks;
    rapl_energy_put(reply, &found, sizeof(found));
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        put_package(reply, wanted, i);
    }
    for (uint32_t i = 0; (wanted->scopes & RAPL_SCOPE_CORES) != 0 && i < inventory->core_count;
         i++) {
        put_core(reply, i);
    }
    return RAPL_ENERGY_OK;
}

enum rapl_energy_status rapl_energy_snapshot(struct rapl_energy_reply *reply)
{
    const struct rapl_get_snapshot *const request = &reply->request;
    struct wanted wanted;

    if (!decode(request, &wanted)) {
        return RAPL_ENERGY_BAD_REQUEST;
    }
    if (reply->coarse && ((request->scope_mask & RAPL_SCOPE_CORES) != 0 || wanted.throttle)) {
        return RAPL_ENERGY_ACCESS_DENIED;
    }
    if (reply->device->inventory->suspending) {
        return RAPL_ENERGY_NOT_READY;
    }
    return put_snapshot(reply, &wanted);
}
