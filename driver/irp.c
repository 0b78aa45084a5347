/* SPDX-License-Identifier: Apache-2.0
 *
 * The dispatch routines. Every request of a client is completed here, synchronously: clients hold
 * overlapped handles and pass no OVERLAPPED. IRPs stop in this file; those of the function device
 * in pnp.c.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/abi.h>

static DRIVER_DISPATCH dispatch_create;
static DRIVER_DISPATCH dispatch_cleanup;
static DRIVER_DISPATCH dispatch_close;
static DRIVER_DISPATCH dispatch_device_control;
static DRIVER_DISPATCH dispatch_pnp;
static DRIVER_DISPATCH dispatch_pass;
static DRIVER_DISPATCH dispatch_refuse;

/*
 * The tier is decided at open and kept in the handle. FsContext is the driver's own to use on a
 * device that is no file system's; nothing is allocated, so an open costs nothing to keep. A file
 * object that never came through our create has neither: it is coarse, and was not counted as open.
 */
#define OPEN_IS_FRESH  ((PVOID)(ULONG_PTR)1)
#define OPEN_IS_COARSE ((PVOID)(ULONG_PTR)2)

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

/*
 * FALSE: not for clients, or gone; `*status` says which. Who is inside cannot be suspended: a
 * removal waits for it, and anybody may suspend a thread of their own. At most APC_LEVEL.
 */
static BOOLEAN enter(PDEVICE_OBJECT device, NTSTATUS *status)
{
    struct device_extension *extension = device->DeviceExtension;

    if (extension->kind == DEVICE_KIND_FUNCTION) {
        *status = STATUS_INVALID_DEVICE_REQUEST;
        return FALSE;
    }
    *status = STATUS_DEVICE_NOT_CONNECTED;
    KeEnterCriticalRegion();
    if (device_enter(extension)) {
        return TRUE;
    }
    KeLeaveCriticalRegion();
    return FALSE;
}

static void leave(PDEVICE_OBJECT device)
{
    device_leave(device->DeviceExtension);
    KeLeaveCriticalRegion();
}

static NTSTATUS open_device(const struct device_extension *extension, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PFILE_OBJECT file = stack->FileObject;

    if (file->FileName.Length != 0) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }

    const BOOLEAN fresh = extension->driver->settings.access_policy == RAPL_ACCESS_UNRESTRICTED ||
                          hw_caller_is_fresh(irp, stack);
    file->FsContext = fresh ? OPEN_IS_FRESH : OPEN_IS_COARSE;
    if (extension->kind == DEVICE_KIND_ENERGY) {
        accumulate_opened(extension->driver);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS dispatch_create(PDEVICE_OBJECT device, PIRP irp)
{
    NTSTATUS status;

    if (enter(device, &status)) {
        status = open_device(device->DeviceExtension, irp);
        leave(device);
    }
    return complete(irp, status, 0);
}

static NTSTATUS dispatch_cleanup(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_SUCCESS, 0);
}

/* Of a device that is gone there is nothing left to undo. */
static NTSTATUS dispatch_close(PDEVICE_OBJECT device, PIRP irp)
{
    const struct device_extension *extension = device->DeviceExtension;
    NTSTATUS status;

    if (enter(device, &status)) {
        const FILE_OBJECT *file = IoGetCurrentIrpStackLocation(irp)->FileObject;

        if (extension->kind == DEVICE_KIND_ENERGY && file->FsContext != NULL) {
            accumulate_closed(extension->driver);
        }
        leave(device);
    }
    return complete(irp, STATUS_SUCCESS, 0);
}

/* Drivers may send a request without a file object; they are as fresh as the kernel is. */
static BOOLEAN is_coarse(PIRP irp, PFILE_OBJECT file)
{
    if (file == NULL) {
        return irp->RequestorMode != KernelMode;
    }
    return file->FsContext != OPEN_IS_FRESH;
}

static NTSTATUS control_device(const struct device_extension *extension, PIRP irp, ULONG *written)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    const struct rapl_call call = {
        .control_code = stack->Parameters.DeviceIoControl.IoControlCode,
        .in = irp->AssociatedIrp.SystemBuffer,
        .in_size = stack->Parameters.DeviceIoControl.InputBufferLength,
        .out = irp->AssociatedIrp.SystemBuffer,
        .out_size = stack->Parameters.DeviceIoControl.OutputBufferLength,
        .can_read = hw_caller_can_read(irp),
        .coarse = is_coarse(irp, stack->FileObject),
        .processors_active = hw_processors_active(),
    };
    return extension->kind == DEVICE_KIND_ENERGY
               ? energy_device_control(extension->driver, &call, written)
               : legacy_device_control(extension->driver, &call, written);
}

static NTSTATUS dispatch_device_control(PDEVICE_OBJECT device, PIRP irp)
{
    ULONG written = 0;
    NTSTATUS status;

    /* Reading moves the thread to other processors or waits for them: a thread that may wait. */
    if (KeGetCurrentIrql() > APC_LEVEL) {
        return complete(irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
    if (enter(device, &status)) {
        status = control_device(device->DeviceExtension, irp, &written);
        leave(device);
    }
    return complete(irp, status, written);
}

static BOOLEAN is_function(PDEVICE_OBJECT device)
{
    const struct device_extension *extension = device->DeviceExtension;

    return extension->kind == DEVICE_KIND_FUNCTION;
}

static NTSTATUS dispatch_refuse(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

/* Plug and Play, power and WMI requests can reach a control device too. */
static NTSTATUS dispatch_pnp(PDEVICE_OBJECT device, PIRP irp)
{
    return is_function(device) ? pnp_control(device, irp) : dispatch_refuse(device, irp);
}

static NTSTATUS dispatch_pass(PDEVICE_OBJECT device, PIRP irp)
{
    return is_function(device) ? pnp_pass(device, irp) : dispatch_refuse(device, irp);
}

DRIVER_INIT void irp_register(PDRIVER_OBJECT driver_object)
{
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        driver_object->MajorFunction[i] = dispatch_refuse;
    }
    driver_object->MajorFunction[IRP_MJ_CREATE] = dispatch_create;
    driver_object->MajorFunction[IRP_MJ_CLEANUP] = dispatch_cleanup;
    driver_object->MajorFunction[IRP_MJ_CLOSE] = dispatch_close;
    driver_object->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_device_control;
    driver_object->MajorFunction[IRP_MJ_PNP] = dispatch_pnp;
    driver_object->MajorFunction[IRP_MJ_POWER] = dispatch_pass;
    driver_object->MajorFunction[IRP_MJ_SYSTEM_CONTROL] = dispatch_pass;
}
