/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks on replies. Every offset and count is compared in 64 bits before it is used.
 */
#include "lib/energy_reply.h"

#include <string.h>

/* No reply is larger: tables of the most entries, each twice as long as known here. */
#define REPLY_SIZE_MAX (64u << 20)

struct table {
    uint32_t count, offset, size;
    uint32_t count_max;
    size_t known_size; /* of an entry, in version 1: the least it may have */
};

static enum rapl_reply_result check_frame(const void *bytes, size_t size, size_t fixed_size,
                                          uint16_t kind)
{
    struct rapl_header header;

    if (size < fixed_size) {
        return RAPL_REPLY_SHORT;
    }
    memcpy(&header, bytes, sizeof(header));
    if (header.kind != (kind | RAPL_KIND_REPLY)) {
        return RAPL_REPLY_KIND;
    }
    if (header.version < RAPL_ENERGY_VERSION_MIN || header.version > RAPL_ENERGY_VERSION) {
        return RAPL_REPLY_VERSION;
    }
    return header.size == size ? RAPL_REPLY_OK : RAPL_REPLY_SHORT;
}

static bool fits(const struct table *table, size_t fixed_size, size_t size)
{
    const uint64_t end = table->offset + (uint64_t)table->count * table->size;

    return table->count <= table->count_max && table->size >= table->known_size &&
           table->offset >= fixed_size && end <= size;
}

static struct table package_table(const struct rapl_topology *topology)
{
    return (struct table){topology->package_count, topology->package_offset, topology->package_size,
                          RAPL_WIRE_PACKAGES_MAX, sizeof(struct rapl_topology_package)};
}

static struct table core_table(const struct rapl_topology *topology)
{
    return (struct table){topology->core_count, topology->core_offset, topology->core_size,
                          RAPL_WIRE_CORES_MAX, sizeof(struct rapl_topology_core)};
}

static struct table item_table(const struct rapl_snapshot *snapshot)
{
    return (struct table){snapshot->item_count, snapshot->item_offset, snapshot->item_size,
                          RAPL_WIRE_ITEMS_MAX, sizeof(struct rapl_snapshot_item)};
}

/* The known part of entry `i`; false past the end. */
static bool take(const void *bytes, const struct table *table, uint32_t i, void *out)
{
    if (i >= table->count) {
        return false;
    }
    memcpy(out, (const uint8_t *)bytes + table->offset + (size_t)i * table->size,
           table->known_size);
    return true;
}

enum rapl_reply_result rapl_reply_capabilities(const void *bytes, size_t size,
                                               struct rapl_capabilities *out)
{
    const enum rapl_reply_result result =
        check_frame(bytes, size, sizeof(*out), RAPL_KIND_CAPABILITIES);

    if (result != RAPL_REPLY_OK) {
        return result;
    }
    memcpy(out, bytes, sizeof(*out));
    out->brand[sizeof(out->brand) - 1] = '\0';
    return RAPL_REPLY_OK;
}

enum rapl_reply_result rapl_reply_topology(const void *bytes, size_t size,
                                           struct rapl_topology *out)
{
    const enum rapl_reply_result result =
        check_frame(bytes, size, sizeof(*out), RAPL_KIND_TOPOLOGY);
    struct rapl_topology topology;

    if (result != RAPL_REPLY_OK) {
        return result;
    }
    memcpy(&topology, bytes, sizeof(topology));
    const struct table packages = package_table(&topology);
    const struct table cores = core_table(&topology);
    if (!fits(&packages, sizeof(topology), size) || !fits(&cores, sizeof(topology), size)) {
        return RAPL_REPLY_TABLE;
    }
    *out = topology;
    return RAPL_REPLY_OK;
}

enum rapl_reply_result rapl_reply_snapshot(const void *bytes, size_t size,
                                           struct rapl_snapshot *out)
{
    const enum rapl_reply_result result =
        check_frame(bytes, size, sizeof(*out), RAPL_KIND_SNAPSHOT);
    struct rapl_snapshot snapshot;

    if (result != RAPL_REPLY_OK) {
        return result;
    }
    memcpy(&snapshot, bytes, sizeof(snapshot));
    const struct table items = item_table(&snapshot);
    if (!fits(&items, sizeof(snapshot), size)) {
        return RAPL_REPLY_TABLE;
    }
    if (snapshot.ticks_per_s == 0) {
        return RAPL_REPLY_VALUE;
    }
    *out = snapshot;
    return RAPL_REPLY_OK;
}

enum rapl_reply_result rapl_reply_package(const void *bytes, const struct rapl_topology *of,
                                          uint32_t i, struct rapl_topology_package *out)
{
    const struct table table = package_table(of);
    struct rapl_topology_package package;

    if (!take(bytes, &table, i, &package)) {
        return RAPL_REPLY_TABLE;
    }
    for (uint32_t j = 0; j < RAPL_WIRE_DOMAINS; j++) {
        if (package.unit_j[j].denominator == 0) {
            return RAPL_REPLY_VALUE;
        }
    }
    *out = package;
    return RAPL_REPLY_OK;
}

enum rapl_reply_result rapl_reply_core(const void *bytes, const struct rapl_topology *of,
                                       uint32_t i, struct rapl_topology_core *out)
{
    const struct table table = core_table(of);
    struct rapl_topology_core core;

    if (!take(bytes, &table, i, &core)) {
        return RAPL_REPLY_TABLE;
    }
    if (core.unit_j.denominator == 0 || core.package_index >= of->package_count) {
        return RAPL_REPLY_VALUE;
    }
    *out = core;
    return RAPL_REPLY_OK;
}

enum rapl_reply_result rapl_reply_item(const void *bytes, const struct rapl_snapshot *of,
                                       uint32_t i, struct rapl_snapshot_item *out)
{
    const struct table table = item_table(of);
    struct rapl_snapshot_item item;

    if (!take(bytes, &table, i, &item)) {
        return RAPL_REPLY_TABLE;
    }
    if (item.domain >= RAPL_WIRE_DOMAINS || item.unit_index >= RAPL_WIRE_PACKAGES_MAX) {
        return RAPL_REPLY_VALUE;
    }
    *out = item;
    return RAPL_REPLY_OK;
}

uint32_t rapl_reply_needed(const void *bytes, size_t size, uint16_t kind)
{
    struct rapl_header header;

    if (size != sizeof(header)) {
        return 0;
    }
    memcpy(&header, bytes, sizeof(header));
    return header.kind == (kind | RAPL_KIND_REPLY) && header.size > sizeof(header) &&
                   header.size <= REPLY_SIZE_MAX
               ? header.size
               : 0;
}
