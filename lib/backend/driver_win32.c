/* SPDX-License-Identifier: Apache-2.0
 *
 * \\.\RaplEnergy on Windows.
 */
#include "lib/backend/driver.h"

#include <windows.h>
#include <winioctl.h>

#include <string.h>

#include "lib/clock.h"
#include "lib/last_error.h"
#include "lib/source.h"

static uint32_t device_call(void *context, uint32_t control_code, const void *in, size_t in_size,
                            void *out, size_t out_size, size_t *written)
{
    unsigned char request[RAPL_WIRE_REQUEST_MAX];
    DWORD returned = 0;
    DWORD error = ERROR_SUCCESS;

    if (in_size > sizeof(request) || out_size > UINT32_MAX) {
        return ERROR_INVALID_PARAMETER;
    }
    memcpy(request, in, in_size); /* DeviceIoControl's input is not const */
    if (!DeviceIoControl((HANDLE)context, control_code, request, (DWORD)in_size, out,
                         (DWORD)out_size, &returned, NULL)) {
        error = last_error();
    }
    *written = returned;
    return error;
}

static void device_close(void *context)
{
    CloseHandle((HANDLE)context);
}

static uint64_t device_now_ns(void *context)
{
    (void)context;
    return rapl_clock_now_ns();
}

/* The driver does not say what it plays; its settings do. */
static void find_recording(char *out, size_t size)
{
    struct rapl_source played;

    if (rapl_source_identify(&played)) {
        strncpy(out, played.recording_title, size - 1);
        out[size - 1] = '\0';
        rapl_source_close(&played);
    }
}

uint32_t driver_link_open(struct driver_link *out)
{
    const HANDLE device =
        CreateFileW(RAPL_ENERGY_WIN32_NAME, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                    OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);

    if (device == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    *out = (struct driver_link){
        .channel = {.context = device, .call = device_call, .now_ns = device_now_ns},
        .close = device_close,
        .recording = find_recording,
    };
    return 0;
}
