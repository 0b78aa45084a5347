/* SPDX-License-Identifier: Apache-2.0
 *
 * The Parameters key. The service's own key gives it its access rights: users may read it only.
 */
#include "loader/settings.h"

#include <string.h>

#include "lib/service_read.h"

static DWORD none_is_fine(LSTATUS error)
{
    return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : (DWORD)error;
}

DWORD settings_load(struct settings *out)
{
    struct settings settings = {0};
    DWORD size = sizeof(settings.access);

    LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY, RAPL_ACCESS_VALUE_NAME,
                                 RRF_RT_REG_DWORD, NULL, &settings.access, &size);
    settings.has_access = error == ERROR_SUCCESS && settings.access <= RAPL_ACCESS_UNRESTRICTED;
    if (error == ERROR_ACCESS_DENIED) {
        return (DWORD)error;
    }

    DWORD mode = RAPL_MODE_SERVICE;
    size = sizeof(mode);
    error = RegGetValueW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY, RAPL_MODE_VALUE_NAME,
                         RRF_RT_REG_DWORD, NULL, &mode, &size);
    settings.is_device = error == ERROR_SUCCESS && mode == RAPL_MODE_DEVICE;
    settings.has_recording = rapl_service_recording_path(settings.recording.text) == ERROR_SUCCESS;
    *out = settings;
    return ERROR_SUCCESS;
}

static DWORD store_recording(HKEY key, const struct settings *settings)
{
    if (!settings->has_recording) {
        return none_is_fine(RegDeleteValueW(key, RAPL_RECORDING_VALUE_NAME));
    }

    const wchar_t *text = settings->recording.text;
    return (DWORD)RegSetValueExW(key, RAPL_RECORDING_VALUE_NAME, 0, REG_SZ, (const BYTE *)text,
                                 (DWORD)((wcslen(text) + 1) * sizeof(*text)));
}

static DWORD store_access(HKEY key, const struct settings *settings)
{
    if (!settings->has_access) {
        return none_is_fine(RegDeleteValueW(key, RAPL_ACCESS_VALUE_NAME));
    }
    return (DWORD)RegSetValueExW(key, RAPL_ACCESS_VALUE_NAME, 0, REG_DWORD,
                                 (const BYTE *)&settings->access, sizeof(settings->access));
}

/* Nothing is the mode of a service. */
static DWORD store_mode(HKEY key, const struct settings *settings)
{
    const DWORD mode = RAPL_MODE_DEVICE;

    if (!settings->is_device) {
        return none_is_fine(RegDeleteValueW(key, RAPL_MODE_VALUE_NAME));
    }
    return (DWORD)RegSetValueExW(key, RAPL_MODE_VALUE_NAME, 0, REG_DWORD, (const BYTE *)&mode,
                                 sizeof(mode));
}

DWORD settings_store(const struct settings *settings)
{
    HKEY service;
    HKEY key;

    /* Two steps, so that no service key comes into being where there is no service. */
    LSTATUS error =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, RAPL_SERVICE_KEY, 0, KEY_CREATE_SUB_KEY, &service);
    if (error != ERROR_SUCCESS) {
        return (DWORD)error;
    }
    error = RegCreateKeyExW(service, RAPL_PARAMETERS_KEY_NAME, 0, NULL, REG_OPTION_NON_VOLATILE,
                            KEY_SET_VALUE, NULL, &key, NULL);
    RegCloseKey(service);
    if (error != ERROR_SUCCESS) {
        return (DWORD)error;
    }

    DWORD stored = store_recording(key, settings);
    if (stored == ERROR_SUCCESS) {
        stored = store_access(key, settings);
    }
    if (stored == ERROR_SUCCESS) {
        stored = store_mode(key, settings);
    }
    RegCloseKey(key);
    return stored;
}

DWORD settings_delete(void)
{
    return none_is_fine(RegDeleteTreeW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY));
}
