/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: processors, affinity, regions, bug checks.
 *
 * Affinity follows the remarks of Microsoft's pages for KeSetSystemGroupAffinityThread and
 * KeRevertToUserGroupAffinityThread: what names no active processor changes nothing, and a previous
 * affinity of all zeros stands for the user's own.
 */
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/machine.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define BITS_OF(mask) ((ULONG)__builtin_popcountll(mask))

static ULONG count_processors(USHORT group, bool active_only)
{
    if (group == ALL_PROCESSOR_GROUPS) {
        return active_only ? machine_active() : machine_maximum();
    }
    return BITS_OF(machine_group_mask(group, active_only));
}

static ULONG do_KeQueryActiveProcessorCountEx(USHORT group)
{
    return count_processors(group, true);
}

static ULONG do_KeQueryMaximumProcessorCountEx(USHORT group)
{
    return count_processors(group, false);
}

/* Group 0 only, as documented for drivers that know no groups. */
static ULONG do_KeQueryActiveProcessorCount(PKAFFINITY active)
{
    const uint64_t mask = machine_group_mask(0, true);
    if (active != NULL) {
        *active = mask;
    }
    return BITS_OF(mask);
}

static USHORT do_KeQueryActiveGroupCount(void)
{
    return (USHORT)machine_groups();
}

static NTSTATUS do_KeGetProcessorNumberFromIndex(ULONG index, PPROCESSOR_NUMBER number)
{
    uint16_t group;
    uint8_t in_group;
    if (index >= machine_active() || !machine_number(index, &group, &in_group)) {
        return STATUS_INVALID_PARAMETER;
    }
    *number = (PROCESSOR_NUMBER){.Group = group, .Number = in_group};
    return STATUS_SUCCESS;
}

static ULONG do_KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER number)
{
    const uint32_t index = thread_current()->processor;
    uint16_t group;
    uint8_t in_group;
    if (number != NULL && machine_number(index, &group, &in_group)) {
        *number = (PROCESSOR_NUMBER){.Group = group, .Number = in_group};
    }
    return index;
}

static void set_affinity(const GROUP_AFFINITY *affinity, PGROUP_AFFINITY previous)
{
    struct thread *thread = thread_current();
    const struct thread_affinity before = thread->affinity;
    const struct thread_affinity wanted = {affinity->Group, affinity->Mask};
    if (previous != NULL) {
        *previous = (GROUP_AFFINITY){0};
    }
    if (affinity->Reserved[0] != 0 || affinity->Reserved[1] != 0 || affinity->Reserved[2] != 0) {
        verifier_report(FINDING_ARGUMENT, "GROUP_AFFINITY.Reserved is not 0");
    }
    /* Went away during this call, on purpose: nothing changes, as documented. */
    if (wanted.group == thread->gone.group && wanted.mask != 0 &&
        (wanted.mask & ~thread->gone.mask) == 0) {
        return;
    }
    if (!thread_set_affinity(thread, wanted)) {
        verifier_report(FINDING_AFFINITY_INVALID,
                        "group %u mask 0x%llX names no active processor: Windows ignores it",
                        affinity->Group, affinity->Mask);
        return;
    }
    verifier_add(&verifier_counters.moves);
    if (previous != NULL) {
        previous->Group = before.mask != 0 ? before.group : 0;
        previous->Mask = before.mask;
    }
}

static VOID do_KeSetSystemGroupAffinityThread(PGROUP_AFFINITY affinity, PGROUP_AFFINITY previous)
{
    set_affinity(affinity, previous);
}

/*
 * The processor went away in between: documented to change nothing. Nothing runs there for the rest
 * of the driver's call, so the thread is not there by luck either.
 */
static VOID fail_KeSetSystemGroupAffinityThread(PGROUP_AFFINITY affinity, PGROUP_AFFINITY previous)
{
    struct thread *thread = thread_current();
    thread->gone = (struct thread_affinity){affinity->Group, affinity->Mask};
    thread_schedule(thread);
    if (previous != NULL) {
        *previous = (GROUP_AFFINITY){0};
    }
}

static VOID do_KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY previous)
{
    struct thread *thread = thread_current();
    if (thread->affinity.mask == 0) {
        return;
    }
    if (previous->Mask == 0) {
        thread->affinity.mask = 0;
        thread_schedule(thread);
        return;
    }
    thread_set_affinity(thread, (struct thread_affinity){previous->Group, previous->Mask});
}

