/* SPDX-License-Identifier: Apache-2.0
 *
 * The coarse callers' copy: one for the machine, renewed whole by the first read that finds it too
 * old; and energy counters that never moved.
 */
#include "tests/harness/scenario.h"

#define PACKAGE 0x611u
#define MEMORY  0x619u

/* Two callers on machines/ramp.rec under the policy `users`. */
struct pair {
    struct lab_file *fresh;
    struct lab_file *coarse;
};

static bool open_pair(const char *machine, struct pair *pair)
{
    *pair = (struct pair){0};
    if (lab_state() != LAB_RUNNING && !load_on(machine, POLICY_USERS)) {
        return false;
    }
    pair->fresh = open_as(CALLER_ADMIN);
    pair->coarse = open_as(CALLER_USER);
    return pair->fresh != NULL && pair->coarse != NULL;
}

static void close_pair(const struct pair *pair)
{
    if (pair->fresh != NULL) {
        lab_close(pair->fresh);
    }
    if (pair->coarse != NULL) {
        lab_close(pair->coarse);
    }
}

static uint64_t value_of(struct lab_file *file, uint32_t msr)
{
    uint64_t value = 0;
    check_status("read", read_register(file, msr, 0, &value), LAB_SUCCESS);
    return value;
}

/*
 * Green Metrics Tool samples every 99 ms and discards a whole run for one difference of 0. With
 * `other_period_ms` a second coarse client reads in between.
 */
static void sample_600_times(uint32_t other_period_ms)
{
    struct pair pair;
    uint64_t previous[2] = {0, 0};
    if (open_pair("ramp", &pair)) {
        struct lab_file *other = open_as(CALLER_FILTERED_ADMIN);
        for (uint32_t ms = 0; other != NULL && ms < 600 * 99; ms++) {
            if (other_period_ms != 0 && ms % other_period_ms == 0) {
                value_of(other, ms % 2 == 0 ? PACKAGE : MEMORY);
            }
            if (ms % 99 == 0) {
                const uint64_t package = value_of(pair.coarse, PACKAGE);
                const uint64_t memory = value_of(pair.coarse, MEMORY);
                check(package != previous[0], "the package counter moved between two samples");
                check(memory != previous[1], "the memory counter moved between two samples");
                previous[0] = package;
                previous[1] = memory;
            }
            clock_advance_us(1000);
        }
        if (other != NULL) {
            lab_close(other);
        }
    }
    close_pair(&pair);
}

static void alone(void)
{
    sample_600_times(0);
}

static void beside_a_second_client(void)
{
    sample_600_times(7);
    lab_stop();
    sample_600_times(49);
    lab_stop();
    sample_600_times(51);
}

/*
 * Within the age every coarse read is of the moment the copy was made, of whatever register; at the
 * age the copy is made anew. Fresh reads are always of now and do not renew it.
 */
static void check_age(uint32_t age_ms)
{
    struct pair pair;
    if (open_pair("ramp", &pair)) {
        clock_advance_us(5000000); /* whatever the copy was, it is too old */
        const uint64_t package = value_of(pair.fresh, PACKAGE);
        const uint64_t memory = value_of(pair.fresh, MEMORY);
        check(value_of(pair.coarse, PACKAGE) == package, "the first coarse read is of now");
        clock_advance_us((age_ms - 1) * 1000ull);
        check(value_of(pair.fresh, PACKAGE) != package, "a fresh read is of now");
        check(value_of(pair.coarse, PACKAGE) == package, "the copy holds until it is old");
        check(value_of(pair.coarse, MEMORY) == memory, "the copy was made whole");
        clock_advance_us(1000);
        check(value_of(pair.coarse, MEMORY) == value_of(pair.fresh, MEMORY),
              "the copy is renewed when it is old");
        check(value_of(pair.coarse, PACKAGE) == value_of(pair.fresh, PACKAGE),
              "all of the copy is renewed");
    }
    close_pair(&pair);
}

static void with_setting(uint32_t type, const void *data, uint32_t size, uint32_t age_ms)
{
    machine_select("ramp");
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    registry_set("CoarseMs", type, data, size);
    check_status("load with CoarseMs", lab_load(), LAB_SUCCESS);
    if (lab_state() == LAB_RUNNING) {
        check_age(age_ms);
    }
    lab_stop();
}

/* CoarseMs: 10 to 1000, otherwise 50. */
static void age_setting(void)
{
    static const struct {
        uint32_t setting, age_ms;
    } rows[] = {{10, 10}, {11, 11}, {50, 50},   {999, 999},      {1000, 1000},
                {9, 50},  {0, 50},  {1001, 50}, {0xFFFFFFFF, 50}};
    static const uint64_t quad = 20;
    for (uint32_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        with_setting(REGISTRY_TYPE_DWORD, &rows[i].setting, 4, rows[i].age_ms);
    }
    with_setting(REGISTRY_TYPE_QWORD, &quad, sizeof(quad), 50);
    with_setting(REGISTRY_TYPE_DWORD, &quad, 2, 50);
}

static void default_age(void)
{
    if (load_on("ramp", POLICY_USERS)) {
        check_age(50);
    }
}

