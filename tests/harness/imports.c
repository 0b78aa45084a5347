/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks imports up, makes their gates, and holds every call to its row's rules.
 */
#include "tests/harness/imports.h"
#include "tests/harness/host.h"
#include "tests/harness/image.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <stdio.h>
#include <string.h>

#define GATE_SIZE 32u

/* gates.S */
void import_gate(void);

static const struct import_part *const parts[] = {
    &imports_io,    &imports_ob,       &imports_ex,       &imports_ke,  &imports_zw,
    &imports_se,    &imports_rtl,      &imports_crt,      &imports_dpc, &imports_event,
    &imports_timer, &imports_workitem, &imports_callback, &imports_pnp};

static uint8_t *gates;
static size_t gates_size;

static struct {
    uint32_t number;
    uint32_t nth;
    uint32_t seen;
    bool armed;
    bool fired;
} failure;

const struct import *import_row(uint32_t number)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (number < parts[i]->count) {
            return &parts[i]->row[number];
        }
        number -= parts[i]->count;
    }
    return NULL;
}

/* mov eax, number; movabs r11, import_gate; jmp r11 */
static void write_gate(uint8_t *at, uint32_t number)
{
    const uint64_t target = (uint64_t)(uintptr_t)import_gate;
    at[0] = 0xB8;
    memcpy(at + 1, &number, sizeof(number));
    at[5] = 0x49;
    at[6] = 0xBB;
    memcpy(at + 7, &target, sizeof(target));
    at[15] = 0x41;
    at[16] = 0xFF;
    at[17] = 0xE3;
}

static void make_gates(void)
{
    uint32_t count = 0;
    while (import_row(count) != NULL) {
        count++;
    }
    gates_size = (size_t)count * GATE_SIZE;
    gates = host_reserve(gates_size);
    if (gates == NULL) {
        host_fatal("no address space for the import gates");
    }
    host_commit(gates, gates_size);
    for (uint32_t i = 0; i < count; i++) {
        write_gate(gates + (size_t)i * GATE_SIZE, i);
    }
    host_protect(gates, gates_size, HOST_READ_EXECUTE);
}

static bool same_dll(const char *a, const char *b)
{
    for (; *a != 0 && *b != 0; a++, b++) {
        const char upper_a = (char)(*a >= 'a' && *a <= 'z' ? *a - 32 : *a);
        const char upper_b = (char)(*b >= 'a' && *b <= 'z' ? *b - 32 : *b);
        if (upper_a != upper_b) {
            return false;
        }
    }
    return *a == *b;
}

const void *import_resolve(const char *dll, const char *name, char *why, size_t why_size)
{
    if (gates == NULL) {
        make_gates();
    }
    const struct import *row;
    for (uint32_t i = 0; (row = import_row(i)) != NULL; i++) {
        if (strcmp(row->name, name) != 0) {
            continue;
        }
        if (!same_dll(row->dll, dll)) {
            snprintf(why, why_size, "imports %s from %s; Windows %u has it in %s", name, dll,
                     IMPORT_OLDEST_BUILD, row->dll);
            return NULL;
        }
        if (row->first_build > IMPORT_OLDEST_BUILD) {
            snprintf(why, why_size, "imports %s, which Windows has only since build %u", name,
                     row->first_build);
            return NULL;
        }
        return row->data ? row->function : gates + (size_t)i * GATE_SIZE;
    }
    snprintf(why, why_size, "imports %s from %s, which is not in the harness's table", name, dll);
    return NULL;
}

bool import_is_gate(uint64_t address)
{
    const uint64_t first = (uint64_t)(uintptr_t)gates;
    return address >= first && address - first < gates_size && (address - first) % GATE_SIZE == 0;
}

static bool fails_now(uint32_t number)
{
    bool now = false;
    host_lock();
    if (failure.armed && !failure.fired && failure.number == number) {
        now = ++failure.seen == failure.nth;
        failure.fired = now;
    }
    host_unlock();
    return now;
}

const void *import_enter(uint32_t number, const uint64_t *return_address)
{
    const struct import *row = import_row(number);
    struct thread *thread = thread_current();
    const struct image *image = image_current();
    uint32_t rva = 0;

    verifier_add(&verifier_counters.import_calls);
    /* Not when the system calls the driver's exception handler: its frames are not the driver's. */
    const bool from_driver =
        image != NULL && image_contains(image, *return_address, &rva) && thread->in_driver;
    if (from_driver) {
        verifier_raise_to(&verifier_counters.stack_own,
                          thread->stack_top - (uintptr_t)return_address);
    }
    if (thread->irql < row->irql_min || thread->irql > row->irql_max) {
        verifier_report(FINDING_IRQL, "%s called at IRQL %u from +0x%X; documented: %u to %u",
                        row->name, thread->irql, rva, row->irql_min, row->irql_max);
    }
    thread_schedule(thread);
    if (row->failing != NULL && fails_now(number)) {
        verifier_add(&verifier_counters.imports_failed);
        return row->failing;
    }
    return row->function;
}

void import_fail_arm(uint32_t number, uint32_t nth)
{
    failure.number = number;
    failure.nth = nth;
    failure.seen = 0;
    failure.fired = false;
    failure.armed = true;
}

void import_fail_disarm(void)
{
    failure.armed = false;
    failure.fired = false;
}

bool import_fail_fired(void)
{
    return failure.fired;
}
