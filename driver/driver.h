/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver's files share: the state made at load, and each file's entry points.
 */
#ifndef RAPL_DRIVER_DRIVER_H
#define RAPL_DRIVER_DRIVER_H

#include <ntddk.h>

#include "core/legacy.h"
#include "core/machine.h"

#define DRIVER_POOL_TAG 'lpaR'

/* Code that runs once, in DriverEntry: its section is discarded afterwards. */
#define DRIVER_INIT __attribute__((section("INIT")))

struct driver_settings {
    ULONG access_policy; /* RAPL_ACCESS_* */
    ULONG coarse_ms;
};

/* Made in DriverEntry, freed in Unload; one per loaded driver. NonPagedPoolNx. */
struct driver {
    struct driver_settings settings;
    struct rapl_machine machine;
    struct rapl_coarse coarse;
    FAST_MUTEX coarse_mutex;
    PDEVICE_OBJECT legacy_device;
};

/* Extension of every device of this driver; each dispatch routine looks at `kind` first. */
enum device_kind {
    DEVICE_KIND_LEGACY = 1,
};

struct device_extension {
    enum device_kind kind;
    struct driver *driver; /* outlives the device */
};

/* settings.c. PASSIVE_LEVEL. Never fails: what is absent or unusable is the safe default. */
void settings_read(PUNICODE_STRING registry_path, struct driver_settings *settings);

/*
 * machine.c. PASSIVE_LEVEL. Looks at every processor once and decides whether there is RAPL here:
 * STATUS_NOT_SUPPORTED if not. On success machine_release frees what was allocated.
 */
NTSTATUS machine_create(struct driver *driver);
void machine_release(struct driver *driver);

/*
 * device.c. PASSIVE_LEVEL. The legacy device and its link exist together or not at all.
 * STATUS_OBJECT_NAME_COLLISION: another driver owns the device name.
 */
NTSTATUS device_create_legacy(PDRIVER_OBJECT driver_object, struct driver *driver);
void device_delete_legacy(struct driver *driver);

/* irp.c. The dispatch routines; they are the only code that sees an IRP, with hw_security.c. */
void irp_register(PDRIVER_OBJECT driver_object);

/* legacy_device.c. One request, without IRPs. IRQL: at most APC_LEVEL. */
struct legacy_caller {
    BOOLEAN can_read;
    BOOLEAN coarse;
};

struct legacy_buffer {
    void *data; /* input, and room for output */
    ULONG in_size;
    ULONG out_size;
};

/* `*written` is set on success only: bytes of output, never more than out_size. */
NTSTATUS legacy_device_control(struct driver *driver, const struct legacy_caller *caller,
                               ULONG control_code, const struct legacy_buffer *buffer,
                               ULONG *written);

#endif
