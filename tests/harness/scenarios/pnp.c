/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver as that of ROOT\SCAPHANDREDRV: started, stopped, removed and put to sleep as Windows
 * does it.
 */
#include "tests/harness/scenarios/pnp_start.h"

#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"
#include "tests/harness/thread.h"

#define S 1000000ull /* microseconds */

static struct energy_client client;

void pnp_settings(void)
{
    machine_select("intel-2x5");
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    registry_set_dword("Mode", 1);
}

static bool load(void)
{
    pnp_settings();
    const uint32_t status = lab_load();
    check_status("load in mode 1", status, LAB_SUCCESS);
    return status == LAB_SUCCESS;
}

bool pnp_load_and_start(void)
{
    if (!load()) {
        return false;
    }
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    return lab_device_count() == 3;
}

/* Both devices answer. */
static void expect_service(void)
{
    struct lab_file *legacy = open_as(CALLER_USER);
    if (legacy != NULL) {
        expect_value(legacy, 0x611, 0, 0x10000000);
        lab_close(legacy);
    }
    if (energy_open(CALLER_ADMIN, &client)) {
        energy_read_packages(&client);
        energy_close(&client);
    }
}

static void expect_no_service(uint32_t devices)
{
    struct lab_file *file = NULL;
    bool reaches;
    check(!lab_link_exists(&reaches) && !lab_energy_link_exists(&reaches), "no links");
    check(lab_device_count() == devices, "no control devices");
    check_status("open", lab_open_as(CALLER_ADMIN, &file), LAB_OBJECT_NAME_NOT_FOUND);
}

static void remove_and_expect_end(void)
{
    check_status("query-remove", lab_pnp(0, LAB_QUERY_REMOVE), LAB_SUCCESS);
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOPPED, "the driver goes with its device");
}

/* ---- One life ------------------------------------------------------------------------------- */

static void everything_once(void)
{
    static const uint8_t not_ours[] = {0x07, 0x09, 0x0A, 0x0D, 0x13, 0x14, 0x18, 0x7F};
    if (!load()) {
        return;
    }
    expect_no_service(0);
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    expect_no_service(1);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    expect_service();
    check(lab_stop() == LAB_RUNNING, "Windows refuses to stop the service");
    for (size_t i = 0; i < sizeof(not_ours); i++) {
        check_status("passed down untouched", lab_pnp(0, not_ours[i]), LAB_NOT_SUPPORTED);
    }
    check_status("WMI", lab_wmi(0, 0x08), LAB_NOT_SUPPORTED);
    check_status("query-stop", lab_pnp(0, LAB_QUERY_STOP), LAB_SUCCESS);
    check_status("cancel-stop", lab_pnp(0, LAB_CANCEL_STOP), LAB_SUCCESS);
    expect_service();
    check_status("query-stop", lab_pnp(0, LAB_QUERY_STOP), LAB_SUCCESS);
    check_status("stop", lab_pnp(0, LAB_STOP_DEVICE), LAB_SUCCESS);
    expect_service(); /* no resources to give back: clients notice nothing */
    check_status("start again", lab_pnp(0, LAB_START), LAB_SUCCESS);
    expect_service();
    check_status("query-remove", lab_pnp(0, LAB_QUERY_REMOVE), LAB_SUCCESS);
    check_status("cancel-remove", lab_pnp(0, LAB_CANCEL_REMOVE), LAB_SUCCESS);
    expect_service();
    remove_and_expect_end();
}

static void life(void)
{
    static const struct lab_bus buses[] = {{.start_status = LAB_SUCCESS},
                                           {.start_status = LAB_SUCCESS, .completes_later = true},
                                           {.start_status = LAB_SUCCESS, .pageable = true}};
    for (size_t i = 0; i < sizeof(buses) / sizeof(buses[0]); i++) {
        lab_bus_behaves(&buses[i]);
        everything_once();
        lab_reset();
    }
}

