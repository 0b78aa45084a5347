/* SPDX-License-Identifier: Apache-2.0
 *
 * The most the domain can have used decides what a step of its counter was.
 */
#include "lib/backend/follow.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define MS_PER_S  1000u

/* Of any unit and power there is: * MS_PER_S still fits. */
#define TICKS_PER_S_MAX (UINT64_MAX / MS_PER_S)

/* The most ticks in that time, rounded up; UINT64_MAX when that does not fit. */
static uint64_t most_in(const struct follow_limit *limit, uint64_t duration_ns)
{
    const uint64_t per_s =
        limit->ticks_per_s < TICKS_PER_S_MAX ? limit->ticks_per_s : TICKS_PER_S_MAX;
    const uint64_t s = duration_ns / NS_PER_S;
    const uint64_t ms = (duration_ns % NS_PER_S + NS_PER_MS - 1) / NS_PER_MS;
    const uint64_t part = (per_s * ms + MS_PER_S - 1) / MS_PER_S;

    if (per_s != 0 && s > (UINT64_MAX - part) / per_s) {
        return UINT64_MAX;
    }
    return per_s * s + part;
}

static uint64_t time_since(const struct follow *follow, uint64_t time_ns, uint64_t step_ns)
{
    const uint64_t elapsed_ns = time_ns > follow->time_ns ? time_ns - follow->time_ns : 0;

    return elapsed_ns < UINT64_MAX - step_ns ? elapsed_ns + step_ns : UINT64_MAX;
}

static uint64_t gained(struct follow *follow, uint64_t raw, uint64_t most, uint64_t range)
{
    const uint64_t last = follow->last;

    if (range != 0 && most >= range) {
        follow->gap_count++;
        return raw >= last ? raw - last : raw;
    }
    if (raw >= last && raw - last <= most) {
        return raw - last;
    }
    if (raw < last && last <= range && range - last <= most && raw <= most - (range - last)) {
        return range - last + raw;
    }
    follow->reset_count++;
    return raw < last && raw <= most ? raw : 0;
}

void follow_advance(struct follow *follow, uint64_t raw, uint64_t time_ns,
                    const struct follow_limit *limit)
{
    if (follow->started) {
        const uint64_t most = most_in(limit, time_since(follow, time_ns, limit->step_ns));
        const uint64_t more = gained(follow, raw, most, limit->range_ticks);

        follow->total = more <= UINT64_MAX - follow->total ? follow->total + more : UINT64_MAX;
    }
    follow->started = true;
    follow->alive = follow->alive || raw != 0;
    follow->last = raw;
    follow->time_ns = time_ns;
}

uint32_t follow_interval_ms(const struct follow_limit *limit)
{
    if (limit->range_ticks == 0 || limit->ticks_per_s == 0) {
        return 0;
    }
    const uint64_t wrap_s = limit->range_ticks / limit->ticks_per_s;
    const uint64_t interval_ms =
        wrap_s < UINT32_MAX ? wrap_s * MS_PER_S / 3 : (uint64_t)UINT32_MAX * MS_PER_S;
    if (interval_ms > UINT32_MAX) {
        return 0;
    }
    return interval_ms != 0 ? (uint32_t)interval_ms : 1;
}
