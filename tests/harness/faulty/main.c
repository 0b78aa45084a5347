/* SPDX-License-Identifier: Apache-2.0
 *
 * faulty.sys: a small driver that speaks the legacy device's protocol and can be told to have any
 * of the faults of faults.h. Without any it passes every check of the harness, so what is found is
 * the fault's. It is a test's input and never installed.
 */
#include "driver/cookie.h"
#include "tests/harness/faulty/faulty.h"

struct faulty *faulty;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;
static DRIVER_DISPATCH dispatch_create_close;
static DRIVER_DISPATCH dispatch_control;

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS dispatch_create_close(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    return complete(irp, STATUS_SUCCESS, 0);
}

/* What becomes of the request apart from its answer. */
static NTSTATUS finish(PIRP irp, NTSTATUS status, ULONG_PTR information)
{
    if (has(FAULT_IRP_LOST)) {
        return status;
    }
    if (has(FAULT_IRP_PENDING)) {
        IoMarkIrpPending(irp);
        return STATUS_PENDING;
    }
    if (has(FAULT_INFORMATION_ERROR) && !NT_SUCCESS(status)) {
        information = 8;
    }
    complete(irp, status, information);
    if (has(FAULT_IRP_TWICE)) {
        IoCompleteRequest(irp, IO_NO_INCREMENT);
    }
    if (has(FAULT_IRP_TOUCHED)) {
        status = irp->IoStatus.Status;
    }
    return has(FAULT_IRP_STATUS) ? STATUS_UNSUCCESSFUL : status;
}

static NTSTATUS answer(PIRP irp, PIO_STACK_LOCATION stack, ULONG_PTR *written)
{
    const ULONG in_size = stack->Parameters.DeviceIoControl.InputBufferLength;
    const ULONG out_size = stack->Parameters.DeviceIoControl.OutputBufferLength;
    PVOID buffer = irp->AssociatedIrp.SystemBuffer;
    struct faulty_request request;
    ULONG64 value = 0;

    if (in_size != sizeof(request) && !has(FAULT_INPUT_UNCHECKED)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (out_size < 4 && !has(FAULT_OUTPUT_UNCHECKED)) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    RtlCopyMemory(&request, buffer, sizeof(request));
    if (request.msr == FAULTY_MISUSE_REGISTER) {
        faulty_misuse();
    }
    if (!faulty_read(&request, &value) && !has(FAULT_SUCCESS_ON_FAULT)) {
        return STATUS_IO_DEVICE_ERROR;
    }

    const ULONG fits = out_size < sizeof(value) ? out_size : (ULONG)sizeof(value);
    RtlCopyMemory(buffer, &value, has(FAULT_WRITES_PAST_OUTPUT) ? sizeof(value) : fits);
    *written = has(FAULT_OUTPUT_UNCHECKED) ? sizeof(value) : fits;
    return STATUS_SUCCESS;
}

static NTSTATUS dispatch_control(PDEVICE_OBJECT device, PIRP irp)
{
    PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(irp);
    ULONG_PTR written = 0;
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    UNREFERENCED_PARAMETER(device);
    if ((stack->Parameters.DeviceIoControl.IoControlCode & 3) == METHOD_BUFFERED) {
        status = answer(irp, stack, &written);
    }
    return finish(irp, status, written);
}

static void unload(PDRIVER_OBJECT driver)
{
    UNREFERENCED_PARAMETER(driver);
    faulty_stop();
}

FAULTY_INIT NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    cookie_prepare();
    driver->MajorFunction[IRP_MJ_CREATE] = dispatch_create_close;
    driver->MajorFunction[IRP_MJ_CLEANUP] = dispatch_create_close;
    driver->MajorFunction[IRP_MJ_CLOSE] = dispatch_create_close;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_control;

    const NTSTATUS status = faulty_start(driver, registry_path);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    if (!has(FAULT_NO_UNLOAD)) {
        driver->DriverUnload = unload;
    }
    return STATUS_SUCCESS;
}