/* Query and set, system and device, at both levels that Windows may choose. */
static void power(void)
{
    for (uint32_t later = 0; later < 2; later++) {
        const struct lab_bus how = {.start_status = LAB_SUCCESS, .completes_later = later != 0};
        lab_bus_behaves(&how);
        if (!pnp_load_and_start()) {
            return;
        }
        for (uint32_t irql = THREAD_PASSIVE_LEVEL; irql <= THREAD_DISPATCH_LEVEL; irql += 2) {
            check_status("query", lab_power(0, LAB_QUERY_POWER, irql), LAB_SUCCESS);
            power_state_changes(true, THREAD_PASSIVE_LEVEL);
            check_status("down", lab_power(0, LAB_SET_POWER, irql), LAB_SUCCESS);
            clock_sleep_us(5 * S);
            check_status("up", lab_power(0, LAB_SET_POWER, irql), LAB_SUCCESS);
            power_state_changes(false, THREAD_PASSIVE_LEVEL);
            check_status("wait-wake", lab_power(0, 0, irql), LAB_SUCCESS);
            expect_service();
        }
        remove_and_expect_end();
        lab_reset();
    }
}

/* ---- What may go wrong ---------------------------------------------------------------------- */

static void start_fails(void)
{
    const struct lab_bus fails = {.start_status = LAB_INSUFFICIENT_RESOURCES};
    const struct lab_bus works = {.start_status = LAB_SUCCESS};
    lab_bus_behaves(&fails);
    if (!load()) {
        return;
    }
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    check_status("start", lab_pnp(0, LAB_START), LAB_INSUFFICIENT_RESOURCES);
    expect_no_service(1);
    lab_bus_behaves(&works);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    expect_service();
    remove_and_expect_end();
}

static void name_is_taken(void)
{
    for (uint32_t energy = 0; energy < 2; energy++) {
        if (!load()) {
            return;
        }
        check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
        if (energy != 0) {
            lab_foreign_energy_device(false);
        } else {
            lab_foreign_device(false);
        }
        check_status("start", lab_pnp(0, LAB_START), LAB_OBJECT_NAME_COLLISION);
        expect_no_service(1);
        remove_and_expect_end();
        lab_reset();
    }
}

static void second_instance(void)
{
    if (!load()) {
        return;
    }
    check_status("first", lab_pnp_add(0), LAB_SUCCESS);
    check_status("second, too early", lab_pnp_add(1), LAB_ALREADY_ATTACHED);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    check_status("second", lab_pnp_add(1), LAB_ALREADY_ATTACHED);
    expect_service();
    struct lab_file *file = open_as(CALLER_ADMIN); /* keeps the driver */
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check_status("second, now alone", lab_pnp_add(1), LAB_SUCCESS);
    check_status("start", lab_pnp(1, LAB_START), LAB_SUCCESS);
    expect_service();
    lab_close(file);
    check(lab_state() == LAB_RUNNING, "not unloaded under its new device");
    check_status("remove", lab_pnp(1, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOPPED, "unloaded with it");
}

static void never_started(void)
{
    if (load()) {
        check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
        check_status("surprise", lab_pnp(0, LAB_SURPRISE), LAB_SUCCESS);
        check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
        check(lab_state() == LAB_STOPPED, "unloaded");
    }
}

/* The function device itself is nobody's to open or ask. */
static void function_device(void)
{
    static const uint8_t majors[] = {0x00, 0x03, 0x04, 0x0E, 0x0F, 0x10};
    if (!pnp_load_and_start()) {
        return;
    }
    for (size_t i = 0; i < sizeof(majors); i++) {
        check_status("function device", lab_function_major(0, majors[i]),
                     LAB_INVALID_DEVICE_REQUEST);
    }
    remove_and_expect_end();
}

/* Anything but a DWORD of 1 is a plain service. */
static void mode_values(void)
{
    static const uint64_t one = 1;
    for (uint32_t i = 0; i < 4; i++) {
        pnp_settings();
        if (i < 2) {
            registry_set_dword("Mode", i * 2);
        } else {
            registry_set("Mode", i == 2 ? REGISTRY_TYPE_QWORD : REGISTRY_TYPE_BINARY, &one,
                         i == 2 ? 8 : 4);
        }
        check_status("load", lab_load(), LAB_SUCCESS);
        check(lab_pnp_add(0) == LAB_NO_SUCH_DEVICE, "no AddDevice");
        expect_service();
        check(lab_stop() == LAB_STOPPED, "stops as a service");
    }
}

/* ---- Open handles --------------------------------------------------------------------------- */

static void expect_disconnected(struct lab_file *legacy, struct energy_client *energy)
{
    const uint64_t rdmsr = verifier_counters.rdmsr;
    uint64_t value;
    check_status("legacy", read_register(legacy, 0x611, 0, &value), LAB_NOT_CONNECTED);
    check_status("capabilities", energy_capabilities(energy), LAB_NOT_CONNECTED);
    check_status("topology", energy_topology(energy), LAB_NOT_CONNECTED);
    check_status("snapshot", energy_snapshot(energy, 0x1F, 1, 0), LAB_NOT_CONNECTED);
    check(verifier_counters.rdmsr == rdmsr, "nothing was read");
}

static void remove_with_open_handles(void)
{
    static struct energy_client old;
    uint64_t due;
    if (!pnp_load_and_start() || !energy_open(CALLER_ADMIN, &old)) {
        return;
    }
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    for (uint32_t round = 0; round < 3; round++) {
        check_status("query-remove", lab_pnp(0, LAB_QUERY_REMOVE), LAB_SUCCESS);
        check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
        check(lab_state() == LAB_STOP_PENDING && timers_armed(&due) == 0, "waits, without a timer");
        expect_no_service(2);
        expect_disconnected(legacy, &old);
        clock_advance_us(3600 * S);
        check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
        check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
        expect_disconnected(legacy, &old);
        expect_service();
    }
    /* Its handles of before do not count: the timer runs for the new one, and lingers. */
    check(energy_open(CALLER_ADMIN, &client), "open");
    energy_close(&old);
    clock_advance_us(3600 * S);
    check(timers_armed(&due) == 1, "the timer runs while a new handle is open");
    energy_close(&client);
    clock_advance_us(3600 * S);
    check(timers_armed(&due) == 0, "and no longer than the linger time after it");
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOP_PENDING, "the legacy handle is open");
    lab_close(legacy);
    check(lab_state() == LAB_STOPPED, "the last close unloads the driver");
}

