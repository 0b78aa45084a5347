/* SPDX-License-Identifier: Apache-2.0
 *
 * Converts logs of Green Metrics Tool's RAPL providers into recordings: what its parts share.
 *
 * A log line is `timestamp_us energy_uj name`; the energy is that since the previous line of the
 * same name (Linux provider: Package_0, DRAM_0, PSYS_0; Windows: cpu_package, cpu_cores, cpu_gpu,
 * dram, psys).
 */
#ifndef RAPL_GMT2REC_H
#define RAPL_GMT2REC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/cpu.h"
#include "core/model.h"
#include "core/units.h"

struct gmt_sample {
    uint64_t time_us;  /* as in the log */
    uint64_t total_uj; /* all energy of this name up to here */
};

/* One name of the log. */
struct gmt_series {
    uint32_t domain; /* enum rapl_domain */
    uint32_t package;
    size_t count;
    size_t capacity;
    struct gmt_sample *samples;
};

/* In the order in which the names appear. */
struct gmt_log {
    size_t count;
    size_t capacity;
    struct gmt_series *series;
};

/* Where and why a log was refused; both count from 1. Line 0: the log as a whole. */
struct gmt_complaint {
    uint32_t line;
    uint32_t column;
    const char *message;
};

/* Reads a whole log. False: `*complaint` filled. gmt_log_free in either case. */
bool gmt_log_read(FILE *file, struct gmt_log *log, struct gmt_complaint *complaint);
void gmt_log_free(struct gmt_log *log);

struct gmt_options {
    struct rapl_cpu cpu;
    uint64_t unit_raw;  /* unit register */
    uint64_t start_raw; /* every counter at time 0 */
    uint32_t speed;
    uint32_t cores;   /* of each package */
    uint32_t threads; /* of each core */
    bool loop;
    const char *title;
    const char *source;
};

/*
 * Writes the recording, checked with the recording parser, as one malloc'd text. NULL: `*complaint`
 * filled.
 */
char *gmt_write_recording(const struct gmt_log *log, const struct gmt_options *options,
                          size_t *size, struct gmt_complaint *complaint);

/* Counter units in an energy, rounded to the nearest. */
uint64_t gmt_counts(uint64_t energy_uj, struct rapl_fraction unit_j);

#endif
