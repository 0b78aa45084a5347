/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the inventory share among themselves.
 */
#ifndef RAPL_CORE_INVENTORY_PARTS_H
#define RAPL_CORE_INVENTORY_PARTS_H

#include "core/inventory.h"

/* What is physically possible for a counter of that domain, in that package's units. */
struct rapl_counter_limit rapl_package_limit(const struct rapl_inventory_package *package,
                                             uint32_t domain);

/*
 * One reading of a domain's energy counter by `processor`, to its tally: reserved bits are cut off
 * (in `*reading` too), and it is judged alive or dead.
 */
void rapl_inventory_take(struct rapl_inventory *inventory, struct rapl_tally *tally,
                         const struct rapl_inventory_package *package, uint32_t domain,
                         uint32_t processor, struct rapl_reading *reading,
                         enum rapl_tally_span span);

/* rapl_inventory_probe, at load or after a resumption. */
void rapl_inventory_probe_all(struct rapl_inventory *inventory, enum rapl_tally_span span);

/* rapl_platform_ops.now, without the performance counter. */
uint64_t rapl_inventory_now(const struct rapl_inventory *inventory);

#endif
