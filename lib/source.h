/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything a verb needs to read energy: the driver's state, the machine, the device and a clock.
 *
 * Identity follows the driver: with the simulated driver, CPU and topology are those of the
 * recording it plays, never those of the machine underneath.
 */
#ifndef RAPL_LIB_SOURCE_H
#define RAPL_LIB_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/device.h"
#include "lib/driver_state.h"
#include "lib/host.h"

enum rapl_device_state {
    RAPL_DEVICE_FAILED,    /* not open: device_error */
    RAPL_DEVICE_OPEN,      /* for reading and writing, as every known client opens it */
    RAPL_DEVICE_OPEN_READ, /* for reading only: writing was denied */
};

struct rapl_source {
    struct rapl_driver_state driver;
    struct rapl_host host; /* processor_count 0: could not be told, `problem` says why */
    char problem[1536]; /* UTF-8, one sentence, which may begin with a path; "" without a problem */
    char recording_title[128]; /* "" unless simulated */
    uint32_t speed;            /* of the recording; 1 on real hardware */
    uint8_t device_state;      /* enum rapl_device_state */
    uint32_t device_error;     /* Windows code, when FAILED */
    struct rapl_device device;
    struct rapl_clock clock;
    bool predecessor; /* the running driver is upstream's, version 0.x */
};

/*
 * Opens what there is; parts that fail are marked in `*out` and the rest is usable. False,
 * `*out` untouched: this system has no driver to read through at all (it is not Windows).
 */
bool rapl_source_open(struct rapl_source *out);

/* The same without the device: device_state is FAILED, device_error 0. */
bool rapl_source_identify(struct rapl_source *out);

/* Gives back everything; `*source` is zeroed. */
void rapl_source_close(struct rapl_source *source);

/*
 * Makes the recording's machine the source's host. `text` is the recording, `path` its name for
 * messages. On failure the host is untouched and `problem` says where and why.
 */
void rapl_source_play(struct rapl_source *source, const char *text, size_t size, const char *path);

#endif
