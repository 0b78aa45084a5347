/* SPDX-License-Identifier: Apache-2.0
 *
 * faulty.sys: reading a register.
 */
#include "tests/harness/faulty/faulty.h"

#define SHARED_INTERRUPT_TIME 0xFFFFF78000000008ull
#define CLOCK_REGISTER        0x10u /* answered with the interrupt time */

__attribute__((noinline)) static ULONG64 rdmsr_here(ULONG msr)
{
    ULONG low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (ULONG64)high << 32 | low;
}

__attribute__((noinline)) static void wrmsr_here(ULONG msr)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"(0), "d"(0));
}

static ULONG64 clock(void)
{
    if (has(FAULT_CLOCK_TEARS)) {
        return *(volatile ULONG *)SHARED_INTERRUPT_TIME;
    }
    return *(volatile ULONG64 *)SHARED_INTERRUPT_TIME;
}

static BOOLEAN read_here(ULONG msr, ULONG64 *value)
{
    if (msr == CLOCK_REGISTER) {
        *value = clock();
        return TRUE;
    }
    if (has(FAULT_WRITE_MSR)) {
        wrmsr_here(msr);
    }
    if (has(FAULT_NO_HANDLER)) {
        *value = rdmsr_here(msr);
        return TRUE;
    }
    __try {
        *value = rdmsr_here(msr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return FALSE;
    }
    return TRUE;
}

static void choose(ULONG cpu, PGROUP_AFFINITY affinity)
{
    const ULONG count = KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
    PROCESSOR_NUMBER number;
    RtlZeroMemory(affinity, sizeof(*affinity));
    if (cpu >= count) {
        cpu = count - 1;
    }
    KeGetProcessorNumberFromIndex(cpu, &number);
    affinity->Group = number.Group;
    affinity->Mask = (KAFFINITY)1 << number.Number;
    if (has(FAULT_INDEX_AS_MASK)) {
        affinity->Mask = cpu;
    }
    if (has(FAULT_AFFINITY_INVALID)) {
        affinity->Mask = 0;
    }
}

BOOLEAN faulty_read(const struct faulty_request *request, ULONG64 *value)
{
    GROUP_AFFINITY affinity, previous;
    choose(request->cpu, &affinity);
    KeSetSystemGroupAffinityThread(&affinity, &previous);
    const BOOLEAN ok = read_here(request->msr, value);
    if (ok || !has(FAULT_AFFINITY_ON_FAULT)) {
        KeRevertToUserGroupAffinityThread(&previous);
    }
    return ok;
}
