/* SPDX-License-Identifier: Apache-2.0
 *
 * Unsigned numbers of 128 bits, which no standard C and not every compiler has. Exact; nothing here
 * loses bits without saying so.
 */
#ifndef RAPL_CORE_WIDE_H
#define RAPL_CORE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

struct rapl_wide {
    uint64_t high;
    uint64_t low;
};

static inline struct rapl_wide rapl_wide_of(uint64_t value)
{
    return (struct rapl_wide){0, value};
}

static inline struct rapl_wide rapl_wide_product(uint64_t a, uint64_t b)
{
    const uint64_t a_low = (uint32_t)a;
    const uint64_t a_high = a >> 32;
    const uint64_t b_low = (uint32_t)b;
    const uint64_t b_high = b >> 32;
    const uint64_t low = a_low * b_low;
    const uint64_t middle = a_high * b_low + (low >> 32); /* cannot exceed 64 bits */
    const uint64_t crossed = a_low * b_high + (uint32_t)middle;

    return (struct rapl_wide){a_high * b_high + (middle >> 32) + (crossed >> 32),
                              crossed << 32 | (uint32_t)low};
}

static inline bool rapl_wide_less(struct rapl_wide a, struct rapl_wide b)
{
    return a.high != b.high ? a.high < b.high : a.low < b.low;
}

/* False, `*out` untouched, if it would take more than 128 bits. */
static inline bool rapl_wide_add(struct rapl_wide a, struct rapl_wide b, struct rapl_wide *out)
{
    const struct rapl_wide sum = {a.high + b.high + (a.low + b.low < a.low ? 1 : 0), a.low + b.low};

    if (rapl_wide_less(sum, a)) {
        return false;
    }
    *out = sum;
    return true;
}

/* Likewise. */
static inline bool rapl_wide_scale(struct rapl_wide a, uint64_t by, struct rapl_wide *out)
{
    const struct rapl_wide upper = rapl_wide_product(a.high, by);

    return upper.high == 0 &&
           rapl_wide_add((struct rapl_wide){upper.low, 0}, rapl_wide_product(a.low, by), out);
}

static inline struct rapl_wide rapl_wide_half(struct rapl_wide a)
{
    return (struct rapl_wide){a.high >> 1, a.high << 63 | a.low >> 1};
}

/* `a - b`; b must not be the larger one. */
static inline struct rapl_wide rapl_wide_subtract(struct rapl_wide a, struct rapl_wide b)
{
    return (struct rapl_wide){a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

/* The divisor must not be 0. `remainder` may be NULL. */
static inline struct rapl_wide rapl_wide_divide(struct rapl_wide value, struct rapl_wide divisor,
                                                struct rapl_wide *remainder)
{
    struct rapl_wide quotient = {0, 0};
    struct rapl_wide rest = {0, 0};

    for (int i = 127; i >= 0; i--) { /* by hand, bit by bit */
        const uint64_t bit = (i >= 64 ? value.high >> (i - 64) : value.low >> i) & 1;
        const bool carry = rest.high >> 63 != 0;

        rest = (struct rapl_wide){rest.high << 1 | rest.low >> 63, rest.low << 1 | bit};
        quotient = (struct rapl_wide){quotient.high << 1 | quotient.low >> 63, quotient.low << 1};
        if (carry || !rapl_wide_less(rest, divisor)) {
            rest = rapl_wide_subtract(rest, divisor);
            quotient.low |= 1;
        }
    }
    if (remainder != 0) {
        *remainder = rest;
    }
    return quotient;
}

#endif
