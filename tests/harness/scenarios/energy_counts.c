/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy that never wraps: wraps, faults, dead counters and sleep.
 */
#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#define S 1000000ull /* microseconds */

static struct energy_client client;

static bool begin(const char *machine)
{
    return load_on(machine, POLICY_USERS) && energy_open(CALLER_ADMIN, &client);
}

/* Nobody, and no timer, reads in between. */
static void read_after(uint64_t us)
{
    clock_sleep_us(us);
    energy_read_packages(&client);
}

/* The truth of a machine whose registers the scenario moves. */
static uint64_t truth[2][5];

static void move(uint32_t package, uint32_t domain, uint64_t ticks)
{
    const uint64_t base = 0x10000000ull * (domain + 1) + 0x100ull * package + domain;
    truth[package][domain] += ticks;
    machine_set(package, energy_msr[domain], (uint32_t)(base + truth[package][domain]));
}

static void expect_truth(void)
{
    for (uint32_t i = 0; i < 10; i++) {
        expect_energy(&client, i % 5, i / 5, truth[i / 5][i % 5], 0);
    }
}

/* 20 s apart: what 1000 W, and 2500 W of a platform, use in that time wraps every few reads. */
static void wraps(void)
{
    uint32_t random = 12345;
    for (uint32_t i = 0; i < 10; i++) {
        truth[i / 5][i % 5] = 0;
    }
    if (!begin("intel-2x5")) {
        return;
    }
    for (uint32_t round = 0; round < 400; round++) {
        for (uint32_t i = 0; i < 10; i++) {
            random = random * 1664525u + 1013904223u;
            move(i / 5, i % 5, i % 5 == 4 ? random % 800000000u : random % 320000000u);
        }
        clock_sleep_us(20 * S);
        if (!energy_read_packages(&client)) {
            break;
        }
        expect_truth();
    }
    check(truth[0][0] > 8ull << 32 && truth[1][4] > 30ull << 32, "it did wrap");
    energy_close(&client);
}

/*
 * Registers are updated about once a millisecond: two reads 20 us apart can lie on either side of
 * an update that holds the energy of a whole millisecond, here 0.2 J, and the wrap with it.
 */
static void wrap_between_close_reads(void)
{
    if (begin("intel-2x5")) {
        machine_set(0, 0x611, 0xFFFFFF00);
        read_after(20 * S);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        const uint64_t before = item != NULL ? item->energy_ticks : 0;
        clock_sleep_us(20);
        machine_set(0, 0x611, 0x00000C00);
        energy_read_packages(&client);
        expect_energy(&client, 0, 0, before + 0xD00, 0);
    }
    energy_close(&client);
}

/* A counter that stops answering, and answers again later. */
static void faults_half_way(void)
{
    if (!begin("intel-2x5")) {
        return;
    }
    machine_set(1, 0x619, 0x40000103 + 5000);
    read_after(S);
    expect_energy(&client, 3, 1, 5000, 0);
    const struct rapl_snapshot_item *item = energy_item(&client, 3, 1);
    const uint64_t time = item != NULL ? item->time_100ns : 0;
    machine_set_faulting(1, 0x619);
    read_after(S);
    expect_energy(&client, 3, 1, 5000, 0);
    item = energy_item(&client, 3, 1);
    check(item != NULL && item->status == RAPL_ITEM_FAULTS && item->time_100ns == time,
          "faults: the last known energy and its time");
    item = energy_item(&client, 3, 0);
    check(item != NULL && item->status == RAPL_ITEM_OK && item->time_100ns > time,
          "the other socket goes on");
    machine_set(1, 0x619, 0x40000103 + 9000);
    read_after(S);
    expect_energy(&client, 3, 1, 9000, 0);
    item = energy_item(&client, 3, 1);
    check(item != NULL && item->status == RAPL_ITEM_OK, "it answers again");
    energy_close(&client);
}

/* A counter at 0 counts nothing until it moves; a whole socket that faults from the start. */
static void dead_and_awake(void)
{
    machine_select("intel-2x5");
    registry_reset();
    machine_set(1, 0x611, 0);
    machine_set_faulting(1, 0x639);
    if (lab_load() != LAB_SUCCESS || !energy_open(CALLER_ADMIN, &client)) {
        check(false, "loads with a dead socket");
        return;
    }
    energy_read_packages(&client);
    const struct rapl_snapshot_item *item = energy_item(&client, 0, 1);
    check(item != NULL && item->status == RAPL_ITEM_DEAD && item->energy_ticks == 0, "dead");
    check(client.reply.snapshot.item_count == 9, "what faulted at load has no item");
    energy_topology(&client);
    const struct rapl_topology_package *package = energy_package(&client, 1);
    check(package != NULL && package->domain_state[0] == RAPL_STATE_DEAD &&
              package->domain_state[1] == RAPL_STATE_FAULTS && package->domains == 0x1C,
          "states in the topology");
    machine_set(1, 0x611, 777);
    read_after(S);
    expect_energy(&client, 0, 1, 0, 0); /* when it began is unknown: a base */
    machine_set(1, 0x611, 1777);
    read_after(S);
    expect_energy(&client, 0, 1, 1000, 0);
    item = energy_item(&client, 0, 1);
    check(item != NULL && item->status == RAPL_ITEM_OK, "awake");
    energy_close(&client);
}

