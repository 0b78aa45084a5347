/* SPDX-License-Identifier: Apache-2.0
 *
 * The control devices and their links: made and deleted here, for every way to be started. And who
 * is inside a device, which a removal waits for.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/abi.h>
#include <rapl/energy.h>

/* ---- Who is inside -------------------------------------------------------------------------- */

void device_prepare(struct device_extension *extension, enum device_kind kind,
                    struct driver *driver)
{
    extension->kind = kind;
    extension->driver = driver;
    extension->users = 1;
    extension->closed = 0;
    KeInitializeEvent(&extension->left, NotificationEvent, FALSE);
}

BOOLEAN device_enter(struct device_extension *extension)
{
    InterlockedIncrement(&extension->users);
    if (extension->closed == 0) {
        return TRUE;
    }
    device_leave(extension);
    return FALSE;
}

/* Whoever is too late to enter may set the event again: its request keeps the device alive. */
void device_leave(struct device_extension *extension)
{
    if (InterlockedDecrement(&extension->users) == 0) {
        KeSetEvent(&extension->left, IO_NO_INCREMENT, FALSE);
    }
}

void device_close(struct device_extension *extension)
{
    if (InterlockedExchange(&extension->closed, 1) == 0) {
        device_leave(extension);
    }
    KeWaitForSingleObject(&extension->left, Executive, KernelMode, FALSE, NULL);
}

/* ---- The control devices -------------------------------------------------------------------- */

/*
 * Our device exists, so nobody else owns its name: a link that is in the way was left behind by a
 * driver that is gone (the predecessor leaks its own at unload).
 */
static NTSTATUS create_link(PUNICODE_STRING link, PUNICODE_STRING device)
{
    NTSTATUS status = IoCreateSymbolicLink(link, device);
    if (status != STATUS_OBJECT_NAME_COLLISION) {
        return status;
    }
    status = IoDeleteSymbolicLink(link);
    if (NT_SUCCESS(status)) {
        status = IoCreateSymbolicLink(link, device);
    }
    /* Somebody holds the stale link open: that is not the collision of two drivers. */
    return status == STATUS_OBJECT_NAME_COLLISION ? STATUS_SHARING_VIOLATION : status;
}

static NTSTATUS create(PDRIVER_OBJECT driver_object, struct driver *driver, enum device_kind kind,
                       PCWSTR name, PCWSTR link, PDEVICE_OBJECT *out)
{
    UNICODE_STRING device_name, link_name;
    RtlInitUnicodeString(&device_name, name);
    RtlInitUnicodeString(&link_name, link);

    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver_object, sizeof(struct device_extension), &device_name,
                                     FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    device_prepare(device->DeviceExtension, kind, driver);

    /* Nobody can open the device yet: no link, and DO_DEVICE_INITIALIZING is set. */
    status = hw_protect(device, driver->settings.access_policy);
    if (NT_SUCCESS(status)) {
        status = create_link(&link_name, &device_name);
    }
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    *out = device;
    return STATUS_SUCCESS;
}

static void delete_device(PCWSTR link, PDEVICE_OBJECT device)
{
    UNICODE_STRING link_name;
    RtlInitUnicodeString(&link_name, link);
    IoDeleteSymbolicLink(&link_name);
    IoDeleteDevice(device);
}

NTSTATUS device_create_all(PDRIVER_OBJECT driver_object, struct driver *driver)
{
    NTSTATUS status = create(driver_object, driver, DEVICE_KIND_LEGACY, RAPL_LEGACY_DEVICE_NAME,
                             RAPL_LEGACY_LINK_NAME, &driver->legacy_device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = create(driver_object, driver, DEVICE_KIND_ENERGY, RAPL_ENERGY_DEVICE_NAME,
                    RAPL_ENERGY_LINK_NAME, &driver->energy_device);
    if (!NT_SUCCESS(status)) {
        delete_device(RAPL_LEGACY_LINK_NAME, driver->legacy_device);
    }
    return status;
}

void device_publish_all(struct driver *driver)
{
    driver->legacy_device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    driver->energy_device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
}

void device_close_all(struct driver *driver)
{
    device_close(driver->legacy_device->DeviceExtension);
    device_close(driver->energy_device->DeviceExtension);
}

void device_delete_all(struct driver *driver)
{
    delete_device(RAPL_ENERGY_LINK_NAME, driver->energy_device);
    delete_device(RAPL_LEGACY_LINK_NAME, driver->legacy_device);
}
