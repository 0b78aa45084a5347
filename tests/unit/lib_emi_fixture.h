/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines with energy meters, and what tests ask of an open source.
 */
#ifndef RAPL_TESTS_LIB_EMI_FIXTURE_H
#define RAPL_TESTS_LIB_EMI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "tests/unit/emi_fake.h"

static const struct backend backend = BACKEND_EMI(NULL);

#define READINGS_MAX 64u

struct opened {
    struct fake_system *system;
    struct backend_report report;
    struct backend_reading readings[READINGS_MAX];
    void *state;
    int status;
};

static inline struct fake_system *new_system(void)
{
    struct fake_system *system = calloc(1, sizeof(*system));

    assert_non_null(system);
    system->time_ns = 1000000000;
    return system;
}

static inline struct fake_meter *add_meter(struct fake_system *system)
{
    struct fake_meter *meter = &system->meters[system->count++];

    meter->version = 2;
    for (uint32_t i = 0; i < 4; i++) {
        meter->energy[i] = 1000000 * (uint64_t)(i + 1) + 777777 * (uint64_t)system->count;
    }
    return meter;
}

static inline struct fake_meter *add_named(struct fake_system *system, const char *name)
{
    struct fake_meter *meter = add_meter(system);

    put_v2(&meter->metadata, "RAPL", 1);
    put_channel(&meter->metadata, 0, name, INBOX_NAME_SIZE);
    return meter;
}

static inline struct fake_meter *add_intel(struct fake_system *system)
{
    struct fake_meter *meter = add_meter(system);

    put_intel(&meter->metadata);
    return meter;
}

static inline struct opened *open_flags(struct fake_system *system, uint32_t flags)
{
    struct opened *opened = calloc(1, sizeof(*opened));
    const struct emi_system table = fake_table(system);

    assert_non_null(opened);
    opened->system = system;
    opened->status = emi_open_system(&table, flags, &opened->report, &opened->state);
    assert_int_equal(system->released, opened->status == RAPL_OK ? 0 : 1);
    return opened;
}

static inline struct opened *open_meters(struct fake_system *system)
{
    return open_flags(system, 0);
}

static inline const struct backend_reading *sample(struct opened *opened, uint64_t after_ms)
{
    opened->system->time_ns += after_ms * 1000000;
    assert_true(backend.domain_count(opened->state) <= READINGS_MAX);
    (void)backend.read(opened->state, opened->readings);
    return opened->readings;
}

static inline void close_meters(struct opened *opened)
{
    if (opened->status == RAPL_OK) {
        backend.close(opened->state);
    }
    assert_int_equal(opened->system->open_handles, 0);
    assert_int_equal(opened->system->released, 1);
    free(opened->system);
    free(opened);
}

#endif
