/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver's files share: the state made at load, and each file's entry points.
 */
#ifndef RAPL_DRIVER_DRIVER_H
#define RAPL_DRIVER_DRIVER_H

#include <ntddk.h>

#include "core/compiler.h"
#include "core/energy.h"
#include "core/inventory.h"
#include "core/legacy.h"
#include "core/machine.h"

#define DRIVER_POOL_TAG 'lpaR'

/* Code that runs once, in DriverEntry: its section is discarded afterwards. */
#define DRIVER_INIT COMPILER_CODE_SECTION("INIT")

struct driver_settings {
    ULONG access_policy; /* RAPL_ACCESS_* */
    ULONG coarse_ms;
    ULONG linger_minutes;
    BOOLEAN accumulate; /* follow counters all the time */
    BOOLEAN pnp;        /* RAPL_MODE_DEVICE */
};

/* accumulate.c: the timer that keeps counters from wrapping unseen. `driver.mutex` guards it. */
struct accumulator {
    KTIMER timer;
    KDPC dpc;
    PIO_WORKITEM work;
    volatile LONG works;   /* queued or running, and one for the driver until it stops */
    KEVENT quiet;          /* none is, and none will be */
    ULONG open_count;      /* handles of the energy device */
    uint64_t closed_100ns; /* when the last one was closed */
    BOOLEAN armed;         /* the timer is set, or its DPC or work is on the way */
    BOOLEAN stopping;
};

/* Made in DriverEntry, freed in Unload; one per loaded driver. NonPagedPoolNx. */
struct driver {
    struct driver_settings settings;
    UNICODE_STRING registry_path; /* of the service; its characters follow the struct */
    struct rapl_machine machine;
    struct rapl_inventory inventory;
    void *inventory_memory;
    struct rapl_energy_device energy;
    struct accumulator accumulator;
    FAST_MUTEX mutex;            /* guards inventory and accumulator */
    volatile LONG power_pending; /* power.c: what happened and is not in the inventory yet */
    PDEVICE_OBJECT legacy_device;
    PDEVICE_OBJECT energy_device;
    BOOLEAN started;            /* by driver_start: both control devices exist */
    BOOLEAN was_started;        /* at some time since load */
    volatile LONG has_function; /* pnp.c: 1 while it drives a device */
};

/* main.c. The one of this image, from DriverEntry until Unload. */
extern struct driver *driver_loaded;

/* Extension of every device of this driver; each dispatch routine looks at `kind` first. */
enum device_kind {
    DEVICE_KIND_LEGACY = 1,
    DEVICE_KIND_ENERGY = 2,
    DEVICE_KIND_FUNCTION = 3, /* pnp.c */
};

struct device_extension {
    enum device_kind kind;
    struct driver *driver; /* outlives the device */
    PDEVICE_OBJECT lower;  /* of a function device: what it is attached to */
    volatile LONG users;   /* requests inside, and one for the device until it is closed */
    volatile LONG closed;
    KEVENT left; /* closed, and everybody has left */
};

/* settings.c. PASSIVE_LEVEL. Never fails: what is absent or unusable is the safe default. */
void settings_read(struct driver *driver);

/*
 * machine.c. PASSIVE_LEVEL. Looks at every processor once, decides whether there is RAPL here
 * (STATUS_NOT_SUPPORTED if not), and reads each counter for the first time. On success
 * machine_release gives back what was allocated.
 */
NTSTATUS machine_create(struct driver *driver);
/* Has the requests answered by the settings as they are now. No request is inside a device. */
void machine_apply_settings(struct driver *driver);
void machine_release(struct driver *driver);

/* lock.c. The mutex of the inventory, with what power.c has to say applied. At most APC_LEVEL. */
void driver_lock(struct driver *driver);
void driver_unlock(struct driver *driver);

/*
 * main.c. PASSIVE_LEVEL, one at a time. Everything clients see: from DriverEntry to Unload in a
 * plain service, from the start of the device to its removal otherwise. A start that fails leaves
 * nothing. disconnect waits for requests under way, and no other gets in; stop does that and undoes
 * the start. Neither does anything if not started.
 */
NTSTATUS driver_start(PDRIVER_OBJECT driver_object, struct driver *driver);
void driver_disconnect(struct driver *driver);
void driver_stop(struct driver *driver);

/*
 * device.c. PASSIVE_LEVEL. Both control devices and their links exist together or not at all.
 * STATUS_OBJECT_NAME_COLLISION: another driver owns a device name. Nobody can open them before
 * device_publish_all. device_close_all: no request is inside any more, and none gets in. A deleted
 * device lives on while handles to it are open.
 */
NTSTATUS device_create_all(PDRIVER_OBJECT driver_object, struct driver *driver);
void device_publish_all(struct driver *driver);
void device_close_all(struct driver *driver);
void device_delete_all(struct driver *driver);

/*
 * device.c. Who uses a device is inside it: every request between enter (FALSE: it is closed, and
 * what it belongs to is going or gone) and leave, at most at DISPATCH_LEVEL. close: PASSIVE_LEVEL;
 * waits until everybody has left.
 */
void device_prepare(struct device_extension *extension, enum device_kind kind,
                    struct driver *driver);
BOOLEAN device_enter(struct device_extension *extension);
void device_leave(struct device_extension *extension);
void device_close(struct device_extension *extension);

/*
 * accumulate.c. Reads all counters often enough that none wraps unseen, while a handle of the
 * energy device is open and for LingerMinutes after, or always with Accumulate=1. start:
 * PASSIVE_LEVEL, after the devices exist. stop: PASSIVE_LEVEL, before they are deleted; waits
 * for work under way. opened, closed: at most APC_LEVEL.
 */
NTSTATUS accumulate_start(struct driver *driver);
void accumulate_stop(struct driver *driver);
void accumulate_opened(struct driver *driver);
void accumulate_closed(struct driver *driver);

/* power.c. Suspension and resumption as the platform reports them: any IRQL to DISPATCH_LEVEL. */
void power_changed(void *context, BOOLEAN leaving);
/* Takes over what has been reported. Mutex held, at most APC_LEVEL. */
void power_apply(struct driver *driver);
/* Nothing was reported for a while: the machine may have slept. Any IRQL. */
void power_missed(struct driver *driver);

/*
 * pnp.c. Its AddDevice, and what is sent to the function device: Plug and Play at PASSIVE_LEVEL;
 * power and WMI, at most at DISPATCH_LEVEL, just passed down.
 */
DRIVER_ADD_DEVICE pnp_add_device;
NTSTATUS pnp_control(PDEVICE_OBJECT device, PIRP irp);
NTSTATUS pnp_pass(PDEVICE_OBJECT device, PIRP irp);

/* irp.c. The dispatch routines; only they, pnp.c and hw_security.c see an IRP. */
void irp_register(PDRIVER_OBJECT driver_object);

/*
 * legacy_device.c and energy_device.c. IRQL: at most APC_LEVEL. `*written` is set when there is
 * output, on STATUS_SUCCESS and STATUS_BUFFER_OVERFLOW: never more than out_size.
 */
NTSTATUS legacy_device_control(struct driver *driver, const struct rapl_call *call, ULONG *written);
NTSTATUS energy_device_control(struct driver *driver, const struct rapl_call *call, ULONG *written);

#endif