static KAFFINITY do_KeSetSystemAffinityThreadEx(KAFFINITY mask)
{
    const GROUP_AFFINITY affinity = {.Mask = mask};
    GROUP_AFFINITY previous;
    set_affinity(&affinity, &previous);
    return previous.Mask;
}

static VOID do_KeRevertToUserAffinityThreadEx(KAFFINITY mask)
{
    GROUP_AFFINITY previous = {.Mask = mask};
    do_KeRevertToUserGroupAffinityThread(&previous);
}

static VOID do_KeEnterCriticalRegion(void)
{
    thread_current()->regions++;
}

static VOID do_KeLeaveCriticalRegion(void)
{
    struct thread *thread = thread_current();
    if (thread->regions == 0) {
        verifier_report(FINDING_REGION_LEFT, "KeLeaveCriticalRegion without KeEnterCriticalRegion");
    } else {
        thread->regions--;
        thread_deliver_suspension(thread);
    }
}

static LARGE_INTEGER do_KeQueryPerformanceCounter(PLARGE_INTEGER frequency)
{
    if (frequency != NULL) {
        frequency->QuadPart = 10000000;
    }
    return (LARGE_INTEGER){.QuadPart = (LONGLONG)clock_now_100ns()};
}

/* Like the shared page's count: 100 ns units, sleep included; the simulated clock has no ticks. */
static ULONG64 do_KeQueryInterruptTimePrecise(PULONG64 counter)
{
    verifier_add(&verifier_counters.clock_reads);
    *counter = clock_now_100ns();
    return *counter;
}

static VOID do_KeBugCheckEx(ULONG code, ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d)
{
    UNREFERENCED_PARAMETER(a);
    UNREFERENCED_PARAMETER(b);
    UNREFERENCED_PARAMETER(c);
    UNREFERENCED_PARAMETER(d);
    driver_bugcheck(code);
}

static const struct import rows[] = {
    IMPORT_FUNCTION(KeQueryActiveProcessorCountEx, IMPORT_KERNEL, BUILD_7, 0, 15, NULL),
    IMPORT_FUNCTION(KeQueryMaximumProcessorCountEx, IMPORT_KERNEL, BUILD_7, 0, 15, NULL),
    IMPORT_FUNCTION(KeQueryActiveProcessorCount, IMPORT_KERNEL, BUILD_6_0, 0, 15, NULL),
    IMPORT_FUNCTION(KeQueryActiveGroupCount, IMPORT_KERNEL, BUILD_7, 0, 15, NULL),
    IMPORT_FUNCTION(KeGetProcessorNumberFromIndex, IMPORT_KERNEL, BUILD_7, 0, 15, fail_parameter),
    IMPORT_FUNCTION(KeGetCurrentProcessorNumberEx, IMPORT_KERNEL, BUILD_7, 0, 15, NULL),
    IMPORT_FUNCTION(KeSetSystemGroupAffinityThread, IMPORT_KERNEL, BUILD_7, 0, 2,
                    fail_KeSetSystemGroupAffinityThread),
    IMPORT_FUNCTION(KeRevertToUserGroupAffinityThread, IMPORT_KERNEL, BUILD_7, 0, 2, NULL),
    IMPORT_FUNCTION(KeSetSystemAffinityThreadEx, IMPORT_KERNEL, BUILD_6_0, 0, 2, NULL),
    IMPORT_FUNCTION(KeRevertToUserAffinityThreadEx, IMPORT_KERNEL, BUILD_6_0, 0, 2, NULL),
    IMPORT_FUNCTION(KeEnterCriticalRegion, IMPORT_KERNEL, BUILD_2000, 0, 1, NULL),
    IMPORT_FUNCTION(KeLeaveCriticalRegion, IMPORT_KERNEL, BUILD_2000, 0, 1, NULL),
    IMPORT_FUNCTION(KeQueryPerformanceCounter, IMPORT_HAL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(KeQueryInterruptTimePrecise, IMPORT_KERNEL, BUILD_8_1, 0, 15, NULL),
    IMPORT_FUNCTION(KeBugCheckEx, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
};

IMPORT_PART(imports_ke, rows);
