/* SPDX-License-Identifier: Apache-2.0
 *
 * Every import that can fail fails, at each of its calls in turn, through a whole life of the
 * driver. It may refuse to load or to answer; it may not crash, leak, or stay half built.
 */
#include "tests/harness/activity.h"
#include "tests/harness/energy_client.h"
#include "tests/harness/imports.h"
#include "tests/harness/scenario.h"

#include <string.h>

#define LAST 0xFFFFFFFFu /* the last processor: machines/amd-2s.rec, package 1, core 1 */

/* The value of another processor is worse than an error. `value` 0: whatever it is. */
static void request(struct lab_file *file, uint32_t code, uint32_t msr, uint64_t value)
{
    const uint32_t in[2] = {msr, LAST};
    const struct lab_control control = {
        .code = code, .in = in, .in_size = sizeof(in), .out_size = 8};
    struct lab_answer answer;
    uint64_t got;
    lab_control(file, &control, &answer);
    memcpy(&got, answer.out, sizeof(got));
    if (answer.status == LAB_SUCCESS && value != 0 && got != value) {
        verifier_report(FINDING_WRONG_CPU, "0x%X: 0x%llX, expected 0x%llX or an error", msr,
                        (unsigned long long)got, (unsigned long long)value);
    }
}

static void one_of_each(enum caller caller)
{
    struct lab_file *file = NULL;
    const bool fresh = caller == CALLER_ADMIN;
    if (lab_open_as(caller, &file) != LAB_SUCCESS) {
        return;
    }
    /* Which package a coarse caller's processor belongs to was found out at load, and a failure
     * then may have left it open. */
    request(file, CODE_USUAL, 0x611, fresh ? 0x12039CBB : 0);
    request(file, 0, 0xC001029B, fresh ? 0x8D112039CBB : 0);
    request(file, 0x222000, 0xC001029A, fresh ? 0x100000B01 : 0);
    request(file, CODE_USUAL, 0x606, 0);
    machine_set_faulting(1, 0xC001029A);
    request(file, CODE_USUAL, 0xC001029A, 0);
    machine_clear_overrides();
    request(file, CODE_USUAL, 0x1A0, 0);
    request(file, 0x222003, 0x611, 0);
    lab_major(file, 0x1B, 0);
    lab_close(file);
}

/* Wherever a register could not be read the item says so; no value is another processor's. */
static void check_snapshot(const struct energy_client *client)
{
    static const uint64_t cores[] = {0x100000A00, 0x100000A01, 0x100000B00, 0x100000B01};
    static const uint64_t packages[] = {0x7C001029BAA, 0x8D112039CBB};
    const struct rapl_snapshot *found = &client->reply.snapshot;
    const struct rapl_snapshot_item *item = (const void *)(client->reply.bytes + sizeof(*found));
    for (uint32_t i = 0; client->status == LAB_SUCCESS && i < found->item_count; i++, item++) {
        const uint64_t expected =
            item->domain == 5 ? cores[item->index & 3] : packages[item->index & 1];
        if (item->status == RAPL_ITEM_OK &&
            (item->energy_ticks != 0 ||
             item->raw != ((item->flags & RAPL_ITEM_COARSE) != 0 ? 0 : expected))) {
            verifier_report(FINDING_WRONG_CPU, "domain %u of %u: raw 0x%llX, expected 0x%llX",
                            item->domain, item->index, (unsigned long long)item->raw,
                            (unsigned long long)expected);
        }
    }
}

static void one_of_each_energy_request(enum caller caller)
{
    static struct energy_client client;
    const uint32_t malformed[4] = {16, 2};
    const struct lab_open how = {.token = caller, .access = LAB_GENERIC_READ, .energy = true};
    if (lab_open(&how, &client.file) != LAB_SUCCESS) {
        return;
    }
    energy_capabilities(&client);
    energy_topology(&client);
    energy_snapshot(&client, 0x1F, RAPL_SCOPE_PACKAGES, 0);
    check_snapshot(&client);
    energy_snapshot(&client, 0x3F, RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES, RAPL_SNAPSHOT_THROTTLE);
    check_snapshot(&client);
    energy_send(&client, RAPL_IOCTL_GET_SNAPSHOT, malformed, sizeof(malformed), 64);
    clock_advance_us(400000000); /* the timer */
    power_state_changes(true, THREAD_PASSIVE_LEVEL);
    energy_snapshot(&client, 0x1F, RAPL_SCOPE_PACKAGES, 0);
    power_state_changes(false, THREAD_DISPATCH_LEVEL);
    energy_snapshot(&client, 0x3F, RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES, 0);
    check_snapshot(&client);
    energy_close(&client);
}

