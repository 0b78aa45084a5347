/* SPDX-License-Identifier: Apache-2.0
 *
 * Suspension and resumption. They are reported at up to DISPATCH_LEVEL, where the mutex cannot be
 * taken; so a report is noted, and whoever takes the mutex next, the reporter itself if it may,
 * carries it into the inventory before looking at a counter.
 */
#include "driver/driver.h"

#define POWER_LEAVING 1
#define POWER_BACK    2

void power_changed(void *context, BOOLEAN leaving)
{
    struct driver *driver = context;

    InterlockedOr(&driver->power_pending, leaving ? POWER_LEAVING : POWER_BACK);
    if (KeGetCurrentIrql() <= APC_LEVEL) {
        driver_lock(driver); /* takes the last sample, or the first one */
        driver_unlock(driver);
    }
}

void power_apply(struct driver *driver)
{
    const LONG pending = InterlockedExchange(&driver->power_pending, 0);

    /* Back already when the departure is noticed: too late for a last sample of before. */
    if (pending == POWER_LEAVING) {
        rapl_inventory_suspending(&driver->inventory);
    } else if (pending != 0) {
        rapl_inventory_resumed(&driver->inventory);
    }
}
