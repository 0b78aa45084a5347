/* SPDX-License-Identifier: Apache-2.0
 *
 * The coarse copy: what it holds, when it is renewed, and that a slow client never sees the same
 * energy twice.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_fake_machine.h"

#include "core/allow.h"

#define MS_100NS 10000ull

static enum rapl_legacy_status ask(struct tested *tested, bool coarse, uint32_t msr, uint32_t cpu,
                                   uint64_t *value)
{
    const uint32_t request[2] = {msr, cpu}; /* the build machine is little-endian */
    size_t written;
    const struct rapl_call call = {
        .in = request,
        .in_size = sizeof(request),
        .out = value,
        .out_size = sizeof(*value),
        .can_read = true,
        .coarse = coarse,
        .processors_active = tested->fake.processors_active,
    };

    return rapl_legacy_answer(&tested->inventory, &call, &written);
}

static uint64_t coarse_value(struct tested *tested, uint32_t msr, uint32_t cpu)
{
    uint64_t value;

    assert_int_equal(ask(tested, true, msr, cpu, &value), RAPL_LEGACY_OK);
    return value;
}

/* Two packages whose counters gain a count each 100 ns: a value tells when it was read. */
static void make(struct tested *tested, uint32_t age_max_ms)
{
    struct fake *const fake = &tested->fake;

    fake_init(fake, &fake_coffee_lake, 2, 0);
    fake->now_100ns = 1000000 * MS_100NS;
    for (uint32_t package = 0; package < 2; package++) {
        fake_add(fake, package, 0x606, 0xA0E03);
        fake_add(fake, package, 0x614, 0x208);
        fake_add(fake, package, 0x611, 0)->step_100ns = 1 + package;
        fake_add(fake, package, 0x639, 0)->step_100ns = 4 + package;
    }
    fake_add(fake, FAKE_ANY, 0x641, 0);
    start_inventory(tested, age_max_ms);
}

static void test_whole_copy_at_once(void **state)
{
    struct tested tested;
    const uint64_t then = 1000000 * MS_100NS;

    (void)state;
    make(&tested, 50);
    assert_false(tested.inventory.has_copy);
    assert_true(coarse_value(&tested, 0x611, 1) == (uint32_t)then);
    assert_int_equal(tested.fake.all_calls, 1); /* one call, one job a package */
    assert_int_equal(tested.fake.jobs, 2);
    assert_int_equal(tested.fake.reads, 6); /* three domains each; constants are the probe's */

    /* All that follows is from that moment, for both packages and all registers. */
    tested.fake.now_100ns += 50 * MS_100NS - 1;
    assert_true(coarse_value(&tested, 0x611, 3) == (uint32_t)then);
    assert_true(coarse_value(&tested, 0x611, 7) == (uint32_t)(then / 2));
    assert_true(coarse_value(&tested, 0x639, 0) == (uint32_t)(then / 4));
    assert_true(coarse_value(&tested, 0x639, 4) == (uint32_t)(then / 5));
    assert_int_equal(coarse_value(&tested, 0x606, 0), 0xA0E03);
    assert_int_equal(coarse_value(&tested, 0x614, 5), 0x208);
    assert_int_equal(tested.fake.all_calls, 1);
    assert_int_equal(tested.fake.lock_count, 7); /* once a request */

    /* 50 ms old: all of it is renewed, by whatever is asked for. */
    tested.fake.now_100ns += 1;
    assert_int_equal(coarse_value(&tested, 0x606, 0), 0xA0E03);
    assert_int_equal(tested.fake.all_calls, 2);
    assert_true(coarse_value(&tested, 0x639, 4) == (uint32_t)((then + 50 * MS_100NS) / 5));
    assert_int_equal(tested.fake.all_calls, 2);
}

static void test_clock(void **state)
{
    struct tested tested;

    (void)state;
    make(&tested, 1000);
    (void)coarse_value(&tested, 0x611, 0);
    tested.fake.now_100ns += 1000 * MS_100NS - 1;
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 1);
    /* A clock that went back: the age is not known, so the copy is too old. */
    tested.fake.now_100ns -= 2000 * MS_100NS;
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 2);
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 2);
}

/* Whoever can make the reads wait does not get two copies closer together than their age. */
static void test_delayed_reads(void **state)
{
    struct tested tested;

    (void)state;
    make(&tested, 50);
    tested.fake.read_delay_100ns = 60 * MS_100NS;
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 1);
    tested.fake.now_100ns += 50 * MS_100NS - 1;
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 1);
    tested.fake.now_100ns += 1;
    (void)coarse_value(&tested, 0x611, 0);
    assert_int_equal(tested.fake.all_calls, 2);
}

