/* SPDX-License-Identifier: Apache-2.0
 *
 * The 64-bit count: first reading, wrap, reset, gap, each at its edge, against a counter whose true
 * value is known and against 128-bit arithmetic.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/counter.h"

__extension__ typedef unsigned __int128 wide;

/* 2^-16 J and 1 kW: 65536 counts, one joule, take at least 1 ms; a whole wrap 65.536 s. */
static const struct rapl_counter_limit kilowatt = {{1, 1u << 16}, 1000000};

#define MS_100NS 10000ull

static struct rapl_counter started_at(uint32_t raw)
{
    struct rapl_counter counter = {0};

    assert_int_equal(rapl_counter_advance(&counter, raw, 0, true, &kilowatt), RAPL_COUNTER_FIRST);
    assert_int_equal(counter.total, 0);
    return counter;
}

static void expect_step(uint32_t from, uint32_t to, uint64_t elapsed_100ns,
                        enum rapl_counter_step step, uint64_t total)
{
    struct rapl_counter counter = started_at(from);

    assert_int_equal(rapl_counter_advance(&counter, to, elapsed_100ns, true, &kilowatt), step);
    assert_true(counter.total == total);
    assert_int_equal(counter.last, to);
    assert_true(counter.started);
}

static void test_first(void **state)
{
    struct rapl_counter counter = {.total = 77, .last = 5};

    (void)state;
    /* Nothing is known before the first reading: not even that time has passed. */
    assert_int_equal(rapl_counter_advance(&counter, 3, UINT64_MAX, true, &kilowatt),
                     RAPL_COUNTER_FIRST);
    assert_int_equal(counter.total, 0);
    assert_int_equal(counter.last, 3);
}

static void test_moved(void **state)
{
    (void)state;
    expect_step(5, 5, 0, RAPL_COUNTER_MOVED, 0);
    expect_step(5, 6, 0, RAPL_COUNTER_MOVED, 1);
    expect_step(0, UINT32_MAX, 655359999, RAPL_COUNTER_MOVED, UINT32_MAX);
}

static void test_wrap_or_reset(void **state)
{
    (void)state;
    /* 65536 counts to the other side of the wrap need exactly 1 ms. */
    expect_step(UINT32_MAX - 65535, 0, MS_100NS, RAPL_COUNTER_WRAP, 65536);
    expect_step(UINT32_MAX - 65535, 0, MS_100NS - 1, RAPL_COUNTER_RESET, 0);
    expect_step(UINT32_MAX, 65535, MS_100NS, RAPL_COUNTER_WRAP, 65536);
    expect_step(UINT32_MAX, 65534, MS_100NS - 1, RAPL_COUNTER_RESET, 0);
    /* The last count before the wrap. */
    expect_step(UINT32_MAX, 0, 1, RAPL_COUNTER_WRAP, 1);
    expect_step(UINT32_MAX, 0, 0, RAPL_COUNTER_RESET, 0);
    /* The longest way round short of a gap: 2^32 - 7 counts take 655359998.93 ticks of 100 ns. */
    expect_step(7, 0, 655359999, RAPL_COUNTER_WRAP, 4294967289);
    expect_step(7, 0, 655359998, RAPL_COUNTER_RESET, 0);
    /* After a sleep that cleared it. */
    expect_step(3000000000u, 1000, 100 * MS_100NS, RAPL_COUNTER_RESET, 1000);
}

/* What a counter shows after a reset was used since; a counter that fell back shows much more. */
static void test_reset_or_fallen_back(void **state)
{
    (void)state;
    expect_step(3000000000u, 65536, MS_100NS, RAPL_COUNTER_RESET, 65536);
    expect_step(3000000000u, 65537, MS_100NS, RAPL_COUNTER_RESET, 0);
    expect_step(3000000000u, 2999999999u, 1000 * MS_100NS, RAPL_COUNTER_RESET, 0);
    expect_step(3000000000u, 2999999999u, 0, RAPL_COUNTER_RESET, 0);
    /* Half a minute later so much is possible, and yet it did not begin again. */
    expect_step(2000000000u, 1999999999u, 30000 * MS_100NS, RAPL_COUNTER_RESET, 0);
    expect_step(2000000000u, 1000000001u, 30000 * MS_100NS, RAPL_COUNTER_RESET, 0);
    expect_step(2000000000u, 1000000000u, 30000 * MS_100NS, RAPL_COUNTER_RESET, 1000000000);
}