/* One copy for all packages: the second one is renewed with the first. */
static void both_packages(void)
{
    struct pair pair;
    if (open_pair("intel-2s", &pair)) {
        expect_value(pair.coarse, PACKAGE, 0, 0x1100611A);
        machine_set(1, PACKAGE, 0x77777777);
        clock_advance_us(49000);
        expect_value(pair.coarse, PACKAGE, 31, 0x2200611B);
        expect_value(pair.fresh, PACKAGE, 31, 0x77777777);
        clock_advance_us(1000);
        expect_value(pair.coarse, PACKAGE, 0, 0x1100611A);
        machine_set(1, PACKAGE, 0x88888888);
        expect_value(pair.coarse, PACKAGE, 31, 0x77777777);
    }
    close_pair(&pair);
}

/* ---- Counters that never moved -------------------------------------------------------------- */

#define CORES 0x639u

static void dead_until_it_moves(void)
{
    struct pair pair;
    if (open_pair("ramp", &pair)) {
        expect_status(pair.fresh, CORES, 0, LAB_IO_DEVICE_ERROR);
        expect_status(pair.coarse, CORES, 0, LAB_IO_DEVICE_ERROR);
        machine_set(0, CORES, 5);
        expect_value(pair.fresh, CORES, 0, 5);
        clock_advance_us(50000);
        expect_value(pair.coarse, CORES, 0, 5);
        /* A counter that moved once and reads 0 has wrapped: it stays. */
        machine_set(0, CORES, 0);
        expect_value(pair.fresh, CORES, 3, 0);
        clock_advance_us(50000);
        expect_value(pair.coarse, CORES, 2, 0);
        /* Only energy counters are judged: a limit may be 0. */
        machine_set(0, 0x610, 0);
        expect_value(pair.fresh, 0x610, 0, 0);
    }
    close_pair(&pair);
}

/* Each package, and on AMD each core, is judged by itself. */
static void dead_by_package_and_core(void)
{
    struct pair pair;
    if (open_pair("intel-2s", &pair)) {
        machine_set(1, CORES, 9);
        expect_value(pair.fresh, CORES, 31, 9);
        expect_status(pair.fresh, CORES, 0, LAB_IO_DEVICE_ERROR);
    }
    close_pair(&pair);
    lab_stop();
    /* At 0 when the driver is loaded: what it saw move once stays alive. */
    machine_select("amd-2s");
    machine_set(1, 0xC001029A, 0);
    check_status("load", lab_load(), LAB_SUCCESS);
    if (open_pair("amd-2s", &pair)) {
        expect_status(pair.fresh, 0xC001029A, 4, LAB_IO_DEVICE_ERROR);
        expect_value(pair.fresh, 0xC001029A, 0, 0x100000A00);
        expect_value(pair.fresh, 0xC001029A, 2, 0x100000A01);
    }
    close_pair(&pair);
}

/* ---- Aliases and widths --------------------------------------------------------------------- */

/*
 * Programs that find 0x606 answered take the machine for Intel and read 0x611 next: both or
 * neither.
 */
static void aliases_together(void)
{
    struct pair pair;
    if (open_pair("amd-2s", &pair)) {
        machine_set_faulting(MACHINE_ANY_PACKAGE, 0xC0010299);
        expect_status(pair.fresh, 0x606, 0, LAB_IO_DEVICE_ERROR);
        expect_status(pair.fresh, 0x611, 0, LAB_IO_DEVICE_ERROR);
        machine_clear_overrides();
        machine_set_faulting(MACHINE_ANY_PACKAGE, 0xC001029B);
        expect_status(pair.fresh, 0x606, 0, LAB_IO_DEVICE_ERROR);
        expect_status(pair.fresh, 0x611, 0, LAB_IO_DEVICE_ERROR);
        expect_value(pair.fresh, 0xC0010299, 0, 0xA1003);
    }
    close_pair(&pair);
    lab_stop();

    /* A package counter that has never moved. */
    machine_select("amd-2s");
    machine_set(MACHINE_ANY_PACKAGE, 0xC001029B, 0);
    registry_set_dword("AccessPolicy", POLICY_USERS);
    check_status("load with a package counter at 0", lab_load(), LAB_SUCCESS);
    if (lab_state() == LAB_RUNNING && open_pair("amd-2s", &pair)) {
        expect_status(pair.fresh, 0x606, 0, LAB_IO_DEVICE_ERROR);
        expect_status(pair.fresh, 0x611, 0, LAB_IO_DEVICE_ERROR);
        expect_status(pair.coarse, 0x606, 0, LAB_IO_DEVICE_ERROR);
        expect_value(pair.fresh, 0xC0010299, 0, 0xA1003);
        close_pair(&pair);
    }
}

/* 0x6xx energy registers have 32 bits, whatever the hardware leaves in the upper half. */
static void width(void)
{
    struct pair pair;
    if (open_pair("intel-2s", &pair)) {
        machine_set(0, PACKAGE, 0xDEADBEEF12345678);
        expect_value(pair.fresh, PACKAGE, 0, 0x12345678);
        expect_value(pair.coarse, PACKAGE, 0, 0x12345678);
    }
    close_pair(&pair);
}

const struct scenario scenarios_coarse[] = {
    {"coarse-600-samples-alone", alone},
    {"coarse-600-samples-beside-another", beside_a_second_client},
    {"coarse-default-age", default_age},
    {"coarse-age-setting", age_setting},
    {"coarse-both-packages-renewed", both_packages},
    {"energy-dead-until-it-moves", dead_until_it_moves},
    {"energy-dead-by-package-and-core", dead_by_package_and_core},
    {"energy-aliases-together", aliases_together},
    {"energy-width", width},
    {NULL, NULL},
};
