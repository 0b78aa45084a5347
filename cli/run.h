/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl run`: what was asked for, what came of it, and the ways to show it.
 */
#ifndef RAPL_CLI_RUN_H
#define RAPL_CLI_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rapl/rapl.h>

#include "cli/cli.h"
#include "lib/measure.h"
#include "lib/stats.h"

struct run_request {
    uint32_t runs;
    uint32_t warmup;
    uint64_t interval_ms;  /* 0: no lines in between */
    uint64_t baseline_ms;  /* 0: idle power is not taken off */
    const char *separator; /* NULL: no CSV */
    const char *path;      /* NULL: standard error */
    bool json;
    char *const *argv; /* the command, NULL-terminated */
};

#define RUN_NAME_SIZE 64u

/* One domain over all runs. Values are of runs that were measured to their end. */
struct run_domain {
    char name[RUN_NAME_SIZE]; /* "package-0", "core-0-3", a meter's own name */
    int32_t status;           /* why there is no energy, when no run gave any */
    uint32_t flags;           /* RAPL_FLAG_* of any run */
    uint32_t short_count;     /* runs that were too short for this counter */
    uint32_t cut_count;       /* runs that the source did not live through */
    uint32_t loose_count;     /* runs whose ends are at no update of the counter */
    uint64_t step_ns;
    uint64_t step_max_ns;
    struct stats energy_j;
    struct stats power_w;
    struct stats edp_js;
    struct stats idle_w; /* pieces of the baseline */
    struct stats net_j;  /* energy less idle power * time */
    struct measure_result last;
    double shown_j; /* at the last interval line */
    uint64_t shown_ns;
};

struct run {
    struct cli *cli;
    const struct run_request *request;
    struct rapl_session *session;
    struct measure *measure;
    FILE *file;            /* of request->path */
    uint32_t run_count;    /* that ended */
    uint32_t failed_count; /* of those, with another exit code than 0 */
    int exit_code;         /* the first that was not 0 */
    int source_error;      /* RAPL_OK, or why measuring ended early */
    bool stopped;          /* by the user */
    struct stats time_s;
    uint64_t resolution_ns;
    uint32_t resolution_us; /* the source's own; 0: not known */
    uint32_t domain_count;
    struct run_domain *domains;
};

/* Between process_begin and process_end, as all of these. EXIT_CODE_OK if the command can be run,
 * else its exit code, after a message. */
int run_check(struct run *run);

/*
 * Runs and measures. EXIT_CODE_OK: there is something to show, and run->exit_code and
 * run->source_error say how it went. Else the exit code, after a message on stderr.
 */
int run_all(struct run *run);

/* Adds what came of one run, or all, to `out`, in the form that was asked for. */
void run_show_interval(struct run *run, struct text *out, uint32_t number, uint64_t start_ns);
void run_show_one(const struct run *run, struct text *out, uint32_t number, int exit_code,
                  double time_s);
void run_show_all(const struct run *run, struct text *out);

/* The forms. */
void run_text_all(const struct run *run, struct text *out);
void run_csv_all(const struct run *run, struct text *out);
void run_json_one(const struct run *run, struct text *out, uint32_t number, int exit_code,
                  double time_s);
void run_json_all(const struct run *run, struct text *out);

/* The 95 % interval of net energy carries the error of the idle power. 0: not known. */
double run_net_half_width(const struct run *run, const struct run_domain *domain);

/* Writes out to request->path or standard error. False: it could not be written. */
bool run_flush(struct run *run, struct text *out);

#endif
