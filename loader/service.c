/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's service over the service manager's API.
 */
#include "loader/service.h"

#include <stddef.h>
#include <string.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "loader/retry.h"

#define POLL_MS 50u

DWORD service_open_manager(DWORD access, struct service *out)
{
    const SC_HANDLE manager = OpenSCManagerW(NULL, NULL, access);
    if (manager == NULL) {
        return last_error();
    }
    *out = (struct service){.manager = manager};
    return ERROR_SUCCESS;
}

DWORD service_open(struct service *service, DWORD access)
{
    const SC_HANDLE handle = OpenServiceW(service->manager, RAPL_SERVICE_NAME, access);
    if (handle == NULL) {
        return last_error();
    }
    service->handle = handle;
    return ERROR_SUCCESS;
}

void service_close(struct service *service)
{
    if (service->handle != NULL) {
        CloseServiceHandle(service->handle);
    }
    if (service->manager != NULL) {
        CloseServiceHandle(service->manager);
    }
    *service = (struct service){0};
}

DWORD service_read_state(SC_HANDLE handle, DWORD *state)
{
    SERVICE_STATUS status;

    if (!QueryServiceStatus(handle, &status)) {
        return last_error();
    }
    *state = status.dwCurrentState;
    return ERROR_SUCCESS;
}

const wchar_t *service_state_name(DWORD state)
{
    static const wchar_t *const names[] = {
        [SERVICE_STOPPED] = L"stopped",
        [SERVICE_START_PENDING] = L"starting",
        [SERVICE_STOP_PENDING] = L"stopping",
        [SERVICE_RUNNING] = L"running",
        [SERVICE_CONTINUE_PENDING] = L"continuing",
        [SERVICE_PAUSE_PENDING] = L"pausing",
        [SERVICE_PAUSED] = L"paused",
    };
    return state < sizeof(names) / sizeof(names[0]) && names[state] != NULL ? names[state]
                                                                            : L"unknown";
}

DWORD service_create(struct service *service, const struct rapl_service_config *config)
{
    const SC_HANDLE handle = CreateServiceW(
        service->manager, RAPL_SERVICE_NAME, config->display_name, SERVICE_ALL_ACCESS, config->type,
        config->start, config->error_control, config->image, NULL, NULL, NULL, NULL, NULL);
    if (handle == NULL) {
        return last_error();
    }
    service->handle = handle;
    return ERROR_SUCCESS;
}

DWORD service_change(SC_HANDLE handle, const struct rapl_service_config *config)
{
    const BOOL done =
        ChangeServiceConfigW(handle, config->type, config->start, config->error_control,
                             config->image, NULL, NULL, NULL, NULL, NULL, config->display_name);
    return done ? ERROR_SUCCESS : last_error();
}

/* Waits while it is stopping. */
static DWORD wait_stopped(SC_HANDLE handle, DWORD wait_ms, DWORD *state)
{
    const ULONGLONG end_ms = GetTickCount64() + wait_ms;

    for (;;) {
        DWORD now;
        const DWORD error = service_read_state(handle, &now);
        if (error != ERROR_SUCCESS) {
            return error;
        }
        if (now == SERVICE_STOPPED || GetTickCount64() >= end_ms) {
            *state = now;
            return ERROR_SUCCESS;
        }
        Sleep(POLL_MS);
    }
}

static void sleep_between(void *context, uint32_t duration_ms)
{
    (void)context;
    Sleep(duration_ms);
}

static uint32_t try_start(void *context)
{
    return StartServiceW(context, 0, NULL) ? ERROR_SUCCESS : last_error();
}

static uint32_t try_stop(void *context)
{
    SERVICE_STATUS status;

    return ControlService(context, SERVICE_CONTROL_STOP, &status) ? ERROR_SUCCESS : last_error();
}

DWORD service_start(SC_HANDLE handle)
{
    const struct retry retry = {handle, try_start, sleep_between};

    return retry_while_locked(&retry);
}

DWORD service_stop(SC_HANDLE handle, DWORD wait_ms, DWORD *state)
{
    const struct retry retry = {handle, try_stop, sleep_between};
    DWORD now;

    DWORD error = service_read_state(handle, &now);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (now != SERVICE_STOPPED && now != SERVICE_STOP_PENDING) {
        error = retry_while_locked(&retry);
        if (error != ERROR_SUCCESS && error != ERROR_SERVICE_NOT_ACTIVE) {
            return error;
        }
    }
    return wait_stopped(handle, wait_ms, state);
}
