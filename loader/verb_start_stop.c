/* SPDX-License-Identifier: Apache-2.0
 *
 * start and stop.
 */
#include "loader/verbs.h"

#include <rapl/abi.h>

#include "loader/device_verbs.h"
#include "loader/installed.h"
#include "loader/path_trust.h"
#include "loader/recording_file.h"
#include "loader/settings.h"

struct start {
    const struct loader_options *options;
    struct report *report;
    struct service service;
    struct installed installed;
    struct settings before;
    struct settings settings; /* what the driver is started with */
};

static int fail_start(struct start *start, DWORD error, const wchar_t *what)
{
    return report_error(start->report, LOADER_START_FAILED,
                        installed_is_simulated(&start->installed) ? STEP_START_SIMULATED
                                                                  : STEP_START,
                        error, L"%ls (%ls)", what, start->installed.path.text);
}

/* The recording that --recording names, for a driver that plays recordings. */
static int take_recording(struct start *start, DWORD state)
{
    int code = LOADER_OK;

    if (!installed_is_simulated(&start->installed)) {
        return report_refusal(start->report, LOADER_BAD_FILE,
                              "Leave --recording away, or install the simulated driver with "
                              "'DriverLoader install --simulated'.",
                              L"the installed driver %ls is not the simulated one and plays no "
                              L"recording",
                              start->installed.path.text);
    }
    if (state == SERVICE_RUNNING) {
        return report_error(start->report, LOADER_START_FAILED, STEP_ANY,
                            ERROR_SERVICE_ALREADY_RUNNING,
                            L"cannot change the recording of a running driver");
    }
    start->settings.has_recording = true;
    recording_file_find(start->options, start->report, &start->settings.recording, &code);
    return code;
}

static int choose_recording(struct start *start, DWORD state)
{
    int code = LOADER_OK;

    if (start->options->recording != NULL) {
        return take_recording(start, state);
    }
    if (state != SERVICE_RUNNING && installed_is_simulated(&start->installed) &&
        start->settings.has_recording) {
        recording_file_check(&start->settings.recording, start->report, &code);
    }
    return code;
}

static int finish_start(struct start *start, const wchar_t *what)
{
    struct report *report = start->report;
    const bool simulated = installed_is_simulated(&start->installed);
    const wchar_t *fault =
        path_trust_fault(start->installed.path.text, start->installed.target.text);

    if (fault != NULL) {
        report_warning(report, L"the driver is loaded from %ls, %ls", start->installed.path.text,
                       fault);
    }
    if (simulated) {
        report_note(report, L"SIMULATED: the numbers come from %ls.",
                    start->settings.has_recording ? start->settings.recording.text
                                                  : L"no recording");
    }
    report_text(report, "state", L"running");
    report_text(report, "path", start->installed.path.text);
    report_flag(report, "simulated", simulated);
    return report_ok(report, LOADER_OK, L"%ls, version %hs%ls.", what,
                     installed_version(&start->installed), installed_label(&start->installed));
}

/* Known without asking Windows, whose answer to it differs from version to version. */
static bool file_is_missing(const struct installed *installed)
{
    return !installed->file_there && installed->path.text[1] == L':';
}

static int run(struct start *start)
{
    if (file_is_missing(&start->installed)) {
        return fail_start(start, ERROR_FILE_NOT_FOUND, L"cannot start the driver");
    }
    if (start->options->recording != NULL) {
        const DWORD error = settings_store(&start->settings);
        if (error != ERROR_SUCCESS) {
            return fail_start(start, error, L"cannot write the driver's settings");
        }
    }
    const DWORD error = service_start(start->service.handle);
    if (error == ERROR_SUCCESS) {
        return finish_start(start, L"Started " RAPL_SERVICE_NAME);
    }

    DWORD state = 0;
    service_read_state(start->service.handle, &state);
    if (error == ERROR_SERVICE_ALREADY_RUNNING && state == SERVICE_RUNNING) {
        return finish_start(start, RAPL_SERVICE_NAME L" was already running");
    }
    if (start->options->recording != NULL) {
        settings_store(&start->before);
    }
    return fail_start(start, error, L"cannot start the driver");
}

static int start_opened(struct start *start)
{
    DWORD state;

    DWORD error = service_read_state(start->service.handle, &state);
    if (error == ERROR_SUCCESS) {
        error = installed_read(start->service.handle, &start->installed);
    }
    if (error == ERROR_SUCCESS) {
        error = settings_load(&start->before);
    }
    if (error != ERROR_SUCCESS) {
        return report_error(start->report, LOADER_UNAVAILABLE, STEP_OPEN, error,
                            L"cannot read the service " RAPL_SERVICE_NAME);
    }

    start->settings = start->before;
    const int code = choose_recording(start, state);
    if (code != LOADER_OK) {
        return code;
    }
    if (state == SERVICE_RUNNING) {
        return finish_start(start, RAPL_SERVICE_NAME L" was already running");
    }
    if (state == SERVICE_STOP_PENDING) {
        return verb_report_stopping(start->report, LOADER_START_FAILED, state);
    }
    return run(start);
}

int verb_start(const struct loader_options *options, struct report *report)
{
    struct start start = {.options = options, .report = report};
    struct device device;
    bool is_device;

    int code = device_look(report, &device, &is_device);
    if (code != LOADER_OK) {
        return code;
    }
    if (is_device) {
        return device_start(options, report, &device);
    }
    code = verb_open_service(report, SERVICE_START | SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG,
                             &start.service);
    if (code != LOADER_OK) {
        return code;
    }
    code = start_opened(&start);
    service_close(&start.service);
    return code;
}

static int stop_opened(SC_HANDLE handle, const struct loader_options *options,
                       struct report *report)
{
    DWORD before;
    DWORD state = SERVICE_STOPPED;

    DWORD error = service_read_state(handle, &before);
    if (error == ERROR_SUCCESS) {
        error = service_stop(handle, options->no_wait ? 0 : SERVICE_STOP_WAIT_MS, &state);
    }
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_STOP_FAILED, STEP_STOP, error,
                            L"cannot stop the driver");
    }
    if (state != SERVICE_STOPPED && !options->no_wait) {
        return verb_report_stopping(report, LOADER_STOP_FAILED, state);
    }

    report_text(report, "state", service_state_name(state));
    if (state != SERVICE_STOPPED) {
        return report_ok(report, LOADER_OK,
                         L"Asked " RAPL_SERVICE_NAME L" to stop; it is %ls and unloads when the "
                         L"last program lets go of it.",
                         service_state_name(state));
    }
    return report_ok(report, LOADER_OK,
                     before == SERVICE_STOPPED ? RAPL_SERVICE_NAME L" was not running."
                                               : L"Stopped " RAPL_SERVICE_NAME L".");
}

int verb_stop(const struct loader_options *options, struct report *report)
{
    struct service service;
    struct device device;
    bool is_device;

    int code = device_look(report, &device, &is_device);
    if (code != LOADER_OK) {
        return code;
    }
    if (is_device) {
        return device_stop(report, &device);
    }
    code = verb_open_service(report, SERVICE_STOP | SERVICE_QUERY_STATUS, &service);
    if (code != LOADER_OK) {
        return code;
    }
    code = stop_opened(service.handle, options, report);
    service_close(&service);
    return code;
}
