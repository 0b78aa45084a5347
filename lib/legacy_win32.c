/* SPDX-License-Identifier: Apache-2.0
 *
 * Legacy requests over DeviceIoControl, each timed by QueryPerformanceCounter. One program of this
 * project reads at a time: the predecessor keeps state between a request's steps, and two threads
 * moved to the same processor hold each other up.
 */
#include "lib/legacy.h"

#include <windows.h>
#include <sddl.h>
#include <winioctl.h>

#include <stdlib.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "lib/processor.h"

/*
 * The driver ignores the code but for its method bits. Read access is all this one asks for, so
 * that Windows itself lets a read-only handle send it.
 */
#define LEGACY_READ_CODE CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_READ_ACCESS)

/*
 * Every user may take it, and so could keep it: nobody waits for it longer than this. A name in
 * the Global namespace is one for all sessions.
 */
#define MUTEX_NAME    L"Global\\windows-rapl-driver-legacy-read"
#define MUTEX_SDDL    L"D:(A;;0x100001;;;WD)" /* SYNCHRONIZE and MUTEX_MODIFY_STATE for everyone */
#define MUTEX_RIGHTS  (SYNCHRONIZE | MUTEX_MODIFY_STATE)
#define MUTEX_WAIT_MS 100u

#define NO_PROCESSOR UINT32_MAX

struct rapl_legacy {
    HANDLE device;
    HANDLE mutex; /* NULL: it could not be had, and reads are not serialised */
    enum rapl_legacy_way way;
    bool begun;
    bool owned;          /* the mutex, by this thread */
    uint32_t pinned_to;  /* the thread is there now */
    GROUP_AFFINITY home; /* where it was, when pinned */
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

static HANDLE open_mutex(void)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof(security)};
    HANDLE mutex = NULL;

    if (ConvertStringSecurityDescriptorToSecurityDescriptorW(
            MUTEX_SDDL, SDDL_REVISION_1, &security.lpSecurityDescriptor, NULL)) {
        mutex = CreateMutexExW(&security, MUTEX_NAME, 0, MUTEX_RIGHTS);
        LocalFree(security.lpSecurityDescriptor);
    }
    return mutex;
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
    *legacy =
        (struct rapl_legacy){.device = device, .mutex = open_mutex(), .pinned_to = NO_PROCESSOR};
    *read_only = reduced;
    return legacy;
}

void rapl_legacy_close(struct rapl_legacy *legacy)
{
    CloseHandle(legacy->device);
    if (legacy->mutex != NULL) {
        CloseHandle(legacy->mutex);
    }
    free(legacy);
}

/* ---- Taking turns, and being on the right processor ----------------------------------------- */

static void legacy_begin(void *context)
{
    struct rapl_legacy *const legacy = context;

    legacy->begun = true;
    if (legacy->mutex != NULL) {
        const DWORD waited = WaitForSingleObject(legacy->mutex, MUTEX_WAIT_MS);

        legacy->owned = waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED;
    }
}

static void legacy_end(void *context)
{
    struct rapl_legacy *const legacy = context;

    if (legacy->pinned_to != NO_PROCESSOR) {
        SetThreadGroupAffinity(GetCurrentThread(), &legacy->home, NULL);
        legacy->pinned_to = NO_PROCESSOR;
    }
    if (legacy->owned) {
        ReleaseMutex(legacy->mutex);
        legacy->owned = false;
    }
    legacy->begun = false;
}

/* A Windows error code if the thread cannot go where it must be. */
static uint32_t go_to(struct rapl_legacy *legacy, uint32_t processor)
{
    GROUP_AFFINITY there;
    GROUP_AFFINITY before;

    if (legacy->way == RAPL_LEGACY_BY_INDEX || legacy->pinned_to == processor) {
        return 0;
    }
    if (!rapl_processor_affinity(processor, &there)) {
        return ERROR_INVALID_PARAMETER;
    }
    if (!SetThreadGroupAffinity(GetCurrentThread(), &there, &before)) {
        return last_error();
    }
    if (legacy->pinned_to == NO_PROCESSOR) {
        legacy->home = before;
    }
    legacy->pinned_to = processor;
    return 0;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static uint32_t request_register(const struct rapl_legacy *legacy, uint32_t msr, uint32_t processor,
                                 struct rapl_register_value *out)
{
    struct rapl_legacy_request request = {
        .msr = msr, .cpu = legacy->way == RAPL_LEGACY_PINNED_ONLY ? 0 : processor};
    uint64_t value = 0;
    DWORD returned = 0;
    int64_t before = ticks_now();
    BOOL answered = DeviceIoControl(legacy->device, LEGACY_READ_CODE, &request, sizeof(request),
                                    &value, sizeof(value), &returned, NULL);
    int64_t after = ticks_now();

    if (!answered) {
        return last_error();
    }
    if (returned != sizeof(value)) {
        return ERROR_GEN_FAILURE;
    }
    out->value = value;
    out->time_100ns = to_100ns(before + (after - before) / 2);
    return 0;
}

static uint32_t legacy_read(void *context, uint32_t msr, uint32_t processor,
                            struct rapl_register_value *out)
{
    struct rapl_legacy *const legacy = context;
    const bool alone = !legacy->begun;
    uint32_t error;

    if (alone) {
        legacy_begin(legacy);
    }
    error = go_to(legacy, processor);
    if (error == 0) {
        error = request_register(legacy, msr, processor, out);
    }
    if (alone) {
        legacy_end(legacy);
    }
    return error;
}

struct rapl_device rapl_legacy_device(struct rapl_legacy *legacy, enum rapl_legacy_way way)
{
    legacy->way = way;
    return (struct rapl_device){
        .context = legacy, .read = legacy_read, .begin = legacy_begin, .end = legacy_end};
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
