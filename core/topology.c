/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a processor sits. Whatever CPUID answers, loops end and shifts stay below 32: a hypervisor
 * may answer anything.
 */
#include "core/topology.h"

#define LEAF_VENDOR       0x00000000u
#define LEAF_FEATURES     0x00000001u
#define LEAF_CACHES       0x00000004u
#define LEAF_TOPOLOGY     0x0000000Bu
#define LEAF_TOPOLOGY_V2  0x0000001Fu
#define LEAF_EXTENDED     0x80000000u
#define LEAF_AMD_FEATURES 0x80000001u
#define LEAF_AMD_SIZES    0x80000008u
#define LEAF_AMD_NODES    0x8000001Eu
#define LEAF_AMD_TOPOLOGY 0x80000026u

#define FEATURE_MULTI_THREADED (1u << 28) /* leaf 1 EDX: the count in EBX[23:16] is valid */
#define AMD_FEATURE_TOPOLOGY   (1u << 22) /* 0x80000001 ECX: 0x8000001E exists */
#define LEVELS_MAX             8u

/* Level types, ECX[15:8]. The first is the same for both vendors: threads of one core. */
#define LEVEL_NONE      0u
#define LEVEL_THREAD    1u
#define LEVEL_AMD_DIE   3u
#define LEVEL_INTEL_DIE 5u

/* How far to shift an APIC id right to get each id. */
struct layout {
    uint32_t apic_id;
    uint32_t core;
    uint32_t die;
    uint32_t package;
};

static struct rapl_cpuid_regs leaf(const struct rapl_cpuid *cpuid, uint32_t number, uint32_t sub)
{
    struct rapl_cpuid_regs regs;

    cpuid->read(cpuid->context, number, sub, &regs);
    return regs;
}

/* The last leaf of the range that `base` begins. */
static uint32_t last_leaf(const struct rapl_cpuid *cpuid, uint32_t base)
{
    return leaf(cpuid, base, 0).eax;
}

/* The smallest n with 2^n >= count; 0 for a count of 0. At most 16: counts are bit fields. */
static uint32_t log2_up(uint32_t count)
{
    uint32_t n = 0;

    while (n < 16 && (1u << n) < count) {
        n++;
    }
    return n;
}

/*
 * Leaves 0x0B, 0x1F and 0x80000026: one subleaf a level, innermost first, each with the shift that
 * leads past it. Intel names a level after what it is made of, so a die's id is what remains after
 * the shift of the level before the die level; AMD names it after what the shift leads to. False,
 * `*out` untouched, if the leaf reports no level.
 */
static bool read_levels(const struct rapl_cpuid *cpuid, uint32_t number, struct layout *out)
{
    struct layout found = {0};
    bool has_die = false;
    uint32_t level;

    for (level = 0; level < LEVELS_MAX; level++) {
        const struct rapl_cpuid_regs regs = leaf(cpuid, number, level);
        const uint32_t type = (regs.ecx >> 8) & 0xFFu;
        const uint32_t threads = regs.ebx & 0xFFFFu;
        uint32_t shift = regs.eax & 0x1Fu;

        if (type == LEVEL_NONE || threads == 0) {
            break;
        }
        if (type == LEVEL_THREAD && shift == 0) {
            /* Linux met machines that report two threads a core and no shift: two it is. */
            shift = log2_up(threads);
        }
        if (type == LEVEL_THREAD) {
            found.core = shift;
        }
        if (number == LEAF_TOPOLOGY_V2 && type == LEVEL_INTEL_DIE) {
            found.die = found.package;
            has_die = true;
        }
        if (number == LEAF_AMD_TOPOLOGY && type == LEVEL_AMD_DIE) {
            found.die = shift;
            has_die = true;
        }
        if (shift > found.package) {
            found.package = shift;
        }
        found.apic_id = regs.edx;
    }
    if (!has_die) {
        found.die = found.package;
    }
    if (level != 0) {
        *out = found;
    }
    return level != 0;
}

/* Leaves 1 and 4: counts, rounded up to powers of two, of an 8-bit APIC id. */
static void read_intel_legacy(const struct rapl_cpuid *cpuid, struct layout *out)
{
    const struct rapl_cpuid_regs features = leaf(cpuid, LEAF_FEATURES, 0);
    const bool threaded = (features.edx & FEATURE_MULTI_THREADED) != 0;
    const uint32_t package = threaded ? log2_up((features.ebx >> 16) & 0xFFu) : 0;
    uint32_t cores = 0;

    if (last_leaf(cpuid, LEAF_VENDOR) >= LEAF_CACHES) {
        cores = log2_up(((leaf(cpuid, LEAF_CACHES, 0).eax >> 26) & 0x3Fu) + 1);
    }
    out->apic_id = features.ebx >> 24;
    out->package = package;
    out->die = package;
    out->core = cores < package ? package - cores : 0;
}

