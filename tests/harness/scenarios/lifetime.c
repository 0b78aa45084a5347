/* SPDX-License-Identifier: Apache-2.0
 *
 * Stopping with handles open, links others left behind, and names others hold.
 */
#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#define HANDLES 20u
#define HOUR_US 3600000000ull

static void stop_pending(void)
{
    struct lab_file *file[HANDLES] = {NULL};
    struct lab_file *late = NULL;
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    for (uint32_t i = 0; i < HANDLES; i++) {
        file[i] = open_as(i % 2 == 0 ? CALLER_ADMIN : CALLER_USER);
    }
    check(lab_stop() == LAB_STOP_PENDING, "a stop with handles open is pending");
    check_status("open while stopping", lab_open_as(CALLER_ADMIN, &late), LAB_NO_SUCH_DEVICE);
    for (uint32_t i = 0; i < HANDLES; i++) {
        check(lab_state() == LAB_STOP_PENDING, "pending until the last handle is closed");
        if (file[i] == NULL) {
            continue;
        }
        expect_value(file[i], 0x611, 31, 0x2200611B);
        lab_close(file[i]);
    }
    check(lab_state() == LAB_STOPPED, "stopped by the last close");
    bool reaches;
    check(!lab_link_exists(&reaches), "the link is gone");
    check(load_on("intel-2s", POLICY_USERS), "loads again");
}

/* Who has the energy device open when a stop is asked for goes on, and no tick is lost to them. */
static void stop_pending_on_energy(void)
{
    static struct energy_client first, last;
    struct lab_file *late = NULL;
    uint64_t due;
    if (!load_on("ramp", POLICY_USERS) || !energy_open(CALLER_ADMIN, &first) ||
        !energy_open(CALLER_ADMIN, &last)) {
        return;
    }
    check(lab_stop() == LAB_STOP_PENDING, "a stop with handles open is pending");
    const struct lab_open how = {.token = CALLER_ADMIN, .access = LAB_GENERIC_READ, .energy = true};
    check_status("open while stopping", lab_open(&how, &late), LAB_NO_SUCH_DEVICE);
    for (uint64_t hour = 1; hour <= 4; hour++) {
        check(timers_armed(&due) == 1, "the timer still follows the counters");
        clock_advance_us(HOUR_US);
        check_status("snapshot", energy_snapshot(&last, 1, 1, 0), LAB_SUCCESS);
        expect_energy(&last, 0, 0, hour * 3600 * 65536, 0);
        if (hour == 2) {
            energy_close(&first);
        }
        check(lab_state() == LAB_STOP_PENDING, "pending until the last handle is closed");
    }
    energy_close(&last);
    check(lab_state() == LAB_STOPPED && timers_armed(&due) == 0, "stopped by the last close");
}

static void stale_link(void)
{
    bool reaches = false;
    machine_select("intel-2s");
    registry_reset();
    lab_stale_link();
    check_status("load over a stale link", lab_load(), LAB_SUCCESS);
    if (lab_state() != LAB_RUNNING) {
        return;
    }
    check(lab_link_exists(&reaches) && reaches, "the link leads to the device");
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file != NULL) {
        expect_value(file, 0x611, 0, 0x1100611A);
        lab_close(file);
    }
    lab_stop();
    check(!lab_link_exists(&reaches), "the link is gone after the stop");
}

/* The predecessor is loaded: its device and its link are not ours to touch. */
static void name_is_taken(void)
{
    bool reaches = false;
    machine_select("intel-2s");
    lab_foreign_device(true);
    check_status("load beside the predecessor", lab_load(), LAB_OBJECT_NAME_COLLISION);
    check(lab_state() == LAB_STOPPED, "not loaded");
    check(lab_link_exists(&reaches) && reaches, "the other driver's link is untouched");
    check_status("a second try", lab_load(), LAB_OBJECT_NAME_COLLISION);
}

static void name_is_taken_without_link(void)
{
    bool reaches;
    machine_select("intel-2s");
    lab_foreign_device(false);
    check_status("load beside a device without a link", lab_load(), LAB_OBJECT_NAME_COLLISION);
    check(!lab_link_exists(&reaches), "no link was made to the other driver's device");
}

/* One program opens and closes for every read. */
static void open_read_close(void)
{
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    for (uint32_t i = 0; i < 2000; i++) {
        struct lab_file *file = open_as(i % 3 == 0 ? CALLER_ADMIN : CALLER_USER);
        if (file == NULL) {
            return;
        }
        expect_value(file, 0x611, i % 2 == 0 ? 0 : 16, i % 2 == 0 ? 0x1100611A : 0x2200611B);
        lab_close(file);
    }
}

const struct scenario scenarios_lifetime[] = {
    {"lifetime-stop-pending", stop_pending},
    {"lifetime-stop-pending-on-energy", stop_pending_on_energy},
    {"lifetime-stale-link", stale_link},
    {"lifetime-name-is-taken", name_is_taken},
    {"lifetime-name-is-taken-without-link", name_is_taken_without_link},
    {"lifetime-open-read-close", open_read_close},
    {NULL, NULL},
};
