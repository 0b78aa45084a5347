/* SPDX-License-Identifier: Apache-2.0
 *
 * The samplers. Each reads the counter of the package as a client of the driver gets it: 32 bits
 * that wrap, 2^-14 J a count. What each does over a wrap is its own:
 *
 * - EnergiBridge writes the counter as it is, so its last row less its first goes wrong;
 *   https://github.com/tdurieux/EnergiBridge, src/main.rs.
 * - Scaphandre gives no power for a sample that is below the one before;
 *   https://github.com/hubblo-org/scaphandre, src/sensors/mod.rs.
 * - JoularJX leaves out a cycle whose energy is below 0, which is what its helper then prints;
 *   https://github.com/joular/joularjx, monitor/MonitoringHandler.java, and
 *   https://github.com/joular/WinPowerMonitor, src/main.rs.
 * - Green Metrics Tool's reader and those that read at both ends follow a wrap. The sum over a
 *   phase is https://github.com/green-coding-solutions/green-metrics-tool, lib/phase_stats.py.
 */
#include "bench/samplers.h"

#include "bench/trial.h"

#define TICKS_PER_J 16384.0

/* The counter of the package at that time. */
static uint32_t counter_at(struct sampled_run *run, uint64_t time_us)
{
    struct rapl_sample sample = {.size = sizeof(sample)};
    struct rapl_samples *samples = NULL;

    if (rapl_samples_new(run->session, &samples) != RAPL_OK ||
        !trial_wait(run->session, time_us, run->beside_us) ||
        rapl_read(run->session, samples) != RAPL_OK ||
        rapl_sample_get(samples, 0, &sample) != RAPL_OK || sample.status != RAPL_OK) {
        run->failed = true;
    }
    rapl_samples_free(samples);
    return (uint32_t)(run->first_raw + sample.energy_ticks);
}

static double joules(uint32_t from, uint32_t to)
{
    return (to - from) / TICKS_PER_J;
}

/* By a client that knows no wraps. */
static double plain_joules(uint32_t from, uint32_t to)
{
    return ((double)to - (double)from) / TICKS_PER_J;
}

/* The first time of a period that already runs, at or after `time_us`. */
static uint64_t next_sample(const struct sampled_run *run, uint64_t period_us, uint64_t time_us)
{
    uint64_t phase_us = run->phase % period_us;

    return phase_us +
           (time_us > phase_us ? (time_us - phase_us + period_us - 1) / period_us : 0) * period_us;
}

/* One reading when it starts, one when it has ended. */
static bool both_ends(struct sampled_run *run, double *energy_j)
{
    uint32_t from = counter_at(run, run->start_us);

    *energy_j = joules(from, counter_at(run, run->end_us + 50));
    return true;
}

/* A reading at the start and every 200 ms, the last one being the first that finds it ended. */
static bool energibridge(struct sampled_run *run, double *energy_j)
{
    uint32_t from = counter_at(run, run->start_us);
    uint64_t time_us = run->start_us;

    while (time_us < run->end_us) {
        time_us += 200000;
    }
    *energy_j = plain_joules(from, counter_at(run, time_us));
    return true;
}

/* The sum of every sample stamped within the phase, and of the next one. */
static bool green_metrics_tool(struct sampled_run *run, double *energy_j)
{
    uint64_t first_us = next_sample(run, 99000, run->start_us + 1);
    uint32_t from = counter_at(run, first_us - 99000);

    *energy_j = joules(from, counter_at(run, next_sample(run, 99000, run->end_us)));
    return true;
}

/* Cycles of a second from the start, as long as it runs; the last one is finished. */
static bool joularjx(struct sampled_run *run, double *energy_j)
{
    uint32_t from, to = counter_at(run, run->start_us);
    uint64_t time_us = run->start_us;

    *energy_j = 0;
    while (time_us < run->end_us) {
        time_us += 1000000;
        from = to;
        to = counter_at(run, time_us);
        if (to >= from) {
            *energy_j += plain_joules(from, to);
        }
    }
    return true;
}

/* The mean of the powers stamped within the command, times its duration. */
static bool scaphandre(struct sampled_run *run, double *energy_j)
{
    uint64_t time_us = next_sample(run, 2000000, run->start_us + 1);
    uint32_t from = counter_at(run, time_us - 2000000), to = from;
    double power_w = 0;
    unsigned count = 0;

    for (; time_us <= run->end_us; time_us += 2000000) {
        from = to;
        to = counter_at(run, time_us);
        if (to >= from) {
            power_w += joules(from, to) / 2;
            count++;
        }
    }
    if (count == 0) {
        return false;
    }
    *energy_j = power_w / count * (double)(run->end_us - run->start_us) / 1e6;
    return true;
}

const struct sampler samplers[] = {
    {"CodeCarbon, perf stat, likwid", "one reading at the start, one at the end", both_ends},
    {"Green Metrics Tool", "every 99 ms; samples within, and the next one", green_metrics_tool},
    {"EnergiBridge", "every 200 ms from the start to the first that finds it ended", energibridge},
    {"JoularJX", "every 1 s from the start, the last second finished", joularjx},
    {"Scaphandre", "every 2 s; mean power within, times duration", scaphandre},
};
const unsigned sampler_count = sizeof(samplers) / sizeof(samplers[0]);
