/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy counters move in steps, about every millisecond, and between two steps they say nothing.
 * Whoever reads one at the start and at the end of a command is wrong by up to a step at each end.
 * Read again and again, a counter shows when it moved, and at that moment it is exact. So:
 *
 *     u0        t0                          t1       u1
 *     |  idle   |         the command       |  idle  |
 *     counter is exact                               counter is exact
 *
 * A command is started right after an update u0, the first update u1 after its end is waited for,
 * and what the machine used beside the command in [u0, t0] and [t1, u1] is taken off: it is the
 * power measured before u0 by the same reading, times less than two steps.
 *
 * Pure: no clock, no source.
 */
#ifndef RAPL_LIB_ALIGN_H
#define RAPL_LIB_ALIGN_H

#include <stdbool.h>
#include <stdint.h>

/* A moment at which the counter moved, and what it holds since. */
struct align_update {
    uint64_t ticks;
    uint64_t time_ns;  /* in the middle between the reading before and the first that shows it */
    uint64_t slack_ns; /* it was at most this much earlier or later */
};

/* One counter, read again and again. Zeroed: not read yet. */
struct align_counter {
    bool was_read;
    uint64_t ticks; /* at the last reading */
    uint64_t time_ns;
    uint32_t update_count;
    struct align_update first; /* update seen */
    struct align_update last;
    /* Between two updates that are both known well: a reading that came late hides some. */
    uint32_t step_count;
    uint64_t step_sum_ns;
    uint64_t step_min_ns; /* 0 before the first */
    uint64_t step_max_ns;
};

/* Takes a reading, not older than the one before. True: the counter moved since that one. */
bool align_see(struct align_counter *counter, uint64_t ticks, uint64_t time_ns);

/*
 * The same for a copy that is renewed now and then and says when: `time_ns` is the copy's. One that
 * was taken at `since_ns` or later is an update, known to the moment, even at the first reading.
 */
bool align_see_copy(struct align_counter *counter, uint64_t ticks, uint64_t time_ns,
                    uint64_t since_ns);

/* Mean time between updates, of those known well if there are any; 0 before the second one. */
uint64_t align_step_ns(const struct align_counter *counter);

/* Mean rate between the first and the last update; 0 before the second one. */
double align_ticks_per_s(const struct align_counter *counter);

/* What is known of a counter around a command. */
struct align_span {
    struct align_update before; /* the last update before t0 */
    struct align_update after;  /* the first one after t1 */
    uint64_t start_ns;          /* t0 */
    uint64_t end_ns;            /* t1 */
    double idle_ticks_per_s;
};

/*
 * Ticks the command took: may be slightly below 0 where it took less than the idle power moves by.
 */
double align_ticks(const struct align_span *span);

#endif
