/* SPDX-License-Identifier: Apache-2.0
 *
 * Meters in memory, each with its own habits.
 */
#ifndef RAPL_TESTS_EMI_FAKE_H
#define RAPL_TESTS_EMI_FAKE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/emi.h"
#include "lib/backend/emi.h"
#include "tests/unit/emi_metadata.h"

#define FAKE_METERS_MAX 40u

struct fake_meter {
    struct metadata metadata;
    uint16_t version;
    uint32_t said_size;     /* of the metadata; 0: what it is */
    uint32_t measured_size; /* of a measurement; 0: what it should be */
    uint32_t open_error, version_error, size_error, metadata_error, measure_error;
    uint64_t energy[RAPL_EMI_CHANNELS_MAX];
    uint64_t gain; /* every channel that is not 0 gains that at each measurement */
    uint64_t time_100ns;
    bool time_stands;
    uint32_t opened, measured;
};

struct fake_system {
    struct fake_meter meters[FAKE_METERS_MAX];
    uint32_t count;
    uint32_t enumerate_error;
    uint32_t open_handles;
    uint32_t released;
    uint64_t time_ns;
};

static inline uint32_t fake_enumerate(void *context, uint32_t *count)
{
    const struct fake_system *system = context;

    *count = system->count;
    return system->enumerate_error;
}

static inline uint32_t fake_open(void *context, uint32_t device, void **handle)
{
    struct fake_system *system = context;
    struct fake_meter *meter = &system->meters[device];

    if (meter->open_error != 0) {
        return meter->open_error;
    }
    meter->opened++;
    system->open_handles++;
    *handle = meter;
    return 0;
}

static inline void fake_close(void *context, void *handle)
{
    struct fake_system *system = context;

    (void)handle;
    system->open_handles--;
}

static inline void fake_release(void *context)
{
    struct fake_system *system = context;

    system->released++;
}

static inline uint64_t fake_time_ns(void *context)
{
    const struct fake_system *system = context;

    return system->time_ns;
}

static inline uint32_t fake_give(const void *answer, uint32_t length, void *out, uint32_t size,
                                 uint32_t *got)
{
    if (length > size) {
        return 122; /* ERROR_INSUFFICIENT_BUFFER */
    }
    memcpy(out, answer, length);
    *got = length;
    return 0;
}

static inline uint32_t fake_measure(struct fake_meter *meter, void *out, uint32_t size,
                                    uint32_t *got)
{
    struct rapl_emi_measurement answer[RAPL_EMI_CHANNELS_MAX];
    const uint32_t count = size / (uint32_t)sizeof(answer[0]);

    meter->measured++;
    meter->time_100ns += meter->time_stands ? 0 : 1000;
    for (uint32_t i = 0; i < count; i++) {
        meter->energy[i] += meter->energy[i] != 0 ? meter->gain : 0;
        answer[i] = (struct rapl_emi_measurement){meter->energy[i], meter->time_100ns};
    }
    return fake_give(answer, meter->measured_size != 0 ? meter->measured_size : size, out, size,
                     got);
}

static inline uint32_t fake_control(void *context, void *handle, uint32_t code, void *out,
                                    uint32_t size, uint32_t *got)
{
    struct fake_meter *meter = handle;
    const uint32_t said = meter->said_size != 0 ? meter->said_size : meter->metadata.size;

    (void)context;
    switch (code) {
    case RAPL_IOCTL_EMI_GET_VERSION:
        return meter->version_error != 0
                   ? meter->version_error
                   : fake_give(&meter->version, sizeof(meter->version), out, size, got);
    case RAPL_IOCTL_EMI_GET_METADATA_SIZE:
        return meter->size_error != 0 ? meter->size_error
                                      : fake_give(&said, sizeof(said), out, size, got);
    case RAPL_IOCTL_EMI_GET_METADATA:
        return meter->metadata_error != 0
                   ? meter->metadata_error
                   : fake_give(meter->metadata.bytes, meter->metadata.size, out, size, got);
    case RAPL_IOCTL_EMI_GET_MEASUREMENT:
        return meter->measure_error != 0 ? meter->measure_error
                                         : fake_measure(meter, out, size, got);
    default:
        return 1;
    }
}

static inline struct emi_system fake_table(struct fake_system *system)
{
    return (struct emi_system){.context = system,
                               .enumerate = fake_enumerate,
                               .open = fake_open,
                               .control = fake_control,
                               .close = fake_close,
                               .release = fake_release,
                               .time_ns = fake_time_ns};
}

#endif
