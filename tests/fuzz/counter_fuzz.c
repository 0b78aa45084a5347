/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzes the counter against an oracle in 128 bits: each step by the rule as it is written, and the
 * total against a count that never wraps of a domain that uses at most its maximum power.
 */
#include "fuzz_machine.h"

#include "core/counter.h"
#include "core/tally.h"
#include <rapl/energy.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

__extension__ typedef unsigned __int128 wide;

static struct rapl_counter_limit take_limit(struct input *input)
{
    static const uint32_t powers_mw[] = {1, 200000, 1000000, 10000000};
    const uint32_t exponent = (uint32_t)take(input, 1) % 32;
    const bool micro = take(input, 1) % 2 != 0;

    return (struct rapl_counter_limit){
        .energy_j = {micro ? 1u << exponent : 1, micro ? 1000000 : 1u << exponent},
        .power_max_mw = powers_mw[take(input, 1) % 4],
    };
}

/* The most counts the domain can make in that time, rounded down. */
static wide counts_max(const struct rapl_counter_limit *limit, uint64_t elapsed_100ns)
{
    return (wide)limit->power_max_mw * elapsed_100ns * limit->energy_j.denominator /
           ((wide)limit->energy_j.numerator * 10000000000ull);
}

/* Any readings at all: the step and the total are what the rule says. */
static void check_steps(struct input *input)
{
    const struct rapl_counter_limit limit = take_limit(input);
    struct rapl_counter counter = {0};
    uint32_t last = 0;
    wide total = 0;
    bool first = true;

    for (uint32_t i = 0; i < 64 && input->size != 0; i++) {
        const uint32_t raw = (uint32_t)take(input, 4);
        const uint32_t how = (uint32_t)take(input, 1);
        const bool can_wrap = how < 192;
        const uint64_t elapsed = take(input, 4) << how % 24; /* below 2^56 */
        const wide possible = counts_max(&limit, elapsed);
        const bool reset = raw < last && !can_wrap;
        const enum rapl_counter_step step =
            rapl_counter_advance(&counter, raw, elapsed, can_wrap, &limit);
        const wide wrapped = ((wide)1 << 32) - last + raw;

        if (first) {
            require(step == RAPL_COUNTER_FIRST);
        } else if (!reset && possible >= (wide)1 << 32) {
            require(step == RAPL_COUNTER_GAP);
        } else if (raw >= last) {
            require(step == RAPL_COUNTER_MOVED);
            total += raw - last;
        } else if (!reset && wrapped <= possible) {
            require(step == RAPL_COUNTER_WRAP);
            total += wrapped;
        } else {
            require(step == RAPL_COUNTER_RESET);
            total += 2ull * raw <= last && raw <= possible ? raw : 0;
        }
        first = false;
        last = raw;
        require(counter.total == (uint64_t)total);
    }
}

/* A real domain, read at any times: exact without a gap, never too much with one. */
static void check_physics(struct input *input)
{
    const struct rapl_counter_limit limit = take_limit(input);
    struct rapl_tally tally = {.state = RAPL_STATE_PRESENT};
    wide truth = take(input, 4);
    wide base = 0;
    uint64_t now_100ns = take(input, 2);

    for (uint32_t i = 0; i < 64 && input->size != 0; i++) {
        const struct rapl_reading reading = {.ok = take(input, 1) % 8 != 7,
                                             .value = (uint64_t)truth,
                                             .time_100ns = now_100ns,
                                             .ticks = now_100ns};
        const uint64_t elapsed = take(input, 4) << take(input, 1) % 16;

        if (reading.ok && !tally.counter.started) {
            base = truth;
        }
        rapl_tally_take(&tally, &reading, true, RAPL_TALLY_RUNNING, &limit);
        require(tally.reset_count == 0);
        require(!tally.counter.started || tally.counter.total <= truth - base);
        require(!reading.ok || tally.gap_count != 0 || tally.counter.total == truth - base);
        now_100ns += elapsed;
        truth += take(input, 8) % (counts_max(&limit, elapsed) + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};

    if (take(&input, 1) % 2 == 0) {
        check_steps(&input);
    } else {
        check_physics(&input);
    }
    return 0;
}
