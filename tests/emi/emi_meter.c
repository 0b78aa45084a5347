/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver that publishes energy meters as Windows' own processor drivers do, from a recording. For
 * the tests under Wine only: it takes anybody's word, and is in nothing that is given away.
 *
 * The meters begin anew each time the first handle is opened: recording and habit are read again,
 * and the recording's clock starts with the first measurement.
 */
#include <ntddk.h>

#include <rapl/abi.h>
#include <rapl/emi_wire.h>

#include "driver/cookie.h"
#include "sim/load.h"
#include "tests/emi/emi_habits.h"
#include "tests/emi/emi_meter.h"

struct meter_extension {
    PDEVICE_OBJECT lower;
    UNICODE_STRING link;
    ULONG index;
};

struct meter_world meter;

/* ---- Requests ------------------------------------------------------------------------------- */

static ULONG habit_now(void)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION info;
        UCHAR room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    } value;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING parameters = RTL_CONSTANT_STRING(RAPL_PARAMETERS_KEY_NAME);
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"Habit");
    HANDLE service;
    HANDLE key;
    ULONG length;
    ULONG habit = EMI_INTEL;

    InitializeObjectAttributes(&attributes, &meter.registry_path, OBJ_KERNEL_HANDLE, NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&service, KEY_READ, &attributes))) {
        return habit;
    }
    InitializeObjectAttributes(&attributes, &parameters, OBJ_KERNEL_HANDLE, service, NULL);
    if (NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes))) {
        if (NT_SUCCESS(ZwQueryValueKey(key, &name, KeyValuePartialInformation, &value,
                                       sizeof(value), &length)) &&
            value.info.DataLength == sizeof(habit)) {
            RtlCopyMemory(&habit, value.info.Data, sizeof(habit));
        }
        ZwClose(key);
    }
    ZwClose(service);
    return habit;
}

static NTSTATUS begin(void)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (meter.arena != NULL) {
        ExFreePoolWithTag(meter.arena, SIM_POOL_TAG);
        meter.arena = NULL;
    }
    meter.channel_count = 0;
    meter.measurements = 0;
    meter.clock_start.QuadPart = 0;
    meter.habit = habit_now();
    status = sim_load(&meter.registry_path, &meter.recording, &meter.arena);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    meter.model = rapl_model_find(&meter.recording.cpu);
    if (meter.model == NULL) {
        return STATUS_NOT_SUPPORTED;
    }
    channels_make();
    return STATUS_SUCCESS;
}

static ULONG channels_of(ULONG device)
{
    ULONG count = 0;

    for (ULONG i = 0; i < meter.channel_count; i++) {
        count += meter.channels[i].device == device ? 1 : 0;
    }
    return meter.habit == EMI_V1 && count > 0 ? 1 : count;
}

static void put_u16(UCHAR **to, ULONG value)
{
    *(*to)++ = (UCHAR)value;
    *(*to)++ = (UCHAR)(value >> 8);
}

static void put_text(UCHAR **to, const char *text, ULONG size)
{
    for (ULONG i = 0; i < size / 2; i++) {
        put_u16(to, *text != '\0' ? (UCHAR)*text++ : 0);
    }
}

static ULONG metadata_size(ULONG device)
{
    if (meter.habit == EMI_V1) {
        return sizeof(struct rapl_emi_metadata_v1) + EMI_NAME_SIZE;
    }
    const ULONG channels_size = channels_of(device) * (RAPL_EMI_CHANNEL_NAME_AT + EMI_NAME_SIZE);
    return sizeof(struct rapl_emi_metadata_v2) + channels_size;
}

