/* SPDX-License-Identifier: Apache-2.0
 *
 * The test meters' state, which one mutex guards, and what they measure.
 */
#ifndef RAPL_TESTS_EMI_METER_H
#define RAPL_TESTS_EMI_METER_H

#include <ntddk.h>

#include "core/model.h"
#include "core/units.h"
#include "recording/recording.h"

#define CHANNELS_MAX 64u
#define NAME_MAX     48u

struct channel {
    char name[NAME_MAX];
    ULONG device; /* that has it */
    ULONG processor;
    ULONG msr;
    struct rapl_fraction unit;
    uint32_t last;
    ULONGLONG counts; /* since the machine started, the 32-bit counter's wraps in it */
    BOOLEAN started;
};

struct meter_world {
    UNICODE_STRING registry_path;
    FAST_MUTEX mutex;
    ULONG device_count; /* that were ever added */
    ULONG handle_count;
    ULONG habit;
    ULONG measurements;
    struct recording recording;
    void *arena;
    const struct rapl_model *model;
    LARGE_INTEGER clock_start;
    ULONG channel_count;
    struct channel channels[CHANNELS_MAX];
};

extern struct meter_world meter;

/* The channels of the habit, from the recording. */
void channels_make(void);

/* Microseconds since the first call after clock_start became 0. */
uint64_t channels_elapsed_us(void);

/* The channel's energy in pWh, as it is then. */
ULONGLONG channels_measure(struct channel *channel, uint64_t now_us);

#endif
