/* SPDX-License-Identifier: Apache-2.0
 *
 * The device of ROOT\SCAPHANDREDRV disabled and enabled again while a client's handle keeps the
 * image loaded (DriverEntry does not run again then), or while a client's thread is suspended.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/host.h"
#include "tests/harness/scenario.h"

static bool load_and_start(uint32_t policy)
{
    machine_select("intel-2x5");
    registry_reset();
    registry_set_dword("AccessPolicy", policy);
    registry_set_dword("Mode", 1);
    check_status("load in mode 1", lab_load(), LAB_SUCCESS);
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
    return lab_device_count() == 3;
}

static void restart(void)
{
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOP_PENDING, "a handle keeps it loaded");
    check_status("AddDevice", lab_pnp_add(0), LAB_SUCCESS);
    check_status("start", lab_pnp(0, LAB_START), LAB_SUCCESS);
}

static void expect_settings(uint32_t policy, uint32_t coarse_ms, uint32_t linger_minutes)
{
    static struct energy_client client;
    if (!energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
    check(client.reply.capabilities.access_policy == policy, "the policy it names");
    check(client.reply.capabilities.coarse_ms == coarse_ms, "the age it names");
    check(client.reply.capabilities.linger_minutes == linger_minutes, "the linger time it names");
    energy_close(&client);
}

/* A user's open handle does not keep the policy of before in force. */
static void settings_at_each_start(void)
{
    struct lab_file *file = NULL;
    if (!load_and_start(POLICY_USERS)) {
        return;
    }
    struct lab_file *old = open_as(CALLER_USER);
    expect_settings(POLICY_USERS, 50, 10);
    registry_set_dword("AccessPolicy", POLICY_ADMINS);
    registry_set_dword("CoarseMs", 200);
    registry_set_dword("LingerMinutes", 3);
    expect_settings(POLICY_USERS, 50, 10); /* not before the next start */
    restart();
    check_status("open under admins", lab_open_as(CALLER_USER, &file), LAB_ACCESS_DENIED);
    expect_settings(POLICY_ADMINS, 200, 3);
    registry_remove_parameters(); /* the safe defaults; still a device's driver */
    restart();
    check_status("open under admins", lab_open_as(CALLER_USER, &file), LAB_ACCESS_DENIED);
    expect_settings(POLICY_ADMINS, 50, 10);
    lab_close(old);
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOPPED, "unloaded");
}

/* ---- Suspended clients ---------------------------------------------------------------------- */

enum step { STEP_LEGACY, STEP_SNAPSHOT, STEP_OPEN, STEP_CLOSE, STEPS };

struct suspended_client {
    enum step step; /* during which it is suspended */
    uint32_t status;
    uint32_t done; /* the request has come back */
};

static uint32_t one_step(enum step step, struct lab_file *legacy, struct energy_client *energy)
{
    const struct lab_open how = {
        .token = CALLER_USER, .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE, .energy = true};
    uint64_t value;
    switch (step) {
    case STEP_LEGACY:
        return read_register(legacy, 0x611, 0, &value);
    case STEP_SNAPSHOT:
        return energy_snapshot(energy, 0x1F, 1, 0);
    case STEP_OPEN:
        return lab_open(&how, &energy->file);
    default:
        energy_close(energy);
        return LAB_SUCCESS;
    }
}

static void be_suspended(void *argument)
{
    static struct energy_client energy;
    struct suspended_client *client = argument;
    struct lab_file *legacy = open_as(CALLER_USER);
    if (client->step != STEP_OPEN) {
        check(energy_open(CALLER_USER, &energy), "open");
    }
    thread_suspend_soon();
    client->status = one_step(client->step, legacy, &energy);
    __atomic_store_n(&client->done, 1, __ATOMIC_RELEASE);
    if (client->step != STEP_CLOSE) {
        energy_close(&energy);
    }
    lab_close(legacy);
    thread_end();
}

/*
 * Anybody may suspend a thread of their own, a debugger does. The removal, and with it all of Plug
 * and Play, must not wait for it.
 */
static void suspended_client(void)
{
    for (uint32_t step = 0; step < STEPS; step++) {
        struct suspended_client client = {.step = (enum step)step};
        if (!load_and_start(POLICY_USERS)) {
            return;
        }
        struct host_thread *thread = host_thread_start(be_suspended, &client);
        while (thread_suspended() == 0 && __atomic_load_n(&client.done, __ATOMIC_ACQUIRE) == 0) {
            host_yield();
        }
        check(thread_suspended() == 1, "a thread is suspended in the driver");
        check_status("surprise", lab_pnp(0, LAB_SURPRISE), LAB_SUCCESS);
        check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
        thread_resume();
        host_thread_join(thread);
        check_status("its request", client.status, LAB_SUCCESS);
        check(lab_state() == LAB_STOPPED, "unloaded");
        lab_reset();
    }
}

const struct scenario scenarios_pnp_restart[] = {
    {"pnp-restart-settings", settings_at_each_start},
    {"pnp-suspended-client", suspended_client},
    {NULL, NULL},
};
