/* SPDX-License-Identifier: Apache-2.0
 *
 * Driver object and devices.
 */
#include "tests/harness/objects.h"
#include "tests/harness/host.h"
#include "tests/harness/irp.h"
#include "tests/harness/pnp.h"
#include "tests/harness/pool.h"
#include "tests/harness/registry.h"
#include "tests/harness/security.h"
#include "tests/harness/verifier.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 16u

/*
 * The driver is compiled against MinGW's DDK headers. These offsets are what Windows 10 and 11 x64
 * have (Microsoft's public symbols), so that a slip in those headers cannot hide here, where both
 * sides would share it.
 */
_Static_assert(sizeof(IRP) == 0xD0, "IRP");
_Static_assert(offsetof(IRP, AssociatedIrp) == 0x18, "IRP.AssociatedIrp");
_Static_assert(offsetof(IRP, IoStatus) == 0x30, "IRP.IoStatus");
_Static_assert(offsetof(IRP, RequestorMode) == 0x40, "IRP.RequestorMode");
_Static_assert(offsetof(IRP, CurrentLocation) == 0x43, "IRP.CurrentLocation");
_Static_assert(offsetof(IRP, UserBuffer) == 0x70, "IRP.UserBuffer");
_Static_assert(offsetof(IRP, Tail.Overlay.CurrentStackLocation) == 0xB8, "IRP.Tail");
_Static_assert(sizeof(IO_STACK_LOCATION) == 0x48, "IO_STACK_LOCATION");
_Static_assert(offsetof(IO_STACK_LOCATION, Flags) == 2, "IO_STACK_LOCATION.Flags");
_Static_assert(offsetof(IO_STACK_LOCATION, Parameters) == 8, "IO_STACK_LOCATION.Parameters");
_Static_assert(offsetof(IO_STACK_LOCATION, Parameters.DeviceIoControl.InputBufferLength) == 0x10,
               "DeviceIoControl.InputBufferLength");
_Static_assert(offsetof(IO_STACK_LOCATION, Parameters.DeviceIoControl.IoControlCode) == 0x18,
               "DeviceIoControl.IoControlCode");
_Static_assert(offsetof(IO_STACK_LOCATION, FileObject) == 0x30, "IO_STACK_LOCATION.FileObject");
_Static_assert(offsetof(FILE_OBJECT, FsContext) == 0x18, "FILE_OBJECT.FsContext");
_Static_assert(offsetof(FILE_OBJECT, FileName) == 0x58, "FILE_OBJECT.FileName");
_Static_assert(offsetof(DEVICE_OBJECT, Flags) == 0x30, "DEVICE_OBJECT.Flags");
_Static_assert(offsetof(DEVICE_OBJECT, DeviceExtension) == 0x40, "DEVICE_OBJECT.DeviceExtension");
_Static_assert(sizeof(DRIVER_OBJECT) == 0x150, "DRIVER_OBJECT");
_Static_assert(offsetof(DRIVER_OBJECT, DriverUnload) == 0x68, "DRIVER_OBJECT.DriverUnload");
_Static_assert(offsetof(DRIVER_OBJECT, MajorFunction) == 0x70, "DRIVER_OBJECT.MajorFunction");
_Static_assert(sizeof(FAST_MUTEX) == 0x38, "FAST_MUTEX");
_Static_assert(offsetof(ACCESS_STATE, SubjectSecurityContext) == 0x20, "ACCESS_STATE");
_Static_assert(offsetof(IO_SECURITY_CONTEXT, AccessState) == 8, "IO_SECURITY_CONTEXT");

static struct device devices[DEVICES_MAX];

static DRIVER_DISPATCH refuse_request;

/* What a major function a driver left alone does. */
static NTSTATUS NTAPI refuse_request(PDEVICE_OBJECT device, PIRP irp)
{
    UNREFERENCED_PARAMETER(device);
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    irp_completed(irp);
    return STATUS_INVALID_DEVICE_REQUEST;
}

PDRIVER_OBJECT driver_object_create(void *start, uint32_t size, void *entry)
{
    static WCHAR name[] = L"\\Driver\\ScaphandreDrv";
    static UNICODE_STRING hardware =
        RTL_CONSTANT_STRING(L"\\REGISTRY\\MACHINE\\HARDWARE\\DESCRIPTION\\SYSTEM");
    DRIVER_OBJECT *driver = pool_allocate(POOL_OBJECT, sizeof(*driver), 0);
    DRIVER_EXTENSION *extension = pool_allocate(POOL_OBJECT, sizeof(*extension), 0);
    driver->Type = IO_TYPE_DRIVER;
    driver->Size = sizeof(*driver);
    driver->DriverStart = start;
    driver->DriverSize = size;
    driver->DriverInit = (PDRIVER_INITIALIZE)entry;
    driver->DriverExtension = extension;
    extension->DriverObject = driver;
    driver->HardwareDatabase = &hardware;
    driver->DriverName.Buffer = name;
    driver->DriverName.Length = sizeof(name) - sizeof(WCHAR);
    driver->DriverName.MaximumLength = sizeof(name);
    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++) {
        driver->MajorFunction[i] = refuse_request;
    }
    return driver;
}

void driver_object_delete(PDRIVER_OBJECT driver)
{
    pool_free(driver->DriverExtension, POOL_OBJECT, 0);
    pool_free(driver, POOL_OBJECT, 0);
}

