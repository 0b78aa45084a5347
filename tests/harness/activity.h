/* SPDX-License-Identifier: Apache-2.0
 *
 * What scenarios see of and do to the simulated kernel's own activity. clock_advance_us (machine.h)
 * fires the timers that are due, one after the other, and waits for their DPCs and work items.
 */
#ifndef HARNESS_ACTIVITY_H
#define HARNESS_ACTIVITY_H

#include <stdbool.h>
#include <stdint.h>

/* Timers that are set now, and when the next one is due, 100 ns units since boot. */
uint32_t timers_armed(uint64_t *due_100ns);

/* Fires every timer due until `to_100ns`, moving the clock to each. */
void timers_run(uint64_t to_100ns);

/* Waits until no DPC is queued and no work item is on its way, but for those that are held. */
void kernel_settle(void);

/* What stops on its way from a timer to its work, or back, until the driver waits for it. */
enum kernel_hold {
    KERNEL_HOLD_NOTHING,
    KERNEL_HOLD_DPC,  /* the timer's DPC stays queued */
    KERNEL_HOLD_WORK, /* the DPC runs, the work item stays queued */
    KERNEL_HOLD_END,  /* the work stays where it has released its mutex, and the next one queued */
    KERNEL_HOLD_RETURN, /* a DPC that runs beside the driver's thread has done all, and stays */
};

void kernel_hold(enum kernel_hold what);
enum kernel_hold kernel_held(void);

/* The computer leaves the working state, or is back: calls who registered for it, at that IRQL. */
void power_state_changes(bool leaving, uint32_t irql);

#endif
