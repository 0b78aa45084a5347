/* SPDX-License-Identifier: Apache-2.0
 *
 * install: a list of steps. What a failed step leaves behind is undone, in reverse, before the
 * failure is reported: either all of it is installed or nothing is.
 */
#include "loader/verbs.h"

#include <stddef.h>

#include <rapl/abi.h>

#include "lib/driver_image.h"
#include "lib/last_error.h"
#include "loader/installed.h"
#include "loader/recording_file.h"
#include "loader/settings.h"
#include "loader/system.h"
#include "loader/text.h"

/* A driver registers as one of these; anything else of our name is not ours to change. */
#define DRIVER_TYPES (SERVICE_KERNEL_DRIVER | SERVICE_FILE_SYSTEM_DRIVER)

struct install {
    const struct loader_options *options;
    struct report *report;

    struct loader_path source;
    struct loader_path target;
    struct rapl_file file;
    struct rapl_image_version version;

    struct service service;
    bool existed; /* the two below are filled */
    struct installed before;
    struct settings settings_before;
    struct settings settings;

    /* What has been done so far. */
    bool was_running; /* and was stopped */
    bool keeps_running;
    struct file_undo undo;
    bool registered;
};

static void restore_service(struct install *install)
{
    if (!install->registered) {
        return;
    }
    DWORD error = ERROR_SUCCESS;
    if (install->existed) {
        error = service_change(install->service.handle, &install->before.config);
    } else if (!DeleteService(install->service.handle)) {
        error = last_error();
    }
    if (error == ERROR_SUCCESS && install->existed) {
        settings_store(&install->settings_before);
    }
    if (error != ERROR_SUCCESS) {
        report_warning(install->report,
                       L"the service could not be put back as it was (Windows error %lu)",
                       (unsigned long)error);
    }
}

static void roll_back(struct install *install)
{
    if (install->registered || install->undo.replaced) {
        report_note(install->report, L"Putting everything back as it was.");
    }
    restore_service(install);
    DWORD error = files_undo(&install->undo);
    if (error != ERROR_SUCCESS) {
        report_warning(install->report, L"%ls could not be put back (Windows error %lu)",
                       install->target.text, (unsigned long)error);
    }
    if (!install->was_running) {
        return;
    }
    error = service_start(install->service.handle);
    if (error == ERROR_SUCCESS) {
        report_note(install->report, L"The previous driver runs again.");
    } else {
        report_warning(install->report, L"the previous driver does not start (Windows error %lu)",
                       (unsigned long)error);
    }
}

static int fail(struct install *install, enum loader_exit code, enum loader_step step, DWORD error,
                const wchar_t *what, const wchar_t *path)
{
    roll_back(install);
    return report_error(install->report, code, step, error, L"%ls%ls", what, path);
}

static int find_driver(struct install *install)
{
    DWORD error = files_beside_program(RAPL_DRIVER_FILE_NAME, &install->source);
    if (error == ERROR_SUCCESS) {
        error = files_installed_driver(&install->target);
    }
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_CREATE_FAILED, STEP_FIND, error, L"cannot find the driver",
                    L"");
    }

    error = rapl_file_open(install->source.text, RAPL_IMAGE_SIZE_MAX, &install->file);
    if (error == ERROR_FILE_NOT_FOUND) {
        return fail(install, LOADER_FILE_NOT_FOUND, STEP_FIND, error, L"cannot find ",
                    install->source.text);
    }
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_CREATE_FAILED, STEP_FIND, error, L"cannot read ",
                    install->source.text);
    }
    return LOADER_OK;
}

static int check_driver(struct install *install)
{
    const bool simulated = install->options->simulated;
    const wchar_t *path = install->source.text;
    const char *fault = rapl_image_fault(install->file.bytes, install->file.size);
    enum rapl_image_kind kind;

    if (fault != NULL) {
        return report_refusal(install->report, LOADER_BAD_FILE,
                              "Unpack the release again; nothing was changed.", L"%ls %hs", path,
                              fault);
    }
    (void)rapl_image_version(install->file.bytes, install->file.size, &install->version);
    kind = rapl_image_kind(&install->version);
    if (kind == RAPL_IMAGE_UNCLEAR) {
        return report_refusal(install->report, LOADER_BAD_FILE,
                              "Put the ScaphandreDrv.sys of the same release beside "
                              "DriverLoader.exe; nothing was changed.",
                              L"%ls does not say clearly in its version resource whether it is the "
                              L"simulated driver",
                              path);
    }
    if (kind == RAPL_IMAGE_SIMULATED && !simulated) {
        return report_refusal(install->report, LOADER_BAD_FILE,
                              "For tests, run 'DriverLoader install --simulated'. To measure, use "
                              "the driver of the Windows package.",
                              L"%ls is the simulated driver: its numbers are not this machine's",
                              path);
    }
    if (kind != RAPL_IMAGE_SIMULATED && simulated) {
        return report_refusal(install->report, LOADER_BAD_FILE,
                              "Leave --simulated away, or run the DriverLoader that lies beside "
                              "the simulated driver.",
                              L"%ls is not the simulated driver", path);
    }
    return LOADER_OK;
}

