/* SPDX-License-Identifier: Apache-2.0
 *
 * Units as exact fractions, and the integer arithmetic on them. No rounding happens before the last
 * step, no floating point anywhere.
 *
 * Source: Intel SDM volume 3B "RAPL Interfaces", MSR_RAPL_POWER_UNIT: power unit 2^-PU W, energy
 * unit 2^-ESU J, time unit 2^-TU s (where the three are: layout.h). AMD PPR: the same in
 * MSRC001_0299. Silvermont (SDM volume 4, tables for 06_37, 4A, 5A, 5D): energy 2^ESU uJ, power
 * 2^PU mW.
 */
#ifndef RAPL_CORE_UNITS_H
#define RAPL_CORE_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"

/* numerator / denominator, in lowest terms; denominator is never 0. */
struct rapl_fraction {
    uint32_t numerator;
    uint32_t denominator;
};

struct rapl_units {
    struct rapl_fraction power_w;
    struct rapl_fraction time_s;
    struct rapl_fraction energy_j[RAPL_DOMAIN_COUNT]; /* one count of that domain's counter */
    uint8_t power_exponent;                           /* PU as read */
    uint8_t energy_exponent;                          /* ESU as read */
    uint8_t time_exponent;                            /* TU as read */
};

/*
 * False, `*out` untouched, when the register cannot be a unit register of real hardware: 0, or ESU
 * 0 (hypervisors answer that). `raw` is 0x606 or 0xC0010299.
 */
bool rapl_units_decode(const struct rapl_model *model, uint64_t raw, struct rapl_units *out);

/* value * unit in micro-units, rounded down; UINT64_MAX if that does not fit. */
uint64_t rapl_micro(uint64_t value, struct rapl_fraction unit);

/* The same in nano-units. */
uint64_t rapl_nano(uint64_t value, struct rapl_fraction unit);

/*
 * Seconds until a 32-bit counter of this unit wraps at `power_mw`, rounded down; 0 if power_mw is
 * 0. Exact for every unit that rapl_units_decode gives.
 */
uint64_t rapl_wrap_time_s(struct rapl_fraction energy_j, uint64_t power_mw);

#endif
