/* SPDX-License-Identifier: Apache-2.0
 *
 * status: what is installed and whether it runs. Works for every user.
 */
#include "loader/verbs.h"

#include <rapl/abi.h>

#include "loader/device_problem.h"
#include "loader/device_verbs.h"
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

struct found {
    struct report *report;
    struct installed installed;
    struct settings settings;
    DWORD state; /* of the service */
    bool is_device;
    struct device device;
    struct device_state device_state;
};

static bool is_running(const struct found *found)
{
    return found->is_device && found->device_state.known ? found->device_state.started
                                                         : found->state == SERVICE_RUNNING;
}

static void show_device(struct report *report, const struct device *device,
                        const struct device_state *state)
{
    const struct device_problem *problem = device_problem_find(state->problem);

    report_row(report, "mode", L"mode", L"device");
    report_row(report, "device", L"device", L"%ls", device->instance_id);
    report_row(report, "package", L"package", L"%ls",
               device->package[0] != L'\0' ? device->package : L"none");
    if (state->problem != 0) {
        report_row(report, "problem", L"problem", L"Code %lu: %hs", (unsigned long)state->problem,
                   problem != NULL ? problem->meaning : "Device Manager says more");
        report_warning(report, L"Windows did not start the device. %hs",
                       problem != NULL ? problem->action : error_text_unknown_action());
    }
}

static void show_mode(const struct found *found)
{
    if (found->is_device) {
        show_device(found->report, &found->device, &found->device_state);
        return;
    }
    report_row(found->report, "mode", L"mode", L"service");
    if (found->settings.is_device) {
        report_warning(found->report, L"the driver is set up for a device, and there is none: run "
                                      L"'DriverLoader install --pnp', or 'DriverLoader remove'");
    }
}

static void show(const struct found *found)
{
    struct report *report = found->report;
    const struct installed *installed = &found->installed;
    const struct settings *settings = &found->settings;
    const char *start = options_start_name(installed->config.start);
    const char *policy =
        options_access_name(settings->has_access ? settings->access : RAPL_ACCESS_ADMINS);

    report_row(report, "state", L"state", L"%ls",
               found->is_device && found->device_state.known
                   ? device_state_name(&found->device_state)
                   : service_state_name(found->state));
    show_mode(found);
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

static int show_opened(SC_HANDLE handle, struct found *found)
{
    struct report *report = found->report;

    DWORD error = service_read_state(handle, &found->state);
    if (error == ERROR_SUCCESS) {
        error = installed_read(handle, &found->installed);
    }
    if (error == ERROR_SUCCESS) {
        error = settings_load(&found->settings);
    }
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_UNAVAILABLE, STEP_OPEN, error,
                            L"cannot read the service " RAPL_SERVICE_NAME);
    }

    show(found);
    warn(report, &found->installed);
    if (is_running(found)) {
        return report_ok(report, LOADER_OK, L"");
    }
    report_next(report,
                found->is_device || found->state == SERVICE_STOPPED ? "DriverLoader start" : NULL);
    return report_ok(report, LOADER_START_FAILED, L"");
}

/* A device whose service is gone, or nothing at all. */
static int show_without_service(const struct found *found)
{
    struct report *report = found->report;

    report_row(report, "state", L"state", L"%ls",
               found->is_device ? L"incomplete" : L"not installed");
    if (found->is_device) {
        show_device(report, &found->device, &found->device_state);
        report_warning(report, L"the device has no service: it was removed only in part");
    }
    report_next(report, found->is_device ? "DriverLoader remove" : "DriverLoader install");
    return report_ok(report, LOADER_UNAVAILABLE, L"");
}

int verb_status(const struct loader_options *options, struct report *report)
{
    struct found found = {.report = report};
    struct service service;

    (void)options;
    int code = device_look(report, &found.device, &found.is_device);
    if (code == LOADER_OK) {
        code = verb_find_service(report, STEP_OPEN, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS,
                                 &service);
    }
    if (code != LOADER_OK) {
        return code;
    }
    if (found.is_device) {
        device_state(&found.device, &found.device_state);
    }
    code =
        service.handle != NULL ? show_opened(service.handle, &found) : show_without_service(&found);
    service_close(&service);
    return code;
}
