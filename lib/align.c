/* SPDX-License-Identifier: Apache-2.0
 *
 * When a counter moved, and what a command took between two such moments.
 */
#include "lib/align.h"

#define NS_PER_S      1e9
#define SHARP_DIVISOR 8u

/* Ends within an eighth of the step in all, or it is none to go by. */
static void note_step(struct align_counter *counter, const struct align_update *update)
{
    uint64_t step_ns = update->time_ns - counter->last.time_ns;

    if (update->slack_ns + counter->last.slack_ns > step_ns / SHARP_DIVISOR) {
        return;
    }
    counter->step_count++;
    counter->step_sum_ns += step_ns;
    if (counter->step_min_ns == 0 || step_ns < counter->step_min_ns) {
        counter->step_min_ns = step_ns;
    }
    if (step_ns > counter->step_max_ns) {
        counter->step_max_ns = step_ns;
    }
}

static void note_update(struct align_counter *counter, const struct align_update *update)
{
    if (counter->update_count == 0) {
        counter->first = *update;
    } else {
        note_step(counter, update);
    }
    counter->last = *update;
    counter->update_count++;
}

static void note_reading(struct align_counter *counter, uint64_t ticks, uint64_t time_ns)
{
    counter->was_read = true;
    counter->ticks = ticks;
    counter->time_ns = time_ns;
}

bool align_see(struct align_counter *counter, uint64_t ticks, uint64_t time_ns)
{
    uint64_t gap_ns = time_ns > counter->time_ns ? time_ns - counter->time_ns : 0;
    bool moved = counter->was_read && ticks != counter->ticks;

    if (moved) {
        note_update(counter, &(struct align_update){.ticks = ticks,
                                                    .time_ns = time_ns - gap_ns / 2,
                                                    .slack_ns = gap_ns - gap_ns / 2});
    }
    note_reading(counter, ticks, time_ns);
    return moved;
}

bool align_see_copy(struct align_counter *counter, uint64_t ticks, uint64_t time_ns,
                    uint64_t since_ns)
{
    bool renewed = time_ns >= since_ns && (!counter->was_read || time_ns > counter->time_ns);

    if (renewed) {
        note_update(counter, &(struct align_update){.ticks = ticks, .time_ns = time_ns});
    }
    note_reading(counter, ticks, time_ns);
    return renewed;
}

uint64_t align_step_ns(const struct align_counter *counter)
{
    if (counter->step_count != 0) {
        return counter->step_sum_ns / counter->step_count;
    }
    if (counter->update_count < 2) {
        return 0;
    }
    return (counter->last.time_ns - counter->first.time_ns) / (counter->update_count - 1);
}

double align_ticks_per_s(const struct align_counter *counter)
{
    uint64_t time_ns = counter->last.time_ns - counter->first.time_ns;

    if (counter->update_count < 2 || time_ns == 0) {
        return 0;
    }
    return (double)(counter->last.ticks - counter->first.ticks) * NS_PER_S / (double)time_ns;
}

/* Signed: a clock read between two others may lie a moment on the wrong side of an update. */
static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns >= from_ns ? (double)(to_ns - from_ns) / NS_PER_S
                            : -((double)(from_ns - to_ns) / NS_PER_S);
}

double align_ticks(const struct align_span *span)
{
    double beside_s =
        seconds(span->before.time_ns, span->start_ns) + seconds(span->end_ns, span->after.time_ns);

    return (double)(span->after.ticks - span->before.ticks) - span->idle_ticks_per_s * beside_s;
}
