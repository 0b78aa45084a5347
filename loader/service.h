/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's service in the service manager. Functions return a Windows error code and leave
 * their out parameters alone if it is not ERROR_SUCCESS.
 */
#ifndef RAPL_LOADER_SERVICE_H
#define RAPL_LOADER_SERVICE_H

#include <stdbool.h>

#include <windows.h>

#include "lib/service_read.h"

/* What DriverLoader writes: run from the system's drivers folder, wherever Windows lies. */
#define SERVICE_IMAGE_PATH L"\\SystemRoot\\System32\\drivers\\ScaphandreDrv.sys"

#define SERVICE_STOP_WAIT_MS 5000u

struct service {
    SC_HANDLE manager;
    SC_HANDLE handle; /* NULL if the service does not exist */
};

DWORD service_open_manager(DWORD access, struct service *out);
/* `service->manager` must be open. ERROR_SERVICE_DOES_NOT_EXIST is one of the answers. */
DWORD service_open(struct service *service, DWORD access);
void service_close(struct service *service);

DWORD service_read_state(SC_HANDLE handle, DWORD *state);
/* "running", "stopped", "stopping" and so on. */
const wchar_t *service_state_name(DWORD state);

/* Creates the service, leaving `service->handle` open with all access. */
DWORD service_create(struct service *service, const struct rapl_service_config *config);
DWORD service_change(SC_HANDLE handle, const struct rapl_service_config *config);

/* Waits about 10 s while the service database is locked; stopping does, too. */
DWORD service_start(SC_HANDLE handle);

/*
 * Asks it to stop and waits up to `wait_ms`. Success means that the request was taken or nothing
 * ran; `*state` tells what came of it: SERVICE_STOPPED, or SERVICE_STOP_PENDING while programs
 * hold the driver open.
 */
DWORD service_stop(SC_HANDLE handle, DWORD wait_ms, DWORD *state);

#endif
