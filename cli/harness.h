/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats of other tools, line by line:
 *
 * - Green Metrics Tool's providers: `timestamp_us energy_uj domain`, the energy since that domain's
 *   line before (metric_providers/.../rapl_reader_cli.c and provider.py of
 *   green-coding-solutions/green-metrics-tool).
 * - JoularJX's helper: joules of the last second, a number a line (joular/WinPowerMonitor).
 * - EnergiBridge's CSV: Delta, Time, then columns sorted by name (src/main.rs, src/cpu of
 *   tdurieux/EnergiBridge).
 *
 * None of them has a package number: packages are added up. Vendor meters are in none of them.
 */
#ifndef RAPL_CLI_HARNESS_H
#define RAPL_CLI_HARNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/meters.h"

#define GMT_DOMAINS 5u

struct gmt {
    uint32_t excluded; /* bit of each domain in gmt_name's order that is not written */
    uint64_t written_uj[GMT_DOMAINS]; /* since the start */
    uint64_t time_us;                 /* of the last line: no two have the same */
};

/* "cpu_package", "cpu_cores", "cpu_gpu", "dram", "psys". */
const char *gmt_name(uint32_t index);

/*
 * A line for each domain that gained more than 1 uJ since its last line: GMT takes a smaller number
 * for a fault, and the energy is in the next line. Times are of the readings.
 */
void gmt_row(struct text *out, const struct meters *meters, struct gmt *gmt);

/*
 * psys where it counts, else packages and their memory, which are different joules. Nothing where
 * they have no reading.
 */
void joularjx_row(struct text *out, const struct meters *meters);

struct energibridge {
    uint64_t time_us; /* of the row before; 0: none */
};

/* Joules since the start, which never wrap. A domain that never had a reading has no column. */
void energibridge_begin(struct text *out, const struct meters *meters);
void energibridge_row(struct text *out, const struct meters *meters, struct energibridge *state);

#endif
