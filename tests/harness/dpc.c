/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: deferred procedure calls. A DPC runs at DISPATCH_LEVEL on its processor: on the thread
 * that queued it, on one that waits, or on a thread of its own beside them.
 *
 * Source: Microsoft, "Introduction to DPC Objects", "Organization of DPC Queues", and the pages of
 * the functions.
 */
#include "tests/harness/kernel.h"
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/machine.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define DPCS_MAX   2048u
#define DPC_TYPE   19u /* KOBJECTS.DpcObject */
#define UNTARGETED 0u

/* As in Microsoft's public symbols; both sides share MinGW's header. */
_Static_assert(sizeof(KDPC) == 0x40, "KDPC");
_Static_assert(offsetof(KDPC, DeferredRoutine) == 0x18, "KDPC.DeferredRoutine");
_Static_assert(offsetof(KDPC, DpcData) == 0x38, "KDPC.DpcData");

struct queued {
    KDPC *dpc;
    void *argument_1;
    void *argument_2;
    bool eager; /* the DPC thread may take it */
    bool held;
};

static struct queued queue[DPCS_MAX];
static uint32_t queued_count;
static uint32_t running_count;
static uint32_t flushing; /* threads that wait until no DPC runs */

/* Takes one entry out; host_lock held. */
static struct queued take(uint32_t index)
{
    const struct queued entry = queue[index];
    queued_count--;
    for (uint32_t i = index; i < queued_count; i++) {
        queue[i] = queue[i + 1];
    }
    entry.dpc->DpcData = NULL; /* it may be queued again from here on */
    running_count++;
    return entry;
}

/* KDPC.Number is the target, counted from 1 as in Windows' own high bit's stead. */
static uint32_t target_of(const KDPC *dpc)
{
    const uint32_t number = dpc->Number;
    if (number == UNTARGETED || number > machine_active()) {
        return thread_current()->processor;
    }
    return number - 1;
}

/* The routine has signalled what it had to, and has not returned to the kernel yet. */
static void stay(void)
{
    host_lock();
    while (kernel_held() == KERNEL_HOLD_RETURN && flushing == 0) {
        host_wait(20);
    }
    host_unlock();
}

/* `beside`: on a thread of its own. */
static void run(const struct queued *entry, bool beside)
{
    struct thread *thread = thread_current();
    const uint32_t irql = thread->irql, processor = thread->processor;
    struct driver_call call = {
        .doing = "DPC",
        .function = (const void *)(ULONG_PTR)entry->dpc->DeferredRoutine,
        .argument = {entry->dpc, entry->dpc->DeferredContext, entry->argument_1, entry->argument_2},
    };
    verifier_add(&verifier_counters.dpcs);
    thread->processor = target_of(entry->dpc);
    thread->irql = THREAD_DISPATCH_LEVEL;
    driver_call(&call);
    if (beside) {
        stay();
    }
    thread->irql = irql;
    thread->processor = processor;
    host_lock();
    running_count--;
    host_wake();
    host_unlock();
}

/* `beside`: on the thread for DPCs, which takes eager ones only. */
static bool run_one(const KDPC *only, bool beside, bool held)
{
    host_lock();
    for (uint32_t i = 0; i < queued_count; i++) {
        if ((only == NULL || queue[i].dpc == only) && (!beside || queue[i].eager) &&
            (held || !queue[i].held)) {
            const struct queued entry = take(i);
            host_unlock();
            run(&entry, beside);
            return true;
        }
    }
    host_unlock();
    return false;
}

static void dpc_thread(void *unused)
{
    (void)unused;
    for (;;) {
        if (!run_one(NULL, true, false)) {
            host_lock();
            host_wait(50);
            host_unlock();
        }
    }
}

static void start_thread(void)
{
    static bool started;
    host_lock();
    if (!started) {
        started = true;
        host_thread_start(dpc_thread, NULL);
    }
    host_unlock();
}

bool dpc_insert(KDPC *dpc, void *argument_1, void *argument_2, bool held)
{
    struct thread *thread = thread_current();
    const uint32_t how = thread_random(thread) % 4;
    if (dpc->Type != DPC_TYPE) {
        verifier_report(FINDING_ARGUMENT, "KeInsertQueueDpc: a DPC that was not initialised");
        return false;
    }
    start_thread();
    host_lock();
    if (dpc->DpcData != NULL) {
        host_unlock();
        return false;
    }
    if (queued_count == DPCS_MAX) {
        host_fatal("more than %u DPCs queued", DPCS_MAX);
    }
    dpc->DpcData = dpc;
    queue[queued_count++] = (struct queued){.dpc = dpc,
                                            .argument_1 = argument_1,
                                            .argument_2 = argument_2,
                                            .eager = how == 0 && !held,
                                            .held = held};
    host_wake();
    host_unlock();
    /* A processor at DISPATCH_LEVEL runs no DPC. */
    if (how >= 2 && !held && thread->irql < THREAD_DISPATCH_LEVEL) {
        run_one(dpc, false, false);
    }
    return true;
}

