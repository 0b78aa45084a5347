/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever a driver answers, hostile or newer, is refused or safe to walk through.
 *
 * Input: a byte that says which reply is expected, then the message.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/energy_reply.h"

static void require(int condition)
{
    if (!condition) {
        abort();
    }
}

static void walk_topology(const uint8_t *bytes, size_t size)
{
    struct rapl_topology topology;

    if (rapl_reply_topology(bytes, size, &topology) != RAPL_REPLY_OK) {
        return;
    }
    require(topology.package_count <= RAPL_WIRE_PACKAGES_MAX);
    for (uint32_t i = 0; i <= topology.package_count; i++) {
        struct rapl_topology_package package;
        const enum rapl_reply_result result = rapl_reply_package(bytes, &topology, i, &package);
        require((result == RAPL_REPLY_TABLE) == (i == topology.package_count));
        require(result != RAPL_REPLY_OK || package.unit_j[0].denominator != 0);
    }
    for (uint32_t i = 0; i <= topology.core_count; i++) {
        struct rapl_topology_core core;
        const enum rapl_reply_result result = rapl_reply_core(bytes, &topology, i, &core);
        require((result == RAPL_REPLY_TABLE) == (i == topology.core_count));
        require(result != RAPL_REPLY_OK || core.package_index < topology.package_count);
    }
}

static void walk_snapshot(const uint8_t *bytes, size_t size)
{
    struct rapl_snapshot snapshot;

    if (rapl_reply_snapshot(bytes, size, &snapshot) != RAPL_REPLY_OK) {
        return;
    }
    require(snapshot.ticks_per_s != 0);
    for (uint32_t i = 0; i <= snapshot.item_count; i++) {
        struct rapl_snapshot_item item;
        const enum rapl_reply_result result = rapl_reply_item(bytes, &snapshot, i, &item);
        require((result == RAPL_REPLY_TABLE) == (i == snapshot.item_count));
        require(result != RAPL_REPLY_OK || item.domain < RAPL_WIRE_DOMAINS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rapl_capabilities capabilities;

    if (size == 0) {
        return 0;
    }
    /* a copy of exactly the message's size: a read past its end is seen */
    uint8_t *bytes = malloc(size > 1 ? size - 1 : 1);
    require(bytes != NULL);
    memcpy(bytes, data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        if (rapl_reply_capabilities(bytes, size - 1, &capabilities) == RAPL_REPLY_OK) {
            require(memchr(capabilities.brand, 0, sizeof(capabilities.brand)) != NULL);
        }
        break;
    case 1:
        walk_topology(bytes, size - 1);
        break;
    case 2:
        walk_snapshot(bytes, size - 1);
        break;
    default:
        (void)rapl_reply_needed(bytes, size - 1, RAPL_KIND_SNAPSHOT);
        break;
    }
    free(bytes);
    return 0;
}
