/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit register decoded to exact fractions, and multiplication by them.
 */
#include "core/units.h"

#include "core/layout.h"

#define MILLI 1000u
#define MICRO 1000000u
#define NANO  1000000000u

static struct rapl_fraction one_over_2pow(uint32_t exponent)
{
    return (struct rapl_fraction){1, 1u << exponent};
}

/* 2^exponent / denominator in lowest terms; exponent at most 31. */
static struct rapl_fraction two_pow_over(uint32_t exponent, uint32_t denominator)
{
    struct rapl_fraction fraction = {1u << exponent, denominator};

    while ((fraction.numerator & 1u) == 0 && (fraction.denominator & 1u) == 0) {
        fraction.numerator >>= 1;
        fraction.denominator >>= 1;
    }
    return fraction;
}

static struct rapl_fraction energy_unit(enum rapl_unit_rule rule, uint32_t exponent)
{
    switch (rule) {
    case RAPL_UNIT_2POW16:
        return one_over_2pow(16);
    case RAPL_UNIT_1J:
        return one_over_2pow(0);
    case RAPL_UNIT_ESU_MICRO:
        return two_pow_over(exponent, MICRO);
    case RAPL_UNIT_ESU:
    default:
        return one_over_2pow(exponent);
    }
}

static uint8_t exponent_of(uint32_t id, uint64_t raw)
{
    return (uint8_t)rapl_layout_bits(rapl_layout_find(&rapl_layout_unit, id), raw);
}

bool rapl_units_decode(const struct rapl_model *model, uint64_t raw, struct rapl_units *out)
{
    const uint8_t power = exponent_of(RAPL_LAYOUT_POWER_UNIT, raw);
    const uint8_t energy = exponent_of(RAPL_LAYOUT_ENERGY_UNIT, raw);

    if (energy == 0) {
        return false;
    }
    out->power_exponent = power;
    out->energy_exponent = energy;
    out->time_exponent = exponent_of(RAPL_LAYOUT_TIME_UNIT, raw);
    out->power_w = model->energy_unit == RAPL_UNIT_ESU_MICRO ? two_pow_over(power, MILLI)
                                                             : one_over_2pow(power);
    out->time_s = one_over_2pow(out->time_exponent);
    for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
        out->energy_j[domain] = energy_unit(rapl_model_unit_rule(model, domain), energy);
    }
    return true;
}

/*
 * value * numerator * factor / denominator, rounded down; UINT64_MAX if that does not fit. The
 * product has up to 128 bits: it is kept as four 32-bit digits, and divided digit by digit, because
 * the kernel has no 128-bit division.
 */
static uint64_t scale(uint64_t value, struct rapl_fraction unit, uint32_t factor)
{
    const uint64_t multiplier = (uint64_t)unit.numerator * factor;
    const uint64_t value_low = (uint32_t)value;
    const uint64_t value_high = value >> 32;
    const uint64_t multiplier_low = (uint32_t)multiplier;
    const uint64_t multiplier_high = multiplier >> 32;
    const uint64_t low = value_low * multiplier_low;
    const uint64_t cross = value_high * multiplier_low + (low >> 32);
    const uint64_t middle = value_low * multiplier_high + (uint32_t)cross;
    const uint64_t high = value_high * multiplier_high + (cross >> 32) + (middle >> 32);
    const uint32_t digits[4] = {(uint32_t)(high >> 32), (uint32_t)high, (uint32_t)middle,
                                (uint32_t)low};
    uint64_t quotient = 0;
    uint64_t remainder = 0;

    for (uint32_t i = 0; i < 4; i++) {
        if (quotient >> 32 != 0) {
            return UINT64_MAX;
        }
        remainder = remainder << 32 | digits[i];
        quotient = quotient << 32 | remainder / unit.denominator;
        remainder %= unit.denominator;
    }
    return quotient;
}

uint64_t rapl_micro(uint64_t value, struct rapl_fraction unit)
{
    return scale(value, unit, MICRO);
}

uint64_t rapl_nano(uint64_t value, struct rapl_fraction unit)
{
    return scale(value, unit, NANO);
}

uint64_t rapl_wrap_time_s(struct rapl_fraction energy_j, uint64_t power_mw)
{
    const uint64_t range_mj = scale(1ull << 32, energy_j, MILLI);

    return power_mw == 0 ? 0 : range_mj / power_mw;
}
