/* SPDX-License-Identifier: Apache-2.0
 *
 * One counter followed through everything that can happen to it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "core/tally.h"
#include <rapl/energy.h>

#define S_100NS 10000000ull

/* 2^-16 J at 100 W: the counter wraps after 655.36 s. */
static const struct rapl_counter_limit limit = {{1, 65536}, 100000};

struct expected {
    uint64_t total;
    uint32_t resets, gaps;
    uint8_t state;
    bool failed;
};

static void check(const struct rapl_tally *tally, struct expected wanted)
{
    assert_true(tally->counter.total == wanted.total);
    assert_int_equal(tally->reset_count, wanted.resets);
    assert_int_equal(tally->gap_count, wanted.gaps);
    assert_int_equal(tally->state, wanted.state);
    assert_int_equal(tally->read_failed, wanted.failed);
}

/* A reading of a living counter at `s` seconds. */
static void take(struct rapl_tally *tally, uint64_t s, uint64_t raw, enum rapl_tally_span span)
{
    const struct rapl_reading reading = {
        .ok = true, .value = raw, .time_100ns = s * S_100NS, .ticks = s * 7};

    rapl_tally_take(tally, &reading, true, span, &limit);
    assert_true(tally->raw == raw);
    assert_true(tally->time_100ns == s * S_100NS);
    assert_true(tally->ticks == s * 7);
}

static void read_fails(struct rapl_tally *tally)
{
    const struct rapl_reading reading = {.ok = false, .value = 77, .time_100ns = 99, .ticks = 99};

    rapl_tally_take(tally, &reading, false, RAPL_TALLY_RUNNING, &limit);
}

static void test_running(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 1000, 5000, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){0, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 1001, 5600, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){600, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 1010, 0xFFFFFF00, RAPL_TALLY_RUNNING); /* absurd, but counted is counted */
    check(&tally, (struct expected){0xFFFFFF00u - 5000, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 1020, 0x100, RAPL_TALLY_RUNNING); /* 512 counts: a wrap */
    check(&tally, (struct expected){0xFFFFFF00u - 5000 + 512, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 1030, 0x50, RAPL_TALLY_RUNNING); /* a wrap would take 655 s */
    check(&tally,
          (struct expected){0xFFFFFF00u - 5000 + 512 + 0x50, 1, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 1030 + 656, 0x60, RAPL_TALLY_RUNNING); /* may have wrapped unseen */
    check(&tally,
          (struct expected){0xFFFFFF00u - 5000 + 512 + 0x50, 1, 1, RAPL_STATE_PRESENT, false});
    take(&tally, 1030 + 657, 0x61, RAPL_TALLY_RUNNING);
    check(&tally,
          (struct expected){0xFFFFFF00u - 5000 + 512 + 0x51, 1, 1, RAPL_STATE_PRESENT, false});
}

/* All of a 64-bit register is kept as raw; its low half is what is followed. */
static void test_64_bits(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 10, 0x7FFFFFFFE, RAPL_TALLY_RUNNING);
    take(&tally, 11, 0x800000003, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){5, 0, 0, RAPL_STATE_PRESENT, false});
}

/* A clock that went back gives a wrap no time. */
static void test_time_back(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 10, 100, RAPL_TALLY_RUNNING);
    take(&tally, 9, 50, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){50, 1, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 8, 60, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){60, 1, 0, RAPL_STATE_PRESENT, false});
}

/* A counter that falls back a little did not begin again: what it shows is not new energy. */
static void test_fallen_back(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 10, 4000000000, RAPL_TALLY_RUNNING);
    take(&tally, 11, 4000000500, RAPL_TALLY_RUNNING);
    take(&tally, 12, 4000000490, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){500, 1, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 13, 4000000600, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){610, 1, 0, RAPL_STATE_PRESENT, false});
}

/* Reads that fail change nothing; the time they last counts for what is possible afterwards. */
static void test_failing(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 10, 100, RAPL_TALLY_RUNNING);
    take(&tally, 11, 200, RAPL_TALLY_RUNNING);
    read_fails(&tally);
    check(&tally, (struct expected){100, 0, 0, RAPL_STATE_PRESENT, true});
    assert_int_equal(tally.raw, 200);
    assert_true(tally.time_100ns == 11 * S_100NS);
    assert_int_equal(tally.ticks, 77);
    assert_true(rapl_tally_is_read(&tally));
    take(&tally, 12, 300, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){200, 0, 0, RAPL_STATE_PRESENT, false});
    read_fails(&tally);
    take(&tally, 12 + 700, 400, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){200, 0, 1, RAPL_STATE_PRESENT, false});
}

