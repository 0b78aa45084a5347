/* SPDX-License-Identifier: Apache-2.0
 *
 * Mean, deviation and Student's t, against sums done by hand and the distribution itself.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/stats.h"

static struct stats of(const double *values, uint32_t count)
{
    struct stats stats = {0};

    for (uint32_t i = 0; i < count; i++) {
        stats_add(&stats, values[i]);
    }
    return stats;
}

static void test_by_hand(void **state)
{
    static const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct stats stats = of(values, 8);

    assert_float_equal(stats.mean, 5, 1e-12);
    assert_float_equal(stats_deviation(&stats), sqrt(32.0 / 7), 1e-12);
    assert_float_equal(stats_mean_variance(&stats), 32.0 / 7 / 8, 1e-12);
    assert_float_equal(stats.min, 2, 0);
    assert_float_equal(stats.max, 9, 0);
    /* t(7) = 2.3646 */
    assert_float_equal(stats_half_width(stats_error_of(&stats)), 2.3646 * sqrt(32.0 / 56), 1e-9);
}

/* Large values that differ in the last digits: where the sum of squares loses everything. */
static void test_far_from_zero(void **state)
{
    static const double values[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
    struct stats stats = of(values, 4);

    assert_float_equal(stats.mean, 1e9 + 10, 1e-6);
    assert_float_equal(stats_deviation(&stats), sqrt(30), 1e-6);
}

static void test_few_values(void **state)
{
    static const double one[] = {3};
    struct stats none = {0}, single = of(one, 1);

    assert_float_equal(stats_deviation(&none), 0, 0);
    assert_float_equal(stats_deviation(&single), 0, 0);
    /* one value says nothing of its error */
    assert_float_equal(stats_error_of(&single).freedom, 0, 0);
    assert_float_equal(stats_half_width(stats_error_of(&single)), 0, 0);
}

static double density(double t, double n)
{
    return exp(lgamma((n + 1) / 2) - lgamma(n / 2)) / sqrt(n * acos(-1)) *
           pow(1 + t * t / n, -(n + 1) / 2);
}

/* P(-t < T < t), by Simpson's rule. */
static double within(double t, double n)
{
    const int pieces = 4000;
    double width = t / pieces, sum = density(0, n) + density(t, n);

    for (int i = 1; i < pieces; i++) {
        sum += density(width * i, n) * (i % 2 == 1 ? 4 : 2);
    }
    return 2 * sum * width / 3;
}

static void test_t_is_the_distribution(void **state)
{
    for (int n = 1; n <= 200; n++) {
        double off = within(stats_t95(n), n) - 0.95;

        assert_float_equal(off / (2 * density(stats_t95(n), n)), 0, 1e-4); /* as an error of t */
    }
    assert_float_equal(stats_t95(1e12), 1.95996, 1e-4);
    assert_float_equal(stats_t95(4.9), stats_t95(4), 0); /* rounded to the wider interval */
    assert_float_equal(stats_t95(0), stats_t95(1), 0);
    assert_float_equal(stats_t95((double)NAN), stats_t95(1), 0);
}

/* Two samples of the same size and spread: Welch's freedom is then 2 (n - 1). */
static void test_sum_of_errors(void **state)
{
    static const double values[] = {1, 2, 3, 4, 5};
    struct stats stats = of(values, 5);
    struct stats_error a = stats_error_of(&stats);
    struct stats_error sum = stats_error_sum(a, a, 1);

    assert_float_equal(sum.variance, 2 * 2.5 / 5, 1e-12);
    assert_float_equal(sum.freedom, 8, 1e-12);

    sum = stats_error_sum(a, a, 10); /* the second part is all there is to it */
    assert_float_equal(sum.variance, 101 * 2.5 / 5, 1e-12);
    assert_in_range((uint64_t)(sum.freedom * 1000), 4000, 4100);

    sum = stats_error_sum(a, (struct stats_error){0}, 1); /* not known stays not known */
    assert_float_equal(stats_half_width(sum), 0, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),       cmocka_unit_test(test_far_from_zero),
        cmocka_unit_test(test_few_values),    cmocka_unit_test(test_t_is_the_distribution),
        cmocka_unit_test(test_sum_of_errors),
    };

    return cmocka_run_group_tests_name("lib_stats", tests, NULL, NULL);
}
