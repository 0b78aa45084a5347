/* SPDX-License-Identifier: Apache-2.0
 *
 * Load and unload. driver_load is a list; Unload is the same list backwards.
 */
#include "driver/driver.h"
#include "driver/cookie.h"
#include "driver/hw.h"

#include <rapl_version.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD driver_unload;

static void driver_unload(PDRIVER_OBJECT driver_object)
{
    struct device_extension *extension = driver_object->DeviceObject->DeviceExtension;
    struct driver *driver = extension->driver;

    hw_power_unwatch();
    accumulate_stop(driver);
    device_delete_all(driver);
    machine_release(driver);
    ExFreePoolWithTag(driver, DRIVER_POOL_TAG);
    hw_exit();
}

DRIVER_INIT static NTSTATUS driver_load(PDRIVER_OBJECT driver_object, PUNICODE_STRING registry_path)
{
    struct driver *driver = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*driver), DRIVER_POOL_TAG);
    if (driver == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(driver, sizeof(*driver));
    ExInitializeFastMutex(&driver->mutex);

    settings_read(registry_path, &driver->settings);
    NTSTATUS status = machine_create(driver);
    if (!NT_SUCCESS(status)) {
        goto free_driver;
    }
    irp_register(driver_object);
    status = device_create_all(driver_object, driver);
    if (!NT_SUCCESS(status)) {
        goto release_machine;
    }
    status = accumulate_start(driver);
    if (!NT_SUCCESS(status)) {
        goto delete_devices;
    }
    status = hw_power_watch(power_changed, driver);
    if (!NT_SUCCESS(status)) {
        goto stop_accumulating;
    }
    return STATUS_SUCCESS;

stop_accumulating:
    accumulate_stop(driver);
delete_devices:
    device_delete_all(driver);
release_machine:
    machine_release(driver);
free_driver:
    ExFreePoolWithTag(driver, DRIVER_POOL_TAG);
    return status;
}

/* Not protected: the cookie changes while it runs. */
DRIVER_INIT __attribute__((no_stack_protector)) NTSTATUS DriverEntry(PDRIVER_OBJECT driver_object,
                                                                     PUNICODE_STRING registry_path)
{
    cookie_prepare();

    NTSTATUS status = hw_enter(registry_path);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = driver_load(driver_object, registry_path);
    if (!NT_SUCCESS(status)) {
        hw_exit();
        DbgPrint("ScaphandreDrv " RAPL_VERSION_STRING "%s: not loaded, status 0x%08X\n", hw_label,
                 status);
        return status;
    }
    driver_object->DriverUnload = driver_unload;
    DbgPrint("ScaphandreDrv " RAPL_VERSION_STRING "%s: loaded\n", hw_label);
    return STATUS_SUCCESS;
}
