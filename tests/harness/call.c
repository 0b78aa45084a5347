/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls into the driver and what is checked around every one of them.
 */
#include "tests/harness/call.h"
#include "tests/harness/host.h"
#include "tests/harness/image.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <windows.h>

#define BUGCHECK_EXCEPTION 0xE0004255u

/* gates.S */
void stack_switch(void (*function)(void *), void *argument, uintptr_t top, uintptr_t bottom);

typedef uint64_t (*driver_function)(const void *first, const void *second, const void *third,
                                    const void *fourth);

static uint32_t threads_inside;

static int note_exception(struct driver_call *call, const EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    const struct image *image = image_current();
    uint32_t rva;
    call->exception = record->ExceptionCode;
    call->exception_at = (uint64_t)(uintptr_t)record->ExceptionAddress;
    if (record->ExceptionCode == BUGCHECK_EXCEPTION) {
        return EXCEPTION_EXECUTE_HANDLER;
    }
    if (image != NULL && image_contains(image, call->exception_at, &rva)) {
        verifier_report(FINDING_EXCEPTION, "exception 0x%08lX at +0x%X not handled",
                        record->ExceptionCode, rva);
    } else {
        driver_report_fault(record, "an import, in what the driver gave it");
    }
    return EXCEPTION_EXECUTE_HANDLER;
}

static void on_driver_stack(void *argument)
{
    struct driver_call *call = argument;
    __try {
        call->result = ((driver_function)(uintptr_t)call->function)(
            call->argument[0], call->argument[1], call->argument[2], call->argument[3]);
    } __except (note_exception(call, GetExceptionInformation())) {
        call->result = 0;
    }
}

static void check_state(struct thread *thread, const struct thread *before)
{
    if (thread->irql != before->irql) {
        verifier_report(FINDING_IRQL_LEFT, "entered at IRQL %u, left at %u", before->irql,
                        thread->irql);
    }
    if (thread->affinity.mask != before->affinity.mask ||
        (thread->affinity.mask != 0 && thread->affinity.group != before->affinity.group)) {
        verifier_report(FINDING_AFFINITY_LEFT,
                        "the caller's affinity was not restored: group %u mask 0x%llX",
                        thread->affinity.group, thread->affinity.mask);
    }
    if (thread->regions != before->regions) {
        verifier_report(FINDING_REGION_LEFT, "%u critical regions entered and not left",
                        thread->regions - before->regions);
    }
    if (thread->mutex_count != before->mutex_count) {
        verifier_report(FINDING_MUTEX_LEFT, "%u mutexes still held",
                        thread->mutex_count - before->mutex_count);
    }
    const size_t used = thread_stack_used(thread);
    verifier_raise_to(&verifier_counters.stack_all, used);
    if (used > THREAD_STACK_SIZE) {
        verifier_report(FINDING_STACK, "%zu bytes of stack used; a kernel thread has %u", used,
                        THREAD_STACK_SIZE);
    }
}

uint32_t driver_threads(void)
{
    return __atomic_load_n(&threads_inside, __ATOMIC_RELAXED);
}

bool driver_call(struct driver_call *call)
{
    struct thread *thread = thread_current();
    const struct image *image = image_current();
    const uint64_t target = (uint64_t)(uintptr_t)call->function;
    uint32_t rva;

    thread_prepare_stack(thread);
    const struct thread before = *thread;
    thread->doing = call->doing;
    /* What the kernel calls through a pointer must be in the table too, or the guard stops it. */
    if (image != NULL && image_contains(image, target, &rva) && rva != image->entry_rva &&
        !image_guard_allows(image, target)) {
        verifier_report(FINDING_GUARD, "routine +0x%X is not in the guard's table", rva);
    }

    const uint32_t lock_depth = host_lock_depth();
    thread->in_driver = true;
    call->exception = 0;
    if (before.in_driver) {
        on_driver_stack(call);
    } else {
        __atomic_fetch_add(&threads_inside, 1, __ATOMIC_RELAXED);
        stack_switch(on_driver_stack, call, thread->stack_top,
                     thread->stack_top - THREAD_STACK_SIZE - THREAD_STACK_SLACK);
        __atomic_fetch_sub(&threads_inside, 1, __ATOMIC_RELAXED);
    }
    thread->in_driver = before.in_driver;
    /* A fault in what the driver gave an import ends the import where it was. */
    while (host_lock_depth() > lock_depth) {
        host_unlock();
    }

    check_state(thread, &before);
    thread->irql = before.irql;
    thread->affinity = before.affinity;
    thread->gone = before.gone;
    thread->regions = before.regions;
    while (thread->mutex_count > before.mutex_count) {
        mutex_abandon(thread->mutex[--thread->mutex_count]);
    }
    thread->mutex_count = before.mutex_count;
    thread->doing = before.doing;
    return call->exception == 0;
}

_Noreturn void driver_bugcheck(uint32_t code)
{
    verifier_report(FINDING_BUGCHECK, "KeBugCheckEx(0x%X)", code);
    RaiseException(BUGCHECK_EXCEPTION, EXCEPTION_NONCONTINUABLE, 0, NULL);
    host_fatal("a bug check went on");
}
