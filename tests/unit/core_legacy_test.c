/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy request, rule by rule: which processor reads, dead counters, aliases, added
 * processors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_legacy_fixture.h"

#define NOT_LISTED RAPL_LEGACY_NOT_ALLOWED
#define IO_ERROR   RAPL_LEGACY_IO_ERROR

static enum rapl_legacy_status ask(struct tested *tested, bool coarse, uint32_t msr, uint32_t cpu,
                                   uint64_t *value)
{
    uint8_t in[8];
    uint8_t out[8];
    size_t written;
    const struct rapl_call call = {
        .control_code = 0x22D818,
        .in = in,
        .in_size = sizeof(in),
        .out = out,
        .out_size = sizeof(out),
        .can_read = true,
        .coarse = coarse,
        .processors_active = tested->fake.processors_active,
    };
    enum rapl_legacy_status status;

    put_u32(in, msr);
    put_u32(in + 4, cpu);
    status = rapl_legacy_answer(&tested->inventory, &call, &written);
    if (status == RAPL_LEGACY_OK) {
        assert_int_equal(written, 8);
        *value = 0;
        for (uint32_t i = 0; i < 8; i++) {
            *value |= (uint64_t)out[i] << (8 * i);
        }
    }
    return status;
}

static void expect_fresh(struct tested *tested, uint32_t msr, uint32_t cpu, uint64_t wanted)
{
    uint64_t value;

    assert_int_equal(ask(tested, false, msr, cpu, &value), RAPL_LEGACY_OK);
    assert_true(value == wanted);
}

static void expect_failure(struct tested *tested, uint32_t msr, uint32_t cpu,
                           enum rapl_legacy_status wanted)
{
    uint64_t value;

    assert_int_equal(ask(tested, false, msr, cpu, &value), wanted);
}

/* The read happens on the processor that was asked for, once. */
static void test_processor(void **state)
{
    struct tested tested;

    (void)state;
    make_intel(&tested);
    for (uint32_t cpu = 0; cpu < 12; cpu++) {
        tested.fake.read_calls = 0;
        expect_fresh(&tested, 0x611, cpu, cpu < 4 ? 0x12345678 : 0x12345679);
        assert_int_equal(tested.fake.last_processor, cpu < 8 ? cpu : 7);
        assert_int_equal(tested.fake.read_calls, 1);
    }
    assert_int_equal(tested.fake.lock_count, 0); /* fresh reads touch no copy */
}

/* A counter is dead while it has only read 0, and never again once it moved. */
static void test_dead_and_alive(void **state)
{
    struct tested tested;
    struct fake_register *pp1;

    (void)state;
    make_intel(&tested);
    pp1 = fake_find(&tested.fake, 5, 0x641);
    pp1->value = 0;
    expect_failure(&tested, 0x641, 5, IO_ERROR);
    pp1->value = 9; /* the graphics driver has loaded */
    expect_fresh(&tested, 0x641, 5, 9);
    pp1->value = 0; /* the moment of a wrap, or a sleep */
    expect_fresh(&tested, 0x641, 5, 0);
    expect_fresh(&tested, 0x641, 4, 0); /* the same package */
    /* The other package, and the other domains, were not seen to move. */
    fake_find(&tested.fake, 0, 0x641)->value = 0;
    expect_failure(&tested, 0x641, 0, IO_ERROR);
    expect_failure(&tested, 0x64D, 5, IO_ERROR);
    /* A fault is a fault, alive or not. */
    pp1->faults = true;
    expect_failure(&tested, 0x641, 5, IO_ERROR);
}

/* AMD's core counters live and die core by core: two packages of two cores of two threads. */
static void test_core_counters(void **state)
{
    struct tested tested;

    (void)state;
    fake_init(&tested.fake, &fake_raphael, 2, 0);
    for (uint32_t core = 0; core < 4; core++) {
        fake_add(&tested.fake, FAKE_ANY, 0xC001029A, 0)->core = core;
    }
    start_inventory(&tested, 50);
    expect_failure(&tested, 0xC001029A, 0, IO_ERROR);
    tested.fake.registers[1].value = 1ull << 32; /* 64 bits wide */
    expect_fresh(&tested, 0xC001029A, 3, 1ull << 32);
    tested.fake.registers[1].value = 0;
    expect_fresh(&tested, 0xC001029A, 2, 0); /* the sibling thread */
    for (uint32_t cpu = 0; cpu < 8; cpu++) {
        if (cpu / 2 != 1) {
            expect_failure(&tested, 0xC001029A, cpu, IO_ERROR);
        }
    }
}

