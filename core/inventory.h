/* SPDX-License-Identifier: Apache-2.0
 *
 * Every energy counter of the machine, followed in 64 bits: what the new device answers from, and
 * the copy that coarse callers of both devices share.
 *
 * One lock (rapl_platform_ops.lock) guards all of it. "Lock held" means the caller holds it; these
 * functions never take it themselves. All are for at most APC_LEVEL.
 */
#ifndef RAPL_CORE_INVENTORY_H
#define RAPL_CORE_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/machine.h"
#include "core/tally.h"
#include "core/units.h"

/* Domains of package scope come first in enum rapl_domain: all but RAPL_DOMAIN_CORE. */
#define RAPL_PACKAGE_DOMAINS 5u

/* Energy of each package domain, and throttled time of package, pp0 and dram. */
#define RAPL_PACKAGE_READINGS_MAX 8u

/* The unit register, power infos (Avoton's number too) and power limits. */
#define RAPL_CONSTANTS_MAX 9u

/*
 * Safe upper bounds of power, for telling a wrap from a reset and for the period of the timer: no
 * package, memory, platform or core draws more.
 *
 * A platform counter in units finer than 2^-14 J holds 65536 J: at 10 kW it would wrap in 6.5 s,
 * which no timer here follows. No server is known with one (they have 2^-14 J or 1 J), and a client
 * draws from one inlet of IEC 60320 C14, rated 10 A at 250 V.
 */
#define RAPL_POWER_MAX_PACKAGE_MW     1000000u
#define RAPL_POWER_MAX_PSYS_MW        10000000u
#define RAPL_POWER_MAX_PSYS_CLIENT_MW 2500000u
#define RAPL_POWER_MAX_CORE_MW        200000u
#define RAPL_PSYS_UNITS_PER_J_MAX     16384u /* finer: a client's */

/* Time enough from the report of a departure to sleep, a large hibernation file included. */
#define RAPL_SUSPENDING_MAX_MS 300000u

/* Bounds of the timer's period. */
#define RAPL_PERIOD_MIN_MS 20000u
#define RAPL_PERIOD_MAX_MS 3600000u

/* A register that is read by the probe only. */
struct rapl_constant {
    uint64_t value;
    uint32_t msr;
    bool ok; /* false: it faults */
};

/* One RAPL package: a socket, or a die where the counters are per die. */
struct rapl_inventory_package {
    uint32_t lead;            /* processor it is read on */
    uint32_t socket;          /* counted from 0 */
    uint32_t die;             /* counted from 0 over the machine: the first of this package */
    bool has_units;           /* false: no unit register could be read, and no counter is */
    uint8_t throttle_domains; /* RAPL_DOMAIN_BIT of those with a throttled time register */
    uint32_t constant_count;
    struct rapl_units units; /* of its own unit register, or of another package's if that faults */
    struct rapl_constant constant[RAPL_CONSTANTS_MAX];
    struct rapl_tally tally[RAPL_PACKAGE_DOMAINS];
    struct rapl_tally copy[RAPL_PACKAGE_DOMAINS]; /* `tally` at the last coarse renewal */
    /* Of the last reading; RAPL_NO_THROTTLE where there is none or it was not asked for. */
    uint64_t throttled_us[RAPL_PACKAGE_DOMAINS];
};

/* One physical core that has an energy counter of its own; its unit is its package's. */
struct rapl_inventory_core {
    struct rapl_tally tally;
    uint32_t lead;    /* processor it is read on */
    uint32_t package; /* index into packages */
};

/* One reading of the hardware. */
struct rapl_span {
    uint64_t sequence; /* counted from 1; copies are counted for themselves */
    uint64_t start_100ns, end_100ns;
    uint64_t start_ticks, end_ticks;
};

struct rapl_inventory_settings {
    uint32_t coarse_ms;         /* how old the copy may become */
    bool cores_always;          /* the timer follows cores from load on, asked for or not */
    bool has_arch_capabilities; /* IA32_ARCH_CAPABILITIES exists: rapl_cpu_has_arch_capabilities */
};

