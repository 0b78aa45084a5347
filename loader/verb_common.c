/* SPDX-License-Identifier: Apache-2.0
 *
 * What several verbs need.
 */
#include "loader/verbs.h"

#include <rapl/abi.h>

#include "loader/holders.h"
#include "loader/text.h"

static int report_unopened(struct report *report, enum loader_step step, DWORD error)
{
    return report_error(report, LOADER_UNAVAILABLE, step, error,
                        L"cannot open the service " RAPL_SERVICE_NAME);
}

int verb_find_service(struct report *report, enum loader_step step, DWORD access,
                      struct service *out)
{
    struct service service;

    DWORD error = service_open_manager(SC_MANAGER_CONNECT, &service);
    if (error != ERROR_SUCCESS) {
        return report_error(report, LOADER_SCM_FAILED, STEP_MANAGER, error,
                            L"cannot open the service manager");
    }
    error = service_open(&service, access);
    if (error != ERROR_SUCCESS && error != ERROR_SERVICE_DOES_NOT_EXIST) {
        service_close(&service);
        return report_unopened(report, step, error);
    }
    *out = service;
    return LOADER_OK;
}

int verb_open_service(struct report *report, DWORD access, struct service *out)
{
    struct service service = {0};

    const int code = verb_find_service(report, STEP_OPEN, access, &service);
    if (code != LOADER_OK) {
        return code;
    }
    if (service.handle == NULL) {
        service_close(&service);
        return report_unopened(report, STEP_OPEN, ERROR_SERVICE_DOES_NOT_EXIST);
    }
    *out = service;
    return LOADER_OK;
}

int verb_report_stopping(struct report *report, enum loader_exit code, DWORD state)
{
    struct holders holders;
    wchar_t in_use_by[1024];

    report_text(report, "state", service_state_name(state));
    if (state != SERVICE_STOP_PENDING) {
        return report_refusal(report, code,
                              "This driver cannot be unloaded: restart Windows. To keep it from "
                              "being loaded again, run: sc config ScaphandreDrv start= disabled",
                              L"the driver was asked to stop and is still %ls (service state %lu)",
                              service_state_name(state), (unsigned long)state);
    }
    holders_find(&holders);
    holders_describe(&holders, in_use_by, TEXT_CHARS(in_use_by));
    report_text(report, "in_use_by", holders.count > 0 ? in_use_by : NULL);
    return report_refusal(
        report, code,
        holders.count > 0
            ? "Close these programs; the driver unloads when the last one lets go of it."
            : "Close every program that measures energy. To find it: Sysinternals 'handle64 -a "
              "Scaphandre', or search Scaphandre in Resource Monitor, CPU, Associated Handles.",
        L"stopping: in use by %ls (service state %lu)", in_use_by, (unsigned long)state);
}
