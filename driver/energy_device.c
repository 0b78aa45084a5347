/* SPDX-License-Identifier: Apache-2.0
 *
 * The energy device's requests: core answers them, this file speaks NTSTATUS.
 */
#include "driver/driver.h"

static NTSTATUS status_of(enum rapl_energy_status status)
{
    switch (status) {
    case RAPL_ENERGY_OK:
        return STATUS_SUCCESS;
    case RAPL_ENERGY_MORE:
        return STATUS_BUFFER_OVERFLOW; /* a warning: the header goes back to the caller */
    case RAPL_ENERGY_ACCESS_DENIED:
        return STATUS_ACCESS_DENIED;
    case RAPL_ENERGY_BAD_REQUEST:
        return STATUS_INVALID_PARAMETER;
    case RAPL_ENERGY_SHORT_OUTPUT:
        return STATUS_BUFFER_TOO_SMALL;
    case RAPL_ENERGY_BAD_VERSION:
        return STATUS_REVISION_MISMATCH;
    case RAPL_ENERGY_NOT_READY:
        return STATUS_DEVICE_NOT_READY;
    case RAPL_ENERGY_UNKNOWN_CODE:
        break;
    }
    return STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS energy_device_control(struct driver *driver, const struct rapl_call *call, ULONG *written)
{
    size_t size;
    const enum rapl_energy_status status = rapl_energy_answer(&driver->energy, call, &size);
    if (status == RAPL_ENERGY_OK || status == RAPL_ENERGY_MORE) {
        *written = (ULONG)size;
    }
    return status_of(status);
}
