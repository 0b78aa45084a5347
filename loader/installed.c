/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts together what the service manager, the file system and the version resource say.
 */
#include "loader/installed.h"

DWORD installed_read(SC_HANDLE handle, struct installed *out)
{
    struct installed installed = {0};

    DWORD error = rapl_service_config_read(handle, &installed.config);
    if (error == ERROR_SUCCESS) {
        error = files_installed_driver(&installed.target);
    }
    if (error == ERROR_SUCCESS) {
        error = rapl_service_image_path(installed.config.image, installed.path.text);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }

    installed.at_target = rapl_service_path_equal(installed.path.text, installed.target.text);
    installed.file_there = GetFileAttributesW(installed.path.text) != INVALID_FILE_ATTRIBUTES;
    (void)rapl_image_version_read(installed.path.text, &installed.version);
    installed.kind = rapl_image_kind(&installed.version);
    *out = installed;
    return ERROR_SUCCESS;
}

bool installed_is_simulated(const struct installed *installed)
{
    return installed->kind == RAPL_IMAGE_SIMULATED;
}

const char *installed_version(const struct installed *installed)
{
    return installed->version.file_version[0] != '\0' ? installed->version.file_version : "unknown";
}

const wchar_t *installed_label(const struct installed *installed)
{
    return installed_is_simulated(installed) ? L" (SIMULATED)" : L"";
}
