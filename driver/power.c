/* SPDX-License-Identifier: Apache-2.0
 *
 * Suspension and resumption. They are reported at up to DISPATCH_LEVEL, where the mutex cannot be
 * taken; so a report is noted, and whoever takes the mutex next, the reporter itself if it may,
 * carries it into the inventory before looking at a counter.
 */
#include "driver/driver.h"

/* What happened since somebody last held the mutex. A departure after a return comes on top. */
#define POWER_LEAVING 1
#define POWER_LATE    2 /* that was reported where nobody waits for the last sample */
#define POWER_BACK    4

void power_changed(void *context, BOOLEAN leaving)
{
    struct driver *driver = context;
    const BOOLEAN late = KeGetCurrentIrql() > APC_LEVEL;

    if (leaving) {
        InterlockedOr(&driver->power_pending, late ? POWER_LEAVING | POWER_LATE : POWER_LEAVING);
    } else {
        /* Back already when the departure is noticed: too late for a sample of before. */
        InterlockedExchange(&driver->power_pending, POWER_BACK);
    }
    if (!late) {
        driver_lock(driver); /* takes the last sample, or the first one */
        driver_unlock(driver);
    }
}

void power_apply(struct driver *driver)
{
    const LONG pending = InterlockedExchange(&driver->power_pending, 0);

    if ((pending & POWER_BACK) != 0 || rapl_inventory_missed_return(&driver->inventory)) {
        rapl_inventory_resumed(&driver->inventory);
    }
    if ((pending & POWER_LEAVING) != 0) {
        rapl_inventory_suspending(&driver->inventory, (pending & POWER_LATE) != 0);
    }
}

void power_missed(struct driver *driver)
{
    InterlockedExchange(&driver->power_pending, POWER_BACK);
}
