/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a counter as a client sees it: sleep and return, death and waking, faults.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

static struct desk desk;

static void resume(void)
{
    desk.tested.fake.locked = true;
    rapl_inventory_resumed(&desk.tested.inventory);
    desk.tested.fake.locked = false;
}

static void suspend(void)
{
    desk.tested.fake.locked = true;
    rapl_inventory_suspending(&desk.tested.inventory, false);
    desk.tested.fake.locked = false;
}

/*
 * A departure after a departure, the return between them not reported: the counter, shortly before
 * its wrap, may have begun again.
 */
static void test_two_departures(void **state)
{
    struct fake *const fake = &desk.tested.fake;
    struct rapl_snapshot_item item;

    (void)state;
    make_golden(&desk);
    fake->now_100ns += 100 * S_100NS;
    fake_find(fake, 0, 0x611)->value = 0xFFFFFF00;
    suspend();
    fake->now_100ns += 10 * S_100NS;
    fake_find(fake, 0, 0x611)->value = 0x40;
    suspend();
    resume();
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    item = item_of(&desk, 1, 0, 0);
    assert_int_equal(item.reset_count, 1);
    assert_true(item.energy_ticks == 0xFFFFFF00u - 1000u + 0x40u);
}

/* A suspension whose return is never reported ends by itself, five minutes after the departure. */
static void test_missed_return(void **state)
{
    const struct rapl_inventory *const inventory = &desk.tested.inventory;
    struct fake *const fake = &desk.tested.fake;

    (void)state;
    make_golden(&desk);
    fake->now_100ns += 100 * S_100NS;
    assert_false(rapl_inventory_missed_return(inventory));
    suspend();
    fake->now_100ns += 300 * S_100NS;
    assert_false(rapl_inventory_missed_return(inventory));
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_NOT_READY);
    fake->now_100ns += 1;
    assert_true(rapl_inventory_missed_return(inventory));
    resume();
    assert_false(rapl_inventory_missed_return(inventory));
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, 1, 0, 0).gap_count, 1);
}

/* To sleep and back, counters at zero, one gone for good: totals never go back. */
static void test_sleep(void **state)
{
    struct fake *const fake = &desk.tested.fake;
    struct rapl_snapshot_item item;

    (void)state;
    make_golden(&desk);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, true), RAPL_ENERGY_OK);
    fake_find(fake, 0, 0x611)->value += 500;
    suspend(); /* the last sample has the 500 */
    fake->now_100ns += 3600 * S_100NS;
    fake_find(fake, 0, 0x611)->value = 70;
    fake_find(fake, 0, 0x619)->faults = true;
    fake_find(fake, 0, 0x610)->value = 0;
    resume();
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, true), RAPL_ENERGY_OK);
    item = item_of(&desk, 1, 0, 0);
    assert_int_equal(item.energy_ticks, 1500000 + 500 + 70);
    assert_int_equal(item.reset_count, 1);
    assert_int_equal(item.gap_count, 1);
    assert_int_equal(item.flags, RAPL_ITEM_RESET | RAPL_ITEM_GAP | RAPL_ITEM_COARSE);
    item = item_of(&desk, 1, 0, 3); /* what was counted stays, and is last known */
    assert_int_equal(item.status, RAPL_ITEM_FAULTS);
    assert_int_equal(item.energy_ticks, 512);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    assert_int_equal(package_of(&desk, 0).domain_state[3], RAPL_STATE_FAULTS);
    assert_int_equal(package_of(&desk, 0).limit[0].limit_mw, 0);
    /* It comes back the next time, from another value. */
    suspend();
    fake_find(fake, 0, 0x619)->faults = false;
    fake_find(fake, 0, 0x619)->value = 0x300;
    resume();
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, true), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, 1, 0, 3).status, RAPL_ITEM_OK); /* no copy from before */
    fake_find(fake, 0, 0x619)->value = 0x301;
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    item = item_of(&desk, 1, 0, 3);
    assert_int_equal(item.status, RAPL_ITEM_OK);
    assert_int_equal(item.energy_ticks, 513);
    assert_int_equal(item.gap_count, 1);
}

/* Cores that somebody asked for are sampled before sleep too. */
static void test_sleep_with_cores(void **state)
{
    struct fake *const fake = &desk.tested.fake;

    (void)state;
    make_amd(&desk);
    suspend();
    assert_int_equal(fake->jobs, 2);
    resume();
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 2, 0, false), RAPL_ENERGY_OK);
    fake_find(fake, 4, 0xC001029A)->value = 1000;
    suspend();
    assert_int_equal(fake->jobs, 2 + 3);
    fake_find(fake, 4, 0xC001029A)->value = 5;
    resume();
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 2, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, 3, 2, 5).energy_ticks, 998 + 5);
}

/* A dead counter that wakes begins at what it then reads; a faulting one keeps its last. */
static void test_life_of_a_counter(void **state)
{
    struct fake *const fake = &desk.tested.fake;
    struct rapl_snapshot_item item;

    (void)state;
    make_golden(&desk);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, 1, 0, 2).status, RAPL_ITEM_DEAD);
    fake_find(fake, 0, 0x641)->value = 123456;
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    item = item_of(&desk, 1, 0, 2);
    assert_int_equal(item.status, RAPL_ITEM_OK);
    assert_int_equal(item.energy_ticks, 0);
    assert_int_equal(item.flags, 0);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    assert_int_equal(package_of(&desk, 0).domains, 0xD);
    fake_find(fake, 0, 0x641)->value = 123460;
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, 1, 0, 2).energy_ticks, 4);
    fake_find(fake, 0, 0x641)->faults = true;
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    item = item_of(&desk, 1, 0, 2);
    assert_int_equal(item.status, RAPL_ITEM_FAULTS);
    assert_int_equal(item.energy_ticks, 4);
    assert_true(item.time_100ns < snapshot_of(&desk)->start_100ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_departures),
        cmocka_unit_test(test_missed_return),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_sleep_with_cores),
        cmocka_unit_test(test_life_of_a_counter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