/* machines/intel-2x5.rec: five domains in each of two packages. */
static void check_five_domains(const struct energy_client *client)
{
    const struct rapl_snapshot *found = &client->reply.snapshot;
    const struct rapl_snapshot_item *item = (const void *)(client->reply.bytes + sizeof(*found));
    for (uint32_t i = 0; client->status == LAB_SUCCESS && i < found->item_count; i++, item++) {
        const bool coarse = (item->flags & RAPL_ITEM_COARSE) != 0; /* its token could not be told */
        const uint32_t expected =
            0x10000000u * (item->domain + 1u) + 0x100u * item->index + item->domain;
        if (item->status == RAPL_ITEM_OK &&
            (item->energy_ticks != 0 || item->raw != (coarse ? 0 : expected))) {
            verifier_report(FINDING_WRONG_CPU, "domain %u of %u: raw 0x%llX", item->domain,
                            item->index, (unsigned long long)item->raw);
        }
    }
}

static void life_of_five_domains(void)
{
    static struct energy_client client;
    const struct lab_open how = {.token = CALLER_ADMIN, .access = LAB_GENERIC_READ, .energy = true};
    machine_select("intel-2x5");
    registry_reset();
    if (lab_load() == LAB_SUCCESS) {
        if (lab_open(&how, &client.file) == LAB_SUCCESS) {
            energy_capabilities(&client);
            energy_topology(&client);
            energy_snapshot(&client, 0x1F, RAPL_SCOPE_PACKAGES, 0);
            check_five_domains(&client);
            energy_snapshot(&client, 0x1F, RAPL_SCOPE_PACKAGES, RAPL_SNAPSHOT_THROTTLE);
            check_five_domains(&client);
            clock_advance_us(25000000); /* the timer */
            energy_close(&client);
        }
        check(lab_stop() == LAB_STOPPED, "stops although an import has failed");
    }
    check(lab_device_count() == 0, "no device stays");
}

static void whole_life(bool with_stale_link)
{
    machine_select("amd-2s");
    registry_reset();
    registry_set_dword("AccessPolicy", POLICY_USERS);
    registry_set_dword("CoarseMs", 20);
    if (with_stale_link) {
        lab_stale_link();
    }
    if (lab_load() == LAB_SUCCESS) {
        one_of_each(CALLER_ADMIN);
        one_of_each(CALLER_USER);
        one_of_each_energy_request(CALLER_ADMIN);
        one_of_each_energy_request(CALLER_USER);
        check(lab_stop() == LAB_STOPPED, "stops although an import has failed");
    }
    check(lab_device_count() == 0, "no device stays");
}

/* Every call of one import. */
static void fail_each_call(uint32_t number, const struct import *row, void (*life)(void))
{
    const bool deletes_links = strcmp(row->name, "IoDeleteSymbolicLink") == 0;
    for (uint32_t nth = 1;; nth++) {
        const uint32_t before = verifier_total();
        import_fail_arm(number, nth);
        life();
        const bool fired = import_fail_fired();
        import_fail_disarm();
        /* Whoever may not delete a link leaves it: that is the failure itself. */
        if (deletes_links && fired) {
            verifier_forgive(FINDING_LINK_LEFT);
        }
        lab_reset();
        if (verifier_total() != before) {
            verifier_report(FINDING_CHECK, "the above when call %u of %s fails", nth, row->name);
            return;
        }
        if (!fired) {
            return;
        }
    }
}

static void fail_everything(void (*life)(void))
{
    const struct import *row;
    const uint64_t before = verifier_counters.imports_failed;
    for (uint32_t i = 0; (row = import_row(i)) != NULL; i++) {
        if (row->failing != NULL) {
            fail_each_call(i, row, life);
        }
    }
    check(verifier_counters.imports_failed - before > 20, "calls did fail");
}

static void life(void)
{
    whole_life(false);
}

static void life_over_a_stale_link(void)
{
    whole_life(true);
}

static void each_call_in_turn(void)
{
    fail_everything(life);
}

static void each_call_over_a_stale_link(void)
{
    fail_everything(life_over_a_stale_link);
}

static void each_call_with_five_domains(void)
{
    fail_everything(life_of_five_domains);
}

const struct scenario scenarios_failing[] = {
    {"failing-each-call", each_call_in_turn},
    {"failing-each-call-over-a-stale-link", each_call_over_a_stale_link},
    {"failing-each-call-with-five-domains", each_call_with_five_domains},
    {NULL, NULL},
};
