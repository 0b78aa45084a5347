/* SPDX-License-Identifier: Apache-2.0
 *
 * Where each field of a register is: the one place that knows bit positions.
 *
 * Sources: Intel SDM volume 3B "RAPL Interfaces"; AMD PPR 54945 and 57238 (the unit register has
 * Intel's fields); the 17-bit psys limit is Linux powercap's Sapphire Rapids primitive, which names
 * no clamp bit.
 */
#ifndef RAPL_CORE_LAYOUT_H
#define RAPL_CORE_LAYOUT_H

#include <stdint.h>

#include "core/msr.h"
#include "core/units.h"

/* What a field is. The four of a limit are in this order in each of the three groups. */
enum rapl_layout_id {
    RAPL_LAYOUT_POWER_UNIT,
    RAPL_LAYOUT_ENERGY_UNIT,
    RAPL_LAYOUT_TIME_UNIT,
    RAPL_LAYOUT_COUNT,
    RAPL_LAYOUT_THROTTLED,
    RAPL_LAYOUT_TDP,
    RAPL_LAYOUT_POWER_MIN,
    RAPL_LAYOUT_POWER_MAX,
    RAPL_LAYOUT_WINDOW_MAX,
    RAPL_LAYOUT_LIMIT, /* of a register with one limit */
    RAPL_LAYOUT_LIMIT_ENABLED,
    RAPL_LAYOUT_LIMIT_CLAMP,
    RAPL_LAYOUT_LIMIT_WINDOW,
    RAPL_LAYOUT_LIMIT1, /* of a register with two */
    RAPL_LAYOUT_LIMIT1_ENABLED,
    RAPL_LAYOUT_LIMIT1_CLAMP,
    RAPL_LAYOUT_LIMIT1_WINDOW,
    RAPL_LAYOUT_LIMIT2,
    RAPL_LAYOUT_LIMIT2_ENABLED,
    RAPL_LAYOUT_LIMIT2_CLAMP,
    RAPL_LAYOUT_LIMIT2_WINDOW,
    RAPL_LAYOUT_LOCKED,
    RAPL_LAYOUT_PRIORITY,
    RAPL_LAYOUT_ID_COUNT,
};

/* What the bits of a field are, besides a number. */
enum rapl_layout_kind {
    RAPL_KIND_BITS,
    RAPL_KIND_FLAG,
    RAPL_KIND_POWER,  /* counts of the power unit */
    RAPL_KIND_TIME,   /* counts of the time unit */
    RAPL_KIND_WINDOW, /* 2^Y * (1 + Z/4) time units: Y the low 5 bits, Z the 2 above */
};

struct rapl_layout_field {
    uint8_t id; /* enum rapl_layout_id */
    uint8_t low_bit;
    uint8_t width; /* at least 1 */
    uint8_t kind;  /* enum rapl_layout_kind */
};

/* The fields of one register, lowest bit first. */
struct rapl_layout {
    const struct rapl_layout_field *field;
    uint32_t count;
};

/* Those that are the same on every model. */
extern const struct rapl_layout rapl_layout_unit;
extern const struct rapl_layout rapl_layout_throttled;
extern const struct rapl_layout rapl_layout_power_info;
extern const struct rapl_layout rapl_layout_policy;

/* The layout of any register of msr.h on this model. */
const struct rapl_layout *rapl_layout_of(const struct rapl_model *model,
                                         const struct rapl_register *reg);

/* NULL if the layout has no such field. */
const struct rapl_layout_field *rapl_layout_find(const struct rapl_layout *layout, uint32_t id);

/* The bits of a field, moved down to bit 0. */
uint64_t rapl_layout_bits(const struct rapl_layout_field *field, uint64_t raw);

/* count * unit, exact. */
struct rapl_scaled {
    uint64_t count;
    struct rapl_fraction unit;
};

/* The bits of a field in watts or seconds, by its kind: POWER, TIME or WINDOW (7 bits). */
struct rapl_scaled rapl_layout_scale(const struct rapl_units *units, uint32_t kind, uint64_t bits);

#endif
