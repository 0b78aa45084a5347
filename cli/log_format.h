/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats of `rapl log`: this project's own, and those that measurement tools read.
 */
#ifndef RAPL_CLI_LOG_FORMAT_H
#define RAPL_CLI_LOG_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/harness.h"
#include "cli/meters.h"

/* What rows need to remember. Zeroed, but for interval_ms. */
struct log_state {
    uint64_t interval_ms;
    struct gmt gmt;
    struct energibridge energibridge;
};

struct log_format {
    const char *name;
    bool says_simulated; /* it has room for it */
    bool starts_at_once; /* a row at the start, before the first interval */

    /* Adds what each file begins with. NULL: nothing. */
    void (*begin)(struct text *out, const struct meters *meters);

    /* Adds one interval; it may add nothing. */
    void (*row)(struct text *out, const struct meters *meters, struct log_state *state);

    const char *first;   /* before the first row of a file */
    const char *between; /* before every other row */
    const char *end;     /* after the last row; not in a file without rows */
};

#define LOG_FORMATS "csv ndjson json gmt joularjx energibridge"

/* NULL: there is no such format. */
const struct log_format *log_format_named(const char *name);

/*
 * For a format that has no room for "simulated": refuses simulated numbers, unless the environment
 * says RAPL_SIMULATED=1. EXIT_CODE_OK, or EXIT_CODE_CONFIG after a message.
 */
int log_format_check(struct cli *cli, struct rapl_session *session, const char *format);

#endif
