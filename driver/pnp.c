/* SPDX-License-Identifier: Apache-2.0
 *
 * Plug and Play, and power, as the driver of ROOT\SCAPHANDREDRV: what comes to the function device.
 * There is no hardware behind it, so stopping for a rebalance and power go straight through; only
 * start and removal mean something, the life of the control devices.
 *
 * Rules: Microsoft, "Handling an IRP_MN_START_DEVICE Request" and its kin (who is first, what is
 * passed down, with which status), "Passing Power IRPs" (as of Windows Vista). One device at a
 * time: the names of the control devices exist once.
 */
#include "driver/driver.h"

static IO_COMPLETION_ROUTINE lower_done;

NTSTATUS pnp_add_device(PDRIVER_OBJECT driver_object, PDEVICE_OBJECT physical)
{
    struct driver *driver = driver_loaded;

    if (InterlockedExchange(&driver->has_function, 1) != 0) {
        return STATUS_DEVICE_ALREADY_ATTACHED;
    }
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver_object, sizeof(struct device_extension), NULL,
                                     FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE, &device);
    if (!NT_SUCCESS(status)) {
        InterlockedExchange(&driver->has_function, 0);
        return status;
    }
    struct device_extension *extension = device->DeviceExtension;
    device_prepare(extension, DEVICE_KIND_FUNCTION, driver);
    extension->lower = IoAttachDeviceToDeviceStack(device, physical);
    if (extension->lower == NULL) {
        IoDeleteDevice(device);
        InterlockedExchange(&driver->has_function, 0);
        return STATUS_NO_SUCH_DEVICE;
    }
    device->Flags |= extension->lower->Flags & DO_POWER_PAGABLE; /* the bus driver decides */
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

/* ---- What lies below ------------------------------------------------------------------------ */

static NTSTATUS lower_done(PDEVICE_OBJECT device, PIRP irp, PVOID context)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(irp);
    KeSetEvent(context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED; /* the request is ours again */
}

/* Has the lower drivers handle the request, and waits; it is still to be completed. */
static NTSTATUS ask_lower(PDEVICE_OBJECT lower, PIRP irp)
{
    KEVENT done;

    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, lower_done, &done, TRUE, TRUE, TRUE);
    IoCallDriver(lower, irp);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, NULL);
    return irp->IoStatus.Status;
}

static NTSTATUS pass_down(PDEVICE_OBJECT lower, PIRP irp)
{
    IoSkipCurrentIrpStackLocation(irp);
    return IoCallDriver(lower, irp);
}

static NTSTATUS complete(PIRP irp, NTSTATUS status)
{
    irp->IoStatus.Status = status;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

/* ---- Requests ------------------------------------------------------------------------------- */

/* Also after a stop, when the control devices exist already: then nothing is read anew. */
static NTSTATUS start_device(PDEVICE_OBJECT device, PIRP irp)
{
    const struct device_extension *extension = device->DeviceExtension;
    NTSTATUS status = ask_lower(extension->lower, irp);

    if (NT_SUCCESS(status) && !extension->driver->started) {
        settings_read(extension->driver);
        machine_apply_settings(extension->driver);
        status = driver_start(device->DriverObject, extension->driver);
    }
    return complete(irp, status);
}

/* The device has been left by everyone but this request. */
static NTSTATUS remove_device(PDEVICE_OBJECT device, PIRP irp)
{
    struct device_extension *extension = device->DeviceExtension;
    struct driver *driver = extension->driver;

    driver_stop(driver);
    irp->IoStatus.Status = STATUS_SUCCESS;
    const NTSTATUS status = pass_down(extension->lower, irp);
    device_leave(extension);
    device_close(extension);
    IoDetachDevice(extension->lower);
    IoDeleteDevice(device);
    InterlockedExchange(&driver->has_function, 0);
    return status;
}

NTSTATUS pnp_control(PDEVICE_OBJECT device, PIRP irp)
{
    struct device_extension *extension = device->DeviceExtension;
    NTSTATUS status;

    if (!device_enter(extension)) {
        return complete(irp, STATUS_DELETE_PENDING);
    }
    switch (IoGetCurrentIrpStackLocation(irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        status = start_device(device, irp);
        break;
    case IRP_MN_REMOVE_DEVICE:
        return remove_device(device, irp);
    case IRP_MN_SURPRISE_REMOVAL:
        /* Devices are for the removal that follows to delete. */
        driver_disconnect(extension->driver);
        /* fall through */
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        irp->IoStatus.Status = STATUS_SUCCESS;
        status = pass_down(extension->lower, irp);
        break;
    default:
        status = pass_down(extension->lower, irp);
        break;
    }
    device_leave(extension);
    return status;
}

NTSTATUS pnp_pass(PDEVICE_OBJECT device, PIRP irp)
{
    struct device_extension *extension = device->DeviceExtension;

    if (!device_enter(extension)) {
        return complete(irp, STATUS_DELETE_PENDING);
    }
    const NTSTATUS status = pass_down(extension->lower, irp);
    device_leave(extension);
    return status;
}
