/* SPDX-License-Identifier: Apache-2.0
 *
 * Wrap or reset: decided by whether the energy that a wrap would mean is physically possible.
 */
#include "core/counter.h"

#include "core/wide.h"

#define WRAP (1ull << 32) /* counts until the register begins again */

/* 1 J / (1 mW * 100 ns) */
#define MW_100NS_PER_J 10000000000ull

/*
 * Whether the domain can use the energy of that many counts (at most 2^32) in that time:
 * counts * numerator * 10^10 <= power * elapsed * denominator, exact. The left side is below 2^98;
 * the right side may have 160 bits, and is larger if it has more than 128.
 */
static bool is_possible(uint64_t counts, uint64_t elapsed_100ns,
                        const struct rapl_counter_limit *limit)
{
    const struct rapl_wide needed =
        rapl_wide_product(counts * limit->energy_j.numerator, MW_100NS_PER_J);
    struct rapl_wide possible = rapl_wide_product(limit->power_max_mw, elapsed_100ns);

    return !rapl_wide_scale(possible, limit->energy_j.denominator, &possible) ||
           !rapl_wide_less(possible, needed);
}

enum rapl_counter_step rapl_counter_advance(struct rapl_counter *counter, uint32_t raw,
                                            uint64_t elapsed_100ns, bool can_wrap,
                                            const struct rapl_counter_limit *limit)
{
    const uint32_t last = counter->last;
    const uint64_t wrapped = WRAP - last + raw;
    const bool reset = raw < last && !can_wrap;

    counter->last = raw;
    if (!counter->started) {
        counter->started = true;
        counter->total = 0;
        return RAPL_COUNTER_FIRST;
    }
    if (!reset && is_possible(WRAP, elapsed_100ns, limit)) {
        return RAPL_COUNTER_GAP;
    }
    if (raw >= last) {
        counter->total += raw - last;
        return RAPL_COUNTER_MOVED;
    }
    if (!reset && is_possible(wrapped, elapsed_100ns, limit)) {
        counter->total += wrapped;
        return RAPL_COUNTER_WRAP;
    }
    if (raw <= last - raw && is_possible(raw, elapsed_100ns, limit)) {
        counter->total += raw;
    }
    return RAPL_COUNTER_RESET;
}
