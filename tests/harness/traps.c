/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers the instructions of the driver that fault in user mode: rdmsr, cpuid (rewritten to ud2 by
 * the mapper), mov from and to cr8, and reads of the page the kernel shares at 0xFFFFF780_00000000.
 */
#include "tests/harness/call.h"
#include "tests/harness/decode.h"
#include "tests/harness/host.h"
#include "tests/harness/image.h"
#include "tests/harness/machine.h"
#include "tests/harness/pool.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <windows.h>
#include <stdio.h>
#include <string.h>

#define SHARED_PAGE            0xFFFFF78000000000u
#define INSTRUCTION_LENGTH_MAX 15u

#ifndef STATUS_PRIVILEGED_INSTRUCTION
#define STATUS_PRIVILEGED_INSTRUCTION ((DWORD)0xC0000096)
#endif

/* General registers by their x64 number; CONTEXT keeps them in this order from Rax on. */
static DWORD64 *general_register(CONTEXT *context, uint32_t number)
{
    return &context->Rax + number;
}

_Static_assert(offsetof(CONTEXT, R15) - offsetof(CONTEXT, Rax) == 15 * sizeof(DWORD64),
               "CONTEXT keeps the general registers in the order of their numbers");

static void write_register(CONTEXT *context, uint32_t number, uint64_t value, uint32_t size)
{
    DWORD64 *target = general_register(context, number);
    const uint64_t mask = size >= 8 ? UINT64_MAX : (1ull << size * 8) - 1;
    if (size >= 4) {
        *target = value & mask;
    } else {
        *target = (*target & ~mask) | (value & mask);
    }
}

static bool answer_rdmsr(EXCEPTION_POINTERS *pointers, struct thread *thread)
{
    CONTEXT *context = pointers->ContextRecord;
    uint64_t value = 0;
    verifier_add(&verifier_counters.rdmsr);
    if (!machine_rdmsr(thread->processor, (uint32_t)context->Rcx, &value)) {
        verifier_add(&verifier_counters.rdmsr_faulted);
        /* Wine says access violation; the kernel says this. */
        pointers->ExceptionRecord->ExceptionCode = STATUS_PRIVILEGED_INSTRUCTION;
        return false;
    }
    context->Rax = (uint32_t)value;
    context->Rdx = (uint32_t)(value >> 32);
    return true;
}

static void answer_cpuid(CONTEXT *context, const struct thread *thread)
{
    struct rapl_cpuid_regs regs;
    verifier_add(&verifier_counters.cpuid);
    machine_cpuid(thread->processor, (uint32_t)context->Rax, (uint32_t)context->Rcx, &regs);
    context->Rax = regs.eax;
    context->Rbx = regs.ebx;
    context->Rcx = regs.ecx;
    context->Rdx = regs.edx;
}

static void answer_to_cr8(CONTEXT *context, struct thread *thread, uint32_t reg)
{
    const uint64_t irql = *general_register(context, reg);
    if (irql > THREAD_HIGH_LEVEL) {
        verifier_report(FINDING_EXCEPTION, "cr8 set to 0x%llX", irql);
    } else {
        thread_set_irql(thread, (uint32_t)irql);
    }
}

static uint64_t extended(uint64_t value, const struct instruction *instruction)
{
    const uint32_t unused = 64 - instruction->size * 8u;
    return instruction->sign_extended ? (uint64_t)((int64_t)(value << unused) >> unused)
                                      : value << unused >> unused;
}

static bool answer_shared_page(EXCEPTION_POINTERS *pointers, const struct instruction *instruction)
{
    CONTEXT *context = pointers->ContextRecord;
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;
    const uint64_t offset = record->ExceptionInformation[1] - SHARED_PAGE;
    uint64_t value;
    if (record->ExceptionInformation[0] != 0 || !clock_shared_page((uint32_t)offset, &value)) {
        return false;
    }
    verifier_add(&verifier_counters.clock_reads);
    if (instruction->kind == INSTRUCTION_LOAD) {
        write_register(context, instruction->reg, extended(value, instruction),
                       instruction->result);
        return true;
    }
    const uint64_t other = *general_register(context, instruction->reg);
    const bool memory_first = instruction->kind == INSTRUCTION_COMPARED;
    context->EFlags = instruction_compare_flags(context->EFlags, memory_first ? value : other,
                                                memory_first ? other : value, instruction->size);
    return true;
}

