/* SPDX-License-Identifier: Apache-2.0
 *
 * Legacy requests over DeviceIoControl, each timed by QueryPerformanceCounter.
 */
#include "lib/legacy.h"

#include <windows.h>
#include <winioctl.h>

#include <stdlib.h>

#include <rapl/abi.h>

#include "lib/error_text.h"

/*
 * The driver ignores the code but for its method bits. Read access is all this one asks for, so
 * that Windows itself lets a read-only handle send it.
 */
#define LEGACY_READ_CODE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_READ_ACCESS)

struct rapl_legacy {
    HANDLE device;
};

static uint64_t to_100ns(int64_t ticks)
{
    LARGE_INTEGER frequency;
    uint64_t per_second;
    uint64_t count = (uint64_t)ticks;

    QueryPerformanceFrequency(&frequency);
    per_second = (uint64_t)frequency.QuadPart;
    return count / per_second * RAPL_100NS_PER_SECOND +
           count % per_second * RAPL_100NS_PER_SECOND / per_second;
}

static int64_t ticks_now(void)
{
    LARGE_INTEGER ticks;

    QueryPerformanceCounter(&ticks);
    return ticks.QuadPart;
}

static HANDLE open_device(DWORD access)
{
    return CreateFileW(RAPL_LEGACY_WIN32_NAME, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                       OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
}

struct rapl_legacy *rapl_legacy_open(bool *read_only, uint32_t *error)
{
    struct rapl_legacy *legacy;
    bool reduced = false;
    HANDLE device = open_device(GENERIC_READ | GENERIC_WRITE);

    if (device == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED) {
        reduced = true;
        device = open_device(GENERIC_READ);
    }
    if (device == INVALID_HANDLE_VALUE) {
        *error = GetLastError();
        return NULL;
    }
    legacy = malloc(sizeof(*legacy));
    if (legacy == NULL) {
        CloseHandle(device);
        *error = ERROR_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    legacy->device = device;
    *read_only = reduced;
    return legacy;
}

void rapl_legacy_close(struct rapl_legacy *legacy)
{
    CloseHandle(legacy->device);
    free(legacy);
}

static uint32_t legacy_read(void *context, uint32_t msr, uint32_t processor,
                            struct rapl_register_value *out)
{
    const struct rapl_legacy *legacy = context;
    struct rapl_legacy_request request = {.msr = msr, .cpu = processor};
    uint64_t value = 0;
    DWORD returned = 0;
    int64_t before = ticks_now();
    BOOL answered = DeviceIoControl(legacy->device, LEGACY_READ_CODE, &request, sizeof(request),
                                    &value, sizeof(value), &returned, NULL);
    int64_t after = ticks_now();

    if (!answered) {
        return GetLastError();
    }
    if (returned != sizeof(value)) {
        return ERROR_GEN_FAILURE;
    }
    out->value = value;
    out->time_100ns = to_100ns(before + (after - before) / 2);
    return 0;
}

struct rapl_device rapl_legacy_device(struct rapl_legacy *legacy)
{
    return (struct rapl_device){.context = legacy, .read = legacy_read};
}

static uint64_t clock_now(void *context)
{
    (void)context;
    return to_100ns(ticks_now());
}

static void clock_sleep(void *context, uint64_t duration_100ns)
{
    uint64_t milliseconds = (duration_100ns + 9999) / 10000;

    (void)context;
    Sleep(milliseconds < INFINITE ? (DWORD)milliseconds : INFINITE - 1);
}

struct rapl_clock rapl_legacy_clock(void)
{
    return (struct rapl_clock){.now_100ns = clock_now, .sleep_100ns = clock_sleep};
}