/* A copy stamped 0 is a copy: "not filled" is told apart from "filled at 0". */
static void test_first_read_at_time_0(void **state)
{
    struct tested tested;

    (void)state;
    make(&tested, 50);
    tested.fake.now_100ns = 0;
    tested.fake.registers[0].value = 0xA0E03;
    assert_int_equal(coarse_value(&tested, 0x606, 0), 0xA0E03);
    assert_int_equal(coarse_value(&tested, 0x606, 0), 0xA0E03);
    assert_int_equal(tested.fake.all_calls, 1);
}

/* Fresh callers neither renew the copy nor are given it. */
static void test_fresh_leaves_it_alone(void **state)
{
    struct tested tested;
    uint64_t value;
    uint64_t then;

    (void)state;
    make(&tested, 50);
    then = coarse_value(&tested, 0x611, 0);
    tested.fake.now_100ns += 49 * MS_100NS;
    assert_int_equal(ask(&tested, false, 0x611, 0, &value), RAPL_LEGACY_OK);
    assert_true(value == (uint32_t)(then + 49 * MS_100NS));
    assert_true(coarse_value(&tested, 0x611, 0) == then);
    tested.fake.now_100ns += 1 * MS_100NS;
    assert_true(coarse_value(&tested, 0x611, 0) == (uint32_t)(then + 50 * MS_100NS));
}

/* Renewing notes which counters move, also those that nobody asked for. */
static void test_renewing_marks_alive(void **state)
{
    struct tested tested;
    uint64_t value;

    (void)state;
    make(&tested, 50);
    forget_alive(&tested.fake); /* what the probe saw */
    (void)coarse_value(&tested, 0x606, 0);
    tested.fake.registers[6].value = 0;
    tested.fake.registers[6].step_100ns = 0; /* package 1's counter now reads 0: a wrap */
    assert_int_equal(ask(&tested, false, 0x611, 4, &value), RAPL_LEGACY_OK);
    assert_int_equal(value, 0);
    /* A domain that never moved: dead for coarse callers too, until it moves. */
    assert_int_equal(ask(&tested, true, 0x641, 0, &value), RAPL_LEGACY_IO_ERROR);
    tested.fake.registers[8].value = 5;
    assert_int_equal(ask(&tested, true, 0x641, 0, &value), RAPL_LEGACY_IO_ERROR); /* same copy */
    tested.fake.now_100ns += 50 * MS_100NS;
    assert_int_equal(coarse_value(&tested, 0x641, 0), 5);
}

/* AMD's pair comes from one copy; both or neither holds there as well. */
static void test_amd(void **state)
{
    struct tested tested;
    uint64_t value;

    (void)state;
    fake_init(&tested.fake, &fake_raphael, 1, 0);
    fake_add(&tested.fake, 0, 0xC0010299, 0xA1000);
    fake_add(&tested.fake, 0, 0xC001029B, 0);
    fake_add(&tested.fake, 0, 0xC001029A, 77);
    start_inventory(&tested, 50);
    assert_int_equal(ask(&tested, true, 0x606, 0, &value), RAPL_LEGACY_IO_ERROR);
    assert_int_equal(coarse_value(&tested, 0xC0010299, 0), 0xA1000);
    assert_int_equal(ask(&tested, true, 0xC001029A, 0, &value), RAPL_LEGACY_ACCESS_DENIED);
    assert_int_equal(tested.fake.reads, 1); /* core energy is not in the copy */
    tested.fake.registers[1].value = 0x1500000009;
    tested.fake.now_100ns += 50 * MS_100NS;
    assert_int_equal(coarse_value(&tested, 0x606, 0), 0xA1000);
    assert_int_equal(coarse_value(&tested, 0x611, 0), 9);
    assert_true(coarse_value(&tested, 0xC001029B, 0) == 0x1500000009);
    assert_int_equal(tested.fake.all_calls, 2);
}

/* A coarse caller gets every register of every model that rapl_allow_coarse names, and no other. */
static void test_registers_of_every_model(void **state)
{
    uint32_t count;
    uint32_t register_count;
    const struct rapl_model *const rows = rapl_models(&count);
    const struct rapl_register *const registers = rapl_registers(&register_count);

    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        struct tested tested;
        uint64_t value;

        fake_init(&tested.fake, &fake_coffee_lake, 1, 0);
        tested.fake.machine.model = &rows[i];
        for (uint32_t j = 0; j < register_count; j++) {
            fake_add(&tested.fake, 0, registers[j].msr, 0x1000 + j);
        }
        start_inventory(&tested, 50);
        for (uint32_t j = 0; j < register_count; j++) {
            if (rapl_allow(&rows[i], registers[j].msr) != NULL &&
                rapl_allow_coarse(&registers[j])) {
                assert_int_equal(coarse_value(&tested, registers[j].msr, 0), 0x1000 + j);
            } else if (rapl_allow(&rows[i], registers[j].msr) != NULL) {
                assert_int_equal(ask(&tested, true, registers[j].msr, 0, &value),
                                 RAPL_LEGACY_ACCESS_DENIED);
            }
        }
        assert_in_range(tested.fake.all_calls, 0, 1);
    }
}

