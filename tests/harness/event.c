/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: events and waiting for them. While a thread waits, DPCs run on it. A wait that nothing
 * can end is a finding, and ends.
 */
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define EVENT_SIZE  (sizeof(KEVENT) / sizeof(LONG))
#define QUIET_MS    500u   /* nothing at work for so long: nothing will come */
#define WAIT_MAX_MS 30000u /* in any case */

static uint32_t waiters;

uint32_t event_waiters(void)
{
    return waiters;
}

static bool is_event(const KEVENT *event, const char *who)
{
    const bool valid = event->Header.Type <= SynchronizationEvent &&
                       event->Header.Size == EVENT_SIZE && event->Header.WaitListHead.Flink != NULL;
    if (!valid) {
        verifier_report(FINDING_ARGUMENT, "%s: an event that was not initialised", who);
    }
    return valid;
}

static VOID do_KeInitializeEvent(PRKEVENT event, EVENT_TYPE type, BOOLEAN state)
{
    event->Header.Type = (UCHAR)type;
    event->Header.Size = EVENT_SIZE;
    event->Header.SignalState = state;
    InitializeListHead(&event->Header.WaitListHead);
}

/* Whoever waited runs at once if it is on another processor, and may be done with everything. */
static void let_waiters_go(void)
{
    const uint32_t start_ms = host_tick_ms();
    if (thread_current()->irql < THREAD_DISPATCH_LEVEL) {
        while (waiters != 0 && host_tick_ms() - start_ms < 20) {
            host_yield();
        }
        for (uint32_t i = 0; i < 50; i++) {
            host_yield();
        }
    }
}

static LONG set_state(PRKEVENT event, LONG state, const char *who)
{
    LONG before = 0;
    if (is_event(event, who)) {
        host_lock();
        before = event->Header.SignalState;
        event->Header.SignalState = state;
        host_wake();
        host_unlock();
        if (state != 0) {
            let_waiters_go();
        }
    }
    return before;
}

static LONG do_KeSetEvent(PRKEVENT event, KPRIORITY increment, BOOLEAN wait)
{
    UNREFERENCED_PARAMETER(increment);
    if (wait) {
        verifier_report(FINDING_ARGUMENT, "KeSetEvent: Wait is not modelled");
    }
    return set_state(event, 1, "KeSetEvent");
}

static VOID do_KeClearEvent(PRKEVENT event)
{
    set_state(event, 0, "KeClearEvent");
}

static LONG do_KeResetEvent(PRKEVENT event)
{
    return set_state(event, 0, "KeResetEvent");
}

/* host_lock held. */
static bool try_take(KEVENT *event)
{
    if (event->Header.SignalState == 0) {
        return false;
    }
    if (event->Header.Type == SynchronizationEvent) {
        event->Header.SignalState = 0;
    }
    return true;
}

/* False: nothing came. */
static bool wait_for(KEVENT *event)
{
    const uint32_t start_ms = host_tick_ms();
    uint32_t busy_ms = start_ms;
    bool taken = false, hopeless = false;
    verifier_add(&verifier_counters.waits);
    work_release();
    host_lock();
    waiters++;
    /* A wait for what has happened already lets no DPC run that is held. */
    taken = kernel_held() == KERNEL_HOLD_DPC && try_take(event);
    while (!taken && !hopeless) {
        host_unlock();
        dpc_run_queued();
        host_lock();
        taken = try_take(event);
        if (!taken) {
            host_wait(20);
            if (work_is_pending() || dpc_is_pending() ||
                driver_threads() > waiters + thread_suspended()) {
                busy_ms = host_tick_ms();
            }
            hopeless =
                host_tick_ms() - busy_ms > QUIET_MS || host_tick_ms() - start_ms > WAIT_MAX_MS;
        }
    }
    waiters--;
    host_unlock();
    return taken;
}

static NTSTATUS do_KeWaitForSingleObject(PVOID object, KWAIT_REASON reason, KPROCESSOR_MODE mode,
                                         BOOLEAN alertable, PLARGE_INTEGER timeout)
{
    const struct thread *thread = thread_current();
    UNREFERENCED_PARAMETER(reason);
    if (!is_event(object, "KeWaitForSingleObject")) {
        return STATUS_INVALID_PARAMETER;
    }
    if (mode != KernelMode || alertable) {
        verifier_report(FINDING_ARGUMENT,
                        "KeWaitForSingleObject: a user or alertable wait can end before its time");
    }
    if (timeout != NULL && timeout->QuadPart == 0) {
        host_lock();
        const bool taken = try_take(object);
        host_unlock();
        return taken ? STATUS_SUCCESS : STATUS_TIMEOUT;
    }
    if (thread->irql > APC_LEVEL) {
        verifier_report(FINDING_IRQL, "KeWaitForSingleObject waits at IRQL %u", thread->irql);
        return STATUS_TIMEOUT;
    }
    if (timeout != NULL) {
        verifier_report(FINDING_ARGUMENT, "KeWaitForSingleObject: timeouts are not modelled");
    }
    if (!wait_for(object)) {
        verifier_report(FINDING_WAIT, "a wait that nothing can end");
        return STATUS_UNSUCCESSFUL;
    }
    return STATUS_SUCCESS;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(KeInitializeEvent, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(KeSetEvent, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(KeClearEvent, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(KeResetEvent, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(KeWaitForSingleObject, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
};

IMPORT_PART(imports_event, rows);
