/* SPDX-License-Identifier: Apache-2.0
 *
 * How wrong the energy of a command is, by the way it is measured: `make bench-accuracy`.
 *
 *   bench_accuracy [TRIALS [SEED]]    trials of each cell (60)
 *
 * Markdown on stdout. Nothing is timed: recordings are played in a time that stands still, so the
 * same seed gives the same numbers anywhere. docs/accuracy.md says what they mean.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/samplers.h"
#include "bench/trial.h"

#define TRIALS_MAX 10000u
#define LEAD_US    4000000u /* before the command: two periods of the slowest sampler */
#define TAIL_US    2500000u

static char path[] = "/tmp/rapl-accuracy-XXXXXX";

/* Absolute errors in percent. */
struct errors {
    double values[TRIALS_MAX];
    unsigned count;
    unsigned unanswered;
};

static struct errors cell;

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void cell_begin(void)
{
    cell.count = 0;
    cell.unanswered = 0;
}

static void cell_add(double measured_j, double true_j)
{
    cell.values[cell.count++] = fabs(measured_j / true_j - 1) * 100;
}

/* " MEDIAN / MAX |", with how many had no number. */
static void cell_end(void)
{
    if (cell.count == 0) {
        printf(" no number |");
        return;
    }
    qsort(cell.values, cell.count, sizeof(cell.values[0]), compare);
    printf(" %.3g / %.3g", cell.values[cell.count / 2], cell.values[cell.count - 1]);
    if (cell.unanswered != 0) {
        printf(" (no number: %u %%)", 100 * cell.unanswered / (cell.unanswered + cell.count));
    }
    printf(" |");
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_accuracy: %s\n", what);
    unlink(path);
    exit(1);
}

struct source {
    const char *name;
    uint32_t step_us;
    uint32_t jitter_us;
    bool coarse;
    bool wraps;         /* within the command */
    uint32_t beside_us; /* another coarse reader */
};

static const struct source sources[] = {
    {"977 us", 977, 0, false, false, 0},
    {"1 ms, up to 0.4 ms late", 1000, 400, false, false, 0},
    {"15 ms", 15000, 0, false, false, 0},
    {"15 ms, up to 3 ms late", 15000, 3000, false, false, 0},
    {"coarse, a copy at most every 50 ms", 1000, 400, true, false, 0},
    {"coarse, beside another reader", 1000, 400, true, false, 20000},
};

/* So that the counter wraps in the middle of the command. */
static void place_wrap(struct step_profile *profile, const struct source *source,
                       uint64_t middle_us)
{
    profile->coarse = source->coarse;
    if (source->wraps) {
        profile->first_raw = (uint32_t)-(uint64_t)(step_profile_energy(profile, middle_us) * 16384);
    }
}

/* ---- rapl run ------------------------------------------------------------------------------- */

enum estimator { BETWEEN_UPDATES, LESS_IDLE };

static void measure_cell(const struct source *source, uint64_t run_us, enum estimator estimator,
                         unsigned trials, uint64_t seed)
{
    cell_begin();
    for (unsigned i = 0; i < trials; i++) {
        struct trial trial = trial_random(&seed, source->step_us, source->jitter_us, run_us);
        struct measure_result result;
        double energy_j;

        trial.profile.coarse = source->coarse;
        trial.beside_us = source->beside_us;
        if (source->wraps) { /* idle power alone gives a place that is near enough */
            trial.profile.first_raw =
                (uint32_t)-(8 * 16384 / 8 + 40 * 16384 / 2 * run_us / 1000000);
        }
        if (!trial_run(&trial, path, &result, &energy_j) || result.status != RAPL_OK) {
            fail("a trial failed");
        }
        if (result.short_run) {
            cell.unanswered++;
        } else {
            cell_add(estimator == LESS_IDLE ? result.energy_j : result.raw_j, energy_j);
        }
    }
    cell_end();
}

/* ---- Others --------------------------------------------------------------------------------- */

