/* SPDX-License-Identifier: Apache-2.0
 *
 * A source of energy, as the session sees it: one table of functions. Each backend is a file of its
 * own beside this header, and its header comment states its limits.
 *
 * Called by one thread at a time. Ticks: a backend extends its own counters across wraps, so
 * `energy_ticks` counts from open, never wraps and never goes back; where it cannot tell a wrap
 * from a reset, or energy is missing, it says so in `flags` and counts on.
 */
#ifndef RAPL_LIB_BACKEND_H
#define RAPL_LIB_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rapl/rapl.h>

/* What the session was asked for. Strings live as long as the session. */
struct backend_options {
    const char *path; /* NULL: the backend's default */
    uint32_t flags;   /* RAPL_OPEN_* */
    uint32_t replay_speed_milli;
};

/* What a backend says of itself; filled by open, on failure too. Texts as in rapl_source_info. */
struct backend_report {
    uint32_t system_error;
    uint32_t flags;
    uint32_t resolution_us;
    uint32_t doubled_count;
    char title[160];
    char reason[256];
    char remedy[256];
};

/* What does not change while it is open. As rapl_domain_info. */
struct backend_domain {
    uint32_t domain;
    uint32_t package;
    uint32_t core;
    uint32_t unit_numerator;
    uint32_t unit_denominator;
    uint64_t range_ticks;
    char name[32];
    char label[64];
};

/* One domain, read once. */
struct backend_reading {
    int32_t status; /* RAPL_OK or RAPL_ERROR_*: then only system_error and time_ns hold */
    uint32_t system_error;
    uint32_t flags;       /* RAPL_FLAG_SIMULATED, RAPL_FLAG_COARSE */
    uint32_t reset_count; /* since open: how often the counter began anew */
    uint32_t gap_count;   /* since open: how often energy went missing */
    uint64_t energy_ticks;
    uint64_t raw;
    uint64_t time_ns; /* on the backend's clock */
};

struct backend {
    const char *name; /* for rapl_options.source */
    uint32_t kind;    /* enum rapl_source_kind */

    /*
     * RAPL_OK and `*state`, or the error and `*report`'s reason and remedy. Nothing is held after
     * a failure.
     */
    int (*open)(const struct backend_options *options, struct backend_report *report, void **state);
    void (*close)(void *state);

    uint32_t (*domain_count)(void *state);
    void (*domain)(void *state, uint32_t index, struct backend_domain *out);

    /* Fills one reading a domain. RAPL_OK, or the error when the whole source failed. */
    int (*read)(void *state, struct backend_reading *readings);

    /*
     * Reads one domain only, for watching it: as `read`, cheaper, the others untouched. NULL: there
     * is nothing cheaper.
     */
    int (*peek)(void *state, uint32_t index, struct backend_reading *reading);

    /* After `read` failed: system_error, reason and remedy. NULL: the error's own text will do. */
    void (*explain)(void *state, struct backend_report *report);

    /* NULL where the source knows nothing of it. Outputs come with `size` set, the rest zeroed. */
    int (*machine)(void *state, struct rapl_machine_info *out);
    int (*package)(void *state, uint32_t index, struct rapl_package_info *out);

    /* Read at least this often so that no wrap goes unseen; 0: never needed. NULL: 0. */
    uint32_t (*read_interval_ms)(void *state);

    /*
     * The backend's own time (a recording's). Both NULL: the system's monotonic clock (clock.h).
     * These two may be called by several threads at once, beside any other function: nobody waits
     * while holding up the others.
     */
    uint64_t (*now_ns)(void *state);
    void (*sleep_until)(void *state, uint64_t time_ns);
};

/*
 * In order of preference on this system; NULL past the last. Replay is the last on every system:
 * it is never chosen unless it is named.
 */
const struct backend *backend_at(uint32_t index);

/* By name; NULL if there is none on this system. */
const struct backend *backend_named(const char *name, size_t length);

#endif
