/* SPDX-License-Identifier: Apache-2.0
 *
 * The dispatch routines. Every request is completed here, synchronously: clients hold overlapped
 * handles and pass no OVERLAPPED. IRPs stop in this file.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl/abi.h>

static DRIVER_DISPATCH dispatch_create;
static DRIVER_DISPATCH dispatch_cleanup;
static DRIVER_DISPATCH dispatch_close;
static DRIVER_DISPATCH dispatch_device_control;
static DRIVER_DISPATCH dispatch_refuse;

/*
 * The tier is decided at open and kept in the handle. FsContext is the driver's own to use on a
 * device that is no file system's; nothing is allocated, so an open costs nothing to keep. A file
 * object that never came through our create is coarse.
 */
#define OPEN_IS_FRESH ((PVOID)(ULONG_PTR)1)

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS dispatch_create(PDEVICE_OBJECT device, PIRP irp)
{
    const struct device_extension *extension = device->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    PFILE_OBJECT file = stack->FileObject;

    if (file->FileName.Length != 0) {
        return complete(irp, STATUS_OBJECT_NAME_NOT_FOUND, 0);
    }

    const BOOLEAN fresh = extension->driver->settings.access_policy == RAPL_ACCESS_UNRESTRICTED ||
                          hw_caller_is_fresh(irp, stack);
    file->FsContext = fresh ? OPEN_IS_FRESH : NULL;
    if (extension->kind == DEVICE_KIND_ENERGY) {
        accumulate_opened(extension->driver);
    }
    return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS dispatch_cleanup(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_SUCCESS, 0);
}

static NTSTATUS dispatch_close(PDEVICE_OBJECT device, PIRP irp)
{
    const struct device_extension *extension = device->DeviceExtension;

    if (extension->kind == DEVICE_KIND_ENERGY) {
        accumulate_closed(extension->driver);
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

static NTSTATUS dispatch_device_control(PDEVICE_OBJECT device, PIRP irp)
{
    const struct device_extension *extension = device->DeviceExtension;
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);

    /* Reading moves the thread to other processors or waits for them: a thread that may wait. */
    if (KeGetCurrentIrql() > APC_LEVEL) {
        return complete(irp, STATUS_INVALID_DEVICE_STATE, 0);
    }
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
    ULONG written = 0;
    const NTSTATUS status = extension->kind == DEVICE_KIND_ENERGY
                                ? energy_device_control(extension->driver, &call, &written)
                                : legacy_device_control(extension->driver, &call, &written);
    return complete(irp, status, written);
}

/* Plug and Play, power and WMI requests can reach a control device too. */
static NTSTATUS dispatch_refuse(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_INVALID_DEVICE_REQUEST, 0);
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
}
