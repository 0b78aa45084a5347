/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts together what the service manager, the file system and the version resource say.
 */
#include "loader/installed.h"

#include "loader/service_path.h"

DWORD installed_read(SC_HANDLE handle, struct installed *out)
{
    struct installed installed = {0};
    struct loader_path windows;

    DWORD error = service_read_config(handle, &installed.config);
    if (error == ERROR_SUCCESS) {
        error = files_installed_driver(&installed.target);
    }
    if (error == ERROR_SUCCESS) {
        error = files_windows_folder(&windows);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!service_path_resolve(installed.config.image.text, windows.text, installed.path.text,
                              LOADER_PATH_CHARS)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }

    installed.at_target = service_path_equal(installed.path.text, installed.target.text);
    installed.file_there = GetFileAttributesW(installed.path.text) != INVALID_FILE_ATTRIBUTES;
    installed.has_facts = installed.file_there &&
                          driver_file_read(installed.path.text, &installed.facts) == ERROR_SUCCESS;
    *out = installed;
    return ERROR_SUCCESS;
}

bool installed_is_simulated(const struct installed *installed)
{
    return installed->has_facts && installed->facts.kind == DRIVER_SIMULATED;
}

const wchar_t *installed_version(const struct installed *installed)
{
    return installed->has_facts ? installed->facts.version : L"unknown";
}

const wchar_t *installed_label(const struct installed *installed)
{
    return installed_is_simulated(installed) ? L" (SIMULATED)" : L"";
}
