/* SPDX-License-Identifier: Apache-2.0
 *
 * Which energy counters a powercap tree has. Zones are folders:
 *
 *     intel-rapl:0        name "package-0", "package-0-die-1", "psys", "psys-1"
 *     intel-rapl:0:1      name "core", "uncore", "dram"
 *     intel-rapl-mmio:0   the same package again, through the PCI thermal device
 *
 * Sources: Linux Documentation/power/powercap/powercap.rst and Documentation/ABI/testing/
 * sysfs-class-powercap; drivers/powercap/intel_rapl_common.c (zone names, psys-N, energy units in
 * whole nanojoules, max_energy_range_uj of 2^32 - 1 counts), intel_rapl_msr.c (AMD and Hygon: the
 * same zone names; "core" is MSR 0xC001029A of the package's leading processor: one core).
 */
#ifndef RAPL_LIB_POWERCAP_TREE_H
#define RAPL_LIB_POWERCAP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/backend/powercap_files.h"

#define POWERCAP_ZONES_MAX 128u
#define POWERCAP_LABEL_MAX 48u
#define POWERCAP_PATH_MAX  160u
#define POWERCAP_NAME_MAX  32u

struct powercap_zone {
    char path[POWERCAP_PATH_MAX];   /* of its folder, relative to the root */
    char label[POWERCAP_LABEL_MAX]; /* the folder's own name */
    char name[POWERCAP_NAME_MAX];   /* as the kernel has it: "package-0" */
    uint32_t domain;                /* enum rapl_domain, or RAPL_DOMAIN_METER */
    uint32_t socket, die;           /* RAPL_NONE: not said */
    uint32_t package;               /* index: sockets and dies in ascending order; or RAPL_NONE */
    uint64_t range_uj;              /* the counter begins again after that; 0: garbage */
    bool mmio;
};

struct powercap_tree {
    uint32_t count;
    uint32_t package_count;
    struct powercap_zone zones[POWERCAP_ZONES_MAX]; /* by package, then domain */
};

/* Why there is no zone to read; `path` is the file or folder it is about. */
struct powercap_problem {
    int error; /* a negative errno; 0: there is no zone, or what is there is garbage */
    bool garbage;
    bool masked; /* names of zones, but nothing behind them */
    char path[POWERCAP_PATH_MAX + 32];
};

struct powercap_rules {
    bool core_is_one; /* AMD, Hygon: "core" is one core's energy, and dies mirror their socket */
    bool cores;       /* such zones are wanted */
};

/*
 * Fills `*tree`: each counter once (no MMIO doubles, no mirrored dies). False, `*problem` filled,
 * if no zone is left; a zone with a malformed file is left out when there are others.
 */
bool powercap_tree_read(const struct powercap_files *files, const struct powercap_rules *rules,
                        struct powercap_tree *tree, struct powercap_problem *problem);

#endif
