/* SPDX-License-Identifier: Apache-2.0
 *
 * From one register reading to 64-bit energy.
 */
#include "core/tally.h"

#include <rapl/energy.h>

/*
 * A counter moves in steps of about 1 ms, up to 15 ms on some processors: what it gains between two
 * readings may have been used in a step's time more than lies between them.
 */
#define UPDATE_STEP_100NS 200000u

/* The counter as it is now, with nothing added: what was used since the last reading is unknown. */
static void rebase(struct rapl_tally *tally, uint32_t raw)
{
    tally->counter.last = raw;
    tally->gap_count++;
}

static void count(struct rapl_tally *tally, const struct rapl_reading *reading,
                  enum rapl_tally_span span, const struct rapl_counter_limit *limit)
{
    const uint32_t raw = (uint32_t)reading->value;
    const bool in_order = reading->time_100ns >= tally->time_100ns;
    const uint64_t elapsed_100ns = in_order ? reading->time_100ns - tally->time_100ns : 0;

    if (span == RAPL_TALLY_RESUMED && tally->counter.started) {
        if (raw >= tally->counter.last) {
            rebase(tally, raw); /* went on, or began again and came further: nobody knows */
            return;
        }
        tally->gap_count++;
    }
    switch (rapl_counter_advance(&tally->counter, raw, elapsed_100ns + UPDATE_STEP_100NS,
                                 span == RAPL_TALLY_RUNNING && in_order, limit)) {
    case RAPL_COUNTER_RESET:
        tally->reset_count++;
        break;
    case RAPL_COUNTER_GAP:
        tally->gap_count++;
        break;
    case RAPL_COUNTER_FIRST:
    case RAPL_COUNTER_MOVED:
    case RAPL_COUNTER_WRAP:
        break;
    }
}

void rapl_tally_take(struct rapl_tally *tally, const struct rapl_reading *reading, bool alive,
                     enum rapl_tally_span span, const struct rapl_counter_limit *limit)
{
    tally->read_failed = !reading->ok;
    if (!reading->ok) {
        return;
    }
    tally->state = alive ? RAPL_STATE_PRESENT : RAPL_STATE_DEAD;
    if (alive) {
        count(tally, reading, span, limit);
    }
    tally->raw = reading->value;
    tally->time_100ns = reading->time_100ns;
    tally->ticks = reading->ticks;
}

bool rapl_tally_is_read(const struct rapl_tally *tally)
{
    return tally->state == RAPL_STATE_PRESENT || tally->state == RAPL_STATE_DEAD;
}

bool rapl_tally_is_listed(const struct rapl_tally *tally)
{
    return rapl_tally_is_read(tally) || tally->counter.started;
}
