/* SPDX-License-Identifier: Apache-2.0
 *
 * The root device ROOT\SCAPHANDREDRV: made, given its driver, enabled, disabled, removed. Functions
 * return a Windows error code (SetupAPI's are 0xE0000000 and up) and leave their out parameters
 * alone if it is not ERROR_SUCCESS.
 *
 * Source: Microsoft, "SetupAPI" and "Writing a Device Installation Application".
 */
#ifndef RAPL_LOADER_DEVICE_H
#define RAPL_LOADER_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

#define DEVICE_ID_CHARS 200u /* MAX_DEVICE_ID_LEN */
#define DEVICES_MAX     8u

struct device {
    wchar_t instance_id[DEVICE_ID_CHARS]; /* ROOT\SYSTEM\0001 */
    wchar_t package[64];                  /* oem7.inf; empty if it has no driver */
};

struct devices {
    unsigned count; /* of those that are in the list */
    struct device device[DEVICES_MAX];
};

/* Every device with our hardware id, also those that Windows only remembers. */
DWORD devices_find(struct devices *out);

/* Makes one of the class that the INF names. It has no driver yet. */
DWORD device_register(const wchar_t *inf, struct device *out);

/* Gives every device with our hardware id the driver of this INF, whatever it had before. No UI. */
DWORD device_update(const wchar_t *inf, bool *restart_needed);

DWORD device_remove(const struct device *device, bool *restart_needed);

/* Windows remembers it: a disabled device stays disabled over a restart. */
DWORD device_enable(const struct device *device, bool enable, bool *restart_needed);

struct device_state {
    bool known; /* Windows could tell; the other members are 0 if not */
    bool started;
    uint32_t problem; /* CM_PROB_*: the "Code" of Device Manager; 0 if there is none */
    uint32_t error;   /* the Windows error behind it; 0 if it is not known */
};

void device_state(const struct device *device, struct device_state *out);

/* Waits up to `wait_ms` until it is started, has a problem, or Windows cannot tell. */
void device_wait(const struct device *device, uint32_t wait_ms, struct device_state *out);

#endif
