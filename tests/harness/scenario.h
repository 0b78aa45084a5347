/* SPDX-License-Identifier: Apache-2.0
 *
 * Scenarios: what is done to the driver and what must come of it. A scenario fails when anything at
 * all was found while it ran.
 */
#ifndef HARNESS_SCENARIO_H
#define HARNESS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/clients.h"
#include "tests/harness/lab.h"
#include "tests/harness/machine.h"
#include "tests/harness/machines.h"
#include "tests/harness/registry.h"
#include "tests/harness/verifier.h"

/* Seconds that threads must be kept busy (--soak); 0: as long as is usual. */
uint32_t scenario_soak_s(void);

struct scenario {
    const char *name;
    void (*run)(void);
};

/* A file's scenarios, ended by a row without a name. */
extern const struct scenario scenarios_smoke[];
extern const struct scenario scenarios_matrix[];
extern const struct scenario scenarios_processors[];
extern const struct scenario scenarios_access[];
extern const struct scenario scenarios_coarse[];
extern const struct scenario scenarios_load[];
extern const struct scenario scenarios_lifetime[];
extern const struct scenario scenarios_requests[];
extern const struct scenario scenarios_failing[];
extern const struct scenario scenarios_threads[];

extern const struct scenario scenarios_energy_cost[];
extern const struct scenario scenarios_energy_counts[];
extern const struct scenario scenarios_energy_timer[];
extern const struct scenario scenarios_energy_tiers[];
extern const struct scenario scenarios_energy_requests[];
extern const struct scenario scenarios_energy_threads[];
extern const struct scenario scenarios_energy_device[];
extern const struct scenario scenarios_energy_machines[];
extern const struct scenario scenarios_energy_storm[];
extern const struct scenario scenarios_pnp[];
extern const struct scenario scenarios_pnp_storm[];
extern const struct scenario scenarios_pnp_restart[];

/* The harness's own parts; any image does. */
extern const struct scenario scenarios_itself[];

/* For tests/harness/faulty: each fault must be found. */
extern const struct scenario scenarios_faulty[];

#endif
