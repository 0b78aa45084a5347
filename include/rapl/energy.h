/* SPDX-License-Identifier: Apache-2.0
 *
 * The wire format of \\.\RaplEnergy: capabilities, topology, and everything about energy in one
 * request. docs/abi.md documents it byte by byte; tests/unit holds golden bytes.
 *
 * Rules
 * - Little-endian, fixed offsets, no padding, no pointers, no enums. Reserved fields are 0, both
 *   ways.
 * - Every message begins with struct rapl_header. A request's `size` is the number of bytes sent.
 * - A driver answers versions RAPL_ENERGY_VERSION_MIN to RAPL_ENERGY_VERSION, in the version asked.
 *   Fields are only ever added at the end of a struct: a longer request is accepted if all it has
 *   beyond the known fields is 0, and a reply is read by its `*_offset` and `*_size`, never by
 *   sizeof.
 * - A reply that does not fit is ERROR_MORE_DATA (234) with only the header, whose `size` is what
 *   is needed. An output shorter than the header is ERROR_INSUFFICIENT_BUFFER (122).
 *
 * Windows errors: 1167 the device was removed; 1 control code not known; 5 no read access, or cores
 * or throttle time for a coarse caller; 87 malformed request (length, kind, reserved bits, unknown
 * or empty mask); 122 and 234 as above; 1306 version not supported (ERROR_REVISION_MISMATCH); 21 a
 * snapshot while the machine is suspending (ERROR_NOT_READY).
 */
#ifndef RAPL_ENERGY_H
#define RAPL_ENERGY_H

#include <stddef.h>
#include <stdint.h>

#define RAPL_ENERGY_DEVICE_NAME L"\\Device\\RaplEnergy"
#define RAPL_ENERGY_LINK_NAME   L"\\DosDevices\\RaplEnergy"
#define RAPL_ENERGY_WIN32_NAME  L"\\\\.\\RaplEnergy"

#define RAPL_ENERGY_VERSION_MIN 1u
#define RAPL_ENERGY_VERSION     1u

/* CTL_CODE(FILE_DEVICE_UNKNOWN, 0x900 and up, METHOD_BUFFERED, FILE_READ_DATA) */
#define RAPL_IOCTL_GET_CAPABILITIES 0x00226400u
#define RAPL_IOCTL_GET_TOPOLOGY     0x00226404u
#define RAPL_IOCTL_GET_SNAPSHOT     0x00226408u

/* rapl_header.kind: a request's, and its reply's with the high bit set. */
#define RAPL_KIND_CAPABILITIES 0x0001u
#define RAPL_KIND_TOPOLOGY     0x0002u
#define RAPL_KIND_SNAPSHOT     0x0003u
#define RAPL_KIND_REPLY        0x8000u

/* A longer request is malformed: room for fields to come. */
#define RAPL_WIRE_REQUEST_MAX 256u

/* Most entries a reply can have. */
#define RAPL_WIRE_PACKAGES_MAX 256u
#define RAPL_WIRE_CORES_MAX    2048u
#define RAPL_WIRE_ITEMS_MAX    (RAPL_WIRE_PACKAGES_MAX * 5u + RAPL_WIRE_CORES_MAX)

/* Domains by number, as in core/domain.h; arrays by domain have room for eight. */
#define RAPL_WIRE_DOMAIN_PACKAGE 0u
#define RAPL_WIRE_DOMAIN_PP0     1u
#define RAPL_WIRE_DOMAIN_PP1     2u
#define RAPL_WIRE_DOMAIN_DRAM    3u
#define RAPL_WIRE_DOMAIN_PSYS    4u
#define RAPL_WIRE_DOMAIN_CORE    5u
#define RAPL_WIRE_DOMAINS        8u
#define RAPL_WIRE_DOMAIN_MASK    0x3Fu

struct rapl_header {
    uint32_t size; /* bytes of the whole message */
    uint16_t version;
    uint16_t kind;
};

/* ---- Requests ------------------------------------------------------------------------------- */

struct rapl_get_capabilities {
    struct rapl_header header;
    uint32_t reserved[2];
};

struct rapl_get_topology {
    struct rapl_header header;
    uint32_t reserved[2];
};

/* rapl_get_snapshot.scope_mask */
#define RAPL_SCOPE_PACKAGES 0x1u /* packages, or dies where the counters are per die */
#define RAPL_SCOPE_CORES    0x2u /* physical cores; fresh callers only */
#define RAPL_SCOPE_MASK     0x3u

