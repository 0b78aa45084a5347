/* SPDX-License-Identifier: Apache-2.0
 *
 * The power registers as milliwatts and microseconds. Where their fields are is layout.h's
 * business.
 */
#include "core/fields.h"

#include <stddef.h>

#include "core/layout.h"

#define MICRO_PER_MILLI 1000u

#define WINDOW_MASK 0x7Fu

/* Which field of a limit, counted from its first. */
enum { LIMIT, ENABLED, CLAMP, WINDOW };

/* Milliwatts, microseconds or plain bits, by the field's kind; 0 if the layout has none such. */
static uint64_t value_of(const struct rapl_units *units, const struct rapl_layout *layout,
                         uint32_t id, uint64_t raw)
{
    const struct rapl_layout_field *const field = rapl_layout_find(layout, id);
    struct rapl_scaled scaled;

    if (field == NULL) {
        return 0;
    }
    if (field->kind == RAPL_KIND_BITS || field->kind == RAPL_KIND_FLAG) {
        return rapl_layout_bits(field, raw);
    }
    scaled = rapl_layout_scale(units, field->kind, rapl_layout_bits(field, raw));
    return rapl_micro(scaled.count, scaled.unit) /
           (field->kind == RAPL_KIND_POWER ? MICRO_PER_MILLI : 1);
}

void rapl_power_info_decode(const struct rapl_units *units, uint64_t raw,
                            struct rapl_power_info *out)
{
    const struct rapl_layout *const layout = &rapl_layout_power_info;

    out->tdp_mw = value_of(units, layout, RAPL_LAYOUT_TDP, raw);
    out->min_mw = value_of(units, layout, RAPL_LAYOUT_POWER_MIN, raw);
    out->max_mw = value_of(units, layout, RAPL_LAYOUT_POWER_MAX, raw);
    out->max_window_us = value_of(units, layout, RAPL_LAYOUT_WINDOW_MAX, raw);
}

bool rapl_power_limits_decode(const struct rapl_model *model, const struct rapl_units *units,
                              uint32_t msr, uint64_t raw, struct rapl_power_limits *out)
{
    const struct rapl_register *const reg = rapl_register_find(msr);

    if (reg == NULL || reg->kind != RAPL_REGISTER_POWER_LIMIT) {
        return false;
    }

    const struct rapl_layout *const layout = rapl_layout_of(model, reg);
    const bool one = rapl_layout_find(layout, RAPL_LAYOUT_LIMIT) != NULL;
    const uint32_t first[2] = {one ? RAPL_LAYOUT_LIMIT : RAPL_LAYOUT_LIMIT1, RAPL_LAYOUT_LIMIT2};

    *out = (struct rapl_power_limits){
        .count = one ? 1 : 2,
        .locked = value_of(units, layout, RAPL_LAYOUT_LOCKED, raw) != 0,
    };
    for (uint32_t i = 0; i < out->count; i++) {
        out->limit[i] = (struct rapl_limit){
            .limit_mw = value_of(units, layout, first[i] + LIMIT, raw),
            .window_us = value_of(units, layout, first[i] + WINDOW, raw),
            .enabled = value_of(units, layout, first[i] + ENABLED, raw) != 0,
            .clamp = value_of(units, layout, first[i] + CLAMP, raw) != 0,
        };
    }
    return true;
}

uint64_t rapl_window_us(const struct rapl_units *units, uint32_t field)
{
    const struct rapl_scaled window =
        rapl_layout_scale(units, RAPL_KIND_WINDOW, field & WINDOW_MASK);

    return rapl_micro(window.count, window.unit);
}

uint64_t rapl_throttled_us(const struct rapl_units *units, uint64_t raw)
{
    return value_of(units, &rapl_layout_throttled, RAPL_LAYOUT_THROTTLED, raw);
}

uint32_t rapl_policy_priority(uint64_t raw)
{
    return (uint32_t)value_of(NULL, &rapl_layout_policy, RAPL_LAYOUT_PRIORITY, raw);
}
