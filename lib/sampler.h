/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy over time: every counter of every package read through a device, followed across wraps,
 * and turned into joules and watts for each interval.
 */
#ifndef RAPL_LIB_SAMPLER_H
#define RAPL_LIB_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/counter.h"
#include "core/fields.h"
#include "core/msr.h"
#include "core/units.h"
#include "lib/device.h"
#include "lib/host.h"

/* What the sampler knows of one RAPL package. Its units are its own: packages may differ. */
struct rapl_package {
    uint32_t lead; /* the processor that answers for it */
    struct rapl_location location;
    bool has_units;
    uint32_t unit_error; /* why the unit register was not read; 0: it was, and holds no unit */
    uint64_t unit_raw;
    struct rapl_units units;
    struct rapl_power_info info;      /* zeroed where not readable */
    struct rapl_power_info dram_info; /* likewise */
};

enum rapl_meter_state {
    RAPL_METER_COUNTS,       /* readable, and has been other than 0 */
    RAPL_METER_ZERO,         /* readable, and 0 at every reading so far: not wired, or asleep */
    RAPL_METER_REFUSED,      /* the last read failed with `error` */
    RAPL_METER_NO_UNIT,      /* its package has no unit: never read */
    RAPL_METER_NOT_ON_MODEL, /* the model has no such domain: never read */
};

#define RAPL_METER_NO_CORE UINT32_MAX

/* One energy counter: a domain of a package, or of one physical core. */
struct rapl_meter {
    const struct rapl_register *reg; /* NULL: this vendor has no such register */
    uint8_t domain;                  /* enum rapl_domain */
    uint8_t state;                   /* enum rapl_meter_state */
    uint32_t error;                  /* Windows code, when REFUSED */
    uint32_t package;                /* index in the sampler's packages */
    uint32_t core;                   /* counted within the package, or RAPL_METER_NO_CORE */
    uint32_t processor;              /* it is read on this one */
    struct rapl_counter_limit limit;

    /* Since the last rapl_meter_take, and before. */
    struct rapl_counter counter;
    uint32_t raw;
    uint64_t time_100ns;
    uint64_t taken_total;
    uint64_t taken_100ns;
    uint32_t wraps;
    uint32_t breaks; /* resets and gaps: energy before them is not known */
};

/* One counter over one interval. */
struct rapl_meter_sample {
    uint32_t raw;    /* at the end */
    uint64_t counts; /* gained */
    uint64_t elapsed_100ns;
    uint64_t energy_uj; /* of `counts`, rounded down */
    uint64_t total_uj;  /* since the sampler's first reading, rounded down once */
    uint64_t power_uw;  /* energy over elapsed, rounded down */
    uint32_t wraps;
    uint32_t breaks; /* not 0: energy is a lower bound */
};

struct rapl_sampler {
    const struct rapl_host *host;
    struct rapl_device device;
    uint32_t speed; /* counters run this many times faster than the clock (a recording); else 1 */
    uint32_t package_count;
    struct rapl_package *packages;
    uint32_t meter_count;
    struct rapl_meter *meters; /* by package, then domain, then core */
};

/*
 * Reads units and power info of each package and the first value of every counter. `host` has a
 * model and must outlive the sampler. False, `*out` untouched, without memory.
 */
bool rapl_sampler_open(const struct rapl_host *host, const struct rapl_device *device,
                       uint32_t speed, struct rapl_sampler *out);

/* Safe on a zeroed sampler. */
void rapl_sampler_close(struct rapl_sampler *sampler);

/* Reads every counter once. Those that were refused or 0 are tried again: domains may wake up. */
void rapl_sampler_read(struct rapl_sampler *sampler);

/*
 * Sleeps until `until_100ns`, reading in between as often as is needed for no counter to wrap
 * unseen. Does not read at the end.
 */
void rapl_sampler_wait(struct rapl_sampler *sampler, const struct rapl_clock *clock,
                       uint64_t until_100ns);

/*
 * What the counter gained since it was last taken (or first read). False, `*out` untouched, when
 * there is nothing to show: the state is not COUNTS, or it was read only once.
 */
bool rapl_meter_take(struct rapl_meter *meter, struct rapl_meter_sample *out);

/*
 * The power no domain of this package exceeds, by which a wrap is told from a reset: eight times
 * its TDP within 200 W and 3 kW, or 1 kW where the TDP is not known.
 */
uint64_t rapl_power_max_mw(uint64_t tdp_mw);

#endif
