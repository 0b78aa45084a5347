/* SPDX-License-Identifier: Apache-2.0
 *
 * The service's Parameters key. Whatever is missing or malformed becomes the safe default. It is
 * read at load, and at each start of a device: handles of before may have kept the image loaded.
 */
#include "driver/driver.h"

#include <rapl/abi.h>

static HANDLE open_parameters(PUNICODE_STRING registry_path)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE service;
    InitializeObjectAttributes(&attributes, registry_path, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
                               NULL, NULL);
    if (!NT_SUCCESS(ZwOpenKey(&service, KEY_READ, &attributes))) {
        return NULL;
    }

    UNICODE_STRING name = RTL_CONSTANT_STRING(RAPL_PARAMETERS_KEY_NAME);
    HANDLE parameters;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE,
                               service, NULL);
    NTSTATUS status = ZwOpenKey(&parameters, KEY_READ, &attributes);
    ZwClose(service);
    return NT_SUCCESS(status) ? parameters : NULL;
}

/* The DWORD if it is one and lies within [min, max], else `otherwise`. */
static ULONG read_dword(HANDLE key, PUNICODE_STRING name, ULONG min, ULONG max, ULONG otherwise)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION info;
        UCHAR room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    } buffer;
    ULONG length;
    NTSTATUS status =
        ZwQueryValueKey(key, name, KeyValuePartialInformation, &buffer, sizeof(buffer), &length);
    if (!NT_SUCCESS(status) || buffer.info.Type != REG_DWORD ||
        buffer.info.DataLength != sizeof(ULONG)) {
        return otherwise;
    }

    ULONG value;
    RtlCopyMemory(&value, buffer.info.Data, sizeof(value));
    return value >= min && value <= max ? value : otherwise;
}

void settings_read(struct driver *driver)
{
    struct driver_settings *settings = &driver->settings;
    UNICODE_STRING access = RTL_CONSTANT_STRING(RAPL_ACCESS_VALUE_NAME);
    UNICODE_STRING coarse = RTL_CONSTANT_STRING(RAPL_COARSE_MS_VALUE_NAME);
    UNICODE_STRING linger = RTL_CONSTANT_STRING(RAPL_LINGER_MINUTES_VALUE_NAME);
    UNICODE_STRING mode = RTL_CONSTANT_STRING(RAPL_MODE_VALUE_NAME);
    UNICODE_STRING accumulate = RTL_CONSTANT_STRING(RAPL_ACCUMULATE_VALUE_NAME);

    settings->access_policy = RAPL_ACCESS_ADMINS;
    settings->coarse_ms = RAPL_COARSE_MS_DEFAULT;
    settings->linger_minutes = RAPL_LINGER_MINUTES_DEFAULT;
    settings->accumulate = FALSE;
    settings->pnp = FALSE;

    HANDLE key = open_parameters(&driver->registry_path);
    if (key == NULL) {
        return;
    }
    settings->access_policy =
        read_dword(key, &access, RAPL_ACCESS_ADMINS, RAPL_ACCESS_UNRESTRICTED, RAPL_ACCESS_ADMINS);
    settings->coarse_ms =
        read_dword(key, &coarse, RAPL_COARSE_MS_MIN, RAPL_COARSE_MS_MAX, RAPL_COARSE_MS_DEFAULT);
    settings->linger_minutes =
        read_dword(key, &linger, 0, RAPL_LINGER_MINUTES_MAX, RAPL_LINGER_MINUTES_DEFAULT);
    settings->accumulate = read_dword(key, &accumulate, 0, 1, 0) == 1;
    settings->pnp = read_dword(key, &mode, RAPL_MODE_SERVICE, RAPL_MODE_DEVICE,
                               RAPL_MODE_SERVICE) == RAPL_MODE_DEVICE;
    ZwClose(key);
}
