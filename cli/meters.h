/* SPDX-License-Identifier: Apache-2.0
 *
 * Every domain of a session read again and again: what each gained since the reading before, and
 * since the first.
 */
#ifndef RAPL_CLI_METERS_H
#define RAPL_CLI_METERS_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "cli/cli.h"
#include "cli/session.h"

struct meter {
    struct rapl_domain_info info;
    struct rapl_sample sample;       /* the latest; its status says if there is one */
    int32_t status;                  /* RAPL_OK: `interval` holds; else why there is none */
    uint32_t system_error;           /* Windows code or errno behind status; 0: none */
    struct rapl_difference interval; /* since the reading before, of those that succeeded */
    bool has_total;
    bool seen;                    /* it had a total, now or before: `total` is the latest */
    struct rapl_difference total; /* since the first reading */
};

struct meters {
    struct rapl_session *session;
    uint32_t count;
    struct meter *meter;
    uint32_t number;                   /* intervals so far */
    uint64_t first_ns;                 /* the first reading, on the session's clock */
    uint64_t now_ns;                   /* the latest */
    uint64_t time_us;                  /* the latest, since 1970; goes forward only */
    uint64_t first_us;                 /* the first */
    bool follows_clock;                /* wall time is the system's (not a replay's) */
    struct rapl_samples *first;        /* kept, for the totals */
    struct rapl_samples *pair[2];      /* the others, in turn */
    uint32_t turn;                     /* the one that the next reading goes to */
    const struct rapl_samples *before; /* the latest that could be read: intervals begin there */
};

/*
 * Opens the session and reads once. EXIT_CODE_OK, or the exit code after a message; then there is
 * nothing to close.
 */
int meters_open(struct cli *cli, struct meters *out);
void meters_close(struct meters *meters);

/* Reads again: one more interval. EXIT_CODE_OK, or the exit code after a message. */
int meters_read(struct cli *cli, struct meters *meters);

/* As meters_read without a message: the library's error. */
int meters_try(struct cli *cli, struct meters *meters);

/* The sum over packages. False: none, or one has no reading, so there is no sum. */
struct meters_sum {
    uint32_t packages;
    uint64_t energy_uj; /* of the interval */
    uint64_t power_uw;
    uint64_t total_uj;    /* since the first reading */
    uint32_t flags;       /* of any package's interval, RAPL_FLAG_* */
    uint32_t total_flags; /* the same of the totals */
};
bool meters_sum(const struct meters *meters, struct meters_sum *out);

/* A moment of the session's clock as microseconds since 1970, by the latest reading. */
uint64_t meters_unix_us(const struct meters *meters, uint64_t time_ns);

/* ---- Showing --------------------------------------------------------------------------------- */

/* "package", "core 3", a meter's own name. */
void meter_name(struct text *out, const struct meter *meter);

/* "0", or "-" for what belongs to no package. */
void meter_package(struct text *out, const struct meter *meter);

/*
 * Why there is no number, or what kind of number it is: "reads 0: ...", "lower bound: ..."; ""
 * where there is nothing to say. `status` and `flags` are those of what is shown.
 */
void meter_note(struct text *out, const struct meter *meter, int32_t status, uint32_t flags);

/* The same of a sum: `flags` as struct meters_sum has them. */
void meter_sum_note(struct text *out, uint32_t flags);

enum meters_kind {
    METERS_SNAPSHOT, /* counters as they are */
    METERS_INTERVAL,
    METERS_SUMMARY, /* since the first reading */
};

/* One JSON object on one line: docs/schemas/reading.json. `interval_ms` 0: not known. */
void meters_json(struct text *out, const struct meters *meters, enum meters_kind kind,
                 uint64_t interval_ms);

/* A table. The headline comes before. */
void meters_text(struct text *out, const struct meters *meters, enum meters_kind kind, bool colour);

/* "2026-11-22T20:10:00.123456Z" */
void time_text(struct text *out, uint64_t unix_us);

#endif
