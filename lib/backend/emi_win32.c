/* SPDX-License-Identifier: Apache-2.0
 *
 * The meters of this Windows: every present device interface of GUID_DEVICE_ENERGY_METER. SetupAPI,
 * because Wine 8 does not have CM_Get_Device_Interface_List.
 */
#include <windows.h>

#include <setupapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "lib/backend/emi.h"
#include "lib/cpuid_here.h"
#include "lib/clock.h"
#include "lib/machine.h"

#include <rapl/emi_wire.h>

#define PATHS_MAX 1024u

struct meters {
    uint32_t count;
    SP_DEVICE_INTERFACE_DETAIL_DATA_W *paths[PATHS_MAX];
};

static const GUID energy_meter = RAPL_EMI_GUID;

/* The name that opens the interface; NULL if there is none. */
static SP_DEVICE_INTERFACE_DETAIL_DATA_W *path_of(HDEVINFO list, SP_DEVICE_INTERFACE_DATA *found)
{
    DWORD size = 0;

    if (SetupDiGetDeviceInterfaceDetailW(list, found, NULL, 0, &size, NULL) ||
        GetLastError() != ERROR_INSUFFICIENT_BUFFER ||
        size < sizeof(SP_DEVICE_INTERFACE_DETAIL_DATA_W)) {
        return NULL;
    }
    SP_DEVICE_INTERFACE_DETAIL_DATA_W *path = calloc(1, size);
    if (path == NULL) {
        return NULL;
    }
    path->cbSize = sizeof(*path);
    if (!SetupDiGetDeviceInterfaceDetailW(list, found, path, size, NULL, NULL)) {
        free(path);
        return NULL;
    }
    return path;
}

static uint32_t meters_enumerate(void *context, uint32_t *count)
{
    struct meters *meters = context;
    HDEVINFO list =
        SetupDiGetClassDevsW(&energy_meter, NULL, NULL, DIGCF_DEVICEINTERFACE | DIGCF_PRESENT);

    if (list == INVALID_HANDLE_VALUE) {
        return GetLastError();
    }
    for (DWORD i = 0; meters->count < PATHS_MAX; i++) {
        SP_DEVICE_INTERFACE_DATA found = {.cbSize = sizeof(found)};
        if (!SetupDiEnumDeviceInterfaces(list, NULL, &energy_meter, i, &found)) {
            break;
        }
        SP_DEVICE_INTERFACE_DETAIL_DATA_W *path = path_of(list, &found);
        if (path != NULL) {
            meters->paths[meters->count++] = path;
        }
    }
    SetupDiDestroyDeviceInfoList(list);
    *count = meters->count;
    return 0;
}

/* Read access is what the requests ask for, and what ordinary users have. */
static uint32_t meters_open(void *context, uint32_t device, void **handle)
{
    const struct meters *meters = context;
    HANDLE opened = CreateFileW(meters->paths[device]->DevicePath, GENERIC_READ,
                                FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);

    if (opened == INVALID_HANDLE_VALUE) {
        const DWORD error = GetLastError();
        return error != 0 ? error : ERROR_GEN_FAILURE;
    }
    *handle = opened;
    return 0;
}

static uint32_t meters_control(void *context, void *handle, uint32_t code, void *out, uint32_t size,
                               uint32_t *got)
{
    DWORD bytes = 0;

    (void)context;
    if (!DeviceIoControl(handle, code, NULL, 0, out, size, &bytes, NULL)) {
        const DWORD error = GetLastError();
        return error != 0 ? error : ERROR_GEN_FAILURE;
    }
    *got = bytes;
    return 0;
}

static void meters_close(void *context, void *handle)
{
    (void)context;
    CloseHandle(handle);
}

static void meters_release(void *context)
{
    struct meters *meters = context;

    for (uint32_t i = 0; i < meters->count; i++) {
        free(meters->paths[i]);
    }
    free(meters);
}

/* QueryPerformanceCounter runs while the system sleeps. */
static uint64_t meters_time_ns(void *context)
{
    (void)context;
    return rapl_clock_now_ns();
}

/* The CPU itself says what it is; a meter does not. */
static int meters_machine(void *context, struct rapl_machine_info *out)
{
    const struct rapl_cpuid cpuid = rapl_cpuid_here();
    struct rapl_host host;
    uint32_t error = 0;
    char brand[RAPL_CPU_BRAND_SIZE];

    (void)context;
    if (!rapl_machine_host(&host, &error)) {
        return RAPL_ERROR_SYSTEM;
    }
    rapl_cpu_brand(&cpuid, brand);
    out->vendor = host.cpu.vendor;
    out->family = host.cpu.family;
    out->model = host.cpu.model;
    out->stepping = host.cpu.stepping;
    out->processor_count = host.processor_count;
    out->group_count = GetActiveProcessorGroupCount();
    out->is_guest = host.cpu.hypervisor && !host.cpu.hyperv_root ? 1 : 0;
    (void)snprintf(out->brand, sizeof(out->brand), "%s", brand);
    if (host.model != NULL) {
        (void)snprintf(out->model_name, sizeof(out->model_name), "%s",
                       rapl_model_text(host.model)->name);
    }
    rapl_host_free(&host);
    return RAPL_OK;
}

static int emi_open(const struct backend_options *options, struct backend_report *report,
                    void **state)
{
    struct meters *meters = calloc(1, sizeof(*meters));

    if (meters == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    const struct emi_system system = {.context = meters,
                                      .enumerate = meters_enumerate,
                                      .open = meters_open,
                                      .control = meters_control,
                                      .close = meters_close,
                                      .release = meters_release,
                                      .time_ns = meters_time_ns,
                                      .machine = meters_machine};
    return emi_open_system(&system, options->flags, report, state);
}

const struct backend backend_emi = BACKEND_EMI(emi_open);