static int find_recording(struct install *install)
{
    int code = LOADER_OK;

    install->settings.has_recording = install->options->simulated;
    if (install->options->simulated) {
        recording_file_find(install->options, install->report, &install->settings.recording, &code);
    }
    return code;
}

static int open_service(struct install *install)
{
    DWORD error =
        service_open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE, &install->service);
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_SCM_FAILED, STEP_MANAGER, error,
                    L"cannot open the service manager", L"");
    }

    error = service_open(&install->service, SERVICE_ALL_ACCESS);
    if (error == ERROR_SERVICE_DOES_NOT_EXIST) {
        return LOADER_OK;
    }
    if (error == ERROR_SUCCESS) {
        error = installed_read(install->service.handle, &install->before);
    }
    if (error == ERROR_SUCCESS) {
        error = settings_load(&install->settings_before);
    }
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_UNAVAILABLE, STEP_OPEN, error,
                    L"cannot open the service " RAPL_SERVICE_NAME, L"");
    }
    if ((install->before.config.type & DRIVER_TYPES) == 0) {
        return report_refusal(
            install->report, LOADER_EXISTS,
            "If nobody needs it, delete it with: sc delete ScaphandreDrv",
            L"a service " RAPL_SERVICE_NAME L" exists that is not a driver; it was not touched");
    }
    install->existed = true;
    return LOADER_OK;
}

/* Stops what runs, unless it is this very file: measuring goes on while the settings change. */
static int stop_running(struct install *install)
{
    DWORD state = SERVICE_STOPPED;

    if (!install->existed) {
        return LOADER_OK;
    }
    DWORD error = service_read_state(install->service.handle, &state);
    const bool ran = state == SERVICE_RUNNING;
    install->keeps_running = error == ERROR_SUCCESS && ran && install->before.at_target &&
                             files_equal(install->target.text, &install->file);
    if (install->keeps_running || (error == ERROR_SUCCESS && state == SERVICE_STOPPED)) {
        return LOADER_OK;
    }

    if (error == ERROR_SUCCESS) {
        error = service_stop(install->service.handle, SERVICE_STOP_WAIT_MS, &state);
    }
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_STOP_FAILED, STEP_STOP, error,
                    L"cannot stop the driver that runs, ", install->before.path.text);
    }
    if (state != SERVICE_STOPPED) {
        return verb_report_stopping(install->report, LOADER_STOP_FAILED, state);
    }
    install->was_running = ran;
    report_note(install->report, L"Stopped the driver that ran: %ls, version %hs%ls.",
                install->before.path.text, installed_version(&install->before),
                installed_label(&install->before));
    return LOADER_OK;
}

static int copy_driver(struct install *install)
{
    if (files_equal(install->target.text, &install->file)) {
        report_note(install->report, L"%ls is up to date.", install->target.text);
        return LOADER_OK;
    }
    const DWORD error = files_replace(install->target.text, &install->file, &install->undo);
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_CREATE_FAILED, STEP_COPY, error, L"cannot write ",
                    install->target.text);
    }
    report_note(install->report, L"Copied %ls to %ls.", install->source.text, install->target.text);
    return LOADER_OK;
}