/* Where a wrap is out of the question, however much time it had. */
static void test_cannot_wrap(void **state)
{
    static const struct {
        uint32_t raw;
        uint64_t elapsed_100ns;
        enum rapl_counter_step step;
        uint64_t total;
    } rows[] = {
        {100, 100 * MS_100NS, RAPL_COUNTER_RESET, 100},
        {UINT32_MAX - 1, 100 * MS_100NS, RAPL_COUNTER_RESET, 0},
        {100, UINT64_MAX, RAPL_COUNTER_RESET, 100},
        {UINT32_MAX, 0, RAPL_COUNTER_MOVED, 0},
        {UINT32_MAX, UINT64_MAX, RAPL_COUNTER_GAP, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_counter counter = started_at(UINT32_MAX);

        assert_int_equal(
            rapl_counter_advance(&counter, rows[i].raw, rows[i].elapsed_100ns, false, &kilowatt),
            rows[i].step);
        assert_true(counter.total == rows[i].total);
    }
}

static void test_gap(void **state)
{
    (void)state;
    expect_step(7, 8, 655360000, RAPL_COUNTER_GAP, 0);
    expect_step(7, 6, 655360000, RAPL_COUNTER_GAP, 0);
    expect_step(7, 8, 655359999, RAPL_COUNTER_MOVED, 1);
    expect_step(7, 8, UINT64_MAX, RAPL_COUNTER_GAP, 0);
}

static void test_extreme_limits(void **state)
{
    static const struct {
        struct rapl_counter_limit limit;
        uint64_t elapsed_100ns;
        enum rapl_counter_step step;
    } rows[] = {
        {{{1, 1u << 31}, UINT64_MAX}, UINT64_MAX, RAPL_COUNTER_GAP},
        {{{1, 1}, UINT64_MAX}, UINT64_MAX, RAPL_COUNTER_GAP},
        {{{33554432, 15625}, UINT64_MAX}, UINT64_MAX, RAPL_COUNTER_GAP},
        {{{UINT32_MAX, 1}, UINT64_MAX}, UINT64_MAX, RAPL_COUNTER_GAP},
        /* 1 J a count, one count back: 2^32 - 1 joules, in 100 us, not a milliwatt less. */
        {{{UINT32_MAX, UINT32_MAX}, 42949672950000000}, 1000, RAPL_COUNTER_WRAP},
        {{{UINT32_MAX, UINT32_MAX}, 42949672949999999}, 1000, RAPL_COUNTER_RESET},
        {{{UINT32_MAX, UINT32_MAX}, 42949672960000000}, 1000, RAPL_COUNTER_GAP},
        {{{UINT32_MAX, UINT32_MAX}, UINT64_MAX}, 1, RAPL_COUNTER_RESET},
        {{{1, 1u << 16}, 0}, UINT64_MAX, RAPL_COUNTER_RESET}, /* no power: nothing is possible */
        {{{1, 1}, 1000000}, 600000000, RAPL_COUNTER_RESET},   /* 1 J psys: 4 GJ in a minute */
        {{{UINT32_MAX, 1}, UINT64_MAX}, 0, RAPL_COUNTER_RESET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_counter counter = {0, 2, true};

        assert_int_equal(
            rapl_counter_advance(&counter, 1, rows[i].elapsed_100ns, true, &rows[i].limit),
            rows[i].step);
    }
}

static uint64_t noise(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return *seed ^ *seed >> 29;
}

/* counts * unit <= power * time, by division: counts <= power * time / unit, rounded down. */
static bool oracle_possible(uint64_t counts, uint64_t elapsed_100ns,
                            const struct rapl_counter_limit *limit)
{
    const wide budget = (wide)limit->power_max_mw * elapsed_100ns * limit->energy_j.denominator;
    const wide counts_max = budget / 10000000000u / limit->energy_j.numerator;

    return counts <= counts_max;
}

static void test_against_128_bits(void **state)
{
    static const struct rapl_fraction units[] = {{1, 1u << 16}, {1, 1u << 14},     {1, 1},
                                                 {4, 125000},   {33554432, 15625}, {1, 1u << 31}};
    uint64_t seed = 7;
    uint32_t seen[RAPL_COUNTER_GAP + 1] = {0};

    (void)state;
    for (uint32_t i = 0; i < 1000000; i++) {
        const struct rapl_counter_limit limit = {
            units[noise(&seed) % 6], noise(&seed) >> (31 + noise(&seed) % 33), /* below 2^33 */
        };
        const uint64_t elapsed = noise(&seed) >> (16 + noise(&seed) % 48);
        const uint32_t last = (uint32_t)(noise(&seed) >> (32 + noise(&seed) % 32));
        const uint32_t raw = (uint32_t)(noise(&seed) >> (32 + noise(&seed) % 32));
        struct rapl_counter counter = {1000, last, true};
        enum rapl_counter_step step = RAPL_COUNTER_RESET;
        const bool can_wrap = noise(&seed) % 4 != 0;
        const bool reset = raw < last && !can_wrap;
        const bool fresh = 2ull * raw <= last; /* began again, as far as one can tell */
        uint64_t total = 1000ull + (fresh && oracle_possible(raw, elapsed, &limit) ? raw : 0);

        if (!reset && oracle_possible(1ull << 32, elapsed, &limit)) {
            step = RAPL_COUNTER_GAP;
            total = 1000;
        } else if (raw >= last) {
            step = RAPL_COUNTER_MOVED;
            total = 1000ull + raw - last;
        } else if (!reset && oracle_possible((1ull << 32) + raw - last, elapsed, &limit)) {
            step = RAPL_COUNTER_WRAP;
            total = 1000 + (1ull << 32) + raw - last;
        }
        assert_int_equal(rapl_counter_advance(&counter, raw, elapsed, can_wrap, &limit), step);
        assert_true(counter.total == total);
        seen[step]++;
    }
    /* The draw reached every step. */
    for (uint32_t step = RAPL_COUNTER_MOVED; step <= RAPL_COUNTER_GAP; step++) {
        assert_in_range(seen[step], 100, 1000000);
    }
}

/* A domain at up to 250 W, read every second for ten hours: not a count is lost or made up. */
static void test_long_run(void **state)
{
    uint64_t seed = 99;
    uint64_t truth = 0xFFFFFF00;
    struct rapl_counter counter = started_at((uint32_t)truth);
    const uint64_t base = truth;
    uint32_t wraps = 0;

    (void)state;
    for (uint32_t second = 0; second < 36000; second++) {
        enum rapl_counter_step step;

        truth += noise(&seed) % (250u << 16);
        step = rapl_counter_advance(&counter, (uint32_t)truth, 1000 * MS_100NS, true, &kilowatt);
        assert_in_range(step, RAPL_COUNTER_MOVED, RAPL_COUNTER_WRAP);
        wraps += step == RAPL_COUNTER_WRAP ? 1 : 0;
        assert_true(counter.total == truth - base);
    }
    assert_int_equal(wraps, truth >> 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),          cmocka_unit_test(test_moved),
        cmocka_unit_test(test_wrap_or_reset),  cmocka_unit_test(test_gap),
        cmocka_unit_test(test_extreme_limits), cmocka_unit_test(test_against_128_bits),
        cmocka_unit_test(test_long_run),       cmocka_unit_test(test_reset_or_fallen_back),
        cmocka_unit_test(test_cannot_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
