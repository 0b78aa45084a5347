/* SPDX-License-Identifier: Apache-2.0
 *
 * The harness tested: faulty.sys with each of its faults must be found out, by the rule that is
 * meant to; with none of them it must pass, or the finding would prove nothing.
 */
#include "tests/harness/faulty/faults.h"
#include "tests/harness/scenario.h"

#include <stdio.h>
#include <string.h>

struct row {
    const char *name;
    enum finding kind;
};

#define FAULT_ROW(symbol, name, kind) [FAULT_##symbol] = {name, FINDING_##kind},
static const struct row rows[FAULT_COUNT] = {FAULTS(FAULT_ROW)};
#undef FAULT_ROW

static void control(struct lab_file *file, uint32_t in_size, uint32_t out_size, uint32_t status)
{
    const uint32_t in[4] = {0x611, 5, 0, 0};
    const struct lab_control control = {
        .code = 0, .in = in, .in_size = in_size, .out_size = out_size};
    struct lab_answer answer;
    lab_control(file, &control, &answer);
    check_status("a request of a certain size", answer.status, status);
}

/* machines/amd-256.rec: core c of package p holds 0x40A0p000 + c. */
static void probe_processors(void)
{
    struct lab_file *file = open_as(CALLER_ADMIN);
    for (uint32_t cpu = 0; file != NULL && cpu < 256; cpu++) {
        const uint64_t mine = 0x40A00000u + cpu / 64 * 0x1000u + cpu % 64 / 2;
        uint64_t value = mine;
        read_register(file, 0xC001029A, cpu, &value);
        if (value != mine) {
            verifier_report(value >> 16 == 0x40A0 ? FINDING_WRONG_CPU : FINDING_VALUE,
                            "processor %u: 0x%llX, expected 0x%llX", cpu, (unsigned long long)value,
                            (unsigned long long)mine);
        }
    }
    if (file != NULL) {
        lab_close(file);
    }
}

static void probe_requests(void)
{
    struct lab_file *file = open_as(CALLER_ADMIN);
    uint64_t value = 0;
    if (file == NULL) {
        return;
    }
    expect_status(file, 0x619, 31, LAB_IO_DEVICE_ERROR);
    control(file, 8, 8, LAB_SUCCESS);
    control(file, 8, 4, LAB_SUCCESS);
    control(file, 8, 0, LAB_BUFFER_TOO_SMALL);
    control(file, 4, 8, LAB_INVALID_PARAMETER);
    control(file, 4, 4, LAB_INVALID_PARAMETER);
    control(file, 0, 0, LAB_INVALID_PARAMETER);
    read_register(file, 0x610, 0, &value);
    expect_value(file, 0x10, 0, clock_now_100ns());
    lab_close(file);
    struct lab_file *user = NULL;
    if (lab_open_as(CALLER_USER, &user) == LAB_SUCCESS) {
        verifier_report(FINDING_OPENED, "a user opened the device");
        lab_close(user);
    }
}

static void live_through(const char *machine, uint64_t faults, void (*use)(void))
{
    machine_select(machine);
    registry_reset();
    registry_set("Faults", REGISTRY_TYPE_QWORD, &faults, sizeof(faults));
    lab_stale_link();
    const uint32_t status = lab_load();
    check_status("DriverEntry", status, LAB_SUCCESS);
    if (status == LAB_SUCCESS) {
        use();
    }
    lab_reset();
}

static void probe(uint64_t faults)
{
    live_through("intel-2s", faults, probe_requests);
    live_through("amd-256", faults, probe_processors);
}

static void without_faults(void)
{
    probe(0);
}

static void expect_finding(const struct row *row)
{
    if (verifier_count(row->kind) != 0) {
        enum finding kind;
        const char *text = NULL;
        for (uint32_t i = 0; (text = verifier_text(i, &kind)) != NULL && kind != row->kind;) {
            i++;
        }
        printf("  found %s as %s: %s\n", row->name, finding_name(row->kind), text);
        return;
    }
    printf("  MISSED %s: expected a finding of kind %s\n", row->name, finding_name(row->kind));
}

/* Each fault alone. */
static void each_fault(void)
{
    uint32_t missed = 0;
    for (uint32_t fault = 0; fault < FAULT_COUNT; fault++) {
        verifier_clear();
        probe(1ull << fault);
        expect_finding(&rows[fault]);
        missed += verifier_count(rows[fault].kind) == 0;
    }
    verifier_clear();
    if (missed != 0) {
        verifier_report(FINDING_CHECK, "%u of %u faults were not found", missed, FAULT_COUNT);
    }
}

/* The predecessor has all of its faults at once: none hides another. */
static void all_of_the_predecessor(void)
{
    static const enum fault faults[] = {FAULT_INDEX_AS_MASK, FAULT_OUTPUT_UNCHECKED,
                                        FAULT_AFFINITY_ON_FAULT, FAULT_WRONG_LINK,
                                        FAULT_NO_DESCRIPTOR};
    uint64_t mask = 0;
    uint32_t missed = 0;
    for (uint32_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        mask |= 1ull << faults[i];
    }
    probe(mask);
    for (uint32_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        expect_finding(&rows[faults[i]]);
        missed += verifier_count(rows[faults[i]].kind) == 0;
    }
    verifier_clear();
    if (missed != 0) {
        verifier_report(FINDING_CHECK, "%u faults were not found", missed);
    }
}

const struct scenario scenarios_faulty[] = {
    {"faulty-without-faults", without_faults},
    {"faulty-each-fault", each_fault},
    {"faulty-all-of-the-predecessor", all_of_the_predecessor},
    {NULL, NULL},
};
