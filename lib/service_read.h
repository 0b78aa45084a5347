/* SPDX-License-Identifier: Apache-2.0
 *
 * What the service manager and the registry have of the driver's service; reading only. Functions
 * return 0 or a Windows error code, and leave their out parameters alone if they fail. Win32 only.
 */
#ifndef RAPL_LIB_SERVICE_READ_H
#define RAPL_LIB_SERVICE_READ_H

#include <windows.h>

#include <rapl/abi.h>

#include "lib/service_path.h"

#define RAPL_SERVICE_KEY    L"SYSTEM\\CurrentControlSet\\Services\\" RAPL_SERVICE_NAME
#define RAPL_PARAMETERS_KEY RAPL_SERVICE_KEY L"\\" RAPL_PARAMETERS_KEY_NAME

/* What is registered. */
struct rapl_service_config {
    DWORD type;
    DWORD start;
    DWORD error_control;
    wchar_t image[RAPL_PATH_CHARS]; /* as stored: see rapl_service_path_resolve */
    wchar_t display_name[257];
};

/* `service` needs SERVICE_QUERY_CONFIG. */
DWORD rapl_service_config_read(SC_HANDLE service, struct rapl_service_config *out);

/* The file that an image path means, as a path that programs can open. */
DWORD rapl_service_image_path(const wchar_t *image, wchar_t out[RAPL_PATH_CHARS]);

/* The recording that the simulated driver is to play: the value under the Parameters key. */
DWORD rapl_service_recording_path(wchar_t out[RAPL_PATH_CHARS]);

#endif
