/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's own activity as a whole.
 */
#include "tests/harness/kernel.h"
#include "tests/harness/verifier.h"

static enum kernel_hold held;

void kernel_hold(enum kernel_hold what)
{
    __atomic_store_n(&held, what, __ATOMIC_RELAXED);
    if (what == KERNEL_HOLD_NOTHING) {
        work_release();
    } else {
        work_hold();
    }
}

enum kernel_hold kernel_held(void)
{
    return __atomic_load_n(&held, __ATOMIC_RELAXED);
}

void kernel_settle(void)
{
    dpc_flush(false);
    work_settle();
}

void kernel_memory_freed(const void *memory, size_t size)
{
    if (dpc_is_queued_in(memory, size)) {
        verifier_report(FINDING_ACTIVE_FREED,
                        "memory of %zu bytes was freed with a DPC queued in it", size);
    }
    if (timer_is_armed_in(memory, size)) {
        verifier_report(FINDING_ACTIVE_FREED,
                        "memory of %zu bytes was freed with a timer set in it", size);
    }
}

void kernel_report_left(const char *when)
{
    timer_report_left(when);
    dpc_report_left(when);
    kernel_hold(KERNEL_HOLD_NOTHING);
    work_settle(); /* one that runs holds a reference to its device: the image is still there */
    work_report_left(when);
    callback_report_left(when);
}
