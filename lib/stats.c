/* SPDX-License-Identifier: Apache-2.0
 *
 * Mean, deviation, Student's t.
 */
#include "lib/stats.h"

#include <math.h>

void stats_add(struct stats *stats, double value)
{
    double distance = value - stats->mean;

    if (stats->count == 0 || value < stats->min) {
        stats->min = value;
    }
    if (stats->count == 0 || value > stats->max) {
        stats->max = value;
    }
    stats->count++;
    stats->mean += distance / stats->count;
    stats->squares += distance * (value - stats->mean);
}

static double variance(const struct stats *stats)
{
    return stats->count < 2 ? 0 : stats->squares / (stats->count - 1);
}

double stats_deviation(const struct stats *stats)
{
    return sqrt(variance(stats)); /* sqrt is rounded correctly everywhere; nothing else is used */
}

double stats_mean_variance(const struct stats *stats)
{
    return stats->count < 2 ? 0 : variance(stats) / stats->count;
}

double stats_t95(double freedom)
{
    static const double small[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646,
                                   2.3060,  2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448,
                                   2.1314,  2.1199, 2.1098, 2.1009, 2.0930, 2.0860};
    const double z = 1.959963984540054; /* of the normal distribution */
    const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z;
    double n;

    if (!(freedom >= 2)) { /* and for what is no number */
        return small[0];
    }
    if (freedom < 21) {
        return small[(int)freedom - 1];
    }
    n = freedom < 1e9 ? floor(freedom) : 1e9;
    /* Abramowitz and Stegun 26.7.5, the first terms. */
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) +
           (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n);
}

struct stats_error stats_error_of(const struct stats *stats)
{
    return (struct stats_error){.variance = stats_mean_variance(stats),
                                .freedom = stats->count < 2 ? 0 : stats->count - 1};
}

struct stats_error stats_error_sum(struct stats_error a, struct stats_error b, double b_scale)
{
    double b_variance = b.variance * b_scale * b_scale;
    double sum = a.variance + b_variance;
    double terms = 0;

    if (a.freedom <= 0 || b.freedom <= 0) {
        return (struct stats_error){0};
    }
    terms += a.variance * a.variance / a.freedom;
    terms += b_variance * b_variance / b.freedom;
    return (struct stats_error){.variance = sum,
                                .freedom = terms > 0 ? sum * sum / terms : a.freedom + b.freedom};
}

double stats_half_width(struct stats_error error)
{
    return error.freedom > 0 ? stats_t95(error.freedom) * sqrt(error.variance) : 0;
}
