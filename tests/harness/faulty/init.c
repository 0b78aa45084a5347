/* SPDX-License-Identifier: Apache-2.0
 *
 * faulty.sys: from the registry to the link, and back.
 */
#include "tests/harness/faulty/faulty.h"

#include <rapl/abi.h>

extern __declspec(dllimport) POBJECT_TYPE IoDeviceObjectType;

/* D:P(A;;FA;;;SY)(A;;FA;;;BA), and the same with Everyone in the place of Administrators. */
struct ace {
    ACE_HEADER header;
    ACCESS_MASK mask;
    UCHAR sid[16];
};

struct descriptor {
    SECURITY_DESCRIPTOR_RELATIVE header;
    ACL acl;
    struct ace ace[2];
};

#define SID_SYSTEM         {1, 1, 0, 0, 0, 0, 0, 5, 18}
#define SID_ADMINISTRATORS {1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2}
#define SID_EVERYONE       {1, 1, 0, 0, 0, 0, 0, 1}
#define DESCRIPTOR(second_sid)                                                                     \
    {                                                                                              \
        .header = {.Revision = 1,                                                                  \
                   .Control = SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_DACL_PROTECTED,              \
                   .Dacl = FIELD_OFFSET(struct descriptor, acl)},                                  \
        .acl = {.AclRevision = 2, .AclSize = sizeof(ACL) + 2 * sizeof(struct ace), .AceCount = 2}, \
        .ace = {                                                                                   \
            {{0, 0, sizeof(struct ace)}, 0x001F01FF, SID_SYSTEM},                                  \
            {{0, 0, sizeof(struct ace)}, 0x001F01FF, second_sid}                                   \
        }                                                                                          \
    }

static const struct descriptor admins = DESCRIPTOR(SID_ADMINISTRATORS);
static const struct descriptor everyone = DESCRIPTOR(SID_EVERYONE);

FAULTY_INIT static ULONG64 read_faults(PUNICODE_STRING registry_path)
{
    UNICODE_STRING parameters = RTL_CONSTANT_STRING(L"Parameters");
    UNICODE_STRING value = RTL_CONSTANT_STRING(L"Faults");
    OBJECT_ATTRIBUTES attributes;
    HANDLE service, key;
    union {
        KEY_VALUE_PARTIAL_INFORMATION info;
        UCHAR room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG64)];
    } buffer;
    ULONG64 faults = 0;
    ULONG length;

    InitializeObjectAttributes(&attributes, registry_path, OBJ_KERNEL_HANDLE, NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&service, KEY_READ, &attributes))) {
        return 0;
    }
    InitializeObjectAttributes(&attributes, &parameters, OBJ_KERNEL_HANDLE, service, NULL);
    if (NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &attributes))) {
        if (NT_SUCCESS(ZwQueryValueKey(key, &value, KeyValuePartialInformation, &buffer,
                                       sizeof(buffer), &length)) &&
            buffer.info.DataLength == sizeof(faults)) {
            RtlCopyMemory(&faults, buffer.info.Data, sizeof(faults));
        }
        ZwClose(key);
    }
    ZwClose(service);
    return faults;
}

FAULTY_INIT static NTSTATUS protect(PDEVICE_OBJECT device)
{
    const struct descriptor *descriptor = has(FAULT_DESCRIPTOR_OPEN) ? &everyone : &admins;
    HANDLE handle;
    if (has(FAULT_NO_DESCRIPTOR)) {
        return STATUS_SUCCESS;
    }
    NTSTATUS status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC,
                                            IoDeviceObjectType, KernelMode, &handle);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION,
                                 (PSECURITY_DESCRIPTOR)(ULONG_PTR)descriptor);
    if (!has(FAULT_HANDLE_LEFT)) {
        ZwClose(handle);
    }
    return status;
}

FAULTY_INIT static NTSTATUS make_link(PUNICODE_STRING link, PUNICODE_STRING device)
{
    NTSTATUS status = IoCreateSymbolicLink(link, device);
    if (status != STATUS_OBJECT_NAME_COLLISION || has(FAULT_STALE_LINK)) {
        return status;
    }
    IoDeleteSymbolicLink(link);
    return IoCreateSymbolicLink(link, device);
}

FAULTY_INIT static NTSTATUS make_device(PDRIVER_OBJECT driver)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_LEGACY_DEVICE_NAME);
    UNICODE_STRING link = RTL_CONSTANT_STRING(RAPL_LEGACY_LINK_NAME);
    PDEVICE_OBJECT device;
    NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN,
                                     FALSE, &device);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = protect(device);
    if (has(FAULT_FAILS_HALF_BUILT)) {
        return STATUS_UNSUCCESSFUL;
    }
    if (NT_SUCCESS(status)) {
        status = make_link(&link, &name);
    }
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(device);
        return status;
    }
    if (has(FAULT_REFERENCE_LEFT)) {
        ObReferenceObject(device);
    }
    faulty->device = device;
    return STATUS_SUCCESS;
}

FAULTY_INIT NTSTATUS faulty_start(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path)
{
    faulty = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*faulty), FAULTY_TAG);
    if (faulty == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(faulty, sizeof(*faulty));
    faulty->faults = read_faults(registry_path);
    ExInitializeFastMutex(&faulty->mutex);

    NTSTATUS status = make_device(driver);
    if (NT_SUCCESS(status) && !has(FAULT_FAILS_WITH_UNLOAD)) {
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(status)) {
        driver->DriverUnload = (PDRIVER_UNLOAD)(ULONG_PTR)faulty_stop;
        faulty_stop();
        return STATUS_UNSUCCESSFUL;
    }
    ExFreePoolWithTag(faulty, FAULTY_TAG);
    return status;
}

FAULTY_INIT __attribute__((noinline)) void faulty_misuse_discarded(void)
{
    __asm__ volatile("nop");
}

void faulty_stop(void)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_LEGACY_DEVICE_NAME);
    UNICODE_STRING link = RTL_CONSTANT_STRING(RAPL_LEGACY_LINK_NAME);
    faulty_misuse_at_stop();
    IoDeleteSymbolicLink(has(FAULT_WRONG_LINK) ? &name : &link);
    if (!has(FAULT_DEVICE_LEFT)) {
        IoDeleteDevice(faulty->device);
    }
    if (has(FAULT_DEVICE_TWICE)) {
        IoDeleteDevice(faulty->device);
    }
    if (!has(FAULT_POOL_LEFT)) {
        ExFreePoolWithTag(faulty, FAULTY_TAG);
    }
}
