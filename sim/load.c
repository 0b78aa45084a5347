/* SPDX-License-Identifier: Apache-2.0
 *
 * From the service's Parameters key to a parsed recording.
 */
#include "sim/load.h"

#include <rapl/abi.h>

#define PATH_PREFIX L"\\??\\"
#define PATH_CHARS  1024u

static NTSTATUS open_parameters(PUNICODE_STRING registry_path, HANDLE *key)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE service;
    InitializeObjectAttributes(&attributes, registry_path, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
                               NULL, NULL);
    NTSTATUS status = ZwOpenKey(&service, KEY_READ, &attributes);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_PARAMETERS_KEY_NAME);
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
                               service, NULL);
    status = ZwOpenKey(key, KEY_READ, &attributes);
    ZwClose(service);
    return status;
}

/* Parameters\Recording as an NT path in `path`, which has room for PATH_CHARS characters. */
static NTSTATUS query_path(HANDLE key, PUNICODE_STRING path)
{
    const ULONG size = sizeof(KEY_VALUE_PARTIAL_INFORMATION) + PATH_CHARS * sizeof(WCHAR);
    KEY_VALUE_PARTIAL_INFORMATION *info = ExAllocatePoolWithTag(NonPagedPoolNx, size, SIM_POOL_TAG);
    if (info == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }

    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_RECORDING_VALUE_NAME);
    ULONG length;
    NTSTATUS status = ZwQueryValueKey(key, &name, KeyValuePartialInformation, info, size, &length);
    const ULONG prefix = sizeof(PATH_PREFIX) - sizeof(WCHAR);
    if (NT_SUCCESS(status) &&
        (info->Type != REG_SZ || info->DataLength + prefix > PATH_CHARS * sizeof(WCHAR))) {
        status = STATUS_INVALID_PARAMETER;
    }
    if (NT_SUCCESS(status)) {
        RtlCopyMemory(path->Buffer, PATH_PREFIX, prefix);
        RtlCopyMemory((UCHAR *)path->Buffer + prefix, info->Data, info->DataLength);
        ULONG chars = (prefix + info->DataLength) / sizeof(WCHAR);
        while (chars > 0 && path->Buffer[chars - 1] == L'\0') {
            chars--;
        }
        path->Length = (USHORT)(chars * sizeof(WCHAR));
    }
    ExFreePoolWithTag(info, SIM_POOL_TAG);
    return status;
}

/* The whole file in pool. */
static NTSTATUS read_file(PUNICODE_STRING path, char **text, ULONG *size)
{
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK io;
    HANDLE file;
    InitializeObjectAttributes(&attributes, path, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    NTSTATUS status = ZwCreateFile(&file, FILE_READ_DATA | SYNCHRONIZE, &attributes, &io, NULL,
                                   FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ, FILE_OPEN,
                                   FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    FILE_STANDARD_INFORMATION info;
    status = ZwQueryInformationFile(file, &io, &info, sizeof(info), FileStandardInformation);
    if (NT_SUCCESS(status) &&
        (info.EndOfFile.QuadPart == 0 || info.EndOfFile.QuadPart > RECORDING_TEXT_MAX)) {
        status = STATUS_INVALID_PARAMETER;
    }
    char *buffer = NULL;
    if (NT_SUCCESS(status)) {
        buffer =
            ExAllocatePoolWithTag(NonPagedPoolNx, (SIZE_T)info.EndOfFile.QuadPart, SIM_POOL_TAG);
        status = buffer == NULL ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
    }
    if (NT_SUCCESS(status)) {
        status = ZwReadFile(file, NULL, NULL, NULL, &io, buffer, (ULONG)info.EndOfFile.QuadPart,
                            NULL, NULL);
    }
    ZwClose(file);
    if (!NT_SUCCESS(status)) {
        if (buffer != NULL) {
            ExFreePoolWithTag(buffer, SIM_POOL_TAG);
        }
        return status;
    }
    *text = buffer;
    *size = (ULONG)io.Information;
    return STATUS_SUCCESS;
}

static NTSTATUS parse(const char *text, ULONG size, struct recording *recording, void **arena)
{
    const size_t arena_size = recording_arena_size(size);
    void *memory = ExAllocatePoolWithTag(NonPagedPoolNx, arena_size, SIM_POOL_TAG);
    if (memory == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    struct recording_error error;
    if (!recording_parse(text, size, memory, arena_size, recording, &error)) {
        DbgPrint("ScaphandreDrv (SIMULATED): recording refused, line %u column %u: %s\n",
                 error.line, error.column, error.message);
        ExFreePoolWithTag(memory, SIM_POOL_TAG);
        return STATUS_INVALID_PARAMETER;
    }
    *arena = memory;
    return STATUS_SUCCESS;
}

NTSTATUS sim_load(PUNICODE_STRING registry_path, struct recording *recording, void **arena)
{
    HANDLE key;
    NTSTATUS status = open_parameters(registry_path, &key);
    if (!NT_SUCCESS(status)) {
        return status;
    }

    UNICODE_STRING path = {.MaximumLength = PATH_CHARS * sizeof(WCHAR)};
    path.Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, path.MaximumLength, SIM_POOL_TAG);
    status = path.Buffer == NULL ? STATUS_INSUFFICIENT_RESOURCES : query_path(key, &path);
    ZwClose(key);

    char *text = NULL;
    ULONG size = 0;
    if (NT_SUCCESS(status)) {
        status = read_file(&path, &text, &size);
    }
    if (path.Buffer != NULL) {
        ExFreePoolWithTag(path.Buffer, SIM_POOL_TAG);
    }
    if (!NT_SUCCESS(status)) {
        return status;
    }

    status = parse(text, size, recording, arena);
    ExFreePoolWithTag(text, SIM_POOL_TAG);
    return status;
}