/* Told from a wrap by what is possible: what it shows since was used, not 2^32 counts more. */
static void running_reset(void)
{
    if (!begin("intel-2x5")) {
        return;
    }
    machine_set(0, 0x611, 0x10000000 + 5000);
    read_after(S);
    machine_set(0, 0x611, 70);
    read_after(S);
    expect_energy(&client, 0, 0, 5070, RAPL_ITEM_RESET);
    const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
    check(item != NULL && item->reset_count == 1 && item->gap_count == 0, "one reset, no gap");
    expect_energy(&client, 0, 1, 0, 0);
    machine_set(0, 0x611, 170);
    read_after(S);
    expect_energy(&client, 0, 0, 5170, RAPL_ITEM_RESET);
    energy_close(&client);
}

/* A counter that shows a little less than before has not begun again: it adds nothing. */
static void fallen_back(void)
{
    if (!begin("intel-2x5")) {
        return;
    }
    machine_set(0, 0x619, 0x40000003 + 5000);
    read_after(S);
    machine_set(0, 0x619, 0x40000003 + 4990);
    read_after(S);
    expect_energy(&client, 3, 0, 5000, RAPL_ITEM_RESET);
    machine_set(0, 0x619, 0x40000003 + 5090);
    read_after(S);
    expect_energy(&client, 3, 0, 5100, RAPL_ITEM_RESET);
    energy_close(&client);
}

/* A counter that moved and reads 0 from then on: what it counted stays, and it stays there. */
static void goes_dead(void)
{
    if (!begin("intel-2x5")) {
        return;
    }
    machine_set(1, 0x619, 0x40000103 + 5000);
    read_after(S);
    machine_set(1, 0x619, 0);
    for (uint32_t i = 0; i < 3; i++) {
        read_after(20 * S);
        expect_energy(&client, 3, 1, 5000, RAPL_ITEM_RESET);
        const struct rapl_snapshot_item *item = energy_item(&client, 3, 1);
        check(item != NULL && item->status == RAPL_ITEM_OK && item->reset_count == 1,
              "one reset, and an answer");
        expect_energy(&client, 3, 0, 0, 0);
    }
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    if (legacy != NULL) {
        expect_value(legacy, 0x619, 8, 0);
        lab_close(legacy);
    }
    energy_close(&client);
}

/* So long without a look that a wrap may be hidden. */
static void gap(void)
{
    if (begin("intel-2x5")) {
        machine_set(0, 0x611, 0x10000000 + 500);
        read_after(3600 * S);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        check(item != NULL && item->energy_ticks == 0 && (item->flags & RAPL_ITEM_GAP) != 0 &&
                  item->gap_count == 1,
              "an hour hides a wrap: a gap, and nothing added");
    }
    energy_close(&client);
}

/* ---- Sleep ---------------------------------------------------------------------------------- */

static void suspend(uint32_t irql)
{
    if (!begin("intel-2x5")) {
        return;
    }
    machine_set(0, 0x611, 0x10000000 + 5000);
    machine_set(1, 0x611, 0x10000100 + 6000);
    clock_sleep_us(S);
    power_state_changes(true, irql);
    check_status("snapshot while suspending",
                 energy_snapshot(&client, ENERGY_ALL_PACKAGE_DOMAINS, RAPL_SCOPE_PACKAGES, 0),
                 LAB_DEVICE_NOT_READY);
    check_status("capabilities while suspending", energy_capabilities(&client), LAB_SUCCESS);
    check_status("topology while suspending", energy_topology(&client), LAB_SUCCESS);
    clock_sleep_us(3600 * S);
    machine_set(0, 0x611, 100);        /* back at zero, and on */
    machine_set(1, 0x611, 0x20000000); /* went on, or came further */
    power_state_changes(false, irql);
    energy_read_packages(&client);
    const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
    check(item != NULL && item->energy_ticks >= 5000 && item->energy_ticks <= 5100 &&
              (item->flags & RAPL_ITEM_RESET) != 0 && (item->flags & RAPL_ITEM_GAP) != 0,
          "a reset and a gap, never less than before");
    expect_energy(&client, 0, 1, 6000, RAPL_ITEM_GAP);
    machine_set(0, 0x611, 1100);
    clock_sleep_us(S);
    const uint64_t before = item != NULL ? item->energy_ticks : 0;
    energy_read_packages(&client);
    expect_energy(&client, 0, 0, before + 1000, RAPL_ITEM_RESET | RAPL_ITEM_GAP);
    energy_close(&client);
}