static void sampler_cell(const struct source *source, uint64_t run_us,
                         const struct sampler *sampler, unsigned trials, uint64_t seed)
{
    cell_begin();
    for (unsigned i = 0; i < trials; i++) {
        struct trial trial = trial_random(&seed, source->step_us, source->jitter_us, run_us);
        struct step_profile *profile = &trial.profile;
        struct sampled_run run = {.start_us = LEAD_US + step_profile_random(&seed) % 100000};
        double energy_j = 0;
        bool answered;

        run.end_us = run.start_us + trial.run_us;
        run.phase = step_profile_random(&seed);
        run.beside_us = source->beside_us;
        profile->start_us = run.start_us + trial.exec_us;
        profile->end_us = run.end_us;
        profile->length_us = run.end_us + TAIL_US;
        place_wrap(profile, source, run.start_us + trial.run_us / 2);
        run.first_raw = profile->first_raw;
        run.session = trial_open(profile, path);
        answered = run.session != NULL && sampler->energy(&run, &energy_j);
        rapl_session_free(run.session);
        if (run.session == NULL || run.failed) {
            fail("a reading failed");
        }
        if (answered) {
            cell_add(energy_j, step_profile_energy(profile, run.end_us) -
                                   step_profile_energy(profile, run.start_us));
        } else {
            cell.unanswered++;
        }
    }
    cell_end();
}

/* ---- Tables --------------------------------------------------------------------------------- */

static const uint64_t durations_us[] = {100000, 1000000};

static void estimators(unsigned trials, uint64_t seed)
{
    printf("| counter moves every | command | both ends unaligned | both at an update | less idle: "
           "`rapl run` |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        for (size_t k = 0; k < sizeof(durations_us) / sizeof(durations_us[0]); k++) {
            printf("| %s | %" PRIu64 " ms |", sources[i].name, durations_us[k] / 1000);
            sampler_cell(&sources[i], durations_us[k], &samplers[0], trials, seed);
            measure_cell(&sources[i], durations_us[k], BETWEEN_UPDATES, trials, seed);
            measure_cell(&sources[i], durations_us[k], LESS_IDLE, trials, seed);
            printf("\n");
            fflush(stdout);
        }
    }
}

static void clients(unsigned trials, uint64_t seed)
{
    static const struct {
        struct source source;
        uint64_t run_us;
    } columns[] = {{{"fresh", 1000, 400, false, false, 0}, 100000},
                   {{"fresh", 1000, 400, false, false, 0}, 1000000},
                   {{"fresh", 1000, 400, false, false, 0}, 10000000},
                   {{"coarse", 1000, 400, true, false, 20000}, 100000},
                   {{"coarse", 1000, 400, true, false, 20000}, 1000000},
                   {{"fresh, over a wrap", 1000, 400, false, true, 0}, 1000000}};
    const size_t count = sizeof(columns) / sizeof(columns[0]);

    printf("| client | how it samples |");
    for (size_t i = 0; i < count; i++) {
        printf(" %s, %.3g s |", columns[i].source.name, (double)columns[i].run_us / 1e6);
    }
    printf("\n|---|---|---|---|---|---|---|---|\n");
    for (unsigned s = 0; s < sampler_count; s++) {
        printf("| %s | %s |", samplers[s].name, samplers[s].how);
        for (size_t i = 0; i < count; i++) {
            sampler_cell(&columns[i].source, columns[i].run_us, &samplers[s], trials, seed);
        }
        printf("\n");
        fflush(stdout);
    }
    printf("| `rapl run` | from an update to an update, less idle |");
    for (size_t i = 0; i < count; i++) {
        measure_cell(&columns[i].source, columns[i].run_us, LESS_IDLE, trials, seed);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    unsigned long trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 60;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 20261122;
    int file = mkstemp(path);

    if (trials == 0 || trials > TRIALS_MAX || file < 0 || close(file) != 0) {
        fail("usage: bench_accuracy [TRIALS [SEED]]");
    }
    printf("Error of a command's energy in percent, median / largest of %lu (seed %" PRIu64
           "). Simulated:\nan idle package of 8 W +- 10 %%, a command of 40 W +- 25 %%.\n\n",
           trials, seed);
    estimators((unsigned)trials, seed);
    printf("\nKnown clients' sampling:\n\n");
    clients((unsigned)trials, seed);
    unlink(path);
    return 0;
}
