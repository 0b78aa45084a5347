/* SPDX-License-Identifier: Apache-2.0
 *
 * A session with \\.\ScaphandreDriver, this project's or its predecessor's: only what both answer
 * is used (rapl/abi.h). Win32 only.
 */
#ifndef RAPL_LIB_LEGACY_H
#define RAPL_LIB_LEGACY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/device.h"

struct rapl_legacy;

/*
 * Opens the device for reading and writing, or for reading only where writing is denied, shared
 * with everyone. NULL and `*error` (Windows code) on failure. One handle is held until
 * rapl_legacy_close.
 */
struct rapl_legacy *rapl_legacy_open(bool *read_only, uint32_t *error);

void rapl_legacy_close(struct rapl_legacy *legacy);

/* How a read gets to its processor. */
enum rapl_legacy_way {
    RAPL_LEGACY_BY_INDEX, /* the driver goes there: processors of a recording */
    RAPL_LEGACY_PINNED,   /* this thread goes there too */
    /*
     * This thread goes there, and the driver is asked for processor 0: the predecessor takes the
     * index for a mask, which for 0 is empty and leaves the thread where it is.
     */
    RAPL_LEGACY_PINNED_ONLY,
};

/* Reads through the session; valid until it is closed. One thread at a time. */
struct rapl_device rapl_legacy_device(struct rapl_legacy *legacy, enum rapl_legacy_way way);

/* QueryPerformanceCounter, the clock of the session's reads. Needs no session. */
struct rapl_clock rapl_legacy_clock(void);

#endif
