/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: timers, on the simulated clock. A tolerance is used up to a pseudo-random part.
 */
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/machine.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#define TIMERS_MAX   16u
#define UNITS_A_MS   10000ull
#define TIMER_OBJECT 8u /* KOBJECTS.TimerNotificationObject; synchronisation is one more */

_Static_assert(sizeof(KTIMER) == 0x40, "KTIMER");
_Static_assert(offsetof(KTIMER, Dpc) == 0x30, "KTIMER.Dpc");

struct armed {
    KTIMER *timer;
    KDPC *dpc;
    uint64_t due_100ns;  /* earliest */
    uint64_t fire_100ns; /* when it does */
};

static struct armed armed[TIMERS_MAX];
static uint32_t armed_count;

static bool is_timer(const KTIMER *timer, const char *who)
{
    const bool valid = timer->Header.Type == TIMER_OBJECT || timer->Header.Type == TIMER_OBJECT + 1;
    if (!valid) {
        verifier_report(FINDING_ARGUMENT, "%s: a timer that was not initialised", who);
    }
    return valid;
}

/* host_lock held. */
static bool disarm(const KTIMER *timer)
{
    for (uint32_t i = 0; i < armed_count; i++) {
        if (armed[i].timer == timer) {
            armed[i] = armed[--armed_count];
            return true;
        }
    }
    return false;
}

uint32_t timers_armed(uint64_t *due_100ns)
{
    host_lock();
    const uint32_t count = armed_count;
    *due_100ns = UINT64_MAX;
    for (uint32_t i = 0; i < count; i++) {
        *due_100ns = armed[i].due_100ns < *due_100ns ? armed[i].due_100ns : *due_100ns;
    }
    host_unlock();
    return count;
}

bool timer_is_armed_in(const void *memory, size_t size)
{
    const uint8_t *from = memory;
    bool found = false;
    host_lock();
    for (uint32_t i = 0; i < armed_count; i++) {
        const uint8_t *at = (const uint8_t *)armed[i].timer;
        found = found || (at >= from && at < from + size);
    }
    host_unlock();
    return found;
}

void timer_report_left(const char *when)
{
    host_lock();
    if (armed_count != 0) {
        verifier_report(FINDING_TIMER_LEFT, "%s: %u timers are set", when, armed_count);
    }
    armed_count = 0;
    host_unlock();
}

/* The first one to fire until then, taken out. */
static bool take_due(uint64_t to_100ns, struct armed *out)
{
    bool found = false;
    host_lock();
    for (uint32_t i = 0; i < armed_count; i++) {
        if (armed[i].fire_100ns <= to_100ns && (!found || armed[i].fire_100ns < out->fire_100ns)) {
            *out = armed[i];
            found = true;
        }
    }
    if (found) {
        disarm(out->timer);
        out->timer->Header.SignalState = 1;
    }
    host_unlock();
    return found;
}

void timers_run(uint64_t to_100ns)
{
    struct armed due;
    while (take_due(to_100ns, &due)) {
        clock_raise_to(due.fire_100ns);
        verifier_add(&verifier_counters.timers);
        if (due.dpc != NULL) {
            dpc_insert(due.dpc, NULL, NULL, kernel_held() == KERNEL_HOLD_DPC);
        }
        kernel_settle();
    }
}

/* ---- Imports -------------------------------------------------------------------------------- */

static VOID do_KeInitializeTimerEx(PKTIMER timer, TIMER_TYPE type)
{
    if (timer_is_armed_in(timer, sizeof(*timer))) {
        verifier_report(FINDING_ARGUMENT, "KeInitializeTimerEx: the timer is set");
    }
    *timer = (KTIMER){.Header.Type = (UCHAR)(TIMER_OBJECT + (ULONG)type),
                      .Header.Size = sizeof(*timer) / sizeof(LONG)};
    InitializeListHead(&timer->Header.WaitListHead);
}

static BOOLEAN do_KeSetCoalescableTimer(PKTIMER timer, LARGE_INTEGER due, ULONG period_ms,
                                        ULONG tolerance_ms, PKDPC dpc)
{
    if (!is_timer(timer, "KeSetCoalescableTimer")) {
        return FALSE;
    }
    if (due.QuadPart >= 0 || period_ms != 0) {
        verifier_report(FINDING_ARGUMENT,
                        "KeSetCoalescableTimer: only relative, single timers are modelled");
        return FALSE;
    }
    const uint64_t due_100ns = clock_now_100ns() + (uint64_t)-due.QuadPart;
    const uint64_t late_ms = thread_random(thread_current()) % ((uint64_t)tolerance_ms + 1);
    host_lock();
    const bool was_armed = disarm(timer);
    if (armed_count == TIMERS_MAX) {
        host_fatal("more than %u timers", TIMERS_MAX);
    }
    timer->Header.SignalState = 0;
    timer->Dpc = dpc;
    armed[armed_count++] = (struct armed){.timer = timer,
                                          .dpc = dpc,
                                          .due_100ns = due_100ns,
                                          .fire_100ns = due_100ns + late_ms * UNITS_A_MS};
    host_unlock();
    return was_armed;
}

static BOOLEAN do_KeCancelTimer(PKTIMER timer)
{
    if (!is_timer(timer, "KeCancelTimer")) {
        return FALSE;
    }
    host_lock();
    const bool was_armed = disarm(timer);
    host_unlock();
    return was_armed;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(KeInitializeTimerEx, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(KeSetCoalescableTimer, IMPORT_KERNEL, BUILD_7, 0, 2, NULL),
    IMPORT_FUNCTION(KeCancelTimer, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
};

IMPORT_PART(imports_timer, rows);
