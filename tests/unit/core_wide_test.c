/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of 128 bits, against those of this compiler.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/wide.h"

__extension__ typedef unsigned __int128 native;

static native native_of(struct rapl_wide value)
{
    return (native)value.high << 64 | value.low;
}

static struct rapl_wide wide_of(native value)
{
    return (struct rapl_wide){(uint64_t)(value >> 64), (uint64_t)value};
}

/* Borders first, then numbers of every length from a fixed sequence. */
static uint64_t number(unsigned index)
{
    static const uint64_t borders[] = {
        0,
        1,
        2,
        0xFFFFFFFFu,
        0x100000000,
        0x100000001,
        UINT64_MAX,
        UINT64_MAX - 1,
        (uint64_t)1 << 63,
    };
    const unsigned count = sizeof(borders) / sizeof(borders[0]);
    uint64_t mixed = (index + 1) * UINT64_C(0x9E3779B97F4A7C15);

    if (index < count) {
        return borders[index];
    }
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed ^= mixed >> 27;
    return mixed >> index % 64;
}

#define NUMBERS 60u

static void products_and_sums(void **state)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        for (unsigned j = 0; j < NUMBERS; j++) {
            const struct rapl_wide product = rapl_wide_product(number(i), number(j));
            const struct rapl_wide other = {number(j), number(i + 1)};
            struct rapl_wide sum = {7, 7};

            assert_true(native_of(product) == (native)number(i) * number(j));
            assert_int_equal(rapl_wide_less(product, other), native_of(product) < native_of(other));
            const native expected = native_of(product) + native_of(other);
            const bool fits = expected >= native_of(product);
            assert_int_equal(rapl_wide_add(product, other, &sum), fits);
            assert_true(native_of(sum) == (fits ? expected : native_of((struct rapl_wide){7, 7})));
        }
    }
}

static void scaled_or_refused(void **state)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        for (unsigned j = 0; j < NUMBERS; j++) {
            const struct rapl_wide value = {number(i) >> (j % 64), number(j)};
            const uint64_t by = number(i + j);
            struct rapl_wide scaled = {7, 7};
            native expected;

            const bool fits = !__builtin_mul_overflow(native_of(value), (native)by, &expected);
            assert_int_equal(rapl_wide_scale(value, by, &scaled), fits);
            assert_true(native_of(scaled) ==
                        (fits ? expected : native_of((struct rapl_wide){7, 7})));
        }
    }
}

static void quotients(void **state)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        for (unsigned j = 0; j < NUMBERS; j++) {
            const native value = (native)number(i) << 64 | number(j);
            const native divisor = ((native)number(j + 3) << 64 | number(i + 1)) >> (i % 128);
            struct rapl_wide rest;

            if (divisor == 0) {
                continue;
            }
            const struct rapl_wide quotient =
                rapl_wide_divide(wide_of(value), wide_of(divisor), &rest);
            assert_true(native_of(quotient) == value / divisor);
            assert_true(native_of(rest) == value % divisor);
            assert_true(native_of(rapl_wide_half(wide_of(value))) == value / 2);
            assert_true(native_of(rapl_wide_subtract(wide_of(value), rest)) ==
                        value - value % divisor);
        }
    }
    assert_true(native_of(rapl_wide_divide(wide_of(7), rapl_wide_of(2), NULL)) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_and_sums),
        cmocka_unit_test(scaled_or_refused),
        cmocka_unit_test(quotients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
