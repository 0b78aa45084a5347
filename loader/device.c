/* SPDX-License-Identifier: Apache-2.0
 *
 * The root device over SetupAPI.
 */
#include "loader/device.h"

#include <stddef.h>
#include <string.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "lib/service_path.h"
#include "loader/device_api.h"
#include "loader/text.h"

#define POLL_MS 50u

/* DEVPKEY_Device_ProblemStatus (Windows 8.1): the NTSTATUS that the driver or the loader gave. */
static const DEVPROPKEY problem_status_key = {
    {0x4340a6c5, 0x93fa, 0x4706, {0x97, 0x2c, 0x7b, 0x64, 0x80, 0x08, 0xa5, 0xa7}}, 12};

/* In ntdll of every Windows; MinGW's headers have it for drivers only. */
NTSYSAPI ULONG NTAPI RtlNtStatusToDosError(LONG status);

/* One device in a list of its own. */
struct opened {
    const struct device_api *api;
    HDEVINFO list;
    SP_DEVINFO_DATA data;
};

static void close_opened(struct opened *opened)
{
    opened->api->SetupDiDestroyDeviceInfoList(opened->list);
}

static DWORD open_device(const struct device *device, struct opened *out)
{
    struct opened opened = {.data = {.cbSize = sizeof(opened.data)}};

    const DWORD error = device_api_get(&opened.api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    opened.list = opened.api->SetupDiCreateDeviceInfoList(NULL, NULL);
    if (opened.list == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    if (!opened.api->SetupDiOpenDeviceInfoW(opened.list, device->instance_id, NULL, 0,
                                            &opened.data)) {
        const DWORD not_opened = last_error();
        close_opened(&opened);
        return not_opened;
    }
    *out = opened;
    return ERROR_SUCCESS;
}

static bool has_our_id(const struct device_api *api, HDEVINFO list, SP_DEVINFO_DATA *data)
{
    wchar_t ids[512] = {0}; /* a list of strings; ends with an empty one */
    DWORD type = 0;

    if (!api->SetupDiGetDeviceRegistryPropertyW(list, data, SPDRP_HARDWAREID, &type, (BYTE *)ids,
                                                sizeof(ids) - 2 * sizeof(ids[0]), NULL) ||
        type != REG_MULTI_SZ) {
        return false;
    }
    for (const wchar_t *id = ids; id[0] != L'\0'; id += wcslen(id) + 1) {
        if (rapl_service_path_equal(id, RAPL_HARDWARE_ID)) {
            return true;
        }
    }
    return false;
}

/* The package it was installed from: the driver key's InfPath is a name in Windows' INF folder. */
static void read_package(const struct device_api *api, HDEVINFO list, SP_DEVINFO_DATA *data,
                         struct device *device)
{
    DWORD size = sizeof(device->package);

    device->package[0] = L'\0';
    const HKEY key =
        api->SetupDiOpenDevRegKey(list, data, DICS_FLAG_GLOBAL, 0, DIREG_DRV, KEY_QUERY_VALUE);
    if (key == INVALID_HANDLE_VALUE) {
        return;
    }
    if (RegGetValueW(key, NULL, L"InfPath", RRF_RT_REG_SZ, NULL, device->package, &size) !=
        ERROR_SUCCESS) {
        device->package[0] = L'\0';
    }
    RegCloseKey(key);
}

static DWORD read_device(const struct device_api *api, HDEVINFO list, SP_DEVINFO_DATA *data,
                         struct device *out)
{
    if (!api->SetupDiGetDeviceInstanceIdW(list, data, out->instance_id, DEVICE_ID_CHARS, NULL)) {
        return last_error();
    }
    read_package(api, list, data, out);
    return ERROR_SUCCESS;
}

DWORD devices_find(struct devices *out)
{
    const struct device_api *api;
    struct devices found = {0};
    SP_DEVINFO_DATA data = {.cbSize = sizeof(data)};

    DWORD error = device_api_get(&api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    const HDEVINFO list = api->SetupDiGetClassDevsW(NULL, L"ROOT", NULL, DIGCF_ALLCLASSES);
    if (list == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    for (DWORD i = 0; api->SetupDiEnumDeviceInfo(list, i, &data) && error == ERROR_SUCCESS; i++) {
        if (has_our_id(api, list, &data) && found.count < DEVICES_MAX) {
            error = read_device(api, list, &data, &found.device[found.count++]);
        }
    }
    api->SetupDiDestroyDeviceInfoList(list);
    if (error == ERROR_SUCCESS) {
        *out = found;
    }
    return error;
}

/* The device exists, for Windows, when DIF_REGISTERDEVICE has succeeded. */
static DWORD register_in(struct opened *opened, const wchar_t *class_name, const GUID *class,
                         struct device *out)
{
    static const wchar_t ids[] = RAPL_HARDWARE_ID L"\0"; /* with the literal's own: two zeros */
    const struct device_api *api = opened->api;

    if (!api->SetupDiCreateDeviceInfoW(opened->list, class_name, class, NULL, NULL,
                                       DICD_GENERATE_ID, &opened->data) ||
        !api->SetupDiSetDeviceRegistryPropertyW(opened->list, &opened->data, SPDRP_HARDWAREID,
                                                (const BYTE *)ids, sizeof(ids)) ||
        !api->SetupDiCallClassInstaller(DIF_REGISTERDEVICE, opened->list, &opened->data)) {
        return last_error();
    }
    return read_device(api, opened->list, &opened->data, out);
}

DWORD device_register(const wchar_t *inf, struct device *out)
{
    struct opened opened = {.data = {.cbSize = sizeof(opened.data)}};
    wchar_t class_name[64];
    struct device device;
    GUID class;

    DWORD error = device_api_get(&opened.api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!opened.api->SetupDiGetINFClassW(inf, &class, class_name, TEXT_CHARS(class_name), NULL)) {
        return last_error();
    }
    opened.list = opened.api->SetupDiCreateDeviceInfoList(&class, NULL);
    if (opened.list == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    error = register_in(&opened, class_name, &class, &device);
    close_opened(&opened);
    if (error == ERROR_SUCCESS) {
        *out = device;
    }
    return error;
}

DWORD device_update(const wchar_t *inf, bool *restart_needed)
{
    const struct device_api *api;
    BOOL restart = FALSE;

    const DWORD error = device_api_get(&api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!api->UpdateDriverForPlugAndPlayDevicesW(NULL, RAPL_HARDWARE_ID, inf,
                                                 INSTALLFLAG_FORCE | INSTALLFLAG_NONINTERACTIVE,
                                                 &restart)) {
        return last_error();
    }
    *restart_needed = restart != FALSE;
    return ERROR_SUCCESS;
}

static DWORD call_installer(struct opened *opened, DI_FUNCTION function, bool *restart_needed)
{
    const struct device_api *api = opened->api;
    SP_DEVINSTALL_PARAMS_W parameters = {.cbSize = sizeof(parameters)};

    if (!api->SetupDiCallClassInstaller(function, opened->list, &opened->data)) {
        return last_error();
    }
    *restart_needed =
        api->SetupDiGetDeviceInstallParamsW(opened->list, &opened->data, &parameters) &&
        (parameters.Flags & (DI_NEEDRESTART | DI_NEEDREBOOT)) != 0;
    return ERROR_SUCCESS;
}

DWORD device_remove(const struct device *device, bool *restart_needed)
{
    SP_REMOVEDEVICE_PARAMS parameters = {
        .ClassInstallHeader = {.cbSize = sizeof(SP_CLASSINSTALL_HEADER),
                               .InstallFunction = DIF_REMOVE},
        .Scope = DI_REMOVEDEVICE_GLOBAL,
    };
    struct opened opened;

    DWORD error = open_device(device, &opened);
    if (error == ERROR_SUCCESS) {
        /* Wine takes no parameters; the default is the same. */
        (void)opened.api->SetupDiSetClassInstallParamsW(
            opened.list, &opened.data, &parameters.ClassInstallHeader, sizeof(parameters));
        error = call_installer(&opened, DIF_REMOVE, restart_needed);
        close_opened(&opened);
    }
    return error;
}

static DWORD change_state(struct opened *opened, SP_PROPCHANGE_PARAMS *parameters,
                          bool *restart_needed)
{
    /* For a Windows that does not do this and does not say why: Wine. */
    SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
    if (!opened->api->SetupDiSetClassInstallParamsW(
            opened->list, &opened->data, &parameters->ClassInstallHeader, sizeof(*parameters))) {
        return last_error();
    }
    return call_installer(opened, DIF_PROPERTYCHANGE, restart_needed);
}

DWORD device_enable(const struct device *device, bool enable, bool *restart_needed)
{
    SP_PROPCHANGE_PARAMS parameters = {
        .ClassInstallHeader = {.cbSize = sizeof(SP_CLASSINSTALL_HEADER),
                               .InstallFunction = DIF_PROPERTYCHANGE},
        .StateChange = enable ? DICS_ENABLE : DICS_DISABLE,
        .Scope = DICS_FLAG_GLOBAL,
    };
    struct opened opened;

    DWORD error = open_device(device, &opened);
    if (error == ERROR_SUCCESS) {
        error = change_state(&opened, &parameters, restart_needed);
        close_opened(&opened);
    }
    return error;
}

static void read_problem_status(struct opened *opened, struct device_state *state)
{
    DEVPROPTYPE type = DEVPROP_TYPE_EMPTY;
    LONG status = 0;

    if (opened->api->SetupDiGetDevicePropertyW(opened->list, &opened->data, &problem_status_key,
                                               &type, (BYTE *)&status, sizeof(status), NULL, 0) &&
        type == DEVPROP_TYPE_NTSTATUS && status != 0) {
        state->error = RtlNtStatusToDosError(status);
    }
}

void device_state(const struct device *device, struct device_state *out)
{
    struct opened opened;
    ULONG status = 0;
    ULONG problem = 0;

    *out = (struct device_state){0};
    if (open_device(device, &opened) != ERROR_SUCCESS) {
        return;
    }
    /* Wine answers with neither a status nor a problem; a Windows device has DN_ROOT_ENUMERATED. */
    if (opened.api->CM_Get_DevNode_Status(&status, &problem, opened.data.DevInst, 0) ==
            CR_SUCCESS &&
        status != 0) {
        out->known = true;
        out->started = (status & DN_STARTED) != 0;
        out->problem = (status & DN_HAS_PROBLEM) != 0 ? problem : 0;
        if (out->problem != 0) {
            read_problem_status(&opened, out);
        }
    }
    close_opened(&opened);
}

void device_wait(const struct device *device, uint32_t wait_ms, struct device_state *out)
{
    const ULONGLONG end_ms = GetTickCount64() + wait_ms;

    for (;;) {
        device_state(device, out);
        if (!out->known || out->started || out->problem != 0 || GetTickCount64() >= end_ms) {
            return;
        }
        Sleep(POLL_MS);
    }
}