static bool is_shared_page(const EXCEPTION_RECORD *record)
{
    return record->ExceptionCode == EXCEPTION_ACCESS_VIOLATION && record->NumberParameters >= 2 &&
           record->ExceptionInformation[1] - SHARED_PAGE < HOST_PAGE_SIZE;
}

/* True: answered, the driver goes on after the instruction. */
static bool answer(EXCEPTION_POINTERS *pointers, const struct image *image, uint32_t rva,
                   const struct instruction *instruction, bool *expected)
{
    CONTEXT *context = pointers->ContextRecord;
    struct thread *thread = thread_current();
    thread_schedule(thread);
    *expected = true;
    switch (instruction->kind) {
    case INSTRUCTION_RDMSR:
        return answer_rdmsr(pointers, thread);
    case INSTRUCTION_WRMSR:
        verifier_report(FINDING_WRITE_MSR, "wrmsr 0x%llX at +0x%X", context->Rcx & UINT32_MAX, rva);
        return true;
    case INSTRUCTION_UD2:
        if (rva != image->cpuid_rva) {
            break;
        }
        answer_cpuid(context, thread);
        return true;
    case INSTRUCTION_FROM_CR8:
        verifier_add(&verifier_counters.cr8);
        *general_register(context, instruction->reg) = thread->irql;
        return true;
    case INSTRUCTION_TO_CR8:
        verifier_add(&verifier_counters.cr8);
        answer_to_cr8(context, thread, instruction->reg);
        return true;
    default:
        if (is_shared_page(pointers->ExceptionRecord) &&
            answer_shared_page(pointers, instruction)) {
            return true;
        }
        break;
    }
    *expected = false;
    return false;
}

static const char *access_name(const EXCEPTION_RECORD *record)
{
    switch (record->ExceptionInformation[0]) {
    case EXCEPTION_READ_FAULT:
        return "read";
    case EXCEPTION_WRITE_FAULT:
        return "write";
    default:
        return "execution";
    }
}

void driver_report_fault(const void *exception_record, const char *where)
{
    const EXCEPTION_RECORD *record = exception_record;
    char what[96];
    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION || record->NumberParameters < 2) {
        verifier_report(FINDING_EXCEPTION, "exception 0x%08lX at %s", record->ExceptionCode, where);
        return;
    }
    const enum finding kind = pool_describe(record->ExceptionInformation[1], what, sizeof(what));
    verifier_report(kind, "exception 0x%08lX at %s, %s of %s", record->ExceptionCode, where,
                    access_name(record), what);
}

static LONG CALLBACK on_exception(EXCEPTION_POINTERS *pointers)
{
    CONTEXT *context = pointers->ContextRecord;
    struct thread *thread = thread_current();
    const struct image *image = image_current();
    struct instruction instruction;
    bool expected = false;
    uint32_t rva;
    if (!thread->in_driver || image == NULL || !image_contains(image, context->Rip, &rva)) {
        return EXCEPTION_CONTINUE_SEARCH;
    }

    verifier_raise_to(&verifier_counters.stack_own, thread->stack_top - context->Rsp);
    const uint8_t *code = (const uint8_t *)(uintptr_t)context->Rip;
    const size_t until_end = image_code_left(image, rva);
    if (instruction_decode(code, min(until_end, INSTRUCTION_LENGTH_MAX), &instruction) &&
        answer(pointers, image, rva, &instruction, &expected)) {
        context->Rip += instruction.length;
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (!expected) {
        char where[16];
        snprintf(where, sizeof(where), "+0x%X", rva);
        driver_report_fault(pointers->ExceptionRecord, where);
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

void traps_install(void)
{
    if (AddVectoredExceptionHandler(1, on_exception) == NULL) {
        host_fatal("AddVectoredExceptionHandler failed, Windows error %lu", GetLastError());
    }
}
