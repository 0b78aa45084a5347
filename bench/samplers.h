/* SPDX-License-Identifier: Apache-2.0
 *
 * How known programs sample, as their sources say: what each would take for the energy of a command
 * that runs from `start_us` to `end_us` of a recording.
 */
#ifndef RAPL_BENCH_SAMPLERS_H
#define RAPL_BENCH_SAMPLERS_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

struct sampled_run {
    struct rapl_session *session; /* time stands still, and has not begun */
    uint64_t start_us;
    uint64_t end_us;
    uint32_t first_raw; /* what the counter was at 0 */
    uint64_t phase;     /* random: when in its period a sampler that runs already was started */
    uint32_t beside_us; /* someone else reads this often; 0: nobody */
    bool failed;        /* a reading failed */
};

struct sampler {
    const char *name;
    const char *how; /* the algorithm, for the table */

    /* Joules. False: it has no number for a command that is so short. */
    bool (*energy)(struct sampled_run *run, double *energy_j);
};

extern const struct sampler samplers[];
extern const unsigned sampler_count;

#endif
