/* SPDX-License-Identifier: Apache-2.0
 *
 * Bit fields of the power registers. The limit registers differ only in where their fields are, so
 * a layout is data.
 */
#include "core/fields.h"

#include <stddef.h>

#include "core/msr.h"

#define MICRO_PER_MILLI 1000u

#define WINDOW_MASK   0x7Fu
#define WINDOW_Y_MASK 0x1Fu
#define WINDOW_Z_AT   5u
#define PRIORITY_MASK 0x1Fu

/*
 * First bit of each field; the second limit's fields are 32 bits further up. Linux names no clamp
 * bit in the 17-bit layout: clamp_at is 0 there.
 */
struct layout {
    uint8_t count;
    uint8_t limit_bits;
    uint8_t enable_at;
    uint8_t clamp_at;
    uint8_t window_at;
    uint8_t lock_at;
};

#define SECOND_LIMIT_AT 32u

static const struct layout layout_one = {1, 15, 15, 16, 17, 31};
static const struct layout layout_two = {2, 15, 15, 16, 17, 63};
static const struct layout layout_two_17 = {2, 17, 17, 0, 19, 63};

static uint64_t bits(uint64_t raw, uint32_t at, uint32_t count)
{
    return (raw >> at) & ((1ull << count) - 1);
}

static bool bit(uint64_t raw, uint32_t at)
{
    return bits(raw, at, 1) != 0;
}

static uint64_t power_mw(const struct rapl_units *units, uint64_t field)
{
    return rapl_micro(field, units->power_w) / MICRO_PER_MILLI;
}

void rapl_power_info_decode(const struct rapl_units *units, uint64_t raw,
                            struct rapl_power_info *out)
{
    out->tdp_mw = power_mw(units, bits(raw, 0, 15));
    out->min_mw = power_mw(units, bits(raw, 16, 15));
    out->max_mw = power_mw(units, bits(raw, 32, 15));
    out->max_window_us = rapl_micro(bits(raw, 48, 6), units->time_s);
}

static const struct layout *layout_of(const struct rapl_model *model, uint32_t msr)
{
    switch (msr) {
    case RAPL_MSR_PKG_POWER_LIMIT:
        return &layout_two;
    case RAPL_MSR_PSYS_POWER_LIMIT:
        return (model->flags & RAPL_MODEL_PSYS_LIMIT_17) != 0 ? &layout_two_17 : &layout_two;
    case RAPL_MSR_DRAM_POWER_LIMIT:
    case RAPL_MSR_PP0_POWER_LIMIT:
    case RAPL_MSR_PP1_POWER_LIMIT:
        return &layout_one;
    default:
        return NULL;
    }
}

bool rapl_power_limits_decode(const struct rapl_model *model, const struct rapl_units *units,
                              uint32_t msr, uint64_t raw, struct rapl_power_limits *out)
{
    const struct layout *const layout = layout_of(model, msr);

    if (layout == NULL) {
        return false;
    }
    *out = (struct rapl_power_limits){.count = layout->count, .locked = bit(raw, layout->lock_at)};
    for (uint32_t i = 0; i < layout->count; i++) {
        const uint64_t half = raw >> (i * SECOND_LIMIT_AT);

        out->limit[i] = (struct rapl_power_limit){
            .limit_mw = power_mw(units, bits(half, 0, layout->limit_bits)),
            .window_us = rapl_window_us(units, (uint32_t)bits(half, layout->window_at, 7)),
            .enabled = bit(half, layout->enable_at),
            .clamp = layout->clamp_at != 0 && bit(half, layout->clamp_at),
        };
    }
    return true;
}

uint64_t rapl_window_us(const struct rapl_units *units, uint32_t field)
{
    const uint32_t y = field & WINDOW_Y_MASK;
    const uint32_t z = (field & WINDOW_MASK) >> WINDOW_Z_AT;
    const struct rapl_fraction quarter = {units->time_s.numerator, units->time_s.denominator * 4};

    return rapl_micro((uint64_t)(4 + z) << y, quarter);
}

uint64_t rapl_throttled_us(const struct rapl_units *units, uint64_t raw)
{
    return rapl_micro((uint32_t)raw, units->time_s);
}

uint32_t rapl_policy_priority(uint64_t raw)
{
    return (uint32_t)(raw & PRIORITY_MASK);
}
