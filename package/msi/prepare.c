/* SPDX-License-Identifier: Apache-2.0
 *
 * What was asked for, what is installed, and what follows: the data of the other actions. Changes
 * nothing on the machine.
 */
#include "package/msi/prepare.h"

#include <stddef.h>

#include <msiquery.h>

#include "lib/service_read.h"
#include "loader/system.h"
#include "loader/text.h"

#define SETTINGS_KEY L"SOFTWARE\\windows-rapl-driver"
#define MODE_VALUE   L"Mode"

static const wchar_t *const access_names[] = {
    [RAPL_ACCESS_ADMINS] = L"admins",
    [RAPL_ACCESS_USERS] = L"users",
    [RAPL_ACCESS_UNRESTRICTED] = L"unrestricted",
};

static bool is_access(const wchar_t *text)
{
    for (size_t i = 0; i < TEXT_CHARS(access_names); i++) {
        if (wcscmp(text, access_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_setting(const wchar_t *name, wchar_t *out, DWORD chars)
{
    DWORD size = chars * sizeof(*out);

    return RegGetValueW(HKEY_LOCAL_MACHINE, SETTINGS_KEY, name, RRF_RT_REG_SZ, NULL, out, &size) ==
           ERROR_SUCCESS;
}

static DWORD read_parameter(const wchar_t *name, DWORD otherwise)
{
    DWORD value = otherwise;
    DWORD size = sizeof(value);

    return RegGetValueW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY, name, RRF_RT_REG_DWORD, NULL,
                        &value, &size) == ERROR_SUCCESS
               ? value
               : otherwise;
}

/* As given, or as the driver has it, or as it was installed; else DriverLoader decides. */
static bool choose_access(MSIHANDLE install, wchar_t *access, DWORD chars)
{
    if (!action_property(install, L"ACCESS", access, chars) ||
        (access[0] != L'\0' && !is_access(access))) {
        action_error(install,
                     L"ACCESS=%ls is not understood. Use ACCESS=admins, ACCESS=users or "
                     L"ACCESS=unrestricted.",
                     access);
        return false;
    }
    if (access[0] != L'\0') {
        return true;
    }
    const DWORD policy = read_parameter(RAPL_ACCESS_VALUE_NAME, MAXDWORD);
    if (policy < TEXT_CHARS(access_names)) {
        text_format(access, chars, L"%ls", access_names[policy]);
    } else if (read_setting(L"Access", access, chars) && !is_access(access)) {
        access[0] = L'\0';
    }
    return true;
}

static bool choose_start(MSIHANDLE install, wchar_t *start, DWORD chars)
{
    if (!action_property(install, L"START", start, chars) ||
        (start[0] != L'\0' && wcscmp(start, L"0") != 0 && wcscmp(start, L"1") != 0)) {
        action_error(install,
                     L"START=%ls is not understood. Use START=1 to load the driver now and "
                     L"at every boot, START=0 to load it only when asked.",
                     start);
        return false;
    }
    if (start[0] == L'\0' && (!read_setting(L"Start", start, chars) || wcscmp(start, L"0") != 0)) {
        text_format(start, chars, L"1");
    }
    return true;
}

static bool check_machine(MSIHANDLE install)
{
    struct windows_version windows;

    system_version(&windows);
    if (!system_is_supported(&windows)) {
        action_error(install,
                     L"This is Windows %lu.%lu.%lu. The driver needs Windows 10 version "
                     L"1607 or Windows Server 2016 (10.0.14393) or later.",
                     windows.major, windows.minor, windows.build);
        return false;
    }
    if (read_parameter(MODE_VALUE, 0) == 1) {
        action_error(install, L"The driver is installed as a device (DriverLoader install --pnp). "
                              L"Remove it first with: DriverLoader remove");
        return false;
    }
    return true;
}

static void set_command(MSIHANDLE install, const wchar_t *action, const wchar_t *folder,
                        const wchar_t *arguments)
{
    wchar_t data[ACTION_TEXT_CHARS];

    text_format(data, TEXT_CHARS(data), L"%lsDriverLoader.exe|%ls", folder, arguments);
    MsiSetPropertyW(install, action, data);
}

static bool prepare_install(MSIHANDLE install, const wchar_t *folder)
{
    wchar_t access[64];
    wchar_t start[16];
    wchar_t arguments[128];

    if (!check_machine(install) || !choose_access(install, access, TEXT_CHARS(access)) ||
        !choose_start(install, start, TEXT_CHARS(start))) {
        return false;
    }
    text_format(arguments, TEXT_CHARS(arguments), L"install --start=%ls%ls%ls",
                start[0] == L'1' ? L"auto" : L"demand", access[0] != L'\0' ? L" --access=" : L"",
                access);
    MsiSetPropertyW(install, L"ACCESS", access);
    MsiSetPropertyW(install, L"START", start);
    set_command(install, L"RaplInstall", folder, arguments);
    set_command(install, L"RaplStart", folder, L"start");
    return true;
}

/* What is written back if the removal is rolled back. */
static void keep_settings(MSIHANDLE install)
{
    wchar_t value[64];

    if (read_setting(L"Access", value, TEXT_CHARS(value))) {
        MsiSetPropertyW(install, L"ACCESS", value);
    }
    if (read_setting(L"Start", value, TEXT_CHARS(value))) {
        MsiSetPropertyW(install, L"START", value);
    }
}

bool prepare(MSIHANDLE install)
{
    static const wchar_t *const savers[] = {L"RaplSave", L"RaplRestore", L"RaplForget"};
    wchar_t folder[MAX_PATH];
    wchar_t product[64];
    wchar_t remove[512];

    if (!action_property(install, L"INSTALLDIR", folder, TEXT_CHARS(folder)) ||
        !action_property(install, L"ProductCode", product, TEXT_CHARS(product)) ||
        !action_property(install, L"REMOVE", remove, TEXT_CHARS(remove))) {
        action_error(install,
                     L"The program folder's name is too long. Choose a shorter INSTALLDIR.");
        return false;
    }
    for (size_t i = 0; i < TEXT_CHARS(savers); i++) {
        MsiSetPropertyW(install, savers[i], product);
    }
    set_command(install, L"RaplRemove", folder, L"remove");
    if (wcscmp(remove, L"ALL") == 0) {
        keep_settings(install);
        return true;
    }
    return prepare_install(install, folder);
}
