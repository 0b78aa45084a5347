/* SPDX-License-Identifier: Apache-2.0
 *
 * A count that follows someone else's energy counter: across its wraps, and past its resets without
 * adding energy that cannot have been used.
 *
 * What a wrap, a reset and a gap are is decided by the most energy the domain can have used since
 * the reading before. core/counter.h does the same for the 32-bit registers themselves.
 */
#ifndef RAPL_LIB_FOLLOW_H
#define RAPL_LIB_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct follow_limit {
    uint64_t range_ticks; /* the counter wraps there; 0: never */
    uint64_t ticks_per_s; /* more than the domain can ever use */
    uint64_t step_ns;     /* a counter lags behind by up to one of its updates */
};

struct follow {
    uint64_t total; /* ticks since the first reading; never goes back */
    uint64_t last;
    uint64_t time_ns;
    uint32_t reset_count;
    uint32_t gap_count;
    bool started;
    bool alive; /* some reading was not 0 */
};

/*
 * One reading. `time_ns`: of a clock that runs during sleep too. The first is the base. Where
 * energy is missing what is added is a lower bound, and reset_count or gap_count says so:
 * - so much time that a whole wrap may be hidden: a gap
 * - smaller, where a wrap would take more energy than possible: a reset; what was counted since is
 *   added if it is possible
 * - larger by more than is possible: a reset too, and nothing is added
 */
void follow_advance(struct follow *follow, uint64_t raw, uint64_t time_ns,
                    const struct follow_limit *limit);

/*
 * How often a counter must be read so that it is never a gap; 0: as rarely as one likes. A third of
 * the time in which it can wrap.
 */
uint32_t follow_interval_ms(const struct follow_limit *limit);

#endif
