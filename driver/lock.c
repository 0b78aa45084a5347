/* SPDX-License-Identifier: Apache-2.0
 *
 * The one lock. A fast mutex: its holder runs at APC_LEVEL, so a thread that is being suspended
 * never holds it.
 */
#include "driver/driver.h"

void driver_lock(struct driver *driver)
{
    ExAcquireFastMutex(&driver->mutex);
    power_apply(driver);
}

void driver_unlock(struct driver *driver)
{
    ExReleaseFastMutex(&driver->mutex);
}
