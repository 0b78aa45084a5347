/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: system services on keys, handles and descriptors.
 */
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/objects.h"
#include "tests/harness/registry.h"
#include "tests/harness/security.h"
#include "tests/harness/verifier.h"

#include <string.h>

static NTSTATUS do_ZwOpenKey(PHANDLE out, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes)
{
    uint32_t from = REGISTRY_NO_KEY;
    if (attributes->Length != sizeof(*attributes)) {
        verifier_report(FINDING_ARGUMENT, "ZwOpenKey: OBJECT_ATTRIBUTES.Length is %lu",
                        attributes->Length);
        return STATUS_INVALID_PARAMETER;
    }
    if ((attributes->Attributes & OBJ_KERNEL_HANDLE) == 0) {
        verifier_report(FINDING_HANDLE, "ZwOpenKey without OBJ_KERNEL_HANDLE");
    }
    if (attributes->RootDirectory != NULL) {
        const struct handle *root =
            handle_of(attributes->RootDirectory, HANDLE_KEY, 0, "ZwOpenKey");
        if (root == NULL) {
            return STATUS_INVALID_HANDLE;
        }
        from = root->key;
    }
    const UNICODE_STRING *name = attributes->ObjectName;
    const enum registry_key key =
        registry_open((enum registry_key)from, name->Buffer, name->Length / sizeof(WCHAR));
    if (key == REGISTRY_NO_KEY) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    const struct generic_mapping mapping = {KEY_READ, KEY_WRITE, KEY_EXECUTE, KEY_ALL_ACCESS};
    const struct handle handle = {
        .kind = HANDLE_KEY, .access = map_generic(access, &mapping), .key = (uint32_t)key};
    *out = handle_create(handle);
    return STATUS_SUCCESS;
}

static NTSTATUS do_ZwQueryValueKey(HANDLE key, PUNICODE_STRING name,
                                   KEY_VALUE_INFORMATION_CLASS class, PVOID buffer, ULONG length,
                                   PULONG result_length)
{
    const ULONG header = FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data);
    const struct handle *handle = handle_of(key, HANDLE_KEY, KEY_QUERY_VALUE, "ZwQueryValueKey");
    if (handle == NULL) {
        return STATUS_INVALID_HANDLE;
    }
    if (class != KeyValuePartialInformation) {
        verifier_report(FINDING_ARGUMENT, "ZwQueryValueKey: class %d is not modelled", class);
        return STATUS_INVALID_PARAMETER;
    }
    const struct registry_value *value =
        registry_value((enum registry_key)handle->key, name->Buffer, name->Length / sizeof(WCHAR));
    if (value == NULL) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    *result_length = header + value->size;
    if (length < header) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    KEY_VALUE_PARTIAL_INFORMATION *information = buffer;
    information->TitleIndex = 0;
    information->Type = value->type;
    information->DataLength = value->size;
    memcpy(information->Data, value->data, min(value->size, length - header));
    return value->size > length - header ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS do_ZwClose(HANDLE handle)
{
    return handle_close(handle) ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

static NTSTATUS do_ZwSetSecurityObject(HANDLE value, SECURITY_INFORMATION information,
                                       PSECURITY_DESCRIPTOR descriptor)
{
    ACCESS_MASK needed = 0;
    if ((information & DACL_SECURITY_INFORMATION) != 0) {
        needed |= WRITE_DAC;
    }
    if ((information & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION)) != 0) {
        needed |= WRITE_OWNER;
    }
    const struct handle *handle = handle_of(value, HANDLE_DEVICE, needed, "ZwSetSecurityObject");
    if (handle == NULL) {
        return STATUS_ACCESS_DENIED;
    }
    if ((information & DACL_SECURITY_INFORMATION) == 0) {
        return STATUS_SUCCESS;
    }
    if (!device_set_descriptor(handle->device, descriptor)) {
        verifier_report(FINDING_ARGUMENT, "ZwSetSecurityObject: malformed descriptor");
        return STATUS_INVALID_SECURITY_DESCR;
    }
    return STATUS_SUCCESS;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(ZwOpenKey, IMPORT_KERNEL, BUILD_2000, 0, 0, fail_no_resources),
    IMPORT_FUNCTION(ZwQueryValueKey, IMPORT_KERNEL, BUILD_2000, 0, 0, fail_no_resources),
    IMPORT_FUNCTION(ZwClose, IMPORT_KERNEL, BUILD_2003, 0, 0, NULL),
    IMPORT_FUNCTION(ZwSetSecurityObject, IMPORT_KERNEL, BUILD_XP, 0, 0, fail_denied),
};

IMPORT_PART(imports_zw, rows);
