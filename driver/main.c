/* SPDX-License-Identifier: Apache-2.0
 *
 * Load and unload, start and stop. driver_load and driver_start are lists; their counterparts are
 * the same lists backwards.
 */
#include "driver/driver.h"
#include "driver/cookie.h"
#include "driver/hw.h"

#include <rapl_version.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD driver_unload;

struct driver *driver_loaded;

NTSTATUS driver_start(PDRIVER_OBJECT driver_object, struct driver *driver)
{
    if (driver->was_started) {
        power_missed(driver);
    }
    NTSTATUS status = device_create_all(driver_object, driver);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = accumulate_start(driver);
    if (!NT_SUCCESS(status)) {
        goto delete_devices;
    }
    status = hw_power_watch(power_changed, driver);
    if (!NT_SUCCESS(status)) {
        goto stop_accumulating;
    }
    driver->started = TRUE;
    driver->was_started = TRUE;
    device_publish_all(driver);
    return STATUS_SUCCESS;

stop_accumulating:
    accumulate_stop(driver);
delete_devices:
    device_delete_all(driver);
    return status;
}

void driver_disconnect(struct driver *driver)
{
    if (driver->started) {
        device_close_all(driver);
    }
}

void driver_stop(struct driver *driver)
{
    if (!driver->started) {
        return;
    }
    driver_disconnect(driver);
    driver->started = FALSE;
    hw_power_unwatch();
    accumulate_stop(driver);
    device_delete_all(driver);
}

static void driver_unload(PDRIVER_OBJECT driver_object)
{
    struct driver *driver = driver_loaded;
    UNREFERENCED_PARAMETER(driver_object);

    driver_stop(driver);
    machine_release(driver);
    driver_loaded = NULL;
    ExFreePoolWithTag(driver, DRIVER_POOL_TAG);
    hw_exit();
}

DRIVER_INIT static NTSTATUS driver_load(PDRIVER_OBJECT driver_object, PUNICODE_STRING registry_path)
{
    const USHORT length = registry_path->Length;
    struct driver *driver =
        ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*driver) + length, DRIVER_POOL_TAG);
    if (driver == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(driver, sizeof(*driver));
    RtlCopyMemory(driver + 1, registry_path->Buffer, length);
    driver->registry_path = (UNICODE_STRING){length, length, (PWSTR)(driver + 1)};
    ExInitializeFastMutex(&driver->mutex);

    settings_read(driver);
    NTSTATUS status = machine_create(driver);
    if (!NT_SUCCESS(status)) {
        goto free_driver;
    }
    irp_register(driver_object);
    if (driver->settings.pnp) {
        driver_object->DriverExtension->AddDevice = pnp_add_device;
    } else {
        status = driver_start(driver_object, driver);
    }
    if (!NT_SUCCESS(status)) {
        goto release_machine;
    }
    driver_loaded = driver;
    return STATUS_SUCCESS;

release_machine:
    machine_release(driver);
free_driver:
    ExFreePoolWithTag(driver, DRIVER_POOL_TAG);
    return status;
}

/* Not protected: the cookie changes while it runs. */
DRIVER_INIT COMPILER_NO_STACK_PROTECTOR NTSTATUS DriverEntry(PDRIVER_OBJECT driver_object,
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
