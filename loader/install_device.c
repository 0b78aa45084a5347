/* SPDX-License-Identifier: Apache-2.0
 *
 * install --pnp: the device's list of steps. The service and its settings are made before the
 * device gets its driver, so that its very first start has the access policy. The INF then fills in
 * the rest of the service, and leaves a policy that is there alone.
 */
#include "loader/install.h"

#include <stddef.h>

#include <rapl/abi.h>

#include "loader/device_api.h"
#include "loader/device_verbs.h"
#include "loader/text.h"
#include "loader/verbs.h"

#define INF_FILE_NAME        L"ScaphandreDrv.inf"
#define DEVICE_START_WAIT_MS 5000u

static DWORD find_inf(struct install *install)
{
    if (install->options->inf != NULL) {
        return files_full_path(install->options->inf, &install->inf);
    }
    return files_beside_program(INF_FILE_NAME, &install->inf);
}

/* The driver lies beside its INF. */
static DWORD find_paths(struct install *install)
{
    DWORD error = find_inf(install);
    if (error == ERROR_SUCCESS) {
        error = files_check_readable(install->inf.text);
    }
    if (error == ERROR_SUCCESS) {
        error = files_beside(install->inf.text, RAPL_DRIVER_FILE_NAME, &install->source);
    }
    if (error == ERROR_SUCCESS) {
        error = files_installed_driver(&install->target);
    }
    return error;
}

static int find_package(struct install *install)
{
    DWORD error = find_paths(install);
    if (error != ERROR_SUCCESS) {
        return install_fail(
            install, error == ERROR_FILE_NOT_FOUND ? LOADER_FILE_NOT_FOUND : LOADER_CREATE_FAILED,
            STEP_FIND_INF, error, L"cannot find the driver package ", install->inf.text);
    }
    error = package_read(install->inf.text, &install->package);
    if (error == ERROR_INVALID_DATA) {
        return report_refusal(install->report, LOADER_BAD_FILE,
                              "Give the ScaphandreDrv.inf of this release with --inf=FILE; nothing "
                              "was changed.",
                              L"%ls is not for the device " RAPL_HARDWARE_ID, install->inf.text);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_BAD_FILE, STEP_FIND_INF, error, L"cannot read ",
                            install->inf.text);
    }
    return install_read_driver(install);
}

/* Somebody else's package for our device: the predecessor's has the same hardware id. */
static bool is_foreign(const struct install *install, const struct package *package)
{
    return !rapl_service_path_equal(package->provider, install->package.provider);
}

static bool has_foreign_driver(const struct install *install, const struct device *device)
{
    for (unsigned i = 0; i < install->packages.count; i++) {
        if (rapl_service_path_equal(device->package, install->packages.package[i].name)) {
            return is_foreign(install, &install->packages.package[i]);
        }
    }
    return false;
}

static DWORD remove_unwanted_devices(struct install *install)
{
    for (unsigned i = 0; i < install->devices.count; i++) {
        const struct device *device = &install->devices.device[i];
        if (install->device.instance_id[0] == L'\0' && !has_foreign_driver(install, device)) {
            install->device = *device;
            continue;
        }
        const DWORD error = device_remove(device, &install->restart_needed);
        if (error != ERROR_SUCCESS) {
            return error;
        }
        report_note(install->report, L"Removed the device %ls, driver package %ls.",
                    device->instance_id, device->package[0] != L'\0' ? device->package : L"none");
    }
    return ERROR_SUCCESS;
}

static DWORD remove_foreign_packages(struct install *install)
{
    for (unsigned i = 0; i < install->packages.count; i++) {
        const struct package *package = &install->packages.package[i];
        const DWORD error =
            is_foreign(install, package) ? package_uninstall(package->name) : ERROR_SUCCESS;
        if (error != ERROR_SUCCESS) {
            return error;
        }
        if (is_foreign(install, package)) {
            report_note(install->report, L"Removed the driver package %ls of %ls.", package->name,
                        package->provider);
        }
    }
    return ERROR_SUCCESS;
}

/* One device, and no package that could take it over at the next restart. This is not undone. */
static int choose_device(struct install *install)
{
    DWORD error = remove_unwanted_devices(install);
    if (error == ERROR_SUCCESS) {
        error = remove_foreign_packages(install);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_DEVICE, error,
                            L"cannot remove an earlier device or its driver package", L"");
    }
    if (install->device.instance_id[0] != L'\0') {
        report_note(install->report, L"The device %ls is there already: it is updated.",
                    install->device.instance_id);
        return LOADER_OK;
    }
    /* What runs now was started as a service: Plug and Play could not use it. */
    return install_stop_service(install);
}

