/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks the service manager, the driver's image and the registry about the installed driver.
 */
#include "lib/driver_state.h"

#include <windows.h>

#include <string.h>

#include "lib/driver_image.h"
#include "lib/last_error.h"
#include "lib/service_read.h"
#include "lib/utf.h"

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

static void query_image(const wchar_t *image, struct rapl_driver_state *out)
{
    wchar_t path[RAPL_PATH_CHARS];
    struct rapl_image_version version;
    const char *special_build = NULL;
    uint32_t error = rapl_service_image_path(image, path);

    if (error == 0) {
        (void)rapl_utf8_from_wide(path, out->image_path, sizeof(out->image_path));
        error = rapl_image_version_read(path, &version);
    }
    if (error == 0) {
        memcpy(out->file_version, version.file_version, sizeof(out->file_version));
        special_build = version.special_build;
    } else {
        out->error = error;
    }
    out->simulated = (uint8_t)rapl_driver_is_simulated(out->display_name, special_build);
}

static void query_service(SC_HANDLE service, struct rapl_driver_state *out)
{
    SERVICE_STATUS status;
    struct rapl_service_config config;
    DWORD error;

    if (QueryServiceStatus(service, &status)) {
        out->service = (uint8_t)service_state(status.dwCurrentState);
    } else {
        out->error = last_error();
    }
    error = rapl_service_config_read(service, &config);
    if (error != 0) {
        out->error = error;
        return;
    }
    (void)rapl_utf8_from_wide(config.display_name, out->display_name, sizeof(out->display_name));
    query_image(config.image, out);
}

void rapl_driver_state_query(struct rapl_driver_state *out)
{
    SC_HANDLE manager;
    SC_HANDLE service;
    wchar_t recording[RAPL_PATH_CHARS];

    memset(out, 0, sizeof(*out));
    manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    if (manager == NULL) {
        out->error = last_error();
        return;
    }
    service = OpenServiceW(manager, RAPL_SERVICE_NAME, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS);
    if (service != NULL) {
        query_service(service, out);
        CloseServiceHandle(service);
    } else {
        const DWORD error = last_error();

        if (error == ERROR_SERVICE_DOES_NOT_EXIST) {
            out->service = RAPL_SERVICE_ABSENT;
        } else {
            out->error = error;
        }
    }
    CloseServiceHandle(manager);

    if (rapl_service_recording_path(recording) == 0) {
        (void)rapl_utf8_from_wide(recording, out->recording_path, sizeof(out->recording_path));
    }
}