struct device *device_of(const void *object)
{
    for (uint32_t i = 0; object != NULL && i < DEVICES_MAX; i++) {
        if (devices[i].object == object) {
            return &devices[i];
        }
    }
    return NULL;
}

struct device *device_named(const WCHAR *name, size_t length)
{
    for (uint32_t i = 0; i < DEVICES_MAX; i++) {
        if ((devices[i].object != NULL || devices[i].foreign) && devices[i].named &&
            names_equal(devices[i].name, name_length(devices[i].name), name, length)) {
            return &devices[i];
        }
    }
    return NULL;
}

struct device *device_at(uint32_t index)
{
    for (uint32_t i = 0; i < DEVICES_MAX; i++) {
        if (devices[i].object != NULL && index-- == 0) {
            return &devices[i];
        }
    }
    return NULL;
}

static struct device *free_slot(void)
{
    for (uint32_t i = 0; i < DEVICES_MAX; i++) {
        if (devices[i].object == NULL && !devices[i].foreign) {
            return &devices[i];
        }
    }
    host_fatal("more than %u devices", DEVICES_MAX);
}

static DEVICE_OBJECT *make_object(PDRIVER_OBJECT driver, ULONG extension_size, DEVICE_TYPE type,
                                  ULONG characteristics)
{
    DEVICE_OBJECT *object = pool_allocate(POOL_OBJECT, sizeof(*object) + extension_size, 0);
    object->Type = IO_TYPE_DEVICE;
    object->Size = (USHORT)(sizeof(*object) + extension_size);
    object->DriverObject = driver;
    object->DeviceType = type;
    object->Characteristics = characteristics;
    object->StackSize = 1;
    object->Flags = DO_DEVICE_INITIALIZING;
    object->DeviceExtension = extension_size != 0 ? object + 1 : NULL;
    object->NextDevice = driver->DeviceObject;
    driver->DeviceObject = object;
    return object;
}

NTSTATUS device_create(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                       DEVICE_TYPE type, ULONG characteristics, BOOLEAN exclusive,
                       PDEVICE_OBJECT *out)
{
    if (name != NULL && (name->Length == 0 || name->Length / sizeof(WCHAR) >= OBJECT_NAME_MAX)) {
        verifier_report(FINDING_ARGUMENT, "IoCreateDevice: device name of %u bytes", name->Length);
        return STATUS_OBJECT_NAME_INVALID;
    }
    if (name != NULL && device_named(name->Buffer, name->Length / sizeof(WCHAR)) != NULL) {
        return STATUS_OBJECT_NAME_COLLISION;
    }

    struct device *device = free_slot();
    memset(device, 0, sizeof(*device));
    device->object = make_object(driver, extension_size, type, characteristics);
    if (exclusive) {
        device->object->Flags |= DO_EXCLUSIVE;
    }
    if (name != NULL) {
        device->object->Flags |= DO_DEVICE_HAS_NAME;
        device->named = true;
        memcpy(device->name, name->Buffer, name->Length);
    }
    *out = device->object;
    return STATUS_SUCCESS;
}

static bool unlink_from_driver(PDEVICE_OBJECT object)
{
    PDEVICE_OBJECT *at = &object->DriverObject->DeviceObject;
    while (*at != NULL && *at != object) {
        at = &(*at)->NextDevice;
    }
    if (*at == NULL) {
        return false;
    }
    *at = object->NextDevice;
    return true;
}

void device_delete(PDEVICE_OBJECT object)
{
    struct device *device = device_of(object);
    if (device == NULL || device->deleted || !unlink_from_driver(object)) {
        verifier_report(FINDING_DEVICE_DELETE, "IoDeleteDevice(%p): %s", (void *)object,
                        device == NULL ? "no such device" : "deleted before");
        return;
    }
    if (pnp_is_attached(object)) {
        verifier_report(FINDING_DEVICE_DELETE, "IoDeleteDevice: the device is still attached");
    }
    device->deleted = true;
    device->named = false;
    device_settle(device);
}

void device_settle(struct device *device)
{
    if (!device->deleted || device->opens != 0 || device->references != 0) {
        return;
    }
    pool_free(device->object, POOL_OBJECT, 0);
    free(device->descriptor);
    memset(device, 0, sizeof(*device));
}

void device_check_descriptor(struct device *device, const char *when)
{
    if (device->descriptor != NULL || !device->named || device->reported || device->foreign) {
        return;
    }
    device->reported = true;
    verifier_report(FINDING_NO_DESCRIPTOR,
                    "%s: the device has the default descriptor, everyone may open it", when);
}

bool device_set_descriptor(struct device *device, const void *descriptor)
{
    const size_t size = descriptor_size(descriptor, 4096);
    if (size == 0) {
        return false;
    }
    free(device->descriptor);
    device->descriptor = malloc(size);
    if (device->descriptor == NULL) {
        host_fatal("out of memory for a descriptor");
    }
    memcpy(device->descriptor, descriptor, size);
    device->descriptor_size = size;
    descriptor_map_generic(device->descriptor, &file_mapping);
    return true;
}

void device_create_foreign(const WCHAR *name)
{
    struct device *device = free_slot();
    memset(device, 0, sizeof(*device));
    memcpy(device->name, name, name_length(name) * sizeof(WCHAR));
    device->foreign = true;
    device->named = true;
}

void device_delete_foreign(void)
{
    for (uint32_t i = 0; i < DEVICES_MAX; i++) {
        if (devices[i].foreign) {
            memset(&devices[i], 0, sizeof(devices[i]));
        }
    }
}