/* rapl_get_snapshot.options */
#define RAPL_SNAPSHOT_THROTTLE 0x1u /* throttled time too; fresh callers only */
#define RAPL_SNAPSHOT_OPTIONS  0x1u

struct rapl_get_snapshot {
    struct rapl_header header;
    /* 1 << RAPL_WIRE_DOMAIN_*. Domains a machine has not are left out; masks that together name
     * nothing (cores alone, without RAPL_WIRE_DOMAIN_CORE) are malformed. */
    uint32_t domain_mask;
    uint32_t scope_mask;
    uint32_t options;
    uint32_t reserved;
};

/* ---- Capabilities --------------------------------------------------------------------------- */

/* rapl_capabilities.flags */
#define RAPL_CAP_SIMULATED     0x001u /* the numbers are a recording's */
#define RAPL_CAP_COARSE        0x002u /* this handle's tier */
#define RAPL_CAP_HYPERVISOR    0x004u
#define RAPL_CAP_HYPERV_ROOT   0x008u
#define RAPL_CAP_GENERIC_MODEL 0x010u /* no row for this model: its family's defaults */
#define RAPL_CAP_FILTER_KNOWN  0x020u /* the two below could be read */
#define RAPL_CAP_FILTER_EXISTS 0x040u /* IA32_ARCH_CAPABILITIES bits 10 and 11 */
#define RAPL_CAP_FILTER_ON     0x080u /* IA32_MISC_PACKAGE_CTLS bit 0: energy is filtered */

/* State of a domain: *_state fields. The best of several is PRESENT, then DEAD, then FAULTS. */
#define RAPL_STATE_PRESENT  0u
#define RAPL_STATE_NO_MODEL 1u /* this model has not got it */
#define RAPL_STATE_FAULTS   2u /* its counter, or its unit, faulted at load or the last resume */
#define RAPL_STATE_DEAD     3u /* its counter has read 0 ever since load */

struct rapl_capabilities {
    struct rapl_header header;
    uint16_t driver_major, driver_minor, driver_patch;
    uint16_t reserved_0;
    uint16_t version_min, version_max;
    uint32_t flags;
    uint32_t access_policy; /* RAPL_ACCESS_* */
    uint32_t coarse_ms;     /* how old the copy for coarse callers may become */
    uint8_t vendor;         /* 1 Intel, 2 AMD, 3 Hygon */
    uint8_t stepping;
    uint16_t family;
    uint16_t model;
    uint16_t reserved_1;
    uint32_t socket_count;
    uint32_t die_count;
    uint32_t core_count;
    uint32_t processor_count;
    uint32_t group_count;
    uint32_t package_count;                  /* entries of the topology: sockets, or dies */
    uint8_t domain_state[RAPL_WIRE_DOMAINS]; /* the best of all packages */
    uint64_t ticks_per_s;                    /* of every performance counter value */
    char brand[48];                          /* CPUID's, NUL-terminated; empty if there is none */
    uint32_t linger_minutes; /* how long counting goes on after the last handle was closed */
    uint32_t reserved_2;
};

/* ---- Topology ------------------------------------------------------------------------------- */

struct rapl_wire_fraction {
    uint32_t numerator;
    uint32_t denominator; /* never 0 */
};

/* rapl_wire_limit.flags */
#define RAPL_LIMIT_PRESENT  0x1u
#define RAPL_LIMIT_ENABLED  0x2u
#define RAPL_LIMIT_CLAMP    0x4u
#define RAPL_LIMIT_LOCKED   0x8u
#define RAPL_LIMIT_WITHHELD 0x10u /* not for a coarse caller */

struct rapl_wire_limit {
    uint32_t limit_mw;
    uint32_t window_us;
    uint32_t flags;
    uint32_t reserved;
};

/* Index into rapl_topology_package.limit */
#define RAPL_LIMIT_PACKAGE_1 0u
#define RAPL_LIMIT_PACKAGE_2 1u
#define RAPL_LIMIT_PP0       2u
#define RAPL_LIMIT_PP1       3u
#define RAPL_LIMIT_DRAM      4u
#define RAPL_LIMIT_PSYS_1    5u
#define RAPL_LIMIT_PSYS_2    6u
#define RAPL_LIMITS          7u

#define RAPL_UNIT_SCOPE_PACKAGE 1u
#define RAPL_UNIT_SCOPE_DIE     2u
#define RAPL_UNIT_SCOPE_CORE    3u

