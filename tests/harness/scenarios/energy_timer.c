/* SPDX-License-Identifier: Apache-2.0
 *
 * The timer that keeps counters from wrapping unseen: when it is set, when it is not, and what
 * clients that come rarely get from it.
 */
#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#define S      1000000ull /* microseconds */
#define MINUTE (60 * S)
#define HOUR   (60 * MINUTE)
#define NIGHT  (24 * HOUR)

static struct energy_client client, other;

static bool begin(const char *machine, uint32_t linger_minutes, uint32_t accumulate)
{
    machine_select(machine);
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    registry_set_dword("LingerMinutes", linger_minutes);
    registry_set_dword("Accumulate", accumulate);
    const uint32_t status = lab_load();
    check_status("load", status, LAB_SUCCESS);
    return status == LAB_SUCCESS;
}

static uint32_t armed(void)
{
    uint64_t due;
    return timers_armed(&due);
}

/* While a handle is open, and for LingerMinutes after; one timer, one wake-up a period. */
static void armed_while_open(void)
{
    uint64_t due = 0;
    if (!begin("intel-2s", 10, 0)) {
        return;
    }
    check(armed() == 0, "no timer before the first handle");
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    expect_value(legacy, 0x611, 0, 0x1100611A);
    check(armed() == 0, "a legacy handle sets none");
    energy_open(CALLER_ADMIN, &client);
    check(timers_armed(&due) == 1, "one timer while a handle is open");
    /* The package wraps first: 262144 J at 1000 W are 262.144 s, a third is 87.381 s. */
    check(due == clock_now_100ns() + 873810000, "due in a third of the shortest wrap time");
    energy_open(CALLER_USER, &other);
    check(armed() == 1, "one timer for any number of handles");
    uint64_t fired = verifier_counters.timers;
    clock_advance_us(HOUR);
    fired = verifier_counters.timers - fired;
    check(fired >= 36 && fired <= 42, "every 87 s, or an eighth later");
    energy_close(&client);
    clock_advance_us(HOUR);
    check(armed() == 1, "still a handle open");
    energy_close(&other);
    clock_advance_us(9 * MINUTE);
    check(armed() == 1, "lingers");
    clock_advance_us(3 * MINUTE);
    check(armed() == 0, "no timer after the linger time");
    fired = verifier_counters.timers;
    const uint64_t rdmsr = verifier_counters.rdmsr;
    clock_advance_us(NIGHT);
    check(verifier_counters.timers == fired && verifier_counters.rdmsr == rdmsr,
          "idle: no wake-up, no read");
    energy_open(CALLER_ADMIN, &client);
    check(armed() == 1, "set again by the next handle");
    energy_close(&client);
    lab_close(legacy);
    check(lab_stop() == LAB_STOPPED && armed() == 0, "stops with the timer set");
}

