/* SPDX-License-Identifier: Apache-2.0
 *
 * install: a list of steps. What a failed step leaves behind is undone, in reverse, before the
 * failure is reported: either all of it is installed or nothing is. This file has the service's.
 */
#include "loader/install.h"

#include <stddef.h>

#include <rapl/abi.h>

#include "loader/text.h"
#include "loader/verbs.h"

static int find_driver(struct install *install)
{
    DWORD error = files_beside_program(RAPL_DRIVER_FILE_NAME, &install->source);
    if (error == ERROR_SUCCESS) {
        error = files_installed_driver(&install->target);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_FIND, error,
                            L"cannot find the driver", L"");
    }
    return install_read_driver(install);
}

/* A device keeps Windows from stopping the driver as a service, and starts it as its own. */
static int check_devices(struct install *install)
{
    if (install->devices.count == 0) {
        return LOADER_OK;
    }
    return report_refusal(install->report, LOADER_EXISTS,
                          "Run 'DriverLoader install --pnp' to update the device, or "
                          "'DriverLoader remove' first to install the service in its place.",
                          L"the driver is installed as a device, %ls",
                          install->devices.device[0].instance_id);
}

static int copy_driver(struct install *install)
{
    if (files_equal(install->target.text, &install->file)) {
        report_note(install->report, L"%ls is up to date.", install->target.text);
        return LOADER_OK;
    }
    const DWORD error = files_replace(install->target.text, &install->file, &install->undo);
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_COPY, error, L"cannot write ",
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
        return install_fail(install, LOADER_CREATE_FAILED, STEP_REGISTER, error,
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

static int finish(struct install *install)
{
    struct report *report = install->report;

    files_keep(&install->undo);
    install_warn_about_windows(install);
    json_string(&report->object, "mode", "service");
    json_string(&report->object, "start_type", options_start_name(install->options->start));
    install_report_fields(install, install->target.text);
    report_text(report, "state", install->keeps_running ? L"running" : L"stopped");
    report_next(report, install->keeps_running
                            ? "to use changed settings, DriverLoader stop and DriverLoader start"
                            : "DriverLoader start");
    return report_ok(report, LOADER_OK, L"Installed " RAPL_SERVICE_NAME L" %hs%ls%ls.",
                     install->version.file_version,
                     install->options->simulated ? L" (SIMULATED)" : L"",
                     install->keeps_running ? L"; it keeps running" : L"");
}

int install_as_service(struct install *install)
{
    static int (*const steps[])(struct install *install) = {
        find_driver,      install_find_recording, install_look,
        check_devices,    install_stop_service,   copy_driver,
        register_service, install_write_settings, finish,
    };
    int code = LOADER_OK;

    for (size_t i = 0; i < TEXT_CHARS(steps) && code == LOADER_OK; i++) {
        code = steps[i](install);
    }
    return code;
}

int verb_install(const struct loader_options *options, struct report *report)
{
    struct install install = {.options = options, .report = report};

    install.settings.is_device = options->pnp;
    const int code = options->pnp ? install_as_device(&install) : install_as_service(&install);
    service_close(&install.service);
    rapl_file_close(&install.file);
    return code;
}
