/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the service manager and the registry.
 */
#include "lib/service_read.h"

#include <string.h>

#include "lib/last_error.h"

/* False if it does not fit: half a path is another path. */
static bool copy_text(wchar_t *out, size_t size, const wchar_t *text)
{
    const wchar_t *const given = text != NULL ? text : L"";

    if (wcslen(given) >= size) {
        return false;
    }
    wcscpy(out, given);
    return true;
}

DWORD rapl_service_config_read(SC_HANDLE service, struct rapl_service_config *out)
{
    union {
        QUERY_SERVICE_CONFIGW config;
        BYTE room[8192]; /* the most that Windows returns */
    } buffer;
    struct rapl_service_config config;
    DWORD needed;

    if (!QueryServiceConfigW(service, &buffer.config, sizeof(buffer), &needed)) {
        return last_error();
    }
    config.type = buffer.config.dwServiceType;
    config.start = buffer.config.dwStartType;
    config.error_control = buffer.config.dwErrorControl;
    if (!copy_text(config.image, RAPL_PATH_CHARS, buffer.config.lpBinaryPathName) ||
        !copy_text(config.display_name,
                   sizeof(config.display_name) / sizeof(config.display_name[0]),
                   buffer.config.lpDisplayName)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    *out = config;
    return ERROR_SUCCESS;
}

DWORD rapl_service_image_path(const wchar_t *image, wchar_t out[RAPL_PATH_CHARS])
{
    wchar_t windows[RAPL_PATH_CHARS];
    const UINT length = GetSystemWindowsDirectoryW(windows, RAPL_PATH_CHARS);

    if (length == 0) {
        return last_error();
    }
    return length < RAPL_PATH_CHARS &&
                   rapl_service_path_resolve(image, windows, out, RAPL_PATH_CHARS)
               ? ERROR_SUCCESS
               : ERROR_FILENAME_EXCED_RANGE;
}

DWORD rapl_service_recording_path(wchar_t out[RAPL_PATH_CHARS])
{
    wchar_t path[RAPL_PATH_CHARS];
    DWORD size = sizeof(path);
    const LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY,
                                       RAPL_RECORDING_VALUE_NAME, RRF_RT_REG_SZ, NULL, path, &size);

    if (error == ERROR_SUCCESS) {
        wcscpy(out, path);
    }
    return (DWORD)error;
}