static void suspend_at_passive(void)
{
    suspend(THREAD_PASSIVE_LEVEL);
}

static void suspend_at_dispatch(void)
{
    suspend(THREAD_DISPATCH_LEVEL);
}

/*
 * Reported at DISPATCH_LEVEL, and noticed by a request only when the machine has slept and the
 * counter has begun again: which must not be taken for a wrap either.
 */
static void suspend_noticed_late(void)
{
    if (begin("intel-2x5")) {
        machine_set(0, 0x611, 0xFFFF0000);
        read_after(20 * S);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        const uint64_t before = item != NULL ? item->energy_ticks : 0;
        power_state_changes(true, THREAD_DISPATCH_LEVEL);
        clock_sleep_us(5 * S);
        machine_set(0, 0x611, 64);
        check_status("snapshot before the return is reported",
                     energy_snapshot(&client, ENERGY_ALL_PACKAGE_DOMAINS, RAPL_SCOPE_PACKAGES, 0),
                     LAB_DEVICE_NOT_READY);
        power_state_changes(false, THREAD_DISPATCH_LEVEL);
        energy_read_packages(&client);
        item = energy_item(&client, 0, 0);
        check(item != NULL && item->energy_ticks <= before + 64 &&
                  (item->flags & RAPL_ITEM_RESET) != 0 && (item->flags & RAPL_ITEM_GAP) != 0,
              "a reset noticed after sleep is no wrap");
    }
    energy_close(&client);
}

/* A departure that comes to nothing, and no return: after five minutes a gap, and answers. */
static void suspend_without_return(void)
{
    static const uint32_t irqls[] = {THREAD_PASSIVE_LEVEL, THREAD_DISPATCH_LEVEL};
    if (!begin("intel-2x5")) {
        return;
    }
    for (uint32_t i = 0; i < 2; i++) {
        power_state_changes(true, irqls[i]);
        check_status("snapshot while suspending",
                     energy_snapshot(&client, ENERGY_ALL_PACKAGE_DOMAINS, RAPL_SCOPE_PACKAGES, 0),
                     LAB_DEVICE_NOT_READY);
        read_after(301 * S);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        check(item != NULL && item->gap_count == i + 1, "one gap more");
    }
    energy_close(&client);
}

/* A return that nobody has noticed when the next departure comes: both count, in their order. */
static void suspend_twice(void)
{
    if (begin("intel-2x5")) {
        power_state_changes(true, THREAD_DISPATCH_LEVEL);
        clock_sleep_us(5 * S);
        power_state_changes(false, THREAD_DISPATCH_LEVEL);
        power_state_changes(true, THREAD_DISPATCH_LEVEL);
        check_status("snapshot after the second departure",
                     energy_snapshot(&client, ENERGY_ALL_PACKAGE_DOMAINS, RAPL_SCOPE_PACKAGES, 0),
                     LAB_DEVICE_NOT_READY);
        power_state_changes(false, THREAD_PASSIVE_LEVEL);
        check(energy_read_packages(&client), "back");
    }
    energy_close(&client);
}

/*
 * Nobody takes the mutex between leaving and being back: the counter, shortly before its wrap, has
 * begun again, which must not be taken for the wrap.
 */
static void suspend_unnoticed(void)
{
    if (begin("intel-2x5")) {
        machine_set(0, 0x611, 0xFFFF0000);
        read_after(20 * S);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        const uint64_t before = item != NULL ? item->energy_ticks : 0;
        power_state_changes(true, THREAD_DISPATCH_LEVEL);
        clock_sleep_us(5 * S);
        machine_set(0, 0x611, 64);
        power_state_changes(false, THREAD_DISPATCH_LEVEL);
        energy_read_packages(&client);
        item = energy_item(&client, 0, 0);
        check(item != NULL && item->energy_ticks <= before + 64 &&
                  (item->flags & RAPL_ITEM_GAP) != 0,
              "a reset during sleep is no wrap");
    }
    energy_close(&client);
}

const struct scenario scenarios_energy_counts[] = {
    {"energy-wraps", wraps},
    {"energy-wrap-between-close-reads", wrap_between_close_reads},
    {"energy-faults-half-way", faults_half_way},
    {"energy-dead-and-awake", dead_and_awake},
    {"energy-running-reset", running_reset},
    {"energy-fallen-back", fallen_back},
    {"energy-goes-dead", goes_dead},
    {"energy-gap", gap},
    {"energy-suspend", suspend_at_passive},
    {"energy-suspend-at-dispatch", suspend_at_dispatch},
    {"energy-suspend-unnoticed", suspend_unnoticed},
    {"energy-suspend-noticed-late", suspend_noticed_late},
    {"energy-suspend-twice", suspend_twice},
    {"energy-suspend-without-return", suspend_without_return},
    {NULL, NULL},
};