static int prepare_service(struct install *install)
{
    struct rapl_service_config config = {
        .type = SERVICE_KERNEL_DRIVER,
        .start = SERVICE_DEMAND_START,
        .error_control = SERVICE_ERROR_NORMAL,
        .image = SERVICE_IMAGE_PATH,
        .display_name = RAPL_SERVICE_DISPLAY_NAME,
    };
    const DWORD error =
        install->existed ? ERROR_SUCCESS : service_create(&install->service, &config);

    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_REGISTER, error,
                            L"cannot register the service " RAPL_SERVICE_NAME, L"");
    }
    install->registered = true;
    return install_write_settings(install);
}

static int make_device(struct install *install)
{
    if (install->device.instance_id[0] != L'\0') {
        return LOADER_OK;
    }
    const DWORD error = device_register(install->inf.text, &install->device);
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_DEVICE, error,
                            L"cannot make the device " RAPL_HARDWARE_ID, L"");
    }
    install->made_device = true;
    report_note(install->report, L"Made the device %ls.", install->device.instance_id);
    return LOADER_OK;
}

/* Success means that Windows tried: the device says whether it has a driver now. */
static DWORD read_new_package(struct install *install)
{
    struct devices devices;

    devices.count = 0;
    const DWORD error = devices_find(&devices);
    for (unsigned i = 0; i < devices.count && error == ERROR_SUCCESS; i++) {
        if (rapl_service_path_equal(devices.device[i].instance_id, install->device.instance_id) &&
            devices.device[i].package[0] != L'\0') {
            install->device = devices.device[i];
            return ERROR_SUCCESS;
        }
    }
    return error != ERROR_SUCCESS ? error : ERROR_NO_COMPAT_DRIVERS;
}

static int give_driver(struct install *install)
{
    bool restart = false;

    install->tried_driver = true;
    DWORD error = device_update(install->inf.text, &restart);
    if (error == ERROR_SUCCESS) {
        error = read_new_package(install);
    }
    if (error != ERROR_SUCCESS) {
        return install_fail(install, LOADER_CREATE_FAILED, STEP_DEVICE, error,
                            L"Windows did not install the driver package ", install->inf.text);
    }
    install->restart_needed = install->restart_needed || restart;
    return LOADER_OK;
}

/* Older packages of ours, once the device has left them. */
static void remove_older_packages(struct install *install)
{
    for (unsigned i = 0; i < install->packages.count; i++) {
        const struct package *package = &install->packages.package[i];
        if (is_foreign(install, package) ||
            rapl_service_path_equal(package->name, install->device.package)) {
            continue;
        }
        const DWORD error = package_uninstall(package->name);
        if (error == ERROR_SUCCESS) {
            report_note(install->report, L"Removed the older driver package %ls.", package->name);
        } else {
            report_warning(install->report,
                           L"the older driver package %ls stays (Windows error 0x%lX)",
                           package->name, (unsigned long)error);
        }
    }
}

/* The service's file, if the package runs from elsewhere. */
static void remove_service_file(struct install *install, const struct installed *now)
{
    bool at_restart;

    if (!install->existed || !install->before.at_target || now->at_target) {
        return;
    }
    if (files_delete(install->target.text, &at_restart) == ERROR_SUCCESS) {
        report_note(install->report, L"Deleted %ls%ls.", install->target.text,
                    at_restart ? L" (at the next restart)" : L"");
    }
}

static int clean_up(struct install *install)
{
    struct installed now;

    remove_older_packages(install);
    if (installed_read(install->service.handle, &now) == ERROR_SUCCESS) {
        remove_service_file(install, &now);
        install->target = now.path;
    }
    return LOADER_OK;
}

static int finish(struct install *install)
{
    struct report *report = install->report;
    struct device_state state;

    install_warn_about_windows(install);
    device_wait(&install->device, DEVICE_START_WAIT_MS, &state);
    json_string(&report->object, "mode", "device");
    report_text(report, "device", install->device.instance_id);
    report_text(report, "package", install->device.package);
    install_report_fields(install, install->target.text);
    report_text(report, "state", device_state_name(&state));
    if (install->restart_needed) {
        report_warning(report, L"Windows must be restarted before the device works");
    } else if (state.known && !state.started) {
        return device_report_problem(report, LOADER_START_FAILED, &state,
                                     L"installed the device, but Windows did not start it");
    }
    return report_ok(report, LOADER_OK,
                     L"Installed " RAPL_SERVICE_NAME L" %hs%ls as the device "
                     L"%ls, %ls.",
                     install->version.file_version,
                     install->options->simulated ? L" (SIMULATED)" : L"",
                     install->device.instance_id, install->device.package);
}

int install_as_device(struct install *install)
{
    static int (*const steps[])(struct install *install) = {
        find_package,    install_find_recording,
        install_look,    choose_device,
        prepare_service, make_device,
        give_driver,     clean_up,
        finish,
    };
    int code = LOADER_OK;

    for (size_t i = 0; i < TEXT_CHARS(steps) && code == LOADER_OK; i++) {
        code = steps[i](install);
    }
    return code;
}
