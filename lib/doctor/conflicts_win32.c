/* SPDX-License-Identifier: Apache-2.0
 *
 * Running drivers of other programs that read these registers. Known by the name of the file, which
 * stays the same while each program makes up a service name.
 */
#include "lib/doctor/facts_win32.h"

#include <windows.h>

#include <stdlib.h>

#include <rapl/abi.h>

#include "lib/service_path.h"
#include "lib/service_read.h"
#include "lib/utf.h"

static const struct {
    const wchar_t *file;
    bool is_blocked;
} known[] = {
    {L"WinRing0x64.sys", true}, /* LibreHardwareMonitor until 2025, EnergiBridge, many more */
    {L"WinRing0.sys", true},
    {L"PawnIO.sys", false},
    {L"AMDPowerProfiler.sys", false},
    {L"pwrowgrapldrv.sys", false},
    {L"pcm.sys", false},
    {RAPL_DRIVER_FILE_NAME, false}, /* under another service's name */
};

static void look_at(SC_HANDLE manager, const ENUM_SERVICE_STATUSW *status, struct doctor_facts *out)
{
    struct rapl_service_config config;

    if (rapl_service_path_equal(status->lpServiceName, RAPL_SERVICE_NAME)) {
        return;
    }
    const SC_HANDLE service = OpenServiceW(manager, status->lpServiceName, SERVICE_QUERY_CONFIG);
    if (service == NULL) {
        return;
    }
    const DWORD error = rapl_service_config_read(service, &config);
    CloseServiceHandle(service);
    for (size_t i = 0; error == ERROR_SUCCESS && i < sizeof(known) / sizeof(known[0]); i++) {
        if (rapl_service_path_equal(rapl_service_path_file(config.image), known[i].file) &&
            out->conflict_count < DOCTOR_CONFLICTS_MAX) {
            struct doctor_conflict *const conflict = &out->conflicts[out->conflict_count++];

            conflict->is_blocked = known[i].is_blocked;
            (void)rapl_utf8_from_wide(status->lpServiceName, conflict->service,
                                      sizeof(conflict->service));
            (void)rapl_utf8_from_wide(config.image, conflict->path, sizeof(conflict->path));
        }
    }
}

/* Every running driver; malloc'ed. NULL: they could not be listed. */
static ENUM_SERVICE_STATUSW *list(SC_HANDLE manager, DWORD *count)
{
    DWORD needed = 0;
    DWORD resume = 0;

    EnumServicesStatusW(manager, SERVICE_DRIVER, SERVICE_ACTIVE, NULL, 0, &needed, count, &resume);
    if (GetLastError() != ERROR_MORE_DATA || needed > (4u << 20)) {
        return NULL;
    }
    needed += 4096; /* some may start in between */
    ENUM_SERVICE_STATUSW *const services = malloc(needed);
    resume = 0;
    if (services != NULL && !EnumServicesStatusW(manager, SERVICE_DRIVER, SERVICE_ACTIVE, services,
                                                 needed, &needed, count, &resume)) {
        free(services);
        return NULL;
    }
    return services;
}

void doctor_facts_conflicts(struct doctor_facts *out)
{
    DWORD count = 0;

    const SC_HANDLE manager =
        OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    if (manager == NULL) {
        return;
    }
    ENUM_SERVICE_STATUSW *const services = list(manager, &count);
    for (DWORD i = 0; services != NULL && i < count; i++) {
        look_at(manager, &services[i], out);
    }
    free(services);
    CloseServiceHandle(manager);
}
