/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: the object manager.
 */
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/objects.h"
#include "tests/harness/security.h"
#include "tests/harness/verifier.h"

static int device_type_object;
static int file_type_object;

/* What the data imports point at: variables that hold the type's address. */
static POBJECT_TYPE device_type = (POBJECT_TYPE)&device_type_object;
static POBJECT_TYPE file_type = (POBJECT_TYPE)&file_type_object;

static NTSTATUS do_ObOpenObjectByPointer(PVOID object, ULONG attributes, PACCESS_STATE state,
                                         ACCESS_MASK access, POBJECT_TYPE type,
                                         KPROCESSOR_MODE mode, PHANDLE out)
{
    struct device *device = device_of(object);
    if (device == NULL) {
        verifier_report(FINDING_ARGUMENT, "ObOpenObjectByPointer: not a device");
        return STATUS_INVALID_PARAMETER;
    }
    if (type != NULL && type != device_type) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if ((attributes & OBJ_KERNEL_HANDLE) == 0) {
        verifier_report(FINDING_HANDLE,
                        "ObOpenObjectByPointer without OBJ_KERNEL_HANDLE: the handle belongs to "
                        "whatever process runs");
    }
    if (mode != KernelMode || state != NULL) {
        verifier_report(FINDING_ARGUMENT, "ObOpenObjectByPointer: only kernel mode is modelled");
    }
    const struct handle handle = {
        .kind = HANDLE_DEVICE, .access = map_generic(access, &file_mapping), .device = device};
    *out = handle_create(handle);
    return STATUS_SUCCESS;
}

static LONG_PTR add_reference(PVOID object, LONG by, const char *who)
{
    LONG_PTR left;
    if (by < 0 && callback_dereference(object, &left)) {
        return left;
    }
    struct device *device = device_of(object);
    if (device == NULL || (by < 0 && device->references == 0)) {
        verifier_report(FINDING_ARGUMENT, "%s(%p): %s", who, object,
                        device == NULL ? "not an object the harness made" : "no reference is held");
        return 0;
    }
    device->references += (uint32_t)by;
    left = device->references;
    device_settle(device);
    return left;
}

static LONG_PTR do_ObfReferenceObject(PVOID object)
{
    return add_reference(object, 1, "ObfReferenceObject");
}

static LONG_PTR do_ObfDereferenceObject(PVOID object)
{
    return add_reference(object, -1, "ObfDereferenceObject");
}

static const struct import rows[] = {
    IMPORT_FUNCTION(ObOpenObjectByPointer, IMPORT_KERNEL, BUILD_2003, 0, 1, fail_no_resources),
    IMPORT_FUNCTION(ObfReferenceObject, IMPORT_KERNEL, BUILD_2003, 0, 2, NULL),
    IMPORT_FUNCTION(ObfDereferenceObject, IMPORT_KERNEL, BUILD_2003, 0, 2, NULL),
    {.name = "IoDeviceObjectType",
     .dll = IMPORT_KERNEL,
     .first_build = BUILD_2003,
     .function = &device_type,
     .data = true},
    {.name = "IoFileObjectType",
     .dll = IMPORT_KERNEL,
     .first_build = BUILD_2000,
     .function = &file_type,
     .data = true},
};

IMPORT_PART(imports_ob, rows);
