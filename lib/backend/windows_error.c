/* SPDX-License-Identifier: Apache-2.0
 *
 * From Windows' codes to the library's errors.
 */
#include "lib/backend/windows_error.h"

#include <stdio.h>

bool windows_is_gone(uint32_t code)
{
    switch (code) {
    case RAPL_ERROR_FILE_NOT_FOUND:
    case RAPL_ERROR_INVALID_HANDLE:
    case RAPL_ERROR_DEVICE_NOT_EXIST:
    case RAPL_ERROR_NO_SUCH_DEVICE:
    case RAPL_ERROR_OPERATION_ABORTED:
    case RAPL_ERROR_DEVICE_NOT_CONNECTED:
    case RAPL_ERROR_DEVICE_REMOVED:
        return true;
    default:
        return false;
    }
}

int windows_open_error(uint32_t code)
{
    switch (code) {
    case RAPL_ERROR_FILE_NOT_FOUND:
    case RAPL_ERROR_PATH_NOT_FOUND:
        return RAPL_ERROR_NOT_HERE;
    case RAPL_ERROR_ACCESS_DENIED:
        return RAPL_ERROR_DENIED;
    case RAPL_ERROR_NOT_ENOUGH_MEMORY:
        return RAPL_ERROR_MEMORY;
    default:
        return windows_is_gone(code) ? RAPL_ERROR_GONE : RAPL_ERROR_SYSTEM;
    }
}

void windows_explain(enum rapl_operation operation, uint32_t code, struct backend_report *report)
{
    const struct rapl_error_text *const text = rapl_error_text(operation, code);

    report->system_error = code;
    snprintf(report->reason, sizeof(report->reason), "%s (Windows error %u)", text->meaning,
             (unsigned)code);
    snprintf(report->remedy, sizeof(report->remedy), "%s",
             text->remedy != NULL ? text->remedy : "");
}
