/* SPDX-License-Identifier: Apache-2.0
 *
 * status: what is installed and whether it runs. Works for every user.
 */
#include "loader/verbs.h"

#include <rapl/abi.h>

#include "loader/installed.h"
#include "loader/path_trust.h"
#include "loader/settings.h"

static void show_simulated(struct report *report, const struct installed *installed)
{
    const bool simulated = installed_is_simulated(installed);

    if (installed->kind == RAPL_IMAGE_UNCLEAR) {
        report_row(report, "simulated", L"simulated", L"unknown");
    } else {
        report_row_flag(report, "simulated", L"simulated", simulated);
    }
}

static void warn(struct report *report, const struct installed *installed)
{
    const wchar_t *fault = path_trust_fault(installed->path.text, installed->target.text);

    if (!installed->file_there) {
        report_warning(report, L"the driver file is missing: run 'DriverLoader install' again");
    }
    if (fault != NULL) {
        report_warning(report,
                       L"the driver is loaded from %ls, %ls. Run 'DriverLoader install' to point "
                       L"the service back to the system's drivers folder",
                       installed->path.text, fault);
    }
}

static void show(struct report *report, const struct installed *installed, DWORD state,
                 const struct settings *settings)
{
    const char *start = options_start_name(installed->config.start);
    const char *policy =
        options_access_name(settings->has_access ? settings->access : RAPL_ACCESS_ADMINS);

    report_row(report, "state", L"state", L"%ls", service_state_name(state));
    report_row(report, "path", L"path", L"%ls", installed->path.text);
    report_row(report, "file_version", L"file version", L"%hs",
               !installed->file_there ? "missing" : installed_version(installed));
    report_row(report, "start_type", L"start type", L"%hs", start != NULL ? start : "unknown");
    report_row(report, "policy", L"policy", L"%hs", policy);
    show_simulated(report, installed);
    if (settings->has_recording) {
        report_row(report, "recording", L"recording", L"%ls", settings->recording.text);
    }
    if (!settings->has_access) {
        report_warning(report, L"no access policy is set: the driver lets administrators in only. "
                               L"'DriverLoader install' sets one");
    }
}

static int show_opened(SC_HANDLE handle, struct report *report)
{
    struct installed installed;
    struct settings settings;
    DWORD state;

    DWORD error = service_read_state(handle, &state);
    if (error == ERROR_SUCCESS) {
        error = installed_read(handle, &installed);
    }
    if (error == ERROR_SUCCESS) {
        error = settings_load(&settings);
    }
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_UNAVAILABLE, STEP_OPEN, error,
                            L"cannot read the service " RAPL_SERVICE_NAME);
    }

    show(report, &installed, state, &settings);
    warn(report, &installed);
    if (state == SERVICE_RUNNING) {
        return report_ok(report, LOADER_OK, L"");
    }
    report_next(report, state == SERVICE_STOPPED ? "DriverLoader start" : NULL);
    return report_ok(report, LOADER_START_FAILED, L"");
}

int verb_status(const struct loader_options *options, struct report *report)
{
    struct service service;

    (void)options;
    int code =
        verb_find_service(report, STEP_OPEN, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS, &service);
    if (code != LOADER_OK) {
        return code;
    }
    if (service.handle != NULL) {
        code = show_opened(service.handle, report);
    } else {
        report_row(report, "state", L"state", L"not installed");
        report_next(report, "DriverLoader install");
        code = report_ok(report, LOADER_UNAVAILABLE, L"");
    }
    service_close(&service);
    return code;
}