/* Powers are in milliwatts; 0 is "not stated". */
struct rapl_wire_power_info {
    uint32_t tdp_mw;
    uint32_t min_mw;
    uint32_t max_mw;
    uint32_t max_window_us;
};

struct rapl_topology_package {
    uint32_t index;     /* of this entry */
    uint32_t socket;    /* counted from 0 */
    uint32_t die;       /* counted from 0 over the machine: its first one */
    uint32_t processor; /* the system-wide number of the processor it is read on */
    uint16_t group;     /* the same processor by group and number */
    uint8_t number;
    uint8_t scope;    /* RAPL_UNIT_SCOPE_PACKAGE or _DIE */
    uint32_t domains; /* 1 << RAPL_WIRE_DOMAIN_* of those whose state is PRESENT */
    uint8_t domain_state[RAPL_WIRE_DOMAINS];
    struct rapl_wire_fraction unit_j[RAPL_WIRE_DOMAINS]; /* joules of one tick; 0/1: none */
    struct rapl_wire_power_info package;
    struct rapl_wire_power_info dram;
    struct rapl_wire_limit limit[RAPL_LIMITS];
    uint64_t counter_range_j[RAPL_WIRE_DOMAINS]; /* 2^32 ticks, rounded down */
    /* Until it wraps at TDP: the DRAM's own for dram, else the package's; 0: none stated, psys. */
    uint32_t wrap_s[RAPL_WIRE_DOMAINS];
};

/* A physical core; it is in the list even where cores have no energy counter. */
struct rapl_topology_core {
    uint32_t index;
    uint32_t package_index; /* entry of the package it belongs to */
    uint32_t processor;
    uint16_t group;
    uint8_t number;
    uint8_t state;                    /* RAPL_STATE_* of its energy counter */
    struct rapl_wire_fraction unit_j; /* joules of one tick; 0/1: none */
    uint32_t die;                     /* counted from 0 over the machine */
    uint32_t reserved;
};

/* Packages at package_offset, cores at core_offset, from the message's first byte. */
struct rapl_topology {
    struct rapl_header header;
    uint32_t package_count, package_offset, package_size;
    uint32_t core_count, core_offset, core_size;
};

/* ---- Snapshot ------------------------------------------------------------------------------- */

/* rapl_snapshot_item.status */
#define RAPL_ITEM_OK     0u
#define RAPL_ITEM_FAULTS 1u /* the read faulted: energy_ticks is the last known, time is of it */
#define RAPL_ITEM_DEAD   2u /* has read 0 ever since load: no energy */

/* rapl_snapshot_item.flags */
#define RAPL_ITEM_RESET     0x1u /* the counter was reset since load: reset_count says how often */
#define RAPL_ITEM_GAP       0x2u /* energy is missing: gap_count says how often since load */
#define RAPL_ITEM_COARSE    0x4u /* from the shared copy; raw is withheld */
#define RAPL_ITEM_SIMULATED 0x8u

#define RAPL_NO_THROTTLE UINT64_MAX

struct rapl_snapshot_item {
    uint8_t scope;  /* RAPL_UNIT_SCOPE_* */
    uint8_t domain; /* RAPL_WIRE_DOMAIN_* */
    uint16_t status;
    uint32_t index; /* entry in the topology: of packages, or of cores */
    uint32_t flags;
    uint32_t unit_index;   /* entry of the package whose unit_j[domain] is one tick */
    uint64_t energy_ticks; /* since load; never wraps, never goes back */
    uint64_t raw;          /* the register: 32 bits of Intel's; 0 for a coarse caller */
    uint64_t time_100ns;   /* interrupt time of this very read */
    uint64_t ticks;        /* performance counter at this very read */
    uint64_t throttled_us; /* as its register has it; RAPL_NO_THROTTLE: not asked for, not there */
    uint32_t reset_count;
    uint32_t gap_count;
};

struct rapl_snapshot {
    struct rapl_header header;
    uint64_t sequence; /* +1 with every snapshot taken; coarse: with every renewal of the copy */
    uint64_t start_100ns, end_100ns;
    uint64_t start_ticks, end_ticks;
    uint64_t ticks_per_s; /* of start_ticks, end_ticks and rapl_snapshot_item.ticks */
    uint32_t item_count, item_offset, item_size;
    uint32_t flags; /* RAPL_ITEM_COARSE, RAPL_ITEM_SIMULATED */
};

/* ---- Sizes and offsets ---------------------------------------------------------------------- */

#define RAPL_WIRE_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), "wire size")
#define RAPL_WIRE_AT(type, field, offset)                                                          \
    _Static_assert(offsetof(struct type, field) == (offset), "wire offset")
