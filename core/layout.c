/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables of fields.
 */
#include "core/layout.h"

#include <stddef.h>

#define WINDOW_Y_MASK 0x1Fu
#define WINDOW_Z_AT   5u

#define LAYOUT(fields) {fields, sizeof(fields) / sizeof((fields)[0])}

static const struct rapl_layout_field unit_fields[] = {
    {RAPL_LAYOUT_POWER_UNIT, 0, 4, RAPL_KIND_BITS},
    {RAPL_LAYOUT_ENERGY_UNIT, 8, 5, RAPL_KIND_BITS},
    {RAPL_LAYOUT_TIME_UNIT, 16, 4, RAPL_KIND_BITS},
};

static const struct rapl_layout_field counter_32_fields[] = {
    {RAPL_LAYOUT_COUNT, 0, 32, RAPL_KIND_BITS},
};

static const struct rapl_layout_field counter_64_fields[] = {
    {RAPL_LAYOUT_COUNT, 0, 64, RAPL_KIND_BITS},
};

static const struct rapl_layout_field throttled_fields[] = {
    {RAPL_LAYOUT_THROTTLED, 0, 32, RAPL_KIND_TIME},
};

static const struct rapl_layout_field power_info_fields[] = {
    {RAPL_LAYOUT_TDP, 0, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_POWER_MIN, 16, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_POWER_MAX, 32, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_WINDOW_MAX, 48, 6, RAPL_KIND_TIME},
};

static const struct rapl_layout_field one_limit_fields[] = {
    {RAPL_LAYOUT_LIMIT, 0, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT_ENABLED, 15, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT_CLAMP, 16, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT_WINDOW, 17, 7, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 31, 1, RAPL_KIND_FLAG},
};

static const struct rapl_layout_field two_limits_fields[] = {
    {RAPL_LAYOUT_LIMIT1, 0, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT1_ENABLED, 15, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_CLAMP, 16, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_WINDOW, 17, 7, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LIMIT2, 32, 15, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT2_ENABLED, 47, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_CLAMP, 48, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_WINDOW, 49, 7, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 63, 1, RAPL_KIND_FLAG},
};

static const struct rapl_layout_field psys_17_fields[] = {
    {RAPL_LAYOUT_LIMIT1, 0, 17, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT1_ENABLED, 17, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT1_WINDOW, 19, 7, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LIMIT2, 32, 17, RAPL_KIND_POWER},
    {RAPL_LAYOUT_LIMIT2_ENABLED, 49, 1, RAPL_KIND_FLAG},
    {RAPL_LAYOUT_LIMIT2_WINDOW, 51, 7, RAPL_KIND_WINDOW},
    {RAPL_LAYOUT_LOCKED, 63, 1, RAPL_KIND_FLAG},
};

static const struct rapl_layout_field policy_fields[] = {
    {RAPL_LAYOUT_PRIORITY, 0, 5, RAPL_KIND_BITS},
};

const struct rapl_layout rapl_layout_unit = LAYOUT(unit_fields);
const struct rapl_layout rapl_layout_throttled = LAYOUT(throttled_fields);
const struct rapl_layout rapl_layout_power_info = LAYOUT(power_info_fields);
const struct rapl_layout rapl_layout_policy = LAYOUT(policy_fields);

static const struct rapl_layout counter_32 = LAYOUT(counter_32_fields);
static const struct rapl_layout counter_64 = LAYOUT(counter_64_fields);
static const struct rapl_layout one_limit = LAYOUT(one_limit_fields);
static const struct rapl_layout two_limits = LAYOUT(two_limits_fields);
static const struct rapl_layout psys_17 = LAYOUT(psys_17_fields);

static const struct rapl_layout *limits_of(const struct rapl_model *model, uint32_t domain)
{
    switch (domain) {
    case RAPL_DOMAIN_PACKAGE:
        return &two_limits;
    case RAPL_DOMAIN_PSYS:
        return (model->flags & RAPL_MODEL_PSYS_LIMIT_17) != 0 ? &psys_17 : &two_limits;
    default:
        return &one_limit;
    }
}

const struct rapl_layout *rapl_layout_of(const struct rapl_model *model,
                                         const struct rapl_register *reg)
{
    switch (reg->kind) {
    case RAPL_REGISTER_UNIT:
        return &rapl_layout_unit;
    case RAPL_REGISTER_ENERGY:
        return reg->amd && (model->flags & RAPL_MODEL_COUNTER_64) != 0 ? &counter_64 : &counter_32;
    case RAPL_REGISTER_PERF:
        return &rapl_layout_throttled;
    case RAPL_REGISTER_POWER_INFO:
        return &rapl_layout_power_info;
    case RAPL_REGISTER_POWER_LIMIT:
        return limits_of(model, reg->domain);
    default: /* RAPL_REGISTER_POLICY */
        return &rapl_layout_policy;
    }
}

const struct rapl_layout_field *rapl_layout_find(const struct rapl_layout *layout, uint32_t id)
{
    for (uint32_t i = 0; i < layout->count; i++) {
        if (layout->field[i].id == id) {
            return &layout->field[i];
        }
    }
    return NULL;
}

uint64_t rapl_layout_bits(const struct rapl_layout_field *field, uint64_t raw)
{
    return (raw >> field->low_bit) & (UINT64_MAX >> (64 - field->width));
}

struct rapl_scaled rapl_layout_scale(const struct rapl_units *units, uint32_t kind, uint64_t bits)
{
    const struct rapl_fraction quarter = {units->time_s.numerator, units->time_s.denominator * 4};

    switch (kind) {
    case RAPL_KIND_POWER:
        return (struct rapl_scaled){bits, units->power_w};
    case RAPL_KIND_TIME:
        return (struct rapl_scaled){bits, units->time_s};
    default: /* RAPL_KIND_WINDOW */
        return (struct rapl_scaled){(4 + (bits >> WINDOW_Z_AT)) << (bits & WINDOW_Y_MASK), quarter};
    }
}
