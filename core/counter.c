/* SPDX-License-Identifier: Apache-2.0
 *
 * Wrap or reset: decided by whether the energy that a wrap would mean is physically possible.
 */
#include "core/counter.h"

#define WRAP (1ull << 32) /* counts until the register begins again */

/* 1 J / (1 mW * 100 ns) */
#define MW_100NS_PER_J 10000000000ull

/* For products only: the kernel has no 128-bit division. */
__extension__ typedef unsigned __int128 wide;

/*
 * Whether the domain can use the energy of that many counts (at most 2^32) in that time:
 * counts * numerator * 10^10 <= power * elapsed * denominator, exact. The left side is below 2^98;
 * the right side may have 160 bits, so its upper part is looked at on its own.
 */
static bool is_possible(uint64_t counts, uint64_t elapsed_100ns,
                        const struct rapl_counter_limit *limit)
{
    const wide needed = (wide)(counts * limit->energy_j.numerator) * MW_100NS_PER_J;
    const wide product = (wide)limit->power_max_mw * elapsed_100ns;
    const wide high = (product >> 64) * limit->energy_j.denominator;
    const wide low = (wide)(uint64_t)product * limit->energy_j.denominator;

    return high >> 34 != 0 || needed <= (high << 64) + low;
}

enum rapl_counter_step rapl_counter_advance(struct rapl_counter *counter, uint32_t raw,
                                            uint64_t elapsed_100ns,
                                            const struct rapl_counter_limit *limit)
{
    const uint32_t last = counter->last;
    const uint64_t wrapped = WRAP - last + raw;

    counter->last = raw;
    if (!counter->started) {
        counter->started = true;
        counter->total = 0;
        return RAPL_COUNTER_FIRST;
    }
    if (is_possible(WRAP, elapsed_100ns, limit)) {
        return RAPL_COUNTER_GAP;
    }
    if (raw >= last) {
        counter->total += raw - last;
        return RAPL_COUNTER_MOVED;
    }
    if (is_possible(wrapped, elapsed_100ns, limit)) {
        counter->total += wrapped;
        return RAPL_COUNTER_WRAP;
    }
    counter->total += raw;
    return RAPL_COUNTER_RESET;
}