static void test_dead_then_alive(void **state)
{
    struct rapl_tally tally = {0};
    const struct rapl_reading zero = {.ok = true, .time_100ns = 5, .ticks = 6};

    (void)state;
    rapl_tally_take(&tally, &zero, false, RAPL_TALLY_RUNNING, &limit);
    rapl_tally_take(&tally, &zero, false, RAPL_TALLY_RESUMED, &limit);
    check(&tally, (struct expected){0, 0, 0, RAPL_STATE_DEAD, false});
    assert_int_equal(tally.time_100ns, 5);
    assert_int_equal(tally.ticks, 6);
    assert_true(rapl_tally_is_read(&tally) && rapl_tally_is_listed(&tally));
    /* Awake: the first value is a base, whatever it is. */
    take(&tally, 10, 4294967290, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){0, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 11, 4294967293, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){3, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 12, 0, RAPL_TALLY_RUNNING); /* 0 is a number to a living counter */
    check(&tally, (struct expected){6, 0, 0, RAPL_STATE_PRESENT, false});
}

/* The same decrease in the same time: a wrap while running, a reset while suspending. */
static void test_suspending(void **state)
{
    struct rapl_tally tally = {0};
    struct rapl_tally other;

    (void)state;
    take(&tally, 10, 0xFFFFFF00, RAPL_TALLY_RUNNING);
    other = tally;
    take(&tally, 20, 0x100, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){512, 0, 0, RAPL_STATE_PRESENT, false});
    take(&other, 20, 0x100, RAPL_TALLY_SUSPENDED);
    check(&other, (struct expected){0x100, 1, 0, RAPL_STATE_PRESENT, false});
    take(&other, 21, 0x180, RAPL_TALLY_SUSPENDED);
    check(&other, (struct expected){0x180, 1, 0, RAPL_STATE_PRESENT, false});
    take(&other, 21 + 656, 0x190, RAPL_TALLY_SUSPENDED); /* a night between */
    check(&other, (struct expected){0x180, 1, 1, RAPL_STATE_PRESENT, false});
}

static void test_resumed(void **state)
{
    struct rapl_tally tally = {0};

    (void)state;
    take(&tally, 10, 1000, RAPL_TALLY_RESUMED); /* first ever: a base like any other */
    check(&tally, (struct expected){0, 0, 0, RAPL_STATE_PRESENT, false});
    take(&tally, 11, 1500, RAPL_TALLY_RUNNING);
    take(&tally, 20, 9000, RAPL_TALLY_RESUMED); /* went on, or began again: unknown */
    check(&tally, (struct expected){500, 0, 1, RAPL_STATE_PRESENT, false});
    take(&tally, 21, 9001, RAPL_TALLY_RUNNING);
    check(&tally, (struct expected){501, 0, 1, RAPL_STATE_PRESENT, false});
    take(&tally, 30, 40, RAPL_TALLY_RESUMED); /* began again, and counted 40 */
    check(&tally, (struct expected){541, 1, 2, RAPL_STATE_PRESENT, false});
    take(&tally, 5000, 41, RAPL_TALLY_RESUMED); /* hours later */
    check(&tally, (struct expected){541, 1, 3, RAPL_STATE_PRESENT, false});
    take(&tally, 90000, 3, RAPL_TALLY_RESUMED);
    check(&tally, (struct expected){544, 2, 4, RAPL_STATE_PRESENT, false});
}

/* Absent counters are listed only if they once counted. */
static void test_listed(void **state)
{
    struct rapl_tally tally = {.state = RAPL_STATE_FAULTS};

    (void)state;
    assert_false(rapl_tally_is_read(&tally) || rapl_tally_is_listed(&tally));
    tally.state = RAPL_STATE_NO_MODEL;
    assert_false(rapl_tally_is_read(&tally) || rapl_tally_is_listed(&tally));
    take(&tally, 1, 1, RAPL_TALLY_RUNNING);
    assert_true(rapl_tally_is_read(&tally) && rapl_tally_is_listed(&tally));
    tally.state = RAPL_STATE_FAULTS;
    assert_false(rapl_tally_is_read(&tally));
    assert_true(rapl_tally_is_listed(&tally));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_running),     cmocka_unit_test(test_64_bits),
        cmocka_unit_test(test_fallen_back), cmocka_unit_test(test_time_back),
        cmocka_unit_test(test_failing),     cmocka_unit_test(test_dead_then_alive),
        cmocka_unit_test(test_suspending),  cmocka_unit_test(test_resumed),
        cmocka_unit_test(test_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