static NTSTATUS get_metadata(ULONG device, UCHAR *out, ULONG room, ULONG_PTR *size)
{
    const ULONG needed = metadata_size(device);
    UCHAR *at = out;

    if (room < needed) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (meter.habit == EMI_V1) {
        put_u16(&at, RAPL_EMI_UNIT_PWH);
        put_u16(&at, 0);
    }
    put_text(&at, "Test", 2 * RAPL_EMI_NAME_CHARS);
    put_text(&at, "RAPL SIMULATED", 2 * RAPL_EMI_NAME_CHARS);
    put_u16(&at, 1);
    if (meter.habit == EMI_V1) {
        put_u16(&at, EMI_NAME_SIZE);
        put_text(&at, "CPU rail", EMI_NAME_SIZE);
    } else {
        put_u16(&at, meter.habit == EMI_HUGE ? 65535 : channels_of(device));
    }
    for (ULONG i = 0; i < meter.channel_count && meter.habit != EMI_V1; i++) {
        if (meter.channels[i].device == device) {
            put_u16(&at, RAPL_EMI_UNIT_PWH);
            put_u16(&at, 0);
            put_u16(&at, EMI_NAME_SIZE);
            put_text(&at, meter.channels[i].name, EMI_NAME_SIZE);
        }
    }
    for (ULONG i = 66; i < needed && meter.habit == EMI_GARBAGE; i++) {
        out[i] = (UCHAR)(i * 97 + 13);
    }
    *size = needed;
    return STATUS_SUCCESS;
}

static NTSTATUS get_measurement(ULONG device, UCHAR *out, ULONG room, ULONG_PTR *size)
{
    const ULONG needed = channels_of(device) * (ULONG)sizeof(struct rapl_emi_measurement);
    const uint64_t now_us = channels_elapsed_us();
    struct rapl_emi_measurement one = {.time_100ns = now_us * 10};

    if (meter.habit == EMI_REMOVED && ++meter.measurements > EMI_REMOVED_AFTER) {
        return STATUS_DEVICE_NOT_CONNECTED;
    }
    if (room < needed) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    for (ULONG i = 0; i < meter.channel_count && *size < needed; i++) {
        if (meter.channels[i].device == device) {
            one.energy = channels_measure(&meter.channels[i], now_us);
            RtlCopyMemory(out + *size, &one, sizeof(one));
            *size += sizeof(one);
        }
    }
    return STATUS_SUCCESS;
}