static int register_service(struct install *install)
{
    struct rapl_service_config config = {
        .type = SERVICE_KERNEL_DRIVER,
        .start = (DWORD)install->options->start,
        .error_control = SERVICE_ERROR_NORMAL,
        .image = SERVICE_IMAGE_PATH,
    };
    text_format(config.display_name, TEXT_CHARS(config.display_name), L"%ls%ls",
                RAPL_SERVICE_DISPLAY_NAME, install->options->simulated ? L" (SIMULATED)" : L"");

    const DWORD error = install->existed ? service_change(install->service.handle, &config)
                                         : service_create(&install->service, &config);
    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_CREATE_FAILED, STEP_REGISTER, error,
                    L"cannot register the service " RAPL_SERVICE_NAME, L"");
    }
    install->registered = true;
    report_note(install->report, L"%hs the service " RAPL_SERVICE_NAME L", start type %hs.",
                install->existed ? "Updated" : "Created", options_start_name(config.start));
    if (install->existed && !install->before.at_target) {
        report_note(install->report, L"The service pointed to %ls; that file was left there.",
                    install->before.path.text);
    }
    return LOADER_OK;
}

static const wchar_t *access_explained(DWORD access)
{
    static const wchar_t *const texts[] = {
        [RAPL_ACCESS_ADMINS] = L"only SYSTEM and Administrators may read",
        [RAPL_ACCESS_USERS] = L"every user may read coarse values; fresh ones take an elevated "
                              L"administrator or membership in Performance Log Users",
        [RAPL_ACCESS_UNRESTRICTED] = L"every user may read fresh values, through which other "
                                     L"programs' secrets can leak",
    };
    return texts[access];
}

static const wchar_t *choose_access(struct install *install)
{
    struct windows_version windows;

    install->settings.has_access = true;
    if (install->options->access_given) {
        install->settings.access = install->options->access;
        return L"as asked for";
    }
    if (install->existed && install->settings_before.has_access) {
        install->settings.access = install->settings_before.access;
        return L"kept as it was";
    }
    system_version(&windows);
    install->settings.access = windows.server ? RAPL_ACCESS_ADMINS : RAPL_ACCESS_USERS;
    return windows.server ? L"the default on Windows Server" : L"the default on Windows 10 and 11";
}

static int write_settings(struct install *install)
{
    const wchar_t *reason = choose_access(install);
    const DWORD error = settings_store(&install->settings);

    if (error != ERROR_SUCCESS) {
        return fail(install, LOADER_CREATE_FAILED, STEP_REGISTER, error,
                    L"cannot write the driver's settings", L"");
    }
    report_note(install->report, L"Access policy: %hs, %ls: %ls.",
                options_access_name(install->settings.access), reason,
                access_explained(install->settings.access));
    if (install->settings.has_recording) {
        report_note(install->report, L"Recording: %ls.", install->settings.recording.text);
    }
    return LOADER_OK;
}

static void warn_about_windows(struct report *report)
{
    struct windows_version windows;

    system_version(&windows);
    if (!system_is_supported(&windows)) {
        report_warning(report,
                       L"this is Windows %lu.%lu.%lu; the driver needs 10.0.14393 or later and "
                       L"will not start",
                       windows.major, windows.minor, windows.build);
    }
}

static int finish(struct install *install)
{
    struct report *report = install->report;

    files_keep(&install->undo);
    warn_about_windows(report);
    report_text(report, "path", install->target.text);
    json_string(&report->object, "file_version", install->version.file_version);
    json_string(&report->object, "start_type", options_start_name(install->options->start));
    json_string(&report->object, "policy", options_access_name(install->settings.access));
    report_flag(report, "simulated", install->options->simulated);
    report_text(report, "recording",
                install->settings.has_recording ? install->settings.recording.text : NULL);
    report_text(report, "state", install->keeps_running ? L"running" : L"stopped");
    report_next(report, install->keeps_running
                            ? "to use changed settings, DriverLoader stop and DriverLoader start"
                            : "DriverLoader start");
    return report_ok(report, LOADER_OK, L"Installed " RAPL_SERVICE_NAME L" %hs%ls%ls.",
                     install->version.file_version,
                     install->options->simulated ? L" (SIMULATED)" : L"",
                     install->keeps_running ? L"; it keeps running" : L"");
}

int verb_install(const struct loader_options *options, struct report *report)
{
    static int (*const steps[])(struct install *install) = {
        find_driver, check_driver,     find_recording, open_service, stop_running,
        copy_driver, register_service, write_settings, finish,
    };
    struct install install = {.options = options, .report = report};
    int code = LOADER_OK;

    for (size_t i = 0; i < TEXT_CHARS(steps) && code == LOADER_OK; i++) {
        code = steps[i](&install);
    }
    service_close(&install.service);
    rapl_file_close(&install.file);
    return code;
}
