/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: processors, CPUID and register reads.
 *
 * The image holds exactly one rdmsr and one cpuid, both here; an image check counts them.
 */
#include "driver/hw.h"
#include "core/compiler.h"
#include "driver/hw_read.h"

#ifdef COMPILER_MICROSOFT
#include <intrin.h>
#endif

const char hw_label[] = "";

NTSTATUS hw_enter(PUNICODE_STRING registry_path)
{
    UNREFERENCED_PARAMETER(registry_path);
    return STATUS_SUCCESS;
}

void hw_exit(void)
{
}

ULONG hw_processors_active(void)
{
    return KeQueryActiveProcessorCountEx(ALL_PROCESSOR_GROUPS);
}

/*
 * Moves the thread; FALSE, and nothing changed, when that processor cannot be used. The routine
 * that moves reports nothing, and does nothing when the processor is not active: so look where we
 * are.
 */
static BOOLEAN pin(ULONG processor, PGROUP_AFFINITY previous)
{
    PROCESSOR_NUMBER wanted;
    if (!NT_SUCCESS(KeGetProcessorNumberFromIndex(processor, &wanted))) {
        return FALSE;
    }
    GROUP_AFFINITY affinity = {.Group = wanted.Group, .Mask = (KAFFINITY)1 << wanted.Number};
    KeSetSystemGroupAffinityThread(&affinity, previous);

    PROCESSOR_NUMBER here;
    KeGetCurrentProcessorNumberEx(&here);
    if (here.Group == wanted.Group && here.Number == wanted.Number) {
        return TRUE;
    }
    /* A previous mask of 0 after a refused move means "nothing was changed": reverting to it
     * would drop the affinity of a caller that is itself a driver. */
    if (previous->Mask != 0) {
        KeRevertToUserGroupAffinityThread(previous);
    }
    return FALSE;
}

static void unpin(PGROUP_AFFINITY previous)
{
    KeRevertToUserGroupAffinityThread(previous);
}

BOOLEAN hw_run_on(ULONG processor, void (*run)(void *context), void *context)
{
    GROUP_AFFINITY previous;
    if (!pin(processor, &previous)) {
        return FALSE;
    }
    run(context);
    unpin(&previous);
    return TRUE;
}

#ifdef COMPILER_MICROSOFT

void hw_cpuid(uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    int registers[4]; /* EAX, EBX, ECX, EDX */

    __cpuidex(registers, (int)leaf, (int)subleaf);
    out->eax = (uint32_t)registers[0];
    out->ebx = (uint32_t)registers[1];
    out->ecx = (uint32_t)registers[2];
    out->edx = (uint32_t)registers[3];
}

static uint64_t rdmsr_here(uint32_t msr)
{
    return __readmsr(msr);
}

#else

/* Not inlined: one site in the image, which the harness can find and answer. */
COMPILER_NOINLINE void hw_cpuid(uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    __asm__ volatile("cpuid"
                     : "=a"(out->eax), "=b"(out->ebx), "=c"(out->ecx), "=d"(out->edx)
                     : "a"(leaf), "c"(subleaf));
}

/*
 * Not inlined: clang drops the handler of a __try that directly encloses the asm statement, because
 * it sees nothing in it that can throw.
 */
COMPILER_NOINLINE static uint64_t rdmsr_here(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

#endif

static void read_guarded(struct rapl_reading *reading)
{
    reading->ok = false;
    reading->value = 0;
    __try {
        reading->value = rdmsr_here(reading->msr);
        reading->ok = true;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        /* the register does not exist here, or a hypervisor refuses it: ok stays false */
    }
}

void hw_read_here(struct rapl_reading *readings, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        read_guarded(&readings[i]);
        readings[i].time_100ns = hw_now(&readings[i].ticks);
    }
}

void hw_read_nothing(struct rapl_reading *readings, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        readings[i] = (struct rapl_reading){.msr = readings[i].msr};
        readings[i].time_100ns = hw_now(&readings[i].ticks);
    }
}

BOOLEAN hw_processor_number(ULONG processor, USHORT *group, UCHAR *number)
{
    PROCESSOR_NUMBER found;
    if (!NT_SUCCESS(KeGetProcessorNumberFromIndex(processor, &found))) {
        return FALSE;
    }
    *group = found.Group;
    *number = found.Number;
    return TRUE;
}

void hw_read(ULONG processor, struct rapl_reading *readings, ULONG count)
{
    GROUP_AFFINITY previous;
    if (!pin(processor, &previous)) {
        hw_read_nothing(readings, count);
        return;
    }
    hw_read_here(readings, count);
    unpin(&previous);
}