struct rapl_inventory {
    struct rapl_machine *machine;
    struct rapl_inventory_settings settings;
    struct rapl_inventory_package *packages; /* in order of their leads; so are cores */
    struct rapl_inventory_core *cores;
    uint32_t package_count;
    uint32_t core_count; /* 0 where cores have no energy counter */
    struct rapl_job *jobs;
    struct rapl_reading *readings;
    uint32_t socket_count;
    uint32_t die_count;
    uint32_t physical_core_count;
    uint32_t group_count;
    /* By domain; NULL where this model has no such register. */
    const struct rapl_register *energy[RAPL_DOMAIN_COUNT];
    const struct rapl_register *perf[RAPL_DOMAIN_COUNT];
    uint32_t filter_flags; /* RAPL_CAP_FILTER_* of rapl/energy.h */
    struct rapl_span span; /* the last reading of the hardware */
    struct rapl_span copy_span;
    uint64_t copied_100ns;    /* when the copy was complete */
    uint64_t suspended_100ns; /* the last rapl_inventory_suspending */
    bool has_copy;
    bool suspending;     /* between rapl_inventory_suspending and rapl_inventory_resumed */
    bool cores_asked;    /* by rapl_inventory_read, since load */
    uint64_t core_100ns; /* when cores were read last */
};

/*
 * Bytes of memory the machine needs; 0 if it has more packages or cores than the wire format can
 * number. The leads of the processors are filled (rapl_topology_link), the model is not NULL.
 */
size_t rapl_inventory_size(const struct rapl_machine *machine);

/* The most jobs that one rapl_platform_ops.read_all gets. */
uint32_t rapl_inventory_jobs_max(const struct rapl_machine *machine);

/*
 * `memory` has rapl_inventory_size bytes, is aligned for uint64_t and stays the caller's; it, the
 * machine and its processors must outlive the inventory. Groups of the processors are filled. Reads
 * nothing: rapl_inventory_probe is next.
 */
void rapl_inventory_init(struct rapl_inventory *inventory, struct rapl_machine *machine,
                         void *memory, const struct rapl_inventory_settings *settings);

/*
 * At load. Reads each candidate register once on each package lead (two calls of
 * rapl_platform_ops.read: constants, then counters), and the energy counter once on each core lead:
 * what faults is not read again until the next probe. What is read of energy is the base of "since
 * load". Lock held.
 */
void rapl_inventory_probe(struct rapl_inventory *inventory);

/*
 * Reads the hardware once: one read_all, one job a package, and one a core if asked for, exactly
 * one read of each domain that is there. `scopes`: RAPL_SCOPE_*; `throttle`: throttled times of
 * packages too. A reading that fails leaves its tally's values and sets read_failed. Lock held.
 */
void rapl_inventory_read(struct rapl_inventory *inventory, uint32_t scopes, bool throttle);

/*
 * Before suspension: takes a last sample. From here to rapl_inventory_resumed every decrease of a
 * counter is a reset, and snapshots are refused. `late`: the machine may have slept since it was
 * reported, so a decrease is a reset for that sample already. Lock held.
 */
void rapl_inventory_suspending(struct rapl_inventory *inventory, bool late);

/*
 * After resumption (also without rapl_inventory_suspending before it): probes again. What was
 * counted stays counted; each counter goes on from its new value, marked as a gap. Lock held.
 */
void rapl_inventory_resumed(struct rapl_inventory *inventory);

/*
 * Whether suspending has gone on so long, time asleep included, that the machine must be back and
 * nobody said so: call rapl_inventory_resumed, or snapshots are refused for ever. Lock held.
 */
bool rapl_inventory_missed_return(const struct rapl_inventory *inventory);

/*
 * How often a timer must call rapl_inventory_tick: a third of the shortest wrap time of what is
 * read at its safe maximum power, within the bounds above. Changes at a resume. Lock held.
 */
uint32_t rapl_inventory_period_ms(const struct rapl_inventory *inventory);

/*
 * At each period: the scopes to give to rapl_inventory_read now. Packages always; cores wrap more
 * slowly: they are due only when waiting for the next tick would exceed their own period, and only
 * with cores_always or once rapl_inventory_read was asked for them. Lock held.
 */
uint32_t rapl_inventory_tick(const struct rapl_inventory *inventory, uint64_t now_100ns);

/*
 * Makes the copy (rapl_inventory_package.copy, copy_span) at most coarse_ms old: renewed whole if
 * it is older, or not at all. Its age counts from the end of the renewal. Lock held.
 */
void rapl_inventory_refresh_copy(struct rapl_inventory *inventory);

/* The package whose lead is `lead`, NULL if there is none. */
struct rapl_inventory_package *rapl_inventory_find_package(const struct rapl_inventory *inventory,
                                                           uint32_t lead);

/* The constant of that number; NULL if it is not listed for this CPU, or faults. */
const struct rapl_constant *rapl_package_constant(const struct rapl_inventory_package *package,
                                                  uint32_t msr);

#endif
