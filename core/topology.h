/* SPDX-License-Identifier: Apache-2.0
 *
 * Which processors share a package, a die and a core.
 *
 * Sources: Intel SDM volume 3A "Multiple-Processor Management" (leaves 0x1F and 0x0B: shift counts
 * per level; leaves 1 and 4 where those are absent), AMD APM volume 3 (Fn8000_0026 levels,
 * Fn8000_001E core id and node id, Fn8000_0008 ECX[15:12] ApicIdSize).
 */
#ifndef RAPL_CORE_TOPOLOGY_H
#define RAPL_CORE_TOPOLOGY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cpu.h"
#include "core/domain.h"

/*
 * Where one logical processor sits. Ids are unique, not dense: parts of the APIC id, or the node id
 * for the die of AMD CPUs that have several nodes in a package and no Fn8000_0026.
 */
struct rapl_location {
    uint32_t apic_id;
    uint32_t package; /* unique in the machine */
    uint32_t die;     /* unique in the machine; equals the package where dies are not reported */
    uint32_t core;    /* unique in the machine */
};

/* One logical processor, indexed by its system-wide processor number. */
struct rapl_processor {
    struct rapl_location location;
    uint32_t package_lead; /* first processor of the RAPL package (a die where RAPL is per die) */
    uint32_t core_lead;    /* first processor of the physical core */
    uint16_t group; /* the same processor as Windows names it; filled at load by the driver */
    uint16_t die;   /* counted from 0 over the machine; filled by rapl_inventory_init */
    uint8_t number; /* within its group */
    /* Set to 1 once an energy counter was seen other than 0; used on leads only. */
    uint8_t alive[RAPL_DOMAIN_COUNT];
};

/* `cpuid` must execute on the processor that is being located. Never fails, whatever it answers. */
void rapl_topology_locate(const struct rapl_cpu *cpu, const struct rapl_cpuid *cpuid,
                          struct rapl_location *out);

/*
 * Fills the leads of processors[0..count) from their locations. `per_die`: the counters belong to
 * the die (Cascade Lake-AP). Compares each processor with those before it: some milliseconds for
 * 2048 processors, once.
 */
void rapl_topology_link(struct rapl_processor *processors, uint32_t count, bool per_die);

#endif
