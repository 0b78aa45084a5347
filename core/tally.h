/* SPDX-License-Identifier: Apache-2.0
 *
 * One energy counter, followed in 64 bits from reading to reading.
 */
#ifndef RAPL_CORE_TALLY_H
#define RAPL_CORE_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/counter.h"
#include "core/machine.h"

struct rapl_tally {
    struct rapl_counter counter; /* counter.total: ticks since load */
    uint64_t raw;                /* of the last good read, as are the two times */
    uint64_t time_100ns;
    uint64_t ticks;
    uint32_t reset_count; /* since load */
    uint32_t gap_count;   /* since load */
    uint8_t state;        /* RAPL_STATE_* of rapl/energy.h */
    bool read_failed;     /* the last read faulted although the probe did not */
};

enum rapl_tally_span {
    RAPL_TALLY_RUNNING,   /* the machine has been running since the last reading */
    RAPL_TALLY_SUSPENDED, /* it may be suspending or resuming: a decrease is a reset */
    RAPL_TALLY_RESUMED,   /* first reading after it resumed: what was used meanwhile is unknown */
};

/*
 * Takes one reading of the counter. `raw` is as the register's own manual defines it: 32 bits of
 * Intel's, all of AMD's, of which the low 32 are followed. `alive`: it has read other than 0 since
 * load (rapl_machine_is_alive); until then the tally is DEAD and nothing is counted, and the
 * first reading of a living counter is a base. A failed reading changes read_failed only.
 */
void rapl_tally_take(struct rapl_tally *tally, const struct rapl_reading *reading, bool alive,
                     enum rapl_tally_span span, const struct rapl_counter_limit *limit);

/* Whether a snapshot has an item for it: it is there, or was and has counted something. */
bool rapl_tally_is_listed(const struct rapl_tally *tally);

/* Whether it is read: its register is there. */
bool rapl_tally_is_read(const struct rapl_tally *tally);

#endif
