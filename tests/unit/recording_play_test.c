/* SPDX-License-Identifier: Apache-2.0
 *
 * The player: values, series that hold or loop, ramps, jitter, speed, and who reads what.
 */
#include "recording_support.h"

#define MACHINE                                                                                    \
    "rapl-recording 1\n"                                                                           \
    "source k composed \"made up\"\n"                                                              \
    "title \"t\" @k\n"                                                                             \
    "cpu intel family 6 model 0x9E stepping 10 @k\n"                                               \
    "hypervisor none @k\n"
#define TWO_PACKAGES                                                                               \
    "topology packages 2 processors 8 groups 4 4 @k\n"                                             \
    "cores 0-1 package 0 threads 2 group 0 apic 0 @k\n"                                            \
    "cores 0-1 package 1 threads 2 group 1 apic 4 @k\n"                                            \
    "register 0x606 package all value 0xA0E03 @k\n"
#define END "end\n"

static uint64_t read_at(const struct parsed *parsed, uint32_t processor, uint32_t msr,
                        uint64_t elapsed_us)
{
    uint64_t value = 0;

    if (!recording_read(&parsed->recording, processor, msr, elapsed_us, &value)) {
        fail_msg("register 0x%X of processor %u faults", msr, processor);
    }
    return value;
}

static void expect_fault(const struct parsed *parsed, uint32_t processor, uint32_t msr)
{
    uint64_t value = 42;

    assert_false(recording_read(&parsed->recording, processor, msr, 0, &value));
    assert_int_equal(value, 42);
}

/* Which processor reads which line: by package, by core, by range; the rest faults. */
static void test_addresses(void **state)
{
    const struct parsed parsed =
        parse_text_or_fail(MACHINE TWO_PACKAGES "register 1 package 0 value 10 @k\n"
                                                "register 1 package 1 faults @k\n"
                                                "register 2 package 0 core 0 value 20 @k\n"
                                                "register 2 package 0 core 1 value 21 @k\n"
                                                "register 2 package 1 core all value 22 @k\n"
                                                "register 3 package 0-1 core 1 value 30 @k\n" END);

    for (uint32_t processor = 0; processor < 8; processor++) {
        assert_int_equal(read_at(&parsed, processor, 0x606, 0), 0xA0E03);
        expect_fault(&parsed, processor, 0x611);
    }
    assert_int_equal(read_at(&parsed, 0, 1, 0), 10);
    assert_int_equal(read_at(&parsed, 3, 1, 99), 10);
    expect_fault(&parsed, 4, 1);
    expect_fault(&parsed, 7, 1);

    assert_int_equal(read_at(&parsed, 0, 2, 0), 20);
    assert_int_equal(read_at(&parsed, 1, 2, 0), 20); /* the other thread of core 0 */
    assert_int_equal(read_at(&parsed, 2, 2, 0), 21);
    assert_int_equal(read_at(&parsed, 4, 2, 0), 22);
    assert_int_equal(read_at(&parsed, 7, 2, 0), 22);

    expect_fault(&parsed, 1, 3);
    assert_int_equal(read_at(&parsed, 2, 3, 0), 30);
    expect_fault(&parsed, 5, 3);
    assert_int_equal(read_at(&parsed, 6, 3, 0), 30);

    expect_fault(&parsed, 8, 0x606); /* no such processor */
    expect_fault(&parsed, UINT32_MAX, 0x606);
    free(parsed.arena);
}

static void test_is_timed(void **state)
{
    const struct parsed parsed =
        parse_text_or_fail(MACHINE TWO_PACKAGES "register 1 package 0 series width 32 hold @k\n"
                                                "at 0 1 @k\n"
                                                "register 2 package 0 ramp from 0 rate 1 step-us 1 "
                                                "width 32 @k\n"
                                                "register 3 package 0 faults @k\n" END);
    const struct recording *const recording = &parsed.recording;

    assert_true(recording_is_timed(recording, 0, 1));
    assert_true(recording_is_timed(recording, 3, 2));
    assert_false(recording_is_timed(recording, 4, 2)); /* the other package has it not */
    assert_false(recording_is_timed(recording, 0, 3));
    assert_false(recording_is_timed(recording, 0, 0x606));
    assert_false(recording_is_timed(recording, 0, 0x611));
    assert_false(recording_is_timed(recording, 8, 1));
    free(parsed.arena);
}

#define POINTS "at 0 100 @k\nat 1000 150 @k\nat 1500 175 @k\nat 4000 190 @k\n"

