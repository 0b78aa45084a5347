/* SPDX-License-Identifier: Apache-2.0
 *
 * What a measurement is made of, for measure.c, which reads, and measure_result.c, which reckons.
 */
#ifndef RAPL_LIB_MEASURE_PARTS_H
#define RAPL_LIB_MEASURE_PARTS_H

#include "lib/align.h"
#include "lib/measure.h"

struct measured {
    double joules_per_tick;
    uint64_t source_resolution_ns;
    int32_t status; /* at the last reading */
    int32_t begin_status;
    uint32_t flags;
    struct align_counter watch; /* since begin, end or mark began */
    /* from measure_begin */
    struct align_update before;
    uint64_t step_ns; /* 0: did not move */
    uint64_t step_max_ns;
    double idle_ticks_per_s;
    /* from measure_tick */
    uint64_t last_ticks;
    uint64_t last_ns;
    /* from measure_end */
    struct align_update after;
    bool aligned;
    bool cut;
    /* from measure_mark */
    struct align_update marks[2];
    uint32_t mark_count;
};

struct measure {
    struct rapl_session *session;
    struct rapl_samples *first; /* the reading a measurement began with */
    struct rapl_samples *now;
    uint64_t start_ns;
    uint64_t end_ns;
    uint64_t since_ns; /* updates count from here on */
    uint64_t read_ns;  /* when `now` was read */
    uint32_t still;    /* how many readings before it were at the same time */
    bool stands_still;
    uint32_t count;
    struct measured domains[];
};

#endif
