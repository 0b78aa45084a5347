/* SPDX-License-Identifier: Apache-2.0
 *
 * A 64-bit energy count that follows a 32-bit counter and tells a wrap from a reset.
 */
#ifndef RAPL_CORE_COUNTER_H
#define RAPL_CORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/units.h"

struct rapl_counter {
    uint64_t total; /* counts since the first reading */
    uint32_t last;
    bool started;
};

enum rapl_counter_step {
    RAPL_COUNTER_FIRST, /* first reading: a base, nothing added */
    RAPL_COUNTER_MOVED, /* equal or larger */
    RAPL_COUNTER_WRAP,  /* smaller, and one wrap is physically possible in the time */
    RAPL_COUNTER_RESET, /* smaller, and no wrap: more than the maximum power, or !can_wrap */
    RAPL_COUNTER_GAP,   /* so long that a whole wrap may be hidden: a new base, nothing added */
};

/* What is physically possible. The unit is one that rapl_units_decode gave. */
struct rapl_counter_limit {
    struct rapl_fraction energy_j;
    uint64_t power_max_mw; /* a safe upper bound for the domain */
};

/*
 * Adds one reading. `elapsed_100ns`: since the previous reading of this counter, sleep included.
 * `can_wrap`: false where a smaller value can only be a reset. After a RESET the counts since zero
 * (raw) are energy since the reset, and are added; unless more than half of what was shown before
 * is left, or it is more than is possible in that time: then the counter may have fallen back
 * without beginning again. Never adds energy that was not counted.
 */
enum rapl_counter_step rapl_counter_advance(struct rapl_counter *counter, uint32_t raw,
                                            uint64_t elapsed_100ns, bool can_wrap,
                                            const struct rapl_counter_limit *limit);

#endif