static void test_series_holds(void **state)
{
    const struct parsed parsed = parse_text_or_fail(
        MACHINE TWO_PACKAGES "register 1 package 0 series width 32 hold @k\n" POINTS END);
    static const struct {
        uint64_t time_us, value;
    } rows[] = {{0, 100},    {999, 100},  {1000, 150}, {1499, 150},      {1500, 175},
                {3999, 175}, {4000, 190}, {4001, 190}, {UINT64_MAX, 190}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_at(&parsed, 0, 1, rows[i].time_us), rows[i].value);
    }
    assert_int_equal(recording_duration_us(&parsed.recording), 4000);
    free(parsed.arena);
}

/* The last point of a round is the first of the next: 90 counts every 4000 us. */
static void test_series_loops(void **state)
{
    const struct parsed parsed = parse_text_or_fail(
        MACHINE TWO_PACKAGES "register 1 package 0 series width 32 loop @k\n" POINTS END);
    static const struct {
        uint64_t time_us, value;
    } rows[] = {{0, 100},    {3999, 175}, {4000, 190},    {4999, 190},   {5000, 240},
                {5500, 265}, {8000, 280}, {400000, 9100}, {401000, 9150}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(read_at(&parsed, 0, 1, rows[i].time_us), rows[i].value);
    }
    assert_int_equal(recording_duration_us(&parsed.recording), 0);
    free(parsed.arena);
}

/* A loop wraps at its width; a wrap between two points is a gain like any other. */
static void test_loop_wraps(void **state)
{
    const struct parsed parsed =
        parse_text_or_fail(MACHINE TWO_PACKAGES "register 1 package 0 series width 32 loop @k\n"
                                                "at 0 0xFFFFFF00 @k\n"
                                                "at 10 0x00000080 @k\n"
                                                "at 20 0x00000100 @k\n"
                                                "register 2 package 0 series width 64 loop @k\n"
                                                "at 0 0xFFFFFF00 @k\n"
                                                "at 20 0x100000100 @k\n" END);

    /* A round gains 0x200 in both. */
    assert_int_equal(read_at(&parsed, 0, 1, 19), 0x80);
    assert_int_equal(read_at(&parsed, 0, 1, 20), 0x100);
    assert_int_equal(read_at(&parsed, 0, 1, 30), 0x280);
    assert_int_equal(read_at(&parsed, 0, 1, 20ull * 0x7FFFFF), 0xFFFFFF00u + 0x200u * 0x7FFFFFu);
    assert_int_equal(read_at(&parsed, 0, 2, 20), 0x100000100);
    assert_int_equal(read_at(&parsed, 0, 2, 20ull * 0x7FFFFF), 0xFFFFFF00u + 0x200ull * 0x7FFFFF);
    free(parsed.arena);
}

/* 0x606's unit is 2^-14 J here: 10 W is 163840 counts a second. */
static void test_ramp(void **state)
{
    const struct parsed parsed = parse_text_or_fail(
        MACHINE TWO_PACKAGES
        "register 1 package 0 ramp from 1000 rate 163840 step-us 1000 width 32 @k\n"
        "register 2 package 0 ramp from 0xFFFFFFFF rate 1000000 step-us 1 width 32 @k\n"
        "register 3 package 0 ramp from 0xFFFFFFFF rate 1000000 step-us 1 width 64 @k\n"
        "register 4 package 0 ramp from 5 rate 0 step-us 1 width 64 @k\n"
        "register 5 package 0 ramp from 0 rate 1099511627776 step-us 60000000 width 64 @k\n" END);

    assert_int_equal(read_at(&parsed, 0, 1, 0), 1000);
    assert_int_equal(read_at(&parsed, 0, 1, 999), 1000);
    assert_int_equal(read_at(&parsed, 0, 1, 1000), 1163); /* 163.84, rounded down */
    assert_int_equal(read_at(&parsed, 0, 1, 1999), 1163);
    assert_int_equal(read_at(&parsed, 0, 1, 2000), 1327); /* 327.68: rounding never adds up */
    assert_int_equal(read_at(&parsed, 0, 1, 1000000), 164840);
    assert_int_equal(read_at(&parsed, 0, 1, 3600000000), 1000 + 163840 * 3600);
    assert_int_equal(read_at(&parsed, 0, 2, 1), 0); /* wraps */
    assert_int_equal(read_at(&parsed, 0, 2, 8), 7);
    assert_int_equal(read_at(&parsed, 0, 3, 1), 0x100000000);
    assert_int_equal(read_at(&parsed, 0, 4, UINT64_MAX), 5);
    assert_int_equal(read_at(&parsed, 0, 5, 60000000), 60ull << 40);
    assert_int_equal(recording_duration_us(&parsed.recording), 0);
    free(parsed.arena);
}

