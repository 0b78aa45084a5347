/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: work items. One system worker thread runs them at PASSIVE_LEVEL; the device they were
 * allocated for is referenced while they are queued or running.
 */
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/objects.h"
#include "tests/harness/pool.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define WORKS_MAX 32u

/* The driver has only its address. */
struct work {
    PDEVICE_OBJECT object;
    PIO_WORKITEM_ROUTINE routine;
    void *context;
    bool queued;
    bool held;
    bool behind; /* one that stays: whoever takes that one's end for this one's runs first */
};

static struct work *works[WORKS_MAX]; /* allocated and not freed */
static uint32_t running;
static uint32_t staying; /* of them, where they have released their mutex */
static bool may_stay;
static _Thread_local bool is_worker;

static struct work **slot_of(const void *item)
{
    for (uint32_t i = 0; i < WORKS_MAX; i++) {
        if (works[i] == item) {
            return &works[i];
        }
    }
    return NULL;
}

static struct work *next_queued(bool held)
{
    for (uint32_t i = 0; i < WORKS_MAX; i++) {
        if (works[i] != NULL && works[i]->queued && (held || !works[i]->held)) {
            return works[i];
        }
    }
    return NULL;
}

bool work_is_pending(void)
{
    return running != 0 || next_queued(true) != NULL;
}

void work_release(void)
{
    host_lock();
    may_stay = may_stay && is_worker; /* it waits for DPCs of its own */
    for (uint32_t i = 0; i < WORKS_MAX; i++) {
        if (works[i] != NULL) {
            works[i]->held = false;
        }
    }
    host_wake();
    host_unlock();
}

void work_hold(void)
{
    host_lock();
    may_stay = true;
    host_unlock();
}

void work_stay(void)
{
    if (!is_worker || kernel_held() != KERNEL_HOLD_END) {
        return;
    }
    host_lock();
    staying++;
    while (may_stay) {
        host_wake();
        host_wait(20);
    }
    staying--;
    host_unlock();
}

void work_settle(void)
{
    const uint32_t start_ms = host_tick_ms();
    host_lock();
    while (running != staying || next_queued(false) != NULL) {
        host_wait(20);
        if (host_tick_ms() - start_ms > 60000) {
            host_fatal("a work item has been on its way for 60 s");
        }
    }
    host_unlock();
}

static void release_device(PDEVICE_OBJECT object)
{
    struct device *device = device_of(object);
    if (device != NULL) {
        device->references--;
        device_settle(device);
    }
}

/* host_lock held, given up meanwhile. */
static void let_others_run(void)
{
    const uint32_t start_ms = host_tick_ms();
    while (host_tick_ms() - start_ms < 30) {
        host_wait(10);
    }
}

static void run_one(void)
{
    host_lock();
    struct work *work = next_queued(false);
    if (work == NULL) {
        host_wait(50);
        host_unlock();
        return;
    }
    if (work->behind) {
        work->behind = false;
        let_others_run();
        host_unlock();
        return;
    }
    const struct work mine = *work; /* its routine may free the item */
    work->queued = false;
    running++;
    host_unlock();
    struct driver_call call = {.doing = "work item",
                               .function = (const void *)(ULONG_PTR)mine.routine,
                               .argument = {mine.object, mine.context}};
    verifier_add(&verifier_counters.work_items);
    driver_call(&call);
    host_lock();
    release_device(mine.object);
    running--;
    host_wake();
    host_unlock();
}

static void worker_thread(void *unused)
{
    (void)unused;
    is_worker = true;
    for (;;) {
        run_one();
    }
}

static void start_thread(void)
{
    static bool started;
    if (!started) {
        started = true;
        host_thread_start(worker_thread, NULL);
    }
}

void work_report_left(const char *when)
{
    host_lock();
    for (uint32_t i = 0; i < WORKS_MAX; i++) {
        if (works[i] != NULL) {
            verifier_report(FINDING_WORK_LEFT, "%s: a work item was not freed", when);
            pool_free(works[i], POOL_OBJECT, 0);
            works[i] = NULL;
        }
    }
    host_unlock();
}

/* ---- Imports -------------------------------------------------------------------------------- */

static PIO_WORKITEM do_IoAllocateWorkItem(PDEVICE_OBJECT object)
{
    if (device_of(object) == NULL) {
        verifier_report(FINDING_ARGUMENT, "IoAllocateWorkItem: not a device");
        return NULL;
    }
    struct work *work = pool_allocate(POOL_OBJECT, sizeof(*work), 0);
    work->object = object;
    host_lock();
    start_thread();
    struct work **slot = slot_of(NULL);
    if (slot == NULL) {
        host_fatal("more than %u work items", WORKS_MAX);
    }
    *slot = work;
    host_unlock();
    return (PIO_WORKITEM)work;
}

static VOID do_IoQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine,
                               WORK_QUEUE_TYPE queue, PVOID context)
{
    UNREFERENCED_PARAMETER(queue);
    host_lock();
    struct work **slot = item != NULL ? slot_of(item) : NULL;
    struct device *device = slot != NULL ? device_of((*slot)->object) : NULL;
    if (slot == NULL) {
        verifier_report(FINDING_ARGUMENT, "IoQueueWorkItem: not a work item");
    } else if (device == NULL || (*slot)->queued) {
        verifier_report(FINDING_ARGUMENT, "IoQueueWorkItem: %s",
                        device == NULL ? "its device is gone" : "it is queued already");
    } else {
        (*slot)->routine = routine;
        (*slot)->context = context;
        (*slot)->queued = true;
        (*slot)->behind = staying != 0;
        (*slot)->held = kernel_held() == KERNEL_HOLD_WORK || (*slot)->behind;
        device->references++;
        host_wake();
    }
    host_unlock();
}

static VOID do_IoFreeWorkItem(PIO_WORKITEM item)
{
    host_lock();
    struct work **slot = item != NULL ? slot_of(item) : NULL;
    if (slot == NULL) {
        verifier_report(FINDING_ARGUMENT, "IoFreeWorkItem: not a work item");
    } else {
        if ((*slot)->queued) {
            verifier_report(FINDING_ACTIVE_FREED, "a work item was freed while it is queued");
            release_device((*slot)->object);
        }
        pool_free(*slot, POOL_OBJECT, 0);
        *slot = NULL;
    }
    host_unlock();
}

static const struct import rows[] = {
    IMPORT_FUNCTION(IoAllocateWorkItem, IMPORT_KERNEL, BUILD_2000, 0, 2, fail_null),
    IMPORT_FUNCTION(IoQueueWorkItem, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(IoFreeWorkItem, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
};

IMPORT_PART(imports_workitem, rows);