static void locate_intel(const struct rapl_cpuid *cpuid, struct layout *layout)
{
    const uint32_t last = last_leaf(cpuid, LEAF_VENDOR);

    if (last >= LEAF_TOPOLOGY_V2 && read_levels(cpuid, LEAF_TOPOLOGY_V2, layout)) {
        return;
    }
    if (last >= LEAF_TOPOLOGY && read_levels(cpuid, LEAF_TOPOLOGY, layout)) {
        return;
    }
    read_intel_legacy(cpuid, layout);
}

/* 0x80000008: ApicIdSize, or the number of threads where that is 0. */
static uint32_t amd_package_shift(const struct rapl_cpuid *cpuid)
{
    uint32_t ecx;
    uint32_t size;

    if (last_leaf(cpuid, LEAF_EXTENDED) < LEAF_AMD_SIZES) {
        return 0;
    }
    ecx = leaf(cpuid, LEAF_AMD_SIZES, 0).ecx;
    size = (ecx >> 12) & 0xFu;
    return size != 0 ? size : log2_up((ecx & 0xFFu) + 1);
}

static bool has_amd_nodes(const struct rapl_cpuid *cpuid)
{
    return last_leaf(cpuid, LEAF_EXTENDED) >= LEAF_AMD_NODES &&
           (leaf(cpuid, LEAF_AMD_FEATURES, 0).ecx & AMD_FEATURE_TOPOLOGY) != 0;
}

/*
 * AMD without 0x80000026. The die is the node where a package has several; node ids count over the
 * whole machine. Returns true, and the node, in that case.
 */
static bool read_amd_older(const struct rapl_cpuid *cpuid, struct layout *out, uint32_t *node)
{
    const bool has_nodes = has_amd_nodes(cpuid);
    struct rapl_cpuid_regs nodes = {0};
    struct layout found = {0};

    found.apic_id = leaf(cpuid, LEAF_FEATURES, 0).ebx >> 24;
    if (has_nodes) {
        nodes = leaf(cpuid, LEAF_AMD_NODES, 0);
        found.apic_id = nodes.eax;
        found.core = log2_up(((nodes.ebx >> 8) & 0xFFu) + 1);
    }
    found.package = amd_package_shift(cpuid);
    if (found.core > found.package) {
        found.core = found.package;
    }
    if (last_leaf(cpuid, LEAF_VENDOR) >= LEAF_TOPOLOGY) {
        (void)read_levels(cpuid, LEAF_TOPOLOGY, &found);
    }
    found.die = found.package;
    *out = found;
    *node = nodes.ecx & 0xFFu;
    return ((nodes.ecx >> 8) & 0x7u) != 0;
}

void rapl_topology_locate(const struct rapl_cpu *cpu, const struct rapl_cpuid *cpuid,
                          struct rapl_location *out)
{
    struct layout layout = {0};
    uint32_t node = 0;
    bool die_is_node = false;

    if (cpu->vendor == RAPL_VENDOR_INTEL) {
        locate_intel(cpuid, &layout);
    } else if (last_leaf(cpuid, LEAF_EXTENDED) < LEAF_AMD_TOPOLOGY ||
               !read_levels(cpuid, LEAF_AMD_TOPOLOGY, &layout)) {
        die_is_node = read_amd_older(cpuid, &layout, &node);
    }
    out->apic_id = layout.apic_id;
    out->package = layout.apic_id >> layout.package;
    out->die = die_is_node ? node : layout.apic_id >> layout.die;
    out->core = layout.apic_id >> layout.core;
}

/* Whether two processors share RAPL counters of package scope. */
static bool same_package(const struct rapl_location *a, const struct rapl_location *b, bool per_die)
{
    return a->package == b->package && (!per_die || a->die == b->die);
}

void rapl_topology_link(struct rapl_processor *processors, uint32_t count, bool per_die)
{
    for (uint32_t i = 0; i < count; i++) {
        struct rapl_processor *const processor = &processors[i];
        uint32_t package = 0;
        uint32_t core = 0;

        while (!same_package(&processors[package].location, &processor->location, per_die)) {
            package++;
        }
        while (processors[core].location.core != processor->location.core ||
               processors[core].location.package != processor->location.package) {
            core++;
        }
        processor->package_lead = package;
        processor->core_lead = core;
    }
}
