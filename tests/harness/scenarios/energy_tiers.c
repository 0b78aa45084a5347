/* SPDX-License-Identifier: Apache-2.0
 *
 * Tiers on the energy device: who gets in, and what a coarse caller does not get.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#define S 1000000ull /* microseconds */

static struct energy_client fresh, coarse;

/* Rows: policy; columns: may open, and is coarse. The same as on the legacy device. */
static void callers_by_policy(void)
{
    static const struct {
        uint32_t policy;
        enum caller caller;
        bool opens, coarse;
    } rows[] = {
        {POLICY_ADMINS, CALLER_SYSTEM, true, false},
        {POLICY_ADMINS, CALLER_ADMIN, true, false},
        {POLICY_ADMINS, CALLER_FILTERED_ADMIN, false, false},
        {POLICY_ADMINS, CALLER_USER, false, false},
        {POLICY_USERS, CALLER_SYSTEM, true, false},
        {POLICY_USERS, CALLER_ADMIN, true, false},
        {POLICY_USERS, CALLER_PERFORMANCE_LOG_USER, true, false},
        {POLICY_USERS, CALLER_FILTERED_ADMIN, true, true},
        {POLICY_USERS, CALLER_USER, true, true},
        {POLICY_USERS, CALLER_APP_CONTAINER, false, false},
        {POLICY_UNRESTRICTED, CALLER_USER, true, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct lab_open how = {
            .token = rows[i].caller, .access = LAB_GENERIC_READ, .energy = true};
        if (!load_on("intel-2x5", rows[i].policy)) {
            return;
        }
        const uint32_t status = lab_open(&how, &fresh.file);
        if ((status == LAB_SUCCESS) != rows[i].opens) {
            verifier_report(FINDING_OPENED, "policy %u, %s: 0x%08X", rows[i].policy,
                            token_name(rows[i].caller), status);
        }
        if (status == LAB_SUCCESS) {
            check_status("capabilities", energy_capabilities(&fresh), LAB_SUCCESS);
            check(((fresh.reply.capabilities.flags & RAPL_CAP_COARSE) != 0) == rows[i].coarse,
                  "the tier");
            check(fresh.reply.capabilities.access_policy == rows[i].policy, "the policy");
            energy_close(&fresh);
        }
        lab_stop();
    }
}

static bool open_both(const char *machine)
{
    return load_on(machine, POLICY_USERS) && energy_open(CALLER_ADMIN, &fresh) &&
           energy_open(CALLER_USER, &coarse);
}

static void close_both(void)
{
    energy_close(&fresh);
    energy_close(&coarse);
}

static void what_coarse_callers_get(void)
{
    if (open_both("intel-2x5")) {
        check(energy_read_packages(&coarse), "snapshot");
        check(coarse.reply.snapshot.flags == RAPL_ITEM_COARSE, "the snapshot is flagged");
        for (uint32_t i = 0; i < 10; i++) {
            const struct rapl_snapshot_item *item = energy_item(&coarse, i % 5, i / 5);
            check(item != NULL && item->flags == RAPL_ITEM_COARSE && item->raw == 0 &&
                      item->status == RAPL_ITEM_OK && item->throttled_us == RAPL_NO_THROTTLE,
                  "flagged, without the raw register");
        }
        check_status("cores", energy_snapshot(&coarse, 0x20, 2, 0), LAB_ACCESS_DENIED);
        check_status("packages and cores", energy_snapshot(&coarse, 0x3F, 3, 0), LAB_ACCESS_DENIED);
        check_status("throttled time", energy_snapshot(&coarse, 0x1F, 1, 1), LAB_ACCESS_DENIED);
        check_status("topology", energy_topology(&coarse), LAB_SUCCESS);
        const struct rapl_topology_package *package = energy_package(&coarse, 0);
        check(package != NULL &&
                  package->limit[0].flags == (RAPL_LIMIT_PRESENT | RAPL_LIMIT_WITHHELD) &&
                  package->limit[0].limit_mw == 0 && package->limit[0].window_us == 0,
              "limits are withheld");
        check_status("fresh: cores", energy_snapshot(&fresh, 0x3F, 3, 0), LAB_SUCCESS);
        check_status("fresh: throttled time", energy_snapshot(&fresh, 0x1F, 1, 1), LAB_SUCCESS);
    }
    close_both();
}

/* A coarse snapshot reads nothing but at a renewal; the legacy device hands out the same copy. */
static void one_copy(void)
{
    struct lab_file *legacy = NULL;
    uint64_t value = 0;
    if (open_both("ramp") && lab_open_as(CALLER_USER, &legacy) == LAB_SUCCESS) {
        energy_snapshot(&coarse, 1, 1, 0);
        const uint64_t sequence = coarse.reply.snapshot.sequence;
        const uint64_t rdmsr = verifier_counters.rdmsr, waits = verifier_counters.waits;
        check_status("legacy", read_register(legacy, 0x611, 0, &value), LAB_SUCCESS);
        const uint64_t first = value;
        for (uint32_t ms = 0; ms < 49; ms++) {
            clock_sleep_us(1000);
            check_status("legacy", read_register(legacy, 0x611, 0, &value), LAB_SUCCESS);
            energy_snapshot(&coarse, 1, 1, 0);
            check(value == first && coarse.reply.snapshot.sequence == sequence, "the same copy");
            expect_energy(&coarse, 0, 0, 0, RAPL_ITEM_COARSE);
        }
        check(verifier_counters.rdmsr == rdmsr && verifier_counters.waits == waits,
              "nothing was read");
        /* A fresh reading moves the meters, not the copy. */
        energy_snapshot(&fresh, 1, 1, 0);
        energy_snapshot(&coarse, 1, 1, 0);
        expect_energy(&coarse, 0, 0, 0, RAPL_ITEM_COARSE);
        clock_sleep_us(1000);
        check_status("legacy", read_register(legacy, 0x611, 0, &value), LAB_SUCCESS);
        check((uint32_t)(value - first) == 3276, "renewed after 50 ms, by the legacy device");
        const uint64_t renewed = verifier_counters.rdmsr;
        energy_snapshot(&coarse, 1, 1, 0);
        expect_energy(&coarse, 0, 0, 3276, RAPL_ITEM_COARSE);
        check(verifier_counters.rdmsr == renewed, "for the energy device too");
    }
    if (legacy != NULL) {
        lab_close(legacy);
    }
    close_both();
}

const struct scenario scenarios_energy_tiers[] = {
    {"energy-tiers-by-policy", callers_by_policy},
    {"energy-tiers-coarse", what_coarse_callers_get},
    {"energy-tiers-one-copy", one_copy},
    {NULL, NULL},
};
