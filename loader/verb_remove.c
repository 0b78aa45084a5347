/* SPDX-License-Identifier: Apache-2.0
 *
 * remove: the device and its driver packages first, if there are any; then stop, and delete the
 * service, its settings and the installed file. A service that cannot be stopped stays. Nothing is
 * remembered from installing: what is there is looked for, so that the rest of an installation that
 * broke off, or of the predecessor's, goes too.
 */
#include "loader/verbs.h"

#include <rapl/abi.h>

#include "loader/device_verbs.h"
#include "loader/installed.h"
#include "lib/last_error.h"
#include "loader/settings.h"

static int fail_remove(struct report *report, DWORD error, const wchar_t *what)
{
    return report_error(report, LOADER_REMOVE_FAILED, STEP_REMOVE, error, L"%ls", what);
}

/* The file of our name in the drivers folder; a file anywhere else is somebody else's. */
static DWORD delete_file(struct report *report, bool *deleted)
{
    struct loader_path target;
    bool at_restart;

    DWORD error = files_installed_driver(&target);
    if (error == ERROR_SUCCESS) {
        error = files_delete(target.text, &at_restart);
    }
    *deleted = error == ERROR_SUCCESS;
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) {
        return ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS && at_restart) {
        report_warning(report, L"%ls was in use: it was moved aside and goes at the next restart",
                       target.text);
    } else if (error == ERROR_SUCCESS) {
        report_note(report, L"Deleted %ls.", target.text);
    }
    return error;
}

static int finish(struct report *report, bool had_service, bool had_device)
{
    bool deleted = false;
    DWORD error = settings_delete();

    if (error == ERROR_SUCCESS) {
        error = delete_file(report, &deleted);
    }
    if (error != ERROR_SUCCESS) {
        return fail_remove(report, error, L"cannot delete the installed file or its settings");
    }
    report_text(report, "state", L"not installed");
    if (had_service) {
        return report_ok(report, LOADER_OK, L"Removed " RAPL_SERVICE_NAME L".");
    }
    if (had_device) {
        return report_ok(report, LOADER_OK,
                         L"Removed what was left of the device; there was no "
                         L"service " RAPL_SERVICE_NAME L".");
    }
    return report_ok(report, LOADER_OK,
                     deleted
                         ? L"There was no service " RAPL_SERVICE_NAME L"; its file was left over."
                         : RAPL_SERVICE_NAME L" is not installed: nothing to remove.");
}

/*
 * Without its device the driver has been unloaded, or goes at the restart that Windows asked for: a
 * refusal to stop it is no reason to keep the service.
 */
static int stop_service(SC_HANDLE handle, struct report *report, bool had_device)
{
    DWORD state = SERVICE_STOPPED;

    const DWORD error = service_stop(handle, SERVICE_STOP_WAIT_MS, &state);
    if (had_device && (error != ERROR_SUCCESS || state != SERVICE_STOPPED)) {
        report_warning(report, L"the driver stays in memory until the next restart of Windows");
        return LOADER_OK;
    }
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_STOP_FAILED, STEP_STOP, error,
                            L"cannot stop the driver; nothing was removed");
    }
    if (state != SERVICE_STOPPED) {
        return verb_report_stopping(report, LOADER_STOP_FAILED, state);
    }
    return LOADER_OK;
}

/* LOADER_OK: the service is marked for deletion. */
static int delete_service(SC_HANDLE handle, struct report *report, bool had_device)
{
    struct installed installed;

    const DWORD error = installed_read(handle, &installed);
    if (error != ERROR_SUCCESS) {
        return fail_remove(report, error, L"cannot read the service " RAPL_SERVICE_NAME);
    }
    const int code = stop_service(handle, report, had_device);
    if (code != LOADER_OK) {
        return code;
    }
    if (!DeleteService(handle)) {
        return fail_remove(report, last_error(), L"cannot delete the service " RAPL_SERVICE_NAME);
    }
    report_note(report, L"Deleted the service " RAPL_SERVICE_NAME L".");
    if (!installed.at_target && installed.file_there) {
        report_note(report, L"The service pointed to %ls; that file was left there.",
                    installed.path.text);
    }
    return LOADER_OK;
}

int verb_remove(const struct loader_options *options, struct report *report)
{
    struct service service;
    struct device_removed removed;

    (void)options;
    int code = device_remove_all(report, &removed);
    if (code != LOADER_OK) {
        return code;
    }
    code = verb_find_service(report, STEP_REMOVE,
                             SERVICE_STOP | SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG | DELETE,
                             &service);
    if (code != LOADER_OK) {
        return code;
    }
    const bool had_service = service.handle != NULL;
    if (had_service) {
        code = delete_service(service.handle, report, removed.devices > 0);
    }
    /* The service's key is gone only when its last handle is closed. */
    service_close(&service);
    return code == LOADER_OK ? finish(report, had_service, removed.devices + removed.packages > 0)
                             : code;
}
