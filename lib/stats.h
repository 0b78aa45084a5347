/* SPDX-License-Identifier: Apache-2.0
 *
 * The few statistics that repeated measurements need: mean, standard deviation, and the 95 %
 * interval of a mean by Student's t.
 */
#ifndef RAPL_LIB_STATS_H
#define RAPL_LIB_STATS_H

#include <stdint.h>

/* Zeroed: no values. Sums are Welford's, which lose nothing when values are large and close. */
struct stats {
    uint32_t count;
    double mean;
    double squares; /* sum of squared distances from the mean */
    double min;
    double max;
};

void stats_add(struct stats *stats, double value);

/* Standard deviation of the sample (n - 1); 0 with fewer than two values. */
double stats_deviation(const struct stats *stats);

/* Variance of the mean: squared standard deviation / n; 0 with fewer than two values. */
double stats_mean_variance(const struct stats *stats);

/*
 * Half of Student's two-sided 95 % interval in standard errors: the 0.975 quantile of t with that
 * many degrees of freedom, rounded down to a whole number, at least 1. Right to 1e-4.
 */
double stats_t95(double freedom);

/*
 * A mean that is a sum of two independent means: its variance and its degrees of freedom by Welch
 * and Satterthwaite. A part with a variance of 0 counts as exact.
 */
struct stats_error {
    double variance;
    double freedom; /* 0: nothing is known of the error */
};

struct stats_error stats_error_of(const struct stats *stats);
struct stats_error stats_error_sum(struct stats_error a, struct stats_error b, double b_scale);

/* Half the width of the 95 % interval. 0: not known (freedom 0). */
double stats_half_width(struct stats_error error);

#endif
