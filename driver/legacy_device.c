/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy device's request: core answers it, this file speaks NTSTATUS.
 */
#include "driver/driver.h"

static NTSTATUS status_of(enum rapl_legacy_status status)
{
    switch (status) {
    case RAPL_LEGACY_OK:
        return STATUS_SUCCESS;
    case RAPL_LEGACY_ACCESS_DENIED:
        return STATUS_ACCESS_DENIED;
    case RAPL_LEGACY_BAD_INPUT:
        return STATUS_INVALID_PARAMETER;
    case RAPL_LEGACY_SHORT_OUTPUT:
        return STATUS_BUFFER_TOO_SMALL;
    case RAPL_LEGACY_IO_ERROR:
        return STATUS_IO_DEVICE_ERROR;
    case RAPL_LEGACY_NOT_BUFFERED:
    case RAPL_LEGACY_NOT_ALLOWED:
        break;
    }
    return STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS legacy_device_control(struct driver *driver, const struct rapl_call *call, ULONG *written)
{
    size_t size;
    const enum rapl_legacy_status status = rapl_legacy_answer(&driver->inventory, call, &size);
    if (status == RAPL_LEGACY_OK) {
        *written = (ULONG)size;
    }
    return status_of(status);
}
