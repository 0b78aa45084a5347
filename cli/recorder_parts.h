/* SPDX-License-Identifier: Apache-2.0
 *
 * What recorder.c gathers and recorder_write.c writes.
 */
#ifndef RAPL_CLI_RECORDER_PARTS_H
#define RAPL_CLI_RECORDER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/recorder.h"
#include "core/msr.h"

/* One processor, in the recording's order. */
struct place {
    uint32_t processor; /* as the machine numbers it */
    struct rapl_location location;
    uint32_t package; /* these count from 0: die, core within the package, thread in the core */
    uint32_t die;
    uint32_t core;
    uint32_t thread;
};

struct point {
    uint64_t time_us;
    uint64_t value;
};

/* A register of a package, of a die of it, or of a core. */
struct item {
    const struct rapl_register *reg;
    uint32_t processor;
    uint32_t package;
    uint32_t core; /* per_core: the core; else the first core it is read on */
    bool per_core;
    bool faults;
    struct point *points;
    uint32_t count;
    uint32_t capacity;
};

struct recorder {
    const struct rapl_host *host;
    const struct rapl_device *device;
    struct place *places;
    uint32_t place_count;
    struct item *items;
    uint32_t item_count;
    uint32_t readable; /* items that do not fault */
    uint32_t point_count;
    uint64_t start_100ns;
};

#endif
