/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions that the CustomAction table names.
 */
#include "package/msi/msi_action.h"

#include "loader/text.h"
#include "package/msi/prepare.h"

#define EXPORTED __declspec(dllexport) UINT __stdcall

EXPORTED RaplPrepare(MSIHANDLE install);
EXPORTED RaplLoader(MSIHANDLE install);
EXPORTED RaplRemove(MSIHANDLE install);
EXPORTED RaplSave(MSIHANDLE install);
EXPORTED RaplRestore(MSIHANDLE install);
EXPORTED RaplForget(MSIHANDLE install);

static bool read_data(MSIHANDLE install, wchar_t data[ACTION_TEXT_CHARS])
{
    if (action_property(install, L"CustomActionData", data, ACTION_TEXT_CHARS) &&
        data[0] != L'\0') {
        return true;
    }
    action_error(install, L"The MSI is damaged: an action has no data. Download it again.");
    return false;
}

EXPORTED RaplPrepare(MSIHANDLE install)
{
    return prepare(install) ? ERROR_SUCCESS : ERROR_INSTALL_FAILURE;
}

/* RaplInstall and RaplStart */
EXPORTED RaplLoader(MSIHANDLE install)
{
    wchar_t data[ACTION_TEXT_CHARS];

    if (!read_data(install, data)) {
        return ERROR_INSTALL_FAILURE;
    }
    const enum loader_result result = run_loader(install, data);
    if (result == LOADER_ABSENT) {
        action_error(install, L"DriverLoader.exe was installed and cannot be run. If a virus "
                              L"scanner or an application policy holds it back, allow it.");
    }
    return result == LOADER_RAN ? ERROR_SUCCESS : ERROR_INSTALL_FAILURE;
}

EXPORTED RaplRemove(MSIHANDLE install)
{
    wchar_t data[ACTION_TEXT_CHARS];

    if (!read_data(install, data)) {
        return ERROR_INSTALL_FAILURE;
    }
    const enum loader_result result = run_loader(install, data);
    if (result != LOADER_ABSENT) {
        return result == LOADER_RAN ? ERROR_SUCCESS : ERROR_INSTALL_FAILURE;
    }
    const DWORD error = driver_remove();
    if (error != ERROR_SUCCESS) {
        action_error(install,
                     L"The driver cannot be stopped or removed: Windows error %lu. Close every "
                     L"program that measures energy and try again, or restart Windows first.",
                     (unsigned long)error);
        return ERROR_INSTALL_FAILURE;
    }
    action_log(install, L"DriverLoader is gone; the driver was removed without it.");
    return ERROR_SUCCESS;
}

EXPORTED RaplSave(MSIHANDLE install)
{
    wchar_t product[ACTION_TEXT_CHARS];

    if (!read_data(install, product)) {
        return ERROR_INSTALL_FAILURE;
    }
    const DWORD error = saved_state_take(install, product);
    if (error != ERROR_SUCCESS) {
        action_error(install,
                     L"The state of the installed driver could not be kept for a rollback: Windows "
                     L"error %lu. Nothing was changed.",
                     (unsigned long)error);
        return ERROR_INSTALL_FAILURE;
    }
    return ERROR_SUCCESS;
}

/* A rollback goes on whatever this returns. */
EXPORTED RaplRestore(MSIHANDLE install)
{
    wchar_t product[ACTION_TEXT_CHARS];

    if (!read_data(install, product)) {
        return ERROR_INSTALL_FAILURE;
    }
    const DWORD error = saved_state_restore(install, product);
    if (error != ERROR_SUCCESS) {
        action_error(install,
                     L"The driver's service, settings or file could not be put back as they were: "
                     L"Windows error %lu. 'DriverLoader status' shows what is there; what was "
                     L"there is under HKLM\\SOFTWARE\\windows-rapl-driver-rollback.",
                     (unsigned long)error);
        return ERROR_INSTALL_FAILURE;
    }
    return ERROR_SUCCESS;
}

EXPORTED RaplForget(MSIHANDLE install)
{
    wchar_t product[ACTION_TEXT_CHARS];

    if (read_data(install, product)) {
        saved_state_forget(product);
    }
    return ERROR_SUCCESS;
}
