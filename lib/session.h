/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the session share: session.c (life and choice of sources), session_list.c (the
 * list of domains), session_read.c (readings and differences), session_time.c, session_info.c.
 *
 * "Locked" functions are called with the session's lock held. What is fixed once the session is
 * open (`opened`): sources' backends and states, domains, `clock`.
 */
#ifndef RAPL_LIB_SESSION_H
#define RAPL_LIB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rapl/rapl.h>

#include "lib/backend/backend.h"
#include "lib/lock.h"

#define SESSION_SOURCES_MAX 8u

/* More domains than any machine has: 256 packages, 2048 cores and some meters. */
#define SESSION_DOMAINS_MAX 16384u

struct session_source {
    const struct backend *backend;
    void *state;    /* NULL: does not serve */
    int32_t status; /* RAPL_OK, or why it does not serve, or what ended it */
    struct backend_report report;
    uint32_t domain_count;            /* that it has; the session lists some of them */
    struct backend_reading *readings; /* of the last reading, one a domain */
};

struct session_domain {
    uint32_t source;
    uint32_t index; /* in the source */
    struct backend_domain info;
    struct backend_reading last; /* the last reading, checked: ticks and time never go back */
    uint64_t ticks;              /* of the last good one */
    uint64_t time_ns;
};

struct rapl_session {
    struct lock lock;
    struct backend_options options;
    char *path;                                        /* of options.path */
    const struct backend *wanted[SESSION_SOURCES_MAX]; /* by name; count 0: the system's order */
    uint32_t wanted_count;
    bool tried;  /* rapl_session_open was called */
    bool opened; /* and gave RAPL_OK */
    uint32_t source_count;
    struct session_source sources[SESSION_SOURCES_MAX];
    uint32_t domain_count;
    struct session_domain *domains;
    const struct session_source *clock; /* whose time it is; NULL: the system's */
    uint64_t read_ns;                   /* when every source was read last; locked */
};

/* One reading of one domain, as a sample set keeps it. */
struct sample {
    bool filled;
    uint32_t unit_numerator;
    uint32_t unit_denominator;
    struct backend_reading reading;
};

struct rapl_samples {
    const struct rapl_session *session; /* compared, never followed */
    uint32_t count;
    struct sample *samples;
};

/* ---- session_list.c ------------------------------------------------------------------------- */

/*
 * Makes the list of domains of the sources that serve, each of which has been read once: a domain
 * that several have is listed once, from the first that could read it, or else the first that has
 * it. RAPL_OK, RAPL_ERROR_MEMORY or RAPL_ERROR_GARBAGE (too many). Locked.
 */
int session_list_domains(struct rapl_session *session);

/* ---- session_read.c ------------------------------------------------------------------------- */

/* Reads one source into its readings; failures are in `status` and each reading. Locked. */
void session_read_source(struct rapl_session *session, struct session_source *source);

/* Takes the readings of every listed domain of that source into `last`. Locked. */
void session_take(struct rapl_session *session, uint32_t source);

/* All sources, both steps, and `read_ns`; what rapl_read returns. Locked. */
int session_read_all(struct rapl_session *session);

/* What rapl_read would return of the last readings. Locked. */
int session_result(const struct rapl_session *session);

/* The last readings into a sample set of this session. Locked. */
void session_fill(const struct rapl_session *session, struct rapl_samples *into);

/* ---- session_time.c ------------------------------------------------------------------------- */

/* The session's time; the lock is not needed once it is open. */
uint64_t session_now_ns(const struct rapl_session *session);

/* ---- session_info.c ------------------------------------------------------------------------- */

/* Structs that are filled begin with `size`; a smaller one is not even that. */
#define SESSION_STRUCT_MIN 8u
#define SESSION_STRUCT_MAX 65536u

/* Whether `out` is not NULL and its size can be. */
bool session_can_fill(const void *out);

/* Fills `out` from `full`, of which `size` bytes are known; `out->size` stays. */
void session_fill_struct(void *out, const void *full, size_t size);

#endif
