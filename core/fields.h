/* SPDX-License-Identifier: Apache-2.0
 *
 * The power registers, decoded to integers. Where their fields are: layout.h.
 */
#ifndef RAPL_CORE_FIELDS_H
#define RAPL_CORE_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/units.h"

/* 0x614, 0x61C, 0x66E. A field of 0 means "not stated". */
struct rapl_power_info {
    uint64_t tdp_mw;
    uint64_t min_mw;
    uint64_t max_mw;
    uint64_t max_window_us;
};

struct rapl_limit {
    uint64_t limit_mw;
    uint64_t window_us;
    bool enabled;
    bool clamp; /* always false in the 17-bit layout: no clamp bit is documented there */
};

/* 0x610, 0x65C: two limits and a lock. 0x618, 0x638, 0x640: one limit, `count` is 1. */
struct rapl_power_limits {
    uint32_t count;
    struct rapl_limit limit[2];
    bool locked;
};

void rapl_power_info_decode(const struct rapl_units *units, uint64_t raw,
                            struct rapl_power_info *out);

/* `msr` is one of the five POWER_LIMIT registers; false, `*out` untouched, for any other. */
bool rapl_power_limits_decode(const struct rapl_model *model, const struct rapl_units *units,
                              uint32_t msr, uint64_t raw, struct rapl_power_limits *out);

/* 7-bit window field: 2^Y * (1 + Z/4) time units, Y = bits 4:0, Z = bits 6:5; microseconds. */
uint64_t rapl_window_us(const struct rapl_units *units, uint32_t field);

/* PERF_STATUS: accumulated throttled time in microseconds (bits 31:0 in time units). */
uint64_t rapl_throttled_us(const struct rapl_units *units, uint64_t raw);

/* POLICY: priority 0 to 31. */
uint32_t rapl_policy_priority(uint64_t raw);

#endif