RAPL_WIRE_SIZE(rapl_header, 8);
RAPL_WIRE_AT(rapl_header, size, 0);
RAPL_WIRE_AT(rapl_header, version, 4);
RAPL_WIRE_AT(rapl_header, kind, 6);
RAPL_WIRE_SIZE(rapl_get_capabilities, 16);
RAPL_WIRE_AT(rapl_get_capabilities, header, 0);
RAPL_WIRE_AT(rapl_get_capabilities, reserved, 8);
RAPL_WIRE_SIZE(rapl_get_topology, 16);
RAPL_WIRE_AT(rapl_get_topology, header, 0);
RAPL_WIRE_AT(rapl_get_topology, reserved, 8);
RAPL_WIRE_SIZE(rapl_get_snapshot, 24);
RAPL_WIRE_AT(rapl_get_snapshot, header, 0);
RAPL_WIRE_AT(rapl_get_snapshot, domain_mask, 8);
RAPL_WIRE_AT(rapl_get_snapshot, scope_mask, 12);
RAPL_WIRE_AT(rapl_get_snapshot, options, 16);
RAPL_WIRE_AT(rapl_get_snapshot, reserved, 20);
RAPL_WIRE_SIZE(rapl_capabilities, 136);
RAPL_WIRE_AT(rapl_capabilities, header, 0);
RAPL_WIRE_AT(rapl_capabilities, driver_major, 8);
RAPL_WIRE_AT(rapl_capabilities, driver_minor, 10);
RAPL_WIRE_AT(rapl_capabilities, driver_patch, 12);
RAPL_WIRE_AT(rapl_capabilities, reserved_0, 14);
RAPL_WIRE_AT(rapl_capabilities, version_min, 16);
RAPL_WIRE_AT(rapl_capabilities, version_max, 18);
RAPL_WIRE_AT(rapl_capabilities, flags, 20);
RAPL_WIRE_AT(rapl_capabilities, access_policy, 24);
RAPL_WIRE_AT(rapl_capabilities, coarse_ms, 28);
RAPL_WIRE_AT(rapl_capabilities, vendor, 32);
RAPL_WIRE_AT(rapl_capabilities, stepping, 33);
RAPL_WIRE_AT(rapl_capabilities, family, 34);
RAPL_WIRE_AT(rapl_capabilities, model, 36);
RAPL_WIRE_AT(rapl_capabilities, reserved_1, 38);
RAPL_WIRE_AT(rapl_capabilities, socket_count, 40);
RAPL_WIRE_AT(rapl_capabilities, die_count, 44);
RAPL_WIRE_AT(rapl_capabilities, core_count, 48);
RAPL_WIRE_AT(rapl_capabilities, processor_count, 52);
RAPL_WIRE_AT(rapl_capabilities, group_count, 56);
RAPL_WIRE_AT(rapl_capabilities, package_count, 60);
RAPL_WIRE_AT(rapl_capabilities, domain_state, 64);
RAPL_WIRE_AT(rapl_capabilities, ticks_per_s, 72);
RAPL_WIRE_AT(rapl_capabilities, brand, 80);
RAPL_WIRE_AT(rapl_capabilities, linger_minutes, 128);
RAPL_WIRE_AT(rapl_capabilities, reserved_2, 132);
RAPL_WIRE_SIZE(rapl_wire_fraction, 8);
RAPL_WIRE_AT(rapl_wire_fraction, numerator, 0);
RAPL_WIRE_AT(rapl_wire_fraction, denominator, 4);
RAPL_WIRE_SIZE(rapl_wire_limit, 16);
RAPL_WIRE_AT(rapl_wire_limit, limit_mw, 0);
RAPL_WIRE_AT(rapl_wire_limit, window_us, 4);
RAPL_WIRE_AT(rapl_wire_limit, flags, 8);
RAPL_WIRE_AT(rapl_wire_limit, reserved, 12);
RAPL_WIRE_SIZE(rapl_wire_power_info, 16);
RAPL_WIRE_AT(rapl_wire_power_info, tdp_mw, 0);
RAPL_WIRE_AT(rapl_wire_power_info, min_mw, 4);
RAPL_WIRE_AT(rapl_wire_power_info, max_mw, 8);
RAPL_WIRE_AT(rapl_wire_power_info, max_window_us, 12);
RAPL_WIRE_SIZE(rapl_topology_package, 336);
RAPL_WIRE_AT(rapl_topology_package, index, 0);
RAPL_WIRE_AT(rapl_topology_package, socket, 4);
RAPL_WIRE_AT(rapl_topology_package, die, 8);
RAPL_WIRE_AT(rapl_topology_package, processor, 12);
RAPL_WIRE_AT(rapl_topology_package, group, 16);
RAPL_WIRE_AT(rapl_topology_package, number, 18);
RAPL_WIRE_AT(rapl_topology_package, scope, 19);
RAPL_WIRE_AT(rapl_topology_package, domains, 20);
RAPL_WIRE_AT(rapl_topology_package, domain_state, 24);
RAPL_WIRE_AT(rapl_topology_package, unit_j, 32);
RAPL_WIRE_AT(rapl_topology_package, package, 96);
RAPL_WIRE_AT(rapl_topology_package, dram, 112);
RAPL_WIRE_AT(rapl_topology_package, limit, 128);
RAPL_WIRE_AT(rapl_topology_package, counter_range_j, 240);
RAPL_WIRE_AT(rapl_topology_package, wrap_s, 304);
RAPL_WIRE_SIZE(rapl_topology_core, 32);
RAPL_WIRE_AT(rapl_topology_core, index, 0);
RAPL_WIRE_AT(rapl_topology_core, package_index, 4);
RAPL_WIRE_AT(rapl_topology_core, processor, 8);
RAPL_WIRE_AT(rapl_topology_core, group, 12);
RAPL_WIRE_AT(rapl_topology_core, number, 14);
RAPL_WIRE_AT(rapl_topology_core, state, 15);
RAPL_WIRE_AT(rapl_topology_core, unit_j, 16);
RAPL_WIRE_AT(rapl_topology_core, die, 24);
RAPL_WIRE_AT(rapl_topology_core, reserved, 28);
RAPL_WIRE_SIZE(rapl_topology, 32);
RAPL_WIRE_AT(rapl_topology, header, 0);
RAPL_WIRE_AT(rapl_topology, package_count, 8);
RAPL_WIRE_AT(rapl_topology, package_offset, 12);
RAPL_WIRE_AT(rapl_topology, package_size, 16);
RAPL_WIRE_AT(rapl_topology, core_count, 20);
RAPL_WIRE_AT(rapl_topology, core_offset, 24);
RAPL_WIRE_AT(rapl_topology, core_size, 28);
RAPL_WIRE_SIZE(rapl_snapshot_item, 64);
RAPL_WIRE_AT(rapl_snapshot_item, scope, 0);
RAPL_WIRE_AT(rapl_snapshot_item, domain, 1);
RAPL_WIRE_AT(rapl_snapshot_item, status, 2);
RAPL_WIRE_AT(rapl_snapshot_item, index, 4);
RAPL_WIRE_AT(rapl_snapshot_item, flags, 8);
RAPL_WIRE_AT(rapl_snapshot_item, unit_index, 12);
RAPL_WIRE_AT(rapl_snapshot_item, energy_ticks, 16);
RAPL_WIRE_AT(rapl_snapshot_item, raw, 24);
RAPL_WIRE_AT(rapl_snapshot_item, time_100ns, 32);
RAPL_WIRE_AT(rapl_snapshot_item, ticks, 40);
RAPL_WIRE_AT(rapl_snapshot_item, throttled_us, 48);
RAPL_WIRE_AT(rapl_snapshot_item, reset_count, 56);
RAPL_WIRE_AT(rapl_snapshot_item, gap_count, 60);
RAPL_WIRE_SIZE(rapl_snapshot, 72);
RAPL_WIRE_AT(rapl_snapshot, header, 0);
RAPL_WIRE_AT(rapl_snapshot, sequence, 8);
RAPL_WIRE_AT(rapl_snapshot, start_100ns, 16);
RAPL_WIRE_AT(rapl_snapshot, end_100ns, 24);
RAPL_WIRE_AT(rapl_snapshot, start_ticks, 32);
RAPL_WIRE_AT(rapl_snapshot, end_ticks, 40);
RAPL_WIRE_AT(rapl_snapshot, ticks_per_s, 48);
RAPL_WIRE_AT(rapl_snapshot, item_count, 56);
RAPL_WIRE_AT(rapl_snapshot, item_offset, 60);
RAPL_WIRE_AT(rapl_snapshot, item_size, 64);
RAPL_WIRE_AT(rapl_snapshot, flags, 68);

#undef RAPL_WIRE_SIZE
#undef RAPL_WIRE_AT

#endif