/* 0x606 and 0x611 on AMD: both or neither. */
static void test_aliases_both_or_neither(void **state)
{
    enum { UNIT, CORE, PACKAGE };
    struct tested tested;

    (void)state;
    make_amd(&tested, &fake_raphael);
    forget_alive(&tested.fake);
    tested.fake.registers[PACKAGE].value = 0; /* dead: the unit alone is not given */
    expect_failure(&tested, 0x606, 0, IO_ERROR);
    expect_failure(&tested, 0x611, 0, IO_ERROR);
    expect_fresh(&tested, 0xC0010299, 0, 0xA1003);      /* AMD's own number is */
    tested.fake.registers[PACKAGE].value = 0x500000000; /* moves, but not in the alias's 32 bits */
    expect_failure(&tested, 0x606, 0, IO_ERROR);
    expect_failure(&tested, 0x611, 0, IO_ERROR);
    tested.fake.registers[PACKAGE].value = 0x500000001;
    expect_fresh(&tested, 0x606, 0, 0xA1003); /* asking for the unit sees the counter move */
    tested.fake.registers[PACKAGE].value = 0x600000000;
    expect_fresh(&tested, 0x611, 0, 0);
    tested.fake.registers[UNIT].faults = true;
    expect_failure(&tested, 0x606, 0, IO_ERROR);
    expect_failure(&tested, 0x611, 0, IO_ERROR);
    expect_fresh(&tested, 0xC001029B, 0, 0x600000000);
    tested.fake.registers[UNIT].faults = false;
    tested.fake.registers[PACKAGE].faults = true;
    expect_failure(&tested, 0x606, 0, IO_ERROR);
    expect_failure(&tested, 0x611, 0, IO_ERROR);
}

/* AMD's own 64-bit number is alive if any of its 64 bits is set. */
static void test_own_number_is_judged_whole(void **state)
{
    struct tested tested;

    (void)state;
    make_amd(&tested, &fake_raphael);
    forget_alive(&tested.fake);
    tested.fake.registers[2].value = 0x500000000;
    expect_fresh(&tested, 0xC001029B, 0, 0x500000000);
}

/* Processors added since load: read where they are, judged by that read alone. */
static void test_hot_added(void **state)
{
    struct tested tested;
    uint64_t value;

    (void)state;
    fake_init(&tested.fake, &fake_coffee_lake, 1, 1);
    fake_add(&tested.fake, FAKE_ANY, 0x606, 0xA0E03);
    fake_add(&tested.fake, 0, 0x611, 5);
    fake_add(&tested.fake, 1, 0x611, 7);
    start_inventory(&tested, 50);
    expect_fresh(&tested, 0x611, 6, 7);
    assert_int_equal(tested.fake.last_processor, 6);
    expect_fresh(&tested, 0x611, 99, 7); /* clamped to the last one there is now */
    assert_int_equal(tested.fake.last_processor, 7);
    tested.fake.registers[2].value = 0;
    expect_failure(&tested, 0x611, 6, IO_ERROR); /* it moved before, but nobody could note it */
    expect_fresh(&tested, 0x606, 6, 0xA0E03);
    expect_fresh(&tested, 0x611, 3, 5);
    expect_failure(&tested, 0x611, 4,
                   IO_ERROR); /* the first that was added: package 0 is not its */
    /* No coarse copy has them. */
    tested.fake.read_calls = 0;
    assert_int_equal(ask(&tested, true, 0x606, 6, &value), RAPL_LEGACY_IO_ERROR);
    assert_int_equal(ask(&tested, true, 0x611, 4, &value), RAPL_LEGACY_IO_ERROR);
    assert_int_equal(tested.fake.read_calls, 0);
    assert_int_equal(ask(&tested, true, 0x611, 3, &value), RAPL_LEGACY_OK);
    assert_int_equal(value, 5);
    /* Too large means the last one that it has. */
    assert_int_equal(ask(&tested, true, 0x611, 99, &value), RAPL_LEGACY_OK);
    assert_int_equal(value, 5);
}

/* A machine without a model row answers nothing. */
static void test_no_model(void **state)
{
    struct tested tested;

    (void)state;
    make_intel(&tested);
    tested.fake.machine.model = NULL;
    expect_failure(&tested, 0x606, 0, NOT_LISTED);
    expect_failure(&tested, 0x611, 0, NOT_LISTED);
    expect_failure(&tested, 0xC0010299, 0, NOT_LISTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_processor),
        cmocka_unit_test(test_dead_and_alive),
        cmocka_unit_test(test_core_counters),
        cmocka_unit_test(test_aliases_both_or_neither),
        cmocka_unit_test(test_own_number_is_judged_whole),
        cmocka_unit_test(test_hot_added),
        cmocka_unit_test(test_no_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