/* Kernel code may close what was never opened: it was not counted, and is not taken off. */
static void stranger_closes(void)
{
    if (!begin("intel-2x5", 10, 0) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    lab_close_stranger(client.file);
    clock_advance_us(HOUR);
    check(armed() == 1, "a handle is open");
    energy_close(&client);
    clock_advance_us(HOUR);
    check(armed() == 0, "none is");
}

static void linger_settings(void)
{
    if (begin("intel-2x5", 0, 0)) {
        energy_open(CALLER_ADMIN, &client);
        energy_close(&client);
        clock_advance_us(MINUTE);
        check(armed() == 0, "LingerMinutes 0");
        lab_stop();
    }
    if (begin("intel-2x5", 60, 0)) {
        energy_open(CALLER_ADMIN, &client);
        energy_close(&client);
        clock_advance_us(59 * MINUTE);
        check(armed() == 1, "LingerMinutes 60, after 59");
        clock_advance_us(2 * MINUTE);
        check(armed() == 0, "LingerMinutes 60, after 61");
        lab_stop();
    }
    if (begin("intel-2x5", 0xFFFFFFFF, 2)) {
        check(armed() == 0, "Accumulate 2 is not 1");
        energy_open(CALLER_ADMIN, &client);
        check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
        check(client.reply.capabilities.linger_minutes == 10, "out of range: the default");
        energy_close(&client);
    }
}

/* A client that opens per read, every 5 minutes, sees every tick. */
static void opens_per_read(void)
{
    if (!begin("ramp", 10, 0)) {
        return;
    }
    energy_open(CALLER_ADMIN, &client);
    energy_close(&client);
    for (uint32_t i = 1; i <= 100; i++) {
        clock_advance_us(5 * MINUTE);
        energy_open(CALLER_ADMIN, &client);
        energy_snapshot(&client, 1, 1, 0);
        expect_energy(&client, 0, 0, i * 300ull * 65536, 0);
        energy_close(&client);
    }
}

/* Once a night: with Accumulate=1 exact, over three nights and four wraps; without it a gap. */
static void nightly(void)
{
    if (begin("ramp", 10, 1)) {
        check(armed() == 1, "Accumulate=1: set from load on");
        for (uint32_t night = 1; night <= 3; night++) {
            clock_advance_us(NIGHT);
            energy_open(CALLER_ADMIN, &client);
            energy_snapshot(&client, 9, 1, 0);
            expect_energy(&client, 0, 0, night * 86400ull * 65536, 0);
            expect_energy(&client, 3, 0, night * 86400ull * 6554, 0);
            energy_close(&client);
        }
        check(armed() == 1, "and on");
        lab_stop();
    }
    if (begin("ramp", 10, 0)) {
        clock_advance_us(NIGHT);
        energy_open(CALLER_ADMIN, &client);
        energy_snapshot(&client, 9, 1, 0);
        const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
        check(item != NULL && (item->flags & RAPL_ITEM_GAP) != 0 &&
                  item->energy_ticks <= 86400 * 65536ull,
              "a gap, and no invented energy");
        energy_close(&client);
    }
}

/*
 * The finest unit in use, 2^-16 J: the platform counter holds 65536 J, 26 s at 2500 W. The timer's
 * 20 s, without a tolerance, fit in that: no gap, not a tick lost. Here it wraps every 131 s.
 */
static void finest_unit(void)
{
    machine_select("ramp-2x5");
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    for (uint32_t i = 0; i < 2; i++) {
        machine_set(i, 0x606, 0xA1003);
    }
    if (lab_load() != LAB_SUCCESS || !energy_open(CALLER_ADMIN, &client)) {
        check(false, "loads with a unit of 2^-16 J");
        return;
    }
    uint64_t fired = verifier_counters.timers;
    for (uint32_t i = 1; i <= 30; i++) {
        clock_advance_us(2 * MINUTE);
        energy_read_packages(&client);
        expect_energy(&client, 4, 0, i * 120ull * 32768000, 0);
        expect_energy(&client, 4, 1, i * 120ull * 24576000, 0);
        expect_energy(&client, 0, 0, i * 120ull * 6553600, 0);
    }
    fired = verifier_counters.timers - fired;
    check(fired >= 178 && fired <= 180, "every 20 s, and no later");
    energy_close(&client);
}

/* Cores too are followed, once somebody has asked for them. */
static void cores_are_followed(void)
{
    if (!begin("amd-2s", 10, 0)) {
        return;
    }
    energy_open(CALLER_ADMIN, &client);
    check_status("cores", energy_snapshot(&client, 0x20, 2, 0), LAB_SUCCESS);
    for (uint32_t i = 1; i <= 40; i++) {
        machine_set(1, 0xC001029A, 0x100000B00 + i * 0x10000000ull);
        clock_advance_us(100 * S);
    }
    check_status("cores", energy_snapshot(&client, 0x20, 2, 0), LAB_SUCCESS);
    /* machines/amd-2s.rec: both cores of package 1 move now; core 1 came from 0xB01 */
    expect_energy(&client, 5, 2, 40 * 0x10000000ull, 0);
    expect_energy(&client, 5, 3, 40 * 0x10000000ull - 1, 0);
    expect_energy(&client, 5, 0, 0, 0);
    energy_close(&client);
}

/* With Accumulate=1 they are followed from load on: the first to ask sees every tick. */
static void cores_always(void)
{
    if (!begin("amd-2s", 10, 1)) {
        return;
    }
    for (uint32_t i = 1; i <= 40; i++) {
        machine_set(1, 0xC001029A, 0x100000B00 + i * 0x10000000ull);
        clock_advance_us(100 * S);
    }
    energy_open(CALLER_ADMIN, &client);
    check_status("cores", energy_snapshot(&client, 0x20, 2, 0), LAB_SUCCESS);
    expect_energy(&client, 5, 2, 40 * 0x10000000ull, 0);
    expect_energy(&client, 5, 0, 0, 0);
    energy_close(&client);
}

/* A stop while the timer's DPC or its work is on the way. */
static void stop_meanwhile(void)
{
    static const enum kernel_hold holds[] = {KERNEL_HOLD_NOTHING, KERNEL_HOLD_DPC, KERNEL_HOLD_WORK,
                                             KERNEL_HOLD_END};
    for (uint32_t i = 0; i < 60; i++) {
        if (!begin("intel-2x5", 10, 1)) {
            return;
        }
        kernel_hold(holds[i % 4]);
        const uint64_t fired = verifier_counters.timers;
        clock_advance_us(59 * S); /* the shortest period is 20 s */
        check(verifier_counters.timers - fired == (i % 4 == 1 || i % 4 == 2 ? 1 : 2),
              "timers fired");
        check(lab_stop() == LAB_STOPPED, "stops");
        kernel_hold(KERNEL_HOLD_NOTHING);
    }
}

const struct scenario scenarios_energy_timer[] = {
    {"energy-timer-while-open", armed_while_open},
    {"energy-timer-settings", linger_settings},
    {"energy-timer-stranger", stranger_closes},
    {"energy-timer-open-per-read", opens_per_read},
    {"energy-timer-nightly", nightly},
    {"energy-timer-finest-unit", finest_unit},
    {"energy-timer-cores", cores_are_followed},
    {"energy-timer-cores-always", cores_always},
    {"energy-timer-stop-meanwhile", stop_meanwhile},
    {NULL, NULL},
};