static NTSTATUS answer(ULONG device, ULONG code, UCHAR *out, ULONG room, ULONG_PTR *size)
{
    const uint16_t version = meter.habit == EMI_V1 ? RAPL_EMI_VERSION_1 : RAPL_EMI_VERSION_2;
    const uint32_t said = meter.habit == EMI_LIES ? 70 : metadata_size(device);

    switch (code) {
    case RAPL_IOCTL_EMI_GET_VERSION:
        if (meter.habit == EMI_ERROR_50) {
            return STATUS_NOT_SUPPORTED;
        }
        *size = sizeof(version);
        RtlCopyMemory(out, &version, room < sizeof(version) ? 0 : sizeof(version));
        return room < sizeof(version) ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
    case RAPL_IOCTL_EMI_GET_METADATA_SIZE:
        *size = sizeof(said);
        RtlCopyMemory(out, &said, room < sizeof(said) ? 0 : sizeof(said));
        return room < sizeof(said) ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
    case RAPL_IOCTL_EMI_GET_METADATA:
        return get_metadata(device, out, room, size);
    case RAPL_IOCTL_EMI_GET_MEASUREMENT:
        return get_measurement(device, out, room, size);
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

static NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR size)
{
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = NT_SUCCESS(status) ? size : 0;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

static NTSTATUS dispatch_file(PDEVICE_OBJECT device, PIRP irp)
{
    const struct meter_extension *extension = device->DeviceExtension;
    const IO_STACK_LOCATION *stack = IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG_PTR size = 0;

    ExAcquireFastMutex(&meter.mutex);
    switch (stack->MajorFunction) {
    case IRP_MJ_CREATE:
        status = meter.handle_count == 0 ? begin() : STATUS_SUCCESS;
        if (NT_SUCCESS(status) && channels_of(extension->index) == 0) {
            status = STATUS_NO_SUCH_DEVICE; /* of this many, the habit has no use for this one */
        }
        if (NT_SUCCESS(status)) {
            meter.handle_count++;
            stack->FileObject->FsContext = &meter;
        }
        break;
    case IRP_MJ_CLOSE:
        /* Wine closes what was not opened too. */
        meter.handle_count -= stack->FileObject->FsContext == &meter ? 1 : 0;
        break;
    default:
        status = answer(extension->index, stack->Parameters.DeviceIoControl.IoControlCode,
                        irp->AssociatedIrp.SystemBuffer,
                        stack->Parameters.DeviceIoControl.OutputBufferLength, &size);
        break;
    }
    ExReleaseFastMutex(&meter.mutex);
    return complete(irp, status, size);
}

/* ---- Plug and Play -------------------------------------------------------------------------- */

static NTSTATUS dispatch_pnp(PDEVICE_OBJECT device, PIRP irp)
{
    struct meter_extension *extension = device->DeviceExtension;
    PDEVICE_OBJECT lower = extension->lower;
    const UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;

    if (minor == IRP_MN_START_DEVICE || minor == IRP_MN_REMOVE_DEVICE ||
        minor == IRP_MN_SURPRISE_REMOVAL) {
        irp->IoStatus.Status = STATUS_SUCCESS;
        (void)IoSetDeviceInterfaceState(&extension->link, minor == IRP_MN_START_DEVICE);
    }
    IoSkipCurrentIrpStackLocation(irp);
    const NTSTATUS status = IoCallDriver(lower, irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        RtlFreeUnicodeString(&extension->link);
        IoDetachDevice(lower);
        IoDeleteDevice(device);
    }
    return status;
}

static NTSTATUS add_device(PDRIVER_OBJECT driver_object, PDEVICE_OBJECT physical)
{
    static const GUID energy_meter = RAPL_EMI_GUID;
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver_object, sizeof(struct meter_extension), NULL,
                                     FILE_DEVICE_UNKNOWN, 0, FALSE, &device);

    if (!NT_SUCCESS(status)) {
        return status;
    }
    struct meter_extension *extension = device->DeviceExtension;
    RtlZeroMemory(extension, sizeof(*extension));
    extension->index = meter.device_count;
    extension->lower = IoAttachDeviceToDeviceStack(device, physical);
    status = extension->lower == NULL
                 ? STATUS_NO_SUCH_DEVICE
                 : IoRegisterDeviceInterface(physical, &energy_meter, NULL, &extension->link);
    if (!NT_SUCCESS(status)) {
        if (extension->lower != NULL) {
            IoDetachDevice(extension->lower);
        }
        IoDeleteDevice(device);
        return status;
    }
    meter.device_count++;
    device->Flags |= DO_BUFFERED_IO;
    device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static void unload(PDRIVER_OBJECT driver_object)
{
    UNREFERENCED_PARAMETER(driver_object);
    if (meter.arena != NULL) {
        ExFreePoolWithTag(meter.arena, SIM_POOL_TAG);
    }
    ExFreePoolWithTag(meter.registry_path.Buffer, SIM_POOL_TAG);
}

DRIVER_INITIALIZE DriverEntry;

__attribute__((no_stack_protector)) NTSTATUS DriverEntry(PDRIVER_OBJECT driver_object,
                                                         PUNICODE_STRING registry_path)
{
    cookie_prepare();
    ExInitializeFastMutex(&meter.mutex);
    meter.registry_path = *registry_path;
    meter.registry_path.MaximumLength = registry_path->Length;
    meter.registry_path.Buffer =
        ExAllocatePoolWithTag(NonPagedPoolNx, registry_path->Length, SIM_POOL_TAG);
    if (meter.registry_path.Buffer == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlCopyMemory(meter.registry_path.Buffer, registry_path->Buffer, registry_path->Length);
    driver_object->MajorFunction[IRP_MJ_CREATE] = dispatch_file;
    driver_object->MajorFunction[IRP_MJ_CLOSE] = dispatch_file;
    driver_object->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_file;
    driver_object->MajorFunction[IRP_MJ_PNP] = dispatch_pnp;
    driver_object->DriverExtension->AddDevice = add_device;
    driver_object->DriverUnload = unload;
    DbgPrint("emi_meter: loaded; its numbers are SIMULATED\n");
    return STATUS_SUCCESS;
}
