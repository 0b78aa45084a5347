/* SPDX-License-Identifier: Apache-2.0
 *
 * The device of ROOT\SCAPHANDREDRV disabled and enabled again while a client's handle keeps the
 * image loaded: DriverEntry does not run again then.
 */
#include "tests/harness/energy_client.h"
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
    registry_remove_parameters(); /* nothing to read: the safe default, and still a device's driver */
    restart();
    check_status("open under admins", lab_open_as(CALLER_USER, &file), LAB_ACCESS_DENIED);
    expect_settings(POLICY_ADMINS, 50, 10);
    lab_close(old);
    check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
    check(lab_state() == LAB_STOPPED, "unloaded");
}

const struct scenario scenarios_pnp_restart[] = {
    {"pnp-restart-settings", settings_at_each_start},
    {NULL, NULL},
};
