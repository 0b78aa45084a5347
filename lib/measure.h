/* SPDX-License-Identifier: Apache-2.0
 *
 * The energy of something that starts and ends, by every counter of a session, with both ends at an
 * update of the counter (lib/align.h). In this order, as often as wanted:
 *
 *     measure_begin      reads until it knows each counter's step and idle power, then until the
 *                        fastest one has just moved
 *     (start it, at rapl_now_ns; wait with rapl_wait_until or rapl_read for rapl_read_interval_ms)
 *     measure_end        reads until each counter has moved again
 *     measure_get        what each one gained
 *
 * Reading again and again keeps one processor busy: for 32 updates, at most 300 ms, at the start,
 * and for an update, at most 300 ms, at the end. The power taken off for the time beside the
 * command was measured under the same reading, so the reading is not counted.
 *
 * On a session whose time stands still (a replay with speed 0) the readings are 10 us apart.
 */
#ifndef RAPL_LIB_MEASURE_H
#define RAPL_LIB_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include <rapl/rapl.h>

struct measure;

/* For an open session, which must outlive it. RAPL_OK, MEMORY. */
int measure_new(struct rapl_session *session, struct measure **out);
void measure_free(struct measure *measure);

/* As rapl_read: an error only when nothing can be read at all. */
int measure_begin(struct measure *measure);

/*
 * `start_ns`, `end_ns`: when it ran, on rapl_now_ns's clock; both between measure_begin and now.
 * An error if no domain could be read any more: what measure_get then gives is up to the last
 * reading that could be made.
 */
int measure_end(struct measure *measure, uint64_t start_ns, uint64_t end_ns);

/* A reading while it runs, for measure_last and so that no wrap goes unseen. As rapl_read. */
int measure_tick(struct measure *measure);

struct measure_result {
    int32_t status;    /* RAPL_OK, or why there is no energy: then nothing else holds */
    uint32_t flags;    /* RAPL_FLAG_* of these numbers */
    bool aligned;      /* false: an end is not at a well-known update: its step may be missing */
    bool short_run;    /* it took less time than a step of the counter: no energy is given */
    bool cut;          /* the domain could not be read at the end: energy up to the last reading */
    double energy_j;   /* between start and end */
    double raw_j;      /* what the counter gained between first and last reading */
    double idle_w;     /* power just before the start, the reading included; 0: not known */
    double duration_s; /* start to end; when cut, to the last reading */
    uint64_t step_ns;  /* mean time between updates; 0: not seen moving */
    uint64_t step_max_ns;
};

/* Domain `index` of the session. ARGUMENT: no such domain. */
int measure_get(const struct measure *measure, uint32_t index, struct measure_result *out);

/* Energy since the start as the counter stands now, and the time of that reading. */
bool measure_last(const struct measure *measure, uint32_t index, double *energy_j,
                  uint64_t *time_ns);

/* Below this no number is given: the longest step of the fastest counter, or the source's own
 * resolution if that is longer. 0: no counter was seen moving. After measure_begin. */
uint64_t measure_resolution_ns(const struct measure *measure);

/* ---- Idle power ----------------------------------------------------------------------------- */

/* Reads until each counter has moved, and remembers. As measure_begin, without the step. */
int measure_mark(struct measure *measure);

/* Mean power of a domain between the last two marks. False: not known. */
bool measure_power(const struct measure *measure, uint32_t index, double *power_w);

#endif