/* From the surprise on nobody is served; the devices go with the removal, as Windows wants it. */
static void surprise_then_removal(void)
{
    static struct energy_client old;
    struct lab_file *file = NULL;
    if (!pnp_load_and_start() || !energy_open(CALLER_ADMIN, &old)) {
        return;
    }
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    check_status("surprise", lab_pnp(0, LAB_SURPRISE), LAB_SUCCESS);
    check(lab_device_count() == 3, "no device is deleted before the removal");
    expect_disconnected(legacy, &old);
    check_status("open", lab_open_as(CALLER_ADMIN, &file), LAB_NOT_CONNECTED);
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    expect_no_service(2);
    expect_disconnected(legacy, &old);
    energy_close(&old);
    lab_close(legacy);
    check(lab_state() == LAB_STOPPED, "unloaded");
}

/* Nobody followed the counters, or sleep, while the device was gone. */
static void counters_after_restart(void)
{
    if (!pnp_load_and_start()) {
        return;
    }
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    machine_set(0, 0x611, 0xFFFF0000);
    check(energy_open(CALLER_ADMIN, &client) && energy_read_packages(&client), "before");
    const struct rapl_snapshot_item *item = energy_item(&client, 0, 0);
    const uint64_t before = item != NULL ? item->energy_ticks : 0;
    energy_close(&client);
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    clock_sleep_us(5 * S);
    machine_set(0, 0x611, 64); /* it slept, and the counter began again */
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    check(energy_open(CALLER_ADMIN, &client) && energy_read_packages(&client), "after");
    item = energy_item(&client, 0, 0);
    check(item != NULL && item->energy_ticks >= before && item->energy_ticks <= before + 64 &&
              (item->flags & RAPL_ITEM_GAP) != 0,
          "no wrap was invented, and the gap is marked");
    energy_close(&client);
    lab_close(legacy);
}

const struct scenario scenarios_pnp[] = {
    {"pnp-life", life},
    {"pnp-power", power},
    {"pnp-start-fails", start_fails},
    {"pnp-name-is-taken", name_is_taken},
    {"pnp-second-instance", second_instance},
    {"pnp-never-started", never_started},
    {"pnp-function-device", function_device},
    {"pnp-mode-values", mode_values},
    {"pnp-open-handles", remove_with_open_handles},
    {"pnp-surprise-then-removal", surprise_then_removal},
    {"pnp-counters-after-restart", counters_after_restart},
    {NULL, NULL},
};
