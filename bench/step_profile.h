/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings with a known truth: a package that idles, runs a command and idles again, whose
 * counter moves in steps. For the benches and tests of accuracy.
 */
#ifndef RAPL_BENCH_STEP_PROFILE_H
#define RAPL_BENCH_STEP_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

struct step_profile {
    uint32_t step_us;
    uint32_t jitter_us; /* each update comes up to this much later */
    uint64_t seed;      /* of the jitter, and of how idle power wanders */
    double idle_w;
    double load_w;     /* mean: it swings by a quarter every 5 ms */
    double idle_swing; /* part of idle_w: it is anew within this every 3 ms */
    double after_w;    /* beside idle_w once the command has ended, for 5 ms: clocks come down */
    uint64_t start_us; /* the command's; UINT64_MAX: it does not run */
    uint64_t end_us;
    uint64_t length_us; /* of the recording */
    uint32_t first_raw; /* the counter at 0 */
    bool coarse;        /* seen by a coarse caller */
};

/* Joules from 0 to that time, exactly. */
double step_profile_energy(const struct step_profile *profile, uint64_t time_us);

/* Writes the recording to `path`. False: it could not be written. */
bool step_profile_write(const struct step_profile *profile, const char *path);

/* The next number of a sequence that depends on its seed only. */
uint64_t step_profile_random(uint64_t *state);

#endif
