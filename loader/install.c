/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that both ways of installing share, and undoing them.
 */
#include "loader/install.h"

#include <stddef.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "loader/recording_file.h"
#include "loader/system.h"
#include "loader/text.h"
#include "loader/verbs.h"

/* A driver registers as one of these; anything else of our name is not ours to change. */
#define DRIVER_TYPES (SERVICE_KERNEL_DRIVER | SERVICE_FILE_SYSTEM_DRIVER)

/* The packages that were not there before: those that this run added. */
static void remove_new_packages(struct install *install)
{
    struct packages now;

    if (packages_find(&now) != ERROR_SUCCESS) {
        return;
    }
    for (unsigned i = 0; i < now.count; i++) {
        bool old = false;
        for (unsigned j = 0; j < install->packages.count; j++) {
            old = old ||
                  rapl_service_path_equal(now.package[i].name, install->packages.package[j].name);
        }
        const DWORD error = old ? ERROR_SUCCESS : package_uninstall(now.package[i].name);
        if (error != ERROR_SUCCESS) {
            report_warning(install->report, L"%ls could not be removed (Windows error 0x%lX)",
                           now.package[i].name, (unsigned long)error);
        }
    }
}

static void remove_device(struct install *install)
{
    const DWORD error = install->made_device
                            ? device_remove(&install->device, &install->restart_needed)
                            : ERROR_SUCCESS;
    if (error != ERROR_SUCCESS) {
        report_warning(install->report,
                       L"the device %ls could not be removed (Windows error 0x%lX)",
                       install->device.instance_id, (unsigned long)error);
    }
    if (install->tried_driver) {
        remove_new_packages(install);
    }
}

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
    if (install->registered || install->undo.replaced || install->made_device) {
        report_note(install->report, L"Putting everything back as it was.");
    }
    remove_device(install);
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

int install_fail(struct install *install, enum loader_exit code, enum loader_step step, DWORD error,
                 const wchar_t *what, const wchar_t *path)
{
    roll_back(install);
    return report_error(install->report, code, step, error, L"%ls%ls", what, path);
}

static int open_driver(struct install *install)
{
    const DWORD error = rapl_file_open(install->source.text, RAPL_IMAGE_SIZE_MAX, &install->file);

    if (error == ERROR_FILE_NOT_FOUND) {
        return install_fail(install, LOADER_FILE_NOT_FOUND, STEP_FIND, error, L"cannot find ",
                            install->source.text);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_FIND, error, L"cannot read ",
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

int install_read_driver(struct install *install)
{
    const int code = open_driver(install);

    return code == LOADER_OK ? check_driver(install) : code;
}

int install_find_recording(struct install *install)
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
        return install_fail(install, LOADER_SCM_FAILED, STEP_MANAGER, error,
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
        return install_fail(install, LOADER_UNAVAILABLE, STEP_OPEN, error,
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

int install_look(struct install *install)
{
    const int code = open_service(install);
    if (code != LOADER_OK) {
        return code;
    }

    DWORD error = devices_find(&install->devices);
    if (error == ERROR_SUCCESS) {
        error = packages_find(&install->packages);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_UNAVAILABLE, STEP_DEVICE, error,
                            L"cannot list the devices", L"");
    }
    return LOADER_OK;
}

/* Stops what runs, unless it is this very file: measuring goes on while the settings change. */
int install_stop_service(struct install *install)
{
    DWORD state = SERVICE_STOPPED;

    if (!install->existed) {
        return LOADER_OK;
    }
    DWORD error = service_read_state(install->service.handle, &state);
    const bool ran = state == SERVICE_RUNNING;
    install->keeps_running = error == ERROR_SUCCESS && ran && !install->settings.is_device &&
                             install->before.at_target &&
                             files_equal(install->target.text, &install->file);
    if (install->keeps_running || (error == ERROR_SUCCESS && state == SERVICE_STOPPED)) {
        return LOADER_OK;
    }

    if (error == ERROR_SUCCESS) {
        error = service_stop(install->service.handle, SERVICE_STOP_WAIT_MS, &state);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_STOP_FAILED, STEP_STOP, error,
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

int install_write_settings(struct install *install)
{
    const wchar_t *reason = choose_access(install);
    const DWORD error = settings_store(&install->settings);

    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_REGISTER, error,
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

void install_warn_about_windows(struct install *install)
{
    struct windows_version windows;

    system_version(&windows);
    if (!system_is_supported(&windows)) {
        report_warning(install->report,
                       L"this is Windows %lu.%lu.%lu; the driver needs 10.0.14393 or later and "
                       L"will not start",
                       windows.major, windows.minor, windows.build);
    }
}

void install_report_fields(struct install *install, const wchar_t *path)
{
    struct report *report = install->report;

    report_text(report, "path", path);
    json_string(&report->object, "file_version", install->version.file_version);
    json_string(&report->object, "policy", options_access_name(install->settings.access));
    report_flag(report, "simulated", install->options->simulated);
    report_text(report, "recording",
                install->settings.has_recording ? install->settings.recording.text : NULL);
    report_flag(report, "restart_needed", install->restart_needed);
}