/* When each of the first updates comes, to the microsecond. */
static void find_updates(const struct parsed *parsed, uint32_t processor, uint32_t msr,
                         uint64_t *updates_us, size_t count)
{
    uint64_t last = read_at(parsed, processor, msr, 0);
    size_t found = 0;

    for (uint64_t time_us = 1; found < count; time_us++) {
        const uint64_t now = read_at(parsed, processor, msr, time_us);

        assert_true(now >= last);
        if (now != last) {
            /* The counter holds exactly the energy up to its update. */
            assert_int_equal(now, time_us * 3);
            updates_us[found++] = time_us;
        }
        last = now;
    }
}

#define UPDATES 400

static void test_jitter(void **state)
{
    static const char text[] = MACHINE TWO_PACKAGES
        "register 1 package all ramp from 0 rate 3000000 step-us 1000 jitter-us 400 width 32 @k\n"
        "register 2 package 0 core all ramp from 0 rate 3000000 step-us 1000 jitter-us 400 "
        "width 32 @k\n"
        "register 3 package 0 core 0-1 ramp from 0 rate 3000000 step-us 1000 jitter-us 400 "
        "width 32 @k\n" END;
    const struct parsed parsed = parse_text_or_fail(text);
    const struct parsed again = parse_text_or_fail(text);
    uint64_t first[UPDATES], second[UPDATES];
    uint64_t least = UINT64_MAX, most = 0;

    find_updates(&parsed, 0, 1, first, UPDATES);
    for (size_t i = 0; i < UPDATES; i++) {
        const uint64_t late_us = first[i] - (i + 1) * 1000;

        assert_true(first[i] >= (i + 1) * 1000);
        assert_true(late_us <= 400);
        least = late_us < least ? late_us : least;
        most = late_us > most ? late_us : most;
    }
    /* 400 draws that miss a tenth at either end would be a fault of the generator. */
    assert_true(least < 40);
    assert_true(most > 360);

    /* The same in every run, on every thread of the package; another on the other package. */
    find_updates(&again, 3, 1, second, UPDATES);
    assert_memory_equal(first, second, sizeof(first));
    find_updates(&parsed, 4, 1, second, UPDATES);
    assert_memory_not_equal(first, second, sizeof(first));

    /* Cores differ from each other only where the line names cores. */
    find_updates(&parsed, 0, 2, first, UPDATES);
    find_updates(&parsed, 2, 2, second, UPDATES);
    assert_memory_equal(first, second, sizeof(first));
    find_updates(&parsed, 0, 3, first, UPDATES);
    find_updates(&parsed, 2, 3, second, UPDATES);
    assert_memory_not_equal(first, second, sizeof(first));
    free(parsed.arena);
    free(again.arena);
}

/* Recording time is the clock's times the speed. */
static void test_speed(void **state)
{
    const struct parsed parsed = parse_text_or_fail(
        MACHINE "speed 20 @k\n" TWO_PACKAGES "register 1 package 0 series width 32 hold @k\n" POINTS
                "register 2 package 0 ramp from 0 rate 1000000 step-us 1 width 64 @k\n"
                "register 3 package 0 series width 32 hold @k\nat 0 1 @k\nat 4001 2 @k\n" END);

    assert_int_equal(read_at(&parsed, 0, 1, 49), 100);
    assert_int_equal(read_at(&parsed, 0, 1, 50), 150);
    assert_int_equal(read_at(&parsed, 0, 1, 200), 190);
    assert_int_equal(read_at(&parsed, 0, 2, 7), 140);
    /* 4001 us at 20 times is 200.05 us: rounded up, the value is there. */
    assert_int_equal(recording_duration_us(&parsed.recording), 201);
    assert_int_equal(read_at(&parsed, 0, 3, 201), 2);
    assert_int_equal(read_at(&parsed, 0, 3, 200), 1);
    /* No clock is so late that the product wraps back. */
    assert_int_equal(read_at(&parsed, 0, 1, UINT64_MAX), 190);
    assert_int_equal(read_at(&parsed, 0, 1, UINT64_MAX / 20 + 1), 190);
    free(parsed.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),    cmocka_unit_test(test_is_timed),
        cmocka_unit_test(test_series_holds), cmocka_unit_test(test_series_loops),
        cmocka_unit_test(test_loop_wraps),   cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_jitter),       cmocka_unit_test(test_speed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