void dpc_flush(bool held)
{
    const uint32_t start_ms = host_tick_ms();
    bool busy = true;
    host_lock();
    flushing++;
    host_unlock();
    while (busy) {
        while (run_one(NULL, false, held)) {
        }
        host_lock();
        busy = running_count != 0;
        if (busy) {
            host_wait(20);
        }
        host_unlock();
        if (host_tick_ms() - start_ms > 30000) {
            host_fatal("a DPC has been running for 30 s");
        }
    }
    host_lock();
    flushing--;
    host_unlock();
}

void dpc_run_queued(void)
{
    while (run_one(NULL, false, true)) {
    }
}

bool dpc_is_pending(void)
{
    return queued_count != 0 || running_count != 0;
}

bool dpc_is_queued_in(const void *memory, size_t size)
{
    const uint8_t *from = memory;
    bool found = false;
    host_lock();
    for (uint32_t i = 0; i < queued_count; i++) {
        const uint8_t *at = (const uint8_t *)queue[i].dpc;
        found = found || (at >= from && at < from + size);
    }
    host_unlock();
    return found;
}

void dpc_report_left(const char *when)
{
    host_lock();
    if (queued_count != 0 || running_count != 0) {
        verifier_report(FINDING_DPC_LEFT, "%s: %u DPCs queued, %u running", when, queued_count,
                        running_count);
    }
    queued_count = 0;
    kernel_hold(KERNEL_HOLD_NOTHING);
    while (running_count != 0) {
        host_wait(20);
    }
    if (event_waiters() != 0) {
        verifier_report(FINDING_WAIT, "%s: %u threads wait for an event", when, event_waiters());
    }
    host_unlock();
}

/* ---- Imports -------------------------------------------------------------------------------- */

static VOID do_KeInitializeDpc(PRKDPC dpc, PKDEFERRED_ROUTINE routine, PVOID context)
{
    if (dpc_is_queued_in(dpc, sizeof(*dpc))) {
        verifier_report(FINDING_ARGUMENT, "KeInitializeDpc: the DPC is queued");
    }
    *dpc = (KDPC){.Type = DPC_TYPE,
                  .Importance = MediumImportance,
                  .DeferredRoutine = routine,
                  .DeferredContext = context};
}

static VOID do_KeSetImportanceDpc(PRKDPC dpc, KDPC_IMPORTANCE importance)
{
    dpc->Importance = (UCHAR)importance;
}

static NTSTATUS do_KeSetTargetProcessorDpcEx(PKDPC dpc, PPROCESSOR_NUMBER number)
{
    if (dpc_is_queued_in(dpc, sizeof(*dpc))) {
        verifier_report(FINDING_ARGUMENT, "KeSetTargetProcessorDpcEx: the DPC is queued");
    }
    if (number->Reserved != 0) {
        verifier_report(FINDING_ARGUMENT, "PROCESSOR_NUMBER.Reserved is not 0");
    }
    for (uint32_t i = 0; i < machine_active(); i++) {
        uint16_t group;
        uint8_t in_group;
        if (machine_number(i, &group, &in_group) && group == number->Group &&
            in_group == number->Number) {
            dpc->Number = (USHORT)(i + 1);
            return STATUS_SUCCESS;
        }
    }
    return STATUS_INVALID_PARAMETER;
}

static BOOLEAN do_KeInsertQueueDpc(PRKDPC dpc, PVOID argument_1, PVOID argument_2)
{
    return dpc_insert(dpc, argument_1, argument_2, false);
}

static BOOLEAN fail_KeInsertQueueDpc(PRKDPC dpc, PVOID argument_1, PVOID argument_2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument_1);
    UNREFERENCED_PARAMETER(argument_2);
    return FALSE;
}

static BOOLEAN do_KeRemoveQueueDpc(PRKDPC dpc)
{
    bool removed = false;
    host_lock();
    for (uint32_t i = 0; i < queued_count && !removed; i++) {
        if (queue[i].dpc == dpc) {
            take(i);
            running_count--;
            removed = true;
        }
    }
    host_unlock();
    return removed;
}

static VOID do_KeFlushQueuedDpcs(void)
{
    dpc_flush(true);
}

static const struct import rows[] = {
    IMPORT_FUNCTION(KeInitializeDpc, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(KeSetImportanceDpc, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(KeSetTargetProcessorDpcEx, IMPORT_KERNEL, BUILD_7, 0, 15, fail_parameter),
    IMPORT_FUNCTION(KeInsertQueueDpc, IMPORT_KERNEL, BUILD_2000, 0, 15, fail_KeInsertQueueDpc),
    IMPORT_FUNCTION(KeRemoveQueueDpc, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(KeFlushQueuedDpcs, IMPORT_KERNEL, BUILD_2003, 0, 0, NULL),
};

IMPORT_PART(imports_dpc, rows);
