/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy device object and its link: made and deleted here, for every way to be started.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/abi.h>

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

DRIVER_INIT NTSTATUS device_create_legacy(PDRIVER_OBJECT driver_object, struct driver *driver)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_LEGACY_DEVICE_NAME);
    UNICODE_STRING link = RTL_CONSTANT_STRING(RAPL_LEGACY_LINK_NAME);

    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver_object, sizeof(struct device_extension), &name,
                                     FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    struct device_extension *extension = device->DeviceExtension;
    extension->kind = DEVICE_KIND_LEGACY;
    extension->driver = driver;

    /* Nobody can open the device yet: no link, and DO_DEVICE_INITIALIZING is set until
     * DriverEntry returns. */
    status = hw_protect(device, driver->settings.access_policy);
    if (NT_SUCCESS(status)) {
        status = create_link(&link, &name);
    }
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    driver->legacy_device = device;
    return STATUS_SUCCESS;
}

void device_delete_legacy(struct driver *driver)
{
    UNICODE_STRING link = RTL_CONSTANT_STRING(RAPL_LEGACY_LINK_NAME);
    IoDeleteSymbolicLink(&link);
    IoDeleteDevice(driver->legacy_device);
}
