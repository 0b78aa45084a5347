/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the service manager, the driver's image and the registry about the installed driver.
 */
#include "lib/driver_state.h"

#include <windows.h>

#include <stdlib.h>
#include <string.h>

#include <rapl/abi.h>

#include "lib/driver_image.h"
#include "lib/win32_text.h"
#include "recording/recording.h"

#define PARAMETERS_KEY                                                                             \
    L"SYSTEM\\CurrentControlSet\\Services\\" RAPL_SERVICE_NAME L"\\" RAPL_PARAMETERS_KEY_NAME

static enum rapl_service_state service_state(DWORD current)
{
    switch (current) {
    case SERVICE_STOPPED:
        return RAPL_SERVICE_STOPPED;
    case SERVICE_START_PENDING:
        return RAPL_SERVICE_STARTING;
    case SERVICE_STOP_PENDING:
        return RAPL_SERVICE_STOPPING;
    case SERVICE_RUNNING:
        return RAPL_SERVICE_RUNNING;
    default:
        return RAPL_SERVICE_UNKNOWN;
    }
}

/* The service's configuration, malloc'ed; NULL and `*error` on failure. */
static QUERY_SERVICE_CONFIGW *query_config(SC_HANDLE service, uint32_t *error)
{
    DWORD size = 0;
    QUERY_SERVICE_CONFIGW *config = NULL;

    if (!QueryServiceConfigW(service, NULL, 0, &size) &&
        GetLastError() == ERROR_INSUFFICIENT_BUFFER) {
        config = malloc(size);
    }
    if (config != NULL && QueryServiceConfigW(service, config, size, &size)) {
        return config;
    }
    *error = GetLastError();
    free(config);
    return NULL;
}

static void query_image(const wchar_t *image_path, struct rapl_driver_state *out)
{
    wchar_t path[RAPL_IMAGE_PATH_MAX];
    struct rapl_image_version version;
    bool read = false;

    if (rapl_image_path_resolve(image_path, path)) {
        uint32_t error = rapl_image_version_read(path, &version);

        rapl_utf8_from_wide(path, out->image_path, sizeof(out->image_path));
        read = error == 0;
        if (!read) {
            out->error = error;
        }
    }
    if (read) {
        memcpy(out->file_version, version.file_version, sizeof(out->file_version));
    }
    out->simulated =
        (uint8_t)rapl_driver_is_simulated(out->display_name, read ? version.special_build : NULL);
}

static void query_service(SC_HANDLE service, struct rapl_driver_state *out)
{
    SERVICE_STATUS status;
    QUERY_SERVICE_CONFIGW *config;

    if (QueryServiceStatus(service, &status)) {
        out->service = (uint8_t)service_state(status.dwCurrentState);
    } else {
        out->error = GetLastError();
    }
    config = query_config(service, &out->error);
    if (config == NULL) {
        return;
    }
    if (config->lpDisplayName != NULL) {
        rapl_utf8_from_wide(config->lpDisplayName, out->display_name, sizeof(out->display_name));
    }
    query_image(config->lpBinaryPathName != NULL ? config->lpBinaryPathName : L"", out);
    free(config);
}

/* The Recording value, malloc'ed; NULL and `*error` on failure. */
static wchar_t *recording_path(uint32_t *error)
{
    DWORD size = 0;
    wchar_t *path = NULL;
    LSTATUS status = RegGetValueW(HKEY_LOCAL_MACHINE, PARAMETERS_KEY, RAPL_RECORDING_VALUE_NAME,
                                  RRF_RT_REG_SZ, NULL, NULL, &size);

    if (status == ERROR_SUCCESS) {
        path = malloc(size);
        status = path == NULL
                     ? ERROR_NOT_ENOUGH_MEMORY
                     : RegGetValueW(HKEY_LOCAL_MACHINE, PARAMETERS_KEY, RAPL_RECORDING_VALUE_NAME,
                                    RRF_RT_REG_SZ, NULL, path, &size);
    }
    if (status == ERROR_SUCCESS) {
        return path;
    }
    *error = (uint32_t)status;
    free(path);
    return NULL;
}

void rapl_driver_state_query(struct rapl_driver_state *out)
{
    SC_HANDLE manager;
    SC_HANDLE service;
    wchar_t *recording;
    uint32_t ignored;

    memset(out, 0, sizeof(*out));
    manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    if (manager == NULL) {
        out->error = GetLastError();
        return;
    }
    service = OpenServiceW(manager, RAPL_SERVICE_NAME, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS);
    if (service != NULL) {
        query_service(service, out);
        CloseServiceHandle(service);
    } else if (GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST) {
        out->service = RAPL_SERVICE_ABSENT;
    } else {
        out->error = GetLastError();
    }
    CloseServiceHandle(manager);

    recording = recording_path(&ignored);
    if (recording != NULL) {
        rapl_utf8_from_wide(recording, out->recording_path, sizeof(out->recording_path));
    }
    free(recording);
}

/* The whole file, malloc'ed; NULL and `*error` on failure. */
static char *read_file(HANDLE file, size_t *size, uint32_t *error)
{
    LARGE_INTEGER length;
    DWORD got = 0;
    char *text;

    if (!GetFileSizeEx(file, &length)) {
        *error = GetLastError();
        return NULL;
    }
    if (length.QuadPart > RECORDING_TEXT_MAX) {
        *error = ERROR_FILE_TOO_LARGE;
        return NULL;
    }
    text = malloc((size_t)length.QuadPart + 1);
    if (text == NULL) {
        *error = ERROR_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    if (!ReadFile(file, text, (DWORD)length.QuadPart, &got, NULL)) {
        *error = GetLastError();
        free(text);
        return NULL;
    }
    *size = got;
    return text;
}

char *rapl_driver_recording_read(size_t *size, uint32_t *error)
{
    wchar_t *path = recording_path(error);
    HANDLE file;
    char *text = NULL;

    if (path == NULL) {
        return NULL;
    }
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        text = read_file(file, size, error);
        CloseHandle(file);
    } else {
        *error = GetLastError();
    }
    free(path);
    return text;
}
