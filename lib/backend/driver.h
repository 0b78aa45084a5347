/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver backend's way out. On Windows driver_win32.c opens it; tests and fuzzers bring their
 * own.
 */
#ifndef RAPL_LIB_BACKEND_DRIVER_H
#define RAPL_LIB_BACKEND_DRIVER_H

#include "lib/backend/energy_client.h"

/* The way to whoever answers behind \\.\RaplEnergy. */
struct driver_link {
    struct energy_channel channel;
    void (*close)(void *context); /* the channel's; NULL: nothing to do */
    /* The title of what a simulated driver plays; "" if it cannot be told. NULL: it cannot. */
    void (*recording)(char *out, size_t size);
};

/* 0, or a Windows error code with `*out` untouched. */
uint32_t driver_link_open(struct driver_link *out);

#endif