/* Constants are the probe's: one that faulted then is not there, whatever it does later. */
static void test_constants(void **state)
{
    struct tested tested;
    uint64_t value;

    (void)state;
    make(&tested, 50);
    fake_find(&tested.fake, 0, 0x614)->value = 1;
    fake_add(&tested.fake, 0, 0x61C, 5);
    assert_int_equal(coarse_value(&tested, 0x614, 0), 0x208);
    assert_int_equal(ask(&tested, true, 0x61C, 0, &value), RAPL_LEGACY_IO_ERROR);
    assert_int_equal(ask(&tested, false, 0x61C, 0, &value), RAPL_LEGACY_OK);
    assert_int_equal(value, 5);
}

/* A counter that faults now and then is an error then, and only then. */
static void test_faults_half_way(void **state)
{
    struct tested tested;
    uint64_t value;

    (void)state;
    make(&tested, 50);
    fake_find(&tested.fake, 4, 0x611)->faults = true;
    assert_int_equal(ask(&tested, true, 0x611, 4, &value), RAPL_LEGACY_IO_ERROR);
    (void)coarse_value(&tested, 0x611, 0);
    fake_find(&tested.fake, 4, 0x611)->faults = false;
    assert_int_equal(ask(&tested, true, 0x611, 4, &value), RAPL_LEGACY_IO_ERROR); /* same copy */
    tested.fake.now_100ns += 50 * MS_100NS;
    assert_true(coarse_value(&tested, 0x611, 4) == (uint32_t)(tested.fake.now_100ns / 2));
}

/* ---- 600 reads, 99 ms apart ----------------------------------------------------------------- */

/*
 * A client that reads every 99 ms beside one that reads every `other_ms` (0: none), starting
 * `offset_ms` later, while the counter is updated every `update_ms`. No two of the 600 are equal.
 */
static void sample(uint64_t other_ms, uint64_t offset_ms, uint64_t update_ms, uint32_t age_max_ms)
{
    struct tested tested;
    uint64_t last = UINT64_MAX;
    uint32_t taken = 0;

    fake_init(&tested.fake, &fake_coffee_lake, 1, 0);
    fake_add(&tested.fake, 0, 0x606, 0xA0E03);
    fake_add(&tested.fake, 0, 0x611, 1)->step_100ns = update_ms * MS_100NS;
    start_inventory(&tested, age_max_ms);
    for (uint64_t ms = 0; taken < 600; ms++) {
        tested.fake.now_100ns = ms * MS_100NS;
        if (other_ms != 0 && ms >= offset_ms && (ms - offset_ms) % other_ms == 0) {
            (void)coarse_value(&tested, 0x611, 0);
        }
        if (ms % 99 == 0) {
            const uint64_t value = coarse_value(&tested, 0x611, 3);

            assert_true(value != last);
            last = value;
            taken++;
        }
    }
}

static void test_600_reads(void **state)
{
    static const uint64_t others_ms[] = {1, 7, 10, 33, 49, 50, 51, 98, 99, 100, 101, 250, 1000};

    (void)state;
    sample(0, 0, 1, 50);
    sample(0, 0, 15, 50);
    sample(0, 0, 40, 50);
    for (size_t i = 0; i < sizeof(others_ms) / sizeof(others_ms[0]); i++) {
        for (uint64_t offset_ms = 0; offset_ms < 99; offset_ms += 7) {
            sample(others_ms[i], offset_ms, 1, 50);
            sample(others_ms[i], offset_ms, 15, 50);
            sample(others_ms[i], offset_ms, 1, 98); /* any age below its period serves it */
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_copy_at_once),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_delayed_reads),
        cmocka_unit_test(test_first_read_at_time_0),
        cmocka_unit_test(test_fresh_leaves_it_alone),
        cmocka_unit_test(test_renewing_marks_alive),
        cmocka_unit_test(test_amd),
        cmocka_unit_test(test_registers_of_every_model),
        cmocka_unit_test(test_constants),
        cmocka_unit_test(test_faults_half_way),
        cmocka_unit_test(test_600_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
