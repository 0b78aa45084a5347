/* SPDX-License-Identifier: Apache-2.0
 *
 * The timer that keeps counters from wrapping unseen. Its DPC only queues a work item, which reads
 * the counters as a snapshot does and sets the timer again; so two readings never overlap, and none
 * piles up behind a busy machine.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/energy.h>

#define UNITS_100NS_PER_MINUTE 600000000ull

static KDEFERRED_ROUTINE timer_dpc;
static IO_WORKITEM_ROUTINE timer_work;

static uint64_t now_100ns(void)
{
    uint64_t ticks;
    return hw_now(&ticks);
}

/*
 * Mutex held. The tolerance lets the wake-up join another one. At the shortest period there is
 * none: it may be more than a third of the wrap time already, as for a platform counter.
 */
static void arm(struct driver *driver)
{
    const ULONG period_ms = rapl_inventory_period_ms(&driver->inventory);
    const ULONG tolerance_ms = period_ms > RAPL_PERIOD_MIN_MS ? period_ms / 8 : 0;

    driver->accumulator.armed = TRUE;
    hw_set_timer(&driver->accumulator.timer, period_ms, tolerance_ms, &driver->accumulator.dpc);
}

/* Mutex held. Nobody has looked for so long that following the counters is no longer worth it. */
static BOOLEAN is_idle(const struct driver *driver)
{
    const struct accumulator *accumulator = &driver->accumulator;

    return !driver->settings.accumulate && accumulator->open_count == 0 &&
           now_100ns() - accumulator->closed_100ns >=
               driver->settings.linger_minutes * UNITS_100NS_PER_MINUTE;
}

/* The last touch of the driver's memory by a work item: whoever stops may free it from here on. */
static void leave(struct accumulator *accumulator)
{
    if (InterlockedDecrement(&accumulator->works) == 0) {
        KeSetEvent(&accumulator->quiet, IO_NO_INCREMENT, FALSE);
    }
}

/* The work item before may still be on its way out, however rarely: they are counted. */
static void timer_dpc(PKDPC dpc, PVOID context, PVOID argument_1, PVOID argument_2)
{
    struct driver *driver = context;
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(argument_1);
    UNREFERENCED_PARAMETER(argument_2);

    InterlockedIncrement(&driver->accumulator.works);
    IoQueueWorkItem(driver->accumulator.work, timer_work, DelayedWorkQueue, driver);
}

static void timer_work(PDEVICE_OBJECT device, PVOID context)
{
    struct driver *driver = context;
    struct accumulator *accumulator = &driver->accumulator;
    UNREFERENCED_PARAMETER(device);

    driver_lock(driver);
    accumulator->armed = FALSE;
    if (!accumulator->stopping && !is_idle(driver)) {
        rapl_inventory_read(&driver->inventory,
                            rapl_inventory_tick(&driver->inventory, now_100ns()), false);
        arm(driver);
    }
    driver_unlock(driver);
    leave(accumulator);
}

NTSTATUS accumulate_start(struct driver *driver)
{
    struct accumulator *accumulator = &driver->accumulator;

    accumulator->work = IoAllocateWorkItem(driver->energy_device);
    if (accumulator->work == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    KeInitializeTimerEx(&accumulator->timer, NotificationTimer);
    KeInitializeDpc(&accumulator->dpc, timer_dpc, driver);
    KeInitializeEvent(&accumulator->quiet, NotificationEvent, FALSE);
    accumulator->works = 1;
    accumulator->open_count = 0; /* handles of a device that is gone do not count */
    accumulator->armed = FALSE;
    accumulator->stopping = FALSE;
    if (driver->settings.accumulate) {
        driver_lock(driver);
        arm(driver);
        driver_unlock(driver);
    }
    return STATUS_SUCCESS;
}

void accumulate_stop(struct driver *driver)
{
    struct accumulator *accumulator = &driver->accumulator;

    driver_lock(driver);
    accumulator->stopping = TRUE; /* nobody sets the timer again */
    driver_unlock(driver);
    KeCancelTimer(&accumulator->timer);
    /* Too late to cancel: then its DPC queues the work before this returns. */
    KeFlushQueuedDpcs();
    leave(accumulator);
    KeWaitForSingleObject(&accumulator->quiet, Executive, KernelMode, FALSE, NULL);
    IoFreeWorkItem(accumulator->work);
}

void accumulate_opened(struct driver *driver)
{
    struct accumulator *accumulator = &driver->accumulator;

    driver_lock(driver);
    accumulator->open_count++;
    if (!accumulator->armed) {
        arm(driver);
    }
    driver_unlock(driver);
}

void accumulate_closed(struct driver *driver)
{
    struct accumulator *accumulator = &driver->accumulator;

    driver_lock(driver);
    accumulator->open_count--;
    accumulator->closed_100ns = now_100ns();
    driver_unlock(driver);
}
