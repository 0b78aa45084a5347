/* SPDX-License-Identifier: Apache-2.0
 *
 * The device of ROOT\SCAPHANDREDRV goes while threads use it; and its life while each kernel call
 * fails in turn.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/scenario.h"
#include "tests/harness/scenarios/pnp_start.h"

#include <stdlib.h>
#include <string.h>

#define S       1000000ull /* microseconds */
#define THREADS 16u

/* ---- Surprise ------------------------------------------------------------------------------- */

struct worker {
    uint32_t number;
    uint32_t served;
};

static bool one_turn(struct worker *worker, struct energy_client *energy, struct lab_file *legacy)
{
    uint64_t value;
    const uint32_t status = worker->number % 3 == 0
                                ? read_register(legacy, 0x611, worker->number, &value)
                                : energy_snapshot(energy, 0x1F, 1, 0);
    if (status != LAB_SUCCESS && status != LAB_NOT_CONNECTED) {
        check_status("a request meanwhile", status, LAB_NOT_CONNECTED);
    }
    worker->served += status == LAB_SUCCESS ? 1 : 0;
    return status == LAB_SUCCESS;
}

static void work(void *argument)
{
    struct worker *worker = argument;
    struct energy_client *energy = calloc(1, sizeof(*energy));
    const struct lab_open how = {
        .token = CALLER_ADMIN, .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE, .energy = true};
    bool serving = energy != NULL;
    while (serving) {
        struct lab_file *legacy = NULL;
        uint32_t status = lab_open_as(CALLER_ADMIN, &legacy);
        if (status == LAB_SUCCESS) {
            status = lab_open(&how, &energy->file);
        }
        for (uint32_t i = 0; status == LAB_SUCCESS && serving && i < 8; i++) {
            serving = one_turn(worker, energy, legacy);
        }
        if (status != LAB_SUCCESS && status != LAB_NOT_CONNECTED && status != LAB_NO_SUCH_DEVICE &&
            status != LAB_OBJECT_NAME_NOT_FOUND) {
            check_status("an open meanwhile", status, LAB_OBJECT_NAME_NOT_FOUND);
        }
        serving = serving && status == LAB_SUCCESS;
        energy_close(energy);
        if (legacy != NULL) {
            lab_close(legacy);
        }
    }
    free(energy);
    thread_end();
}

static void surprise_under_load(void)
{
    for (uint32_t round = 0; round < 12; round++) {
        struct worker worker[THREADS];
        struct host_thread *thread[THREADS];
        const struct lab_bus how = {.start_status = LAB_SUCCESS, .completes_later = round % 2 != 0};
        uint32_t served = 0;
        lab_bus_behaves(&how);
        if (!pnp_load_and_start()) {
            return;
        }
        for (uint32_t i = 0; i < THREADS; i++) {
            worker[i] = (struct worker){.number = i};
            thread[i] = host_thread_start(work, &worker[i]);
        }
        const uint32_t until_ms = host_tick_ms() + 30 + round;
        while ((int32_t)(host_tick_ms() - until_ms) < 0) {
            clock_advance_us(21 * S);
            host_yield();
        }
        if (round % 3 != 0) {
            check_status("surprise", lab_pnp(0, LAB_SURPRISE), LAB_SUCCESS);
        }
        check_status("remove", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
        for (uint32_t i = 0; i < THREADS; i++) {
            host_thread_join(thread[i]);
            served += worker[i].served;
        }
        check(served != 0, "requests were under way");
        check(lab_state() == LAB_STOPPED, "unloaded when the last handle was closed");
        lab_reset();
    }
}

/* ---- Every import fails in turn ------------------------------------------------------------- */

static void failing_life(void)
{
    struct lab_file *file = NULL;
    pnp_settings();
    registry_set_dword("Accumulate", 1);
    if (lab_load() != LAB_SUCCESS) {
        return;
    }
    for (uint32_t round = 0; round < 2; round++) {
        if (lab_pnp_add(0) != LAB_SUCCESS) {
            continue;
        }
        if (lab_pnp(0, LAB_START) == LAB_SUCCESS) {
            if (lab_open_as(CALLER_ADMIN, &file) == LAB_SUCCESS) {
                uint64_t value;
                read_register(file, 0x611, 0, &value);
            }
            lab_power(0, LAB_SET_POWER, THREAD_DISPATCH_LEVEL);
            lab_pnp(0, LAB_STOP_DEVICE);
            lab_pnp(0, LAB_START);
            lab_pnp(0, LAB_SURPRISE);
            clock_advance_us(25 * S);
        }
        check_status("remove never fails", lab_pnp(0, LAB_REMOVE), LAB_SUCCESS);
        if (round == 1 && file != NULL) {
            break;
        }
    }
    lab_close_all();
}

static void each_import_fails(void)
{
    const struct import *row;
    const uint64_t before = verifier_counters.imports_failed;
    for (uint32_t i = 0; (row = import_row(i)) != NULL; i++) {
        bool fired = row->failing != NULL;
        for (uint32_t nth = 1; fired; nth++) {
            const uint32_t found = verifier_total();
            import_fail_arm(i, nth);
            failing_life();
            fired = import_fail_fired();
            import_fail_disarm();
            if (fired && strcmp(row->name, "IoDeleteSymbolicLink") == 0) {
                verifier_forgive(FINDING_LINK_LEFT);
            }
            lab_reset();
            check(lab_state() == LAB_STOPPED, "unloaded");
            if (verifier_total() != found) {
                verifier_report(FINDING_CHECK, "the above when call %u of %s fails", nth,
                                row->name);
                return;
            }
        }
    }
    check(verifier_counters.imports_failed - before > 20, "calls did fail");
}

const struct scenario scenarios_pnp_storm[] = {
    {"pnp-surprise-under-load", surprise_under_load},
    {"pnp-failing-each-call", each_import_fails},
    {NULL, NULL},
};
