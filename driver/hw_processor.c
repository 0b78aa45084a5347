/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: processors, CPUID and register reads.
 *
 * The image holds exactly one rdmsr and one cpuid, both here; an image check counts them.
 */
#include "driver/hw.h"

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

/* Moves the thread; FALSE, and nothing changed, when there is no such processor. */
static BOOLEAN pin(ULONG processor, PGROUP_AFFINITY previous)
{
    PROCESSOR_NUMBER number;
    if (!NT_SUCCESS(KeGetProcessorNumberFromIndex(processor, &number))) {
        return FALSE;
    }

    GROUP_AFFINITY affinity = {.Group = number.Group, .Mask = (KAFFINITY)1 << number.Number};
    KeSetSystemGroupAffinityThread(&affinity, previous);
    return TRUE;
}

static void unpin(PGROUP_AFFINITY previous)
{
    KeRevertToUserGroupAffinityThread(previous);
}

/* Not inlined: one site in the image, which the harness can find and answer. */
__attribute__((noinline)) static void cpuid_here(uint32_t leaf, uint32_t subleaf,
                                                 struct rapl_cpuid_regs *out)
{
    __asm__ volatile("cpuid"
                     : "=a"(out->eax), "=b"(out->ebx), "=c"(out->ecx), "=d"(out->edx)
                     : "a"(leaf), "c"(subleaf));
}

void hw_cpuid(ULONG processor, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    GROUP_AFFINITY previous;
    if (!pin(processor, &previous)) {
        *out = (struct rapl_cpuid_regs){0};
        return;
    }
    cpuid_here(leaf, subleaf, out);
    unpin(&previous);
}

/*
 * Not inlined: clang drops the handler of a __try that directly encloses the asm statement, because
 * it sees nothing in it that can throw.
 */
__attribute__((noinline)) static uint64_t rdmsr_here(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

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

void hw_read(ULONG processor, struct rapl_reading *readings, ULONG count)
{
    GROUP_AFFINITY previous;
    if (!pin(processor, &previous)) {
        for (ULONG i = 0; i < count; i++) {
            readings[i] = (struct rapl_reading){.msr = readings[i].msr};
        }
        return;
    }
    for (ULONG i = 0; i < count; i++) {
        read_guarded(&readings[i]);
    }
    unpin(&previous);
}
