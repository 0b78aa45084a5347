/* SPDX-License-Identifier: Apache-2.0
 *
 * The device objects and their links: made and deleted here, for every way to be started.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/abi.h>
#include <rapl/energy.h>

/*
 * Our device exists, so nobody else owns its name: a link that is in the way was left behind by a
 * driver that is gone (the predecessor leaks its own at unload).
 */
DRIVER_INIT static NTSTATUS create_link(PUNICODE_STRING link, PUNICODE_STRING device)
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

DRIVER_INIT static NTSTATUS create(PDRIVER_OBJECT driver_object, struct driver *driver,
                                   enum device_kind kind, PCWSTR name, PCWSTR link,
                                   PDEVICE_OBJECT *out)
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
    struct device_extension *extension = device->DeviceExtension;
    extension->kind = kind;
    extension->driver = driver;

    /* Nobody can open the device yet: no link, and DO_DEVICE_INITIALIZING is set until
     * DriverEntry returns. */
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

DRIVER_INIT NTSTATUS device_create_all(PDRIVER_OBJECT driver_object, struct driver *driver)
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

void device_delete_all(struct driver *driver)
{
    delete_device(RAPL_ENERGY_LINK_NAME, driver->energy_device);
    delete_device(RAPL_LEGACY_LINK_NAME, driver->legacy_device);
}
