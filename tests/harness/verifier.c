/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of findings and the counters.
 */
#include "tests/harness/verifier.h"
#include "tests/harness/host.h"
#include "tests/harness/thread.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDINGS_KEPT   24u
#define FINDINGS_A_KIND 4u /* texts kept of one kind: a matrix can fail in thousands of cells */

static const char *const names[FINDING_COUNT] = {
    [FINDING_IRQL] = "irql",
    [FINDING_IRQL_LEFT] = "irql-left",
    [FINDING_AFFINITY_INVALID] = "affinity-invalid",
    [FINDING_AFFINITY_LEFT] = "affinity-left",
    [FINDING_REGION_LEFT] = "region-left",
    [FINDING_MUTEX] = "mutex",
    [FINDING_MUTEX_LEFT] = "mutex-left",
    [FINDING_IRP_TWICE] = "irp-twice",
    [FINDING_IRP_NOT_OWNED] = "irp-not-owned",
    [FINDING_IRP_LOST] = "irp-lost",
    [FINDING_IRP_PENDING] = "irp-pending",
    [FINDING_IRP_STATUS] = "irp-status",
    [FINDING_IRP_TOUCHED] = "irp-touched",
    [FINDING_INFORMATION] = "information",
    [FINDING_BUFFER_OVERRUN] = "buffer-overrun",
    [FINDING_POOL_TYPE] = "pool-type",
    [FINDING_POOL_TAG] = "pool-tag",
    [FINDING_POOL_FREE] = "pool-free",
    [FINDING_POOL_OVERRUN] = "pool-overrun",
    [FINDING_POOL_TOUCHED] = "pool-touched",
    [FINDING_POOL_LEFT] = "pool-left",
    [FINDING_NO_DESCRIPTOR] = "no-descriptor",
    [FINDING_LINK_DELETE] = "link-delete",
    [FINDING_LINK_LEFT] = "link-left",
    [FINDING_DEVICE_DELETE] = "device-delete",
    [FINDING_DEVICE_LEFT] = "device-left",
    [FINDING_HANDLE] = "handle",
    [FINDING_HANDLE_LEFT] = "handle-left",
    [FINDING_REFERENCE_LEFT] = "reference-left",
    [FINDING_NO_UNLOAD] = "no-unload",
    [FINDING_UNLOAD_FAILED] = "unload-failed",
    [FINDING_EXCEPTION] = "exception",
    [FINDING_BUGCHECK] = "bugcheck",
    [FINDING_GUARD] = "guard",
    [FINDING_STACK] = "stack",
    [FINDING_WRITE_MSR] = "write-msr",
    [FINDING_ARGUMENT] = "argument",
    [FINDING_WAIT] = "wait",
    [FINDING_ACTIVE_FREED] = "active-freed",
    [FINDING_TIMER_LEFT] = "timer-left",
    [FINDING_DPC_LEFT] = "dpc-left",
    [FINDING_WORK_LEFT] = "work-left",
    [FINDING_CALLBACK_LEFT] = "callback-left",
    [FINDING_STATUS] = "status",
    [FINDING_VALUE] = "value",
    [FINDING_WRONG_CPU] = "wrong-cpu",
    [FINDING_OPENED] = "opened",
    [FINDING_CHECK] = "check",
};

struct entry {
    enum finding kind;
    char text[240];
};

static struct entry kept[FINDINGS_KEPT];
static uint32_t kept_count;
static uint32_t count_by_kind[FINDING_COUNT];
static uint32_t total;

struct verifier_counters verifier_counters;

const char *finding_name(enum finding kind)
{
    return (uint32_t)kind < FINDING_COUNT ? names[kind] : "?";
}

void verifier_report(enum finding kind, const char *format, ...)
{
    host_lock();
    if (count_by_kind[kind]++ < FINDINGS_A_KIND && kept_count < FINDINGS_KEPT) {
        struct entry *entry = &kept[kept_count++];
        entry->kind = kind;
        const char *doing = thread_current()->doing;
        int used = doing == NULL ? 0 : snprintf(entry->text, sizeof(entry->text), "%.80s: ", doing);
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(entry->text + used, sizeof(entry->text) - (size_t)used, format, arguments);
        va_end(arguments);
    }
    total++;
    host_unlock();
}

void verifier_clear(void)
{
    kept_count = 0;
    total = 0;
    for (uint32_t i = 0; i < FINDING_COUNT; i++) {
        count_by_kind[i] = 0;
    }
}

uint32_t verifier_forgive(enum finding kind)
{
    uint32_t stays = 0;
    host_lock();
    for (uint32_t i = 0; i < kept_count; i++) {
        if (kept[i].kind != kind) {
            kept[stays++] = kept[i];
        }
    }
    const uint32_t forgiven = count_by_kind[kind];
    kept_count = stays;
    total -= forgiven;
    count_by_kind[kind] = 0;
    host_unlock();
    return forgiven;
}

uint32_t verifier_total(void)
{
    return total;
}

uint32_t verifier_count(enum finding kind)
{
    return count_by_kind[kind];
}

const char *verifier_text(uint32_t index, enum finding *kind)
{
    if (index >= kept_count) {
        return NULL;
    }
    *kind = kept[index].kind;
    return kept[index].text;
}

void verifier_keep(void)
{
    static const enum finding leaks[] = {
        FINDING_POOL_LEFT,   FINDING_LINK_LEFT,      FINDING_DEVICE_LEFT,
        FINDING_HANDLE_LEFT, FINDING_REFERENCE_LEFT, FINDING_TIMER_LEFT,
        FINDING_DPC_LEFT,    FINDING_WORK_LEFT,      FINDING_CALLBACK_LEFT};
    verifier_counters.findings += total;
    for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
        verifier_counters.leaks += count_by_kind[leaks[i]];
    }
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through the builtin */
void verifier_add(uint64_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through the builtin */
void verifier_raise_to(uint64_t *maximum, uint64_t value)
{
    uint64_t seen = __atomic_load_n(maximum, __ATOMIC_RELAXED);
    bool done = seen >= value;
    while (!done) {
        done = __atomic_compare_exchange_n(maximum, &seen, value, true, __ATOMIC_RELAXED,
                                           __ATOMIC_RELAXED) ||
               seen >= value;
    }
}
