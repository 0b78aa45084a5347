/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: pool and fast mutexes.
 */
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/pool.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

static PVOID do_ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T size, ULONG tag)
{
    if (type != NonPagedPoolNx && type != PagedPool) {
        verifier_report(FINDING_POOL_TYPE,
                        "pool type %d; only NonPagedPoolNx and PagedPool cannot "
                        "be executed",
                        type);
    }
    if (type == PagedPool && thread_current()->irql > APC_LEVEL) {
        verifier_report(FINDING_IRQL, "paged pool allocated at IRQL %u", thread_current()->irql);
    }
    if (tag == 0 || size == 0) {
        verifier_report(FINDING_POOL_TYPE, "%llu bytes with tag 0x%08lX", size, tag);
    }
    return pool_allocate(POOL_DRIVER, size, tag);
}

static VOID do_ExFreePoolWithTag(PVOID memory, ULONG tag)
{
    kernel_memory_freed(memory, pool_size_of(memory));
    pool_free(memory, POOL_DRIVER, tag);
}

#define WAIT_MAX_MS 10000u

/* ---- Fast mutexes: IRQL APC_LEVEL from acquire to release ----------------------------------- */

static bool held_by(const struct thread *thread, const FAST_MUTEX *mutex)
{
    for (uint32_t i = 0; i < thread->mutex_count; i++) {
        if (thread->mutex[i] == mutex) {
            return true;
        }
    }
    return false;
}

static bool try_take(FAST_MUTEX *mutex, const struct thread *thread)
{
    bool taken = false;
    host_lock();
    if (mutex->Count == FM_LOCK_BIT) {
        mutex->Count = 0;
        mutex->Owner = (PKTHREAD)(ULONG_PTR)thread;
        taken = true;
    }
    host_unlock();
    return taken;
}

void mutex_abandon(const void *mutex)
{
    FAST_MUTEX *abandoned = (FAST_MUTEX *)(ULONG_PTR)mutex;
    if (pool_was_freed(mutex)) {
        return; /* its memory went while it was held */
    }
    host_lock();
    abandoned->Owner = NULL;
    abandoned->Count = FM_LOCK_BIT;
    host_unlock();
}

/* Waits as long as another thread may reasonably hold it; once one was not released, not again. */
static void take(FAST_MUTEX *mutex, const struct thread *thread)
{
    const uint32_t max_ms =
        verifier_count(FINDING_MUTEX) + verifier_count(FINDING_MUTEX_LEFT) == 0 ? WAIT_MAX_MS : 20;
    const uint32_t start_ms = host_tick_ms();
    while (!try_take(mutex, thread)) {
        if (host_tick_ms() - start_ms > max_ms) {
            verifier_report(FINDING_MUTEX, "a fast mutex was not released for %u ms", max_ms);
            mutex_abandon(mutex);
        }
        host_yield();
    }
}

static VOID do_ExAcquireFastMutex(PFAST_MUTEX mutex)
{
    struct thread *thread = thread_current();
    if (held_by(thread, mutex)) {
        verifier_report(FINDING_MUTEX, "a fast mutex is taken twice: the thread waits for itself");
        return;
    }
    /* Read once: another thread may take or release it in between. */
    const LONG count = *(volatile const LONG *)&mutex->Count;
    if (count != FM_LOCK_BIT && count != 0) {
        verifier_report(FINDING_MUTEX, "a fast mutex that was not initialised");
        return;
    }
    if (thread->mutex_count == THREAD_MUTEX_MAX) {
        host_fatal("more than %u mutexes held", THREAD_MUTEX_MAX);
    }
    const KIRQL old = (KIRQL)thread->irql;
    take(mutex, thread);
    mutex->OldIrql = old;
    thread->mutex[thread->mutex_count++] = mutex;
    thread_set_irql(thread, APC_LEVEL);
}

static VOID do_ExReleaseFastMutex(PFAST_MUTEX mutex)
{
    struct thread *thread = thread_current();
    if (!held_by(thread, mutex)) {
        verifier_report(FINDING_MUTEX, "a fast mutex is released that the thread does not hold");
        return;
    }
    for (uint32_t i = 0; i < thread->mutex_count; i++) {
        if (thread->mutex[i] == mutex) {
            thread->mutex[i] = thread->mutex[--thread->mutex_count];
        }
    }
    const KIRQL old = (KIRQL)mutex->OldIrql;
    host_lock();
    mutex->Owner = NULL;
    mutex->Count = FM_LOCK_BIT;
    host_unlock();
    thread_set_irql(thread, old);
    work_stay();
}

static const struct import rows[] = {
    IMPORT_FUNCTION(ExAllocatePoolWithTag, IMPORT_KERNEL, BUILD_2000, 0, 2, fail_null),
    IMPORT_FUNCTION(ExFreePoolWithTag, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(ExAcquireFastMutex, IMPORT_KERNEL, BUILD_2000, 0, 1, NULL),
    IMPORT_FUNCTION(ExReleaseFastMutex, IMPORT_KERNEL, BUILD_2000, 1, 1, NULL),
    /* Known, too new for the oldest Windows: an image with it is refused by name. */
    {.name = "ExAllocatePool2", .dll = IMPORT_KERNEL, .first_build = BUILD_2004, .irql_max = 2},
};

IMPORT_PART(imports_ex, rows);
