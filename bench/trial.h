/* SPDX-License-Identifier: Apache-2.0
 *
 * One command of a known energy, measured as `rapl run` measures it: by lib/measure.c through a
 * session on a recording, in a time that stands still unless it is waited for.
 *
 * A recording is fixed, and a command starts when the measurement says so. So a trial is played
 * twice: over a machine that only idles, to see when the command is started, and over one where it
 * runs from that moment. Up to then both are the same, so it is started there again.
 */
#ifndef RAPL_BENCH_TRIAL_H
#define RAPL_BENCH_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "bench/step_profile.h"
#include "lib/measure.h"

struct trial {
    struct step_profile profile;
    uint64_t begin_us;  /* when the measurement begins */
    uint64_t run_us;    /* how long the command runs */
    uint64_t exec_us;   /* from its start to its first load */
    uint64_t notice_us; /* from its end to that being seen */
    uint32_t beside_us; /* someone else reads this often, which renews a coarse copy; 0: nobody */
};

/* A notebook's powers, and phases that depend on the seed only. */
struct trial trial_random(uint64_t *seed, uint32_t step_us, uint32_t jitter_us, uint64_t run_us);

/* Writes the profile to `path` and opens it, with time standing still. NULL: it failed. */
struct rapl_session *trial_open(const struct step_profile *profile, const char *path);

/* Waits, while someone else reads. */
bool trial_wait(struct rapl_session *session, uint64_t time_us, uint32_t beside_us);

/*
 * Measures. `*energy_j`: what the command really took, from its start to its end. False: something
 * failed, or the command was not started at the same moment twice.
 */
bool trial_run(struct trial *trial, const char *path, struct measure_result *result,
               double *energy_j);

#endif
