/* SPDX-License-Identifier: Apache-2.0
 *
 * What a register of a recording holds at a given time.
 */
#include "recording/recording.h"

static const struct recording_register *find_register(const struct recording *recording,
                                                      uint32_t processor, uint32_t msr)
{
    const struct recording_processor *at;

    if (processor >= recording->processor_count) {
        return NULL;
    }
    at = &recording->processors[processor];
    for (uint32_t i = 0; i < recording->register_count; i++) {
        const struct recording_register *reg = &recording->registers[i];

        if (reg->msr == msr && at->package >= reg->packages.first &&
            at->package <= reg->packages.last && at->core >= reg->cores.first &&
            at->core <= reg->cores.last) {
            return reg;
        }
    }
    return NULL;
}

static uint64_t width_mask(const struct recording_register *reg)
{
    return reg->width == 32 ? 0xFFFFFFFFull : UINT64_MAX;
}

/* The last point that is not after `time_us`; the first point is at 0, so there is one. */
static uint64_t series_value(const struct recording_register *reg, uint64_t time_us)
{
    uint32_t low = 0, high = reg->point_count;

    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;

        if (reg->points[middle].time_us <= time_us) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return reg->points[low].value;
}

/*
 * A loop puts the rounds end to end: the last point of one is the first of the next, so each round
 * begins with what the one before gained. Unsigned arithmetic wraps, the mask makes it the width's.
 */
static uint64_t series_at(const struct recording_register *reg, uint64_t time_us)
{
    const struct recording_point *last = &reg->points[reg->point_count - 1];
    uint64_t gain, round;

    if (!reg->loop) {
        return series_value(reg, time_us);
    }
    gain = last->value - reg->points[0].value;
    round = time_us / last->time_us;
    return (series_value(reg, time_us % last->time_us) + round * gain) & width_mask(reg);
}

/* Scrambles well enough that neighbouring updates look independent (the splitmix64 finaliser). */
static uint64_t scramble(uint64_t value)
{
    value += 0x9E3779B97F4A7C15ull;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ value >> 27) * 0x94D049BB133111EBull;
    return value ^ value >> 31;
}

/* How late one update of a ramp is. The same in every run; different for each package and core. */
static uint64_t jitter_us(const struct recording_register *reg,
                          const struct recording_processor *at, uint64_t update)
{
    uint64_t seed = (uint64_t)reg->msr << 32 | (uint64_t)at->package << 16;

    if (update == 0) {
        return 0;
    }
    if (reg->cores.last != RECORDING_ALL || reg->cores.first != 0) {
        seed |= at->core + 1u;
    }
    return scramble(scramble(seed) + update) % (reg->jitter_us + 1ull);
}

/*
 * A ramp holds the energy at its latest update. The remainder is kept apart so that the product
 * stays below 2^60 and the result is exact modulo 2^64.
 */
static uint64_t ramp_at(const struct recording_register *reg, const struct recording_processor *at,
                        uint64_t time_us)
{
    uint64_t update = time_us / reg->step_us;
    uint64_t updated_us = update * reg->step_us + jitter_us(reg, at, update);

    if (updated_us > time_us) {
        update--;
        updated_us = update * reg->step_us + jitter_us(reg, at, update);
    }
    return (reg->value + updated_us / 1000000u * reg->rate_per_s +
            updated_us % 1000000u * reg->rate_per_s / 1000000u) &
           width_mask(reg);
}

/* Half of the range is far beyond any run, and leaves room for a step and its jitter. */
static uint64_t recording_time_us(const struct recording *recording, uint64_t elapsed_us)
{
    if (elapsed_us > UINT64_MAX / 2 / recording->speed) {
        return UINT64_MAX / 2;
    }
    return elapsed_us * recording->speed;
}

bool recording_read(const struct recording *recording, uint32_t processor, uint32_t msr,
                    uint64_t elapsed_us, uint64_t *value)
{
    const struct recording_register *reg = find_register(recording, processor, msr);
    uint64_t time_us = recording_time_us(recording, elapsed_us);

    if (!reg || reg->kind == RECORDING_FAULTS) {
        return false;
    }
    if (reg->kind == RECORDING_SERIES) {
        *value = series_at(reg, time_us);
    } else if (reg->kind == RECORDING_RAMP) {
        *value = ramp_at(reg, &recording->processors[processor], time_us);
    } else {
        *value = reg->value;
    }
    return true;
}

bool recording_is_timed(const struct recording *recording, uint32_t processor, uint32_t msr)
{
    const struct recording_register *reg = find_register(recording, processor, msr);

    return reg && (reg->kind == RECORDING_SERIES || reg->kind == RECORDING_RAMP);
}

uint64_t recording_duration_us(const struct recording *recording)
{
    uint64_t longest_us = 0;

    for (uint32_t i = 0; i < recording->register_count; i++) {
        const struct recording_register *reg = &recording->registers[i];

        if (reg->kind == RECORDING_SERIES && !reg->loop &&
            reg->points[reg->point_count - 1].time_us > longest_us) {
            longest_us = reg->points[reg->point_count - 1].time_us;
        }
    }
    return (longest_us + recording->speed - 1) / recording->speed;
}
