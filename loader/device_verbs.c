/* SPDX-License-Identifier: Apache-2.0
 *
 * start, stop and remove of the device. Windows refuses to stop such a driver as a service: what
 * stops it is disabling its device.
 */
#include "loader/device_verbs.h"

#include "loader/device_problem.h"
#include "loader/packages.h"
#include "loader/text.h"

#define START_WAIT_MS 5000u

int device_look(struct report *report, struct device *out, bool *found)
{
    struct devices devices;

    const DWORD error = devices_find(&devices);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_UNAVAILABLE, STEP_DEVICE, error,
                            L"cannot list the devices");
    }
    *found = devices.count > 0;
    if (*found) {
        *out = devices.device[0];
    }
    return LOADER_OK;
}

const wchar_t *device_state_name(const struct device_state *state)
{
    if (!state->known) {
        return L"unknown";
    }
    if (state->started) {
        return L"running";
    }
    return state->problem == DEVICE_PROBLEM_DISABLED ? L"disabled" : L"not started";
}

int device_report_problem(struct report *report, enum loader_exit code,
                          const struct device_state *state, const wchar_t *what)
{
    const struct device_problem *problem = device_problem_find(state->problem);

    if (state->error != 0) { /* the driver's own word is better than Plug and Play's */
        return report_error(report, code, STEP_START, state->error, L"%ls (Code %lu)", what,
                            (unsigned long)state->problem);
    }
    return report_refusal(report, code,
                          problem != NULL ? problem->action : error_text_unknown_action(),
                          L"%ls: Code %lu: %hs", what, (unsigned long)state->problem,
                          problem != NULL ? problem->meaning : "Device Manager says more");
}

static int finish_change(struct report *report, const struct device *device,
                         const struct device_state *state, const wchar_t *what)
{
    json_string(&report->object, "mode", "device");
    report_text(report, "device", device->instance_id);
    report_text(report, "state", device_state_name(state));
    return report_ok(report, LOADER_OK, L"%ls %ls.", what, device->instance_id);
}

static int report_restart(struct report *report, enum loader_exit code, const wchar_t *what)
{
    report_flag(report, "restart_needed", true);
    return report_refusal(report, code, "Restart Windows.",
                          L"%ls: Windows does it at the next restart", what);
}

int device_start(const struct loader_options *options, struct report *report,
                 const struct device *device)
{
    struct device_state state;
    bool restart = false;

    if (options->recording != NULL) {
        return report_refusal(report, LOADER_USAGE,
                              "Run 'DriverLoader install --pnp --simulated --recording=FILE'.",
                              L"the recording of a device is set when it is installed");
    }
    device_state(device, &state);
    if (state.started) {
        return finish_change(report, device, &state, L"Already running: the device");
    }
    const DWORD error = device_enable(device, true, &restart);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_START_FAILED, STEP_DEVICE, error,
                            L"cannot enable the device %ls", device->instance_id);
    }
    if (restart) {
        return report_restart(report, LOADER_START_FAILED, L"cannot enable the device now");
    }
    device_wait(device, START_WAIT_MS, &state);
    if (state.known && !state.started) {
        return device_report_problem(report, LOADER_START_FAILED, &state,
                                     L"enabled the device, but Windows did not start it");
    }
    return finish_change(report, device, &state, L"Enabled the device");
}

int device_stop(struct report *report, const struct device *device)
{
    struct device_state state;
    bool restart = false;

    device_state(device, &state);
    if (state.known && state.problem == DEVICE_PROBLEM_DISABLED) {
        return finish_change(report, device, &state, L"Already disabled: the device");
    }
    const DWORD error = device_enable(device, false, &restart);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_STOP_FAILED, STEP_DEVICE, error,
                            L"cannot disable the device %ls", device->instance_id);
    }
    if (restart) {
        return report_restart(report, LOADER_STOP_FAILED, L"cannot disable the device now");
    }
    device_state(device, &state);
    report_note(report, L"It stays disabled, over a restart too, until 'DriverLoader start'.");
    return finish_change(report, device, &state, L"Disabled the device");
}

static DWORD remove_devices(struct report *report, unsigned *removed)
{
    struct devices devices;

    DWORD error = devices_find(&devices);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    for (unsigned i = 0; i < devices.count && error == ERROR_SUCCESS; i++) {
        bool restart = false;
        error = device_remove(&devices.device[i], &restart);
        if (error == ERROR_SUCCESS) {
            (*removed)++;
            report_note(report, L"Removed the device %ls.", devices.device[i].instance_id);
        }
        if (error == ERROR_SUCCESS && restart) {
            report_warning(report, L"the device %ls works until the next restart of Windows",
                           devices.device[i].instance_id);
        }
    }
    return error;
}

static DWORD remove_packages(struct report *report, unsigned *removed)
{
    struct packages packages;

    DWORD error = packages_find(&packages);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    for (unsigned i = 0; i < packages.count && error == ERROR_SUCCESS; i++) {
        error = package_uninstall(packages.package[i].name);
        if (error == ERROR_SUCCESS) {
            (*removed)++;
            report_note(report, L"Removed the driver package %ls of %ls.", packages.package[i].name,
                        packages.package[i].provider);
        }
    }
    return error;
}

int device_remove_all(struct report *report, struct device_removed *out)
{
    struct device_removed removed = {0};

    DWORD error = remove_devices(report, &removed.devices);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_REMOVE_FAILED, STEP_DEVICE, error,
                            L"cannot remove the device");
    }
    error = remove_packages(report, &removed.packages);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_REMOVE_FAILED, STEP_DEVICE, error,
                            L"cannot remove the driver package");
    }
    *out = removed;
    return LOADER_OK;
}
