/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading every domain again and again.
 */
#include "cli/meters.h"

#include <stdlib.h>
#include <string.h>

/* The system's clock is followed when it has moved this far from the counters' own clock. */
#define CLOCK_STEP_US UINT64_C(1000000)

static bool meters_alloc(struct meters *meters)
{
    meters->count = rapl_domain_count(meters->session);
    meters->meter = calloc((size_t)meters->count + 1, sizeof(*meters->meter));
    return meters->meter != NULL && rapl_samples_new(meters->session, &meters->first) == RAPL_OK &&
           rapl_samples_new(meters->session, &meters->pair[0]) == RAPL_OK &&
           rapl_samples_new(meters->session, &meters->pair[1]) == RAPL_OK;
}

void meters_close(struct meters *meters)
{
    rapl_samples_free(meters->first);
    rapl_samples_free(meters->pair[0]);
    rapl_samples_free(meters->pair[1]);
    free(meters->meter);
    rapl_session_free(meters->session);
    memset(meters, 0, sizeof(*meters));
}

static void refresh_info(struct meters *meters, const struct rapl_samples *latest)
{
    for (uint32_t i = 0; i < meters->count; i++) {
        struct meter *meter = &meters->meter[i];

        meter->info = (struct rapl_domain_info){.size = sizeof(meter->info)};
        rapl_domain_get(meters->session, i, &meter->info);
        meter->sample = (struct rapl_sample){.size = sizeof(meter->sample)};
        if (rapl_sample_get(latest, i, &meter->sample) != RAPL_OK) {
            meter->sample.status = RAPL_ERROR_NO_SAMPLE;
        }
        meter->status = meter->sample.status;
        meter->system_error = meter->sample.system_error;
    }
}

/*
 * Wall time by the counters' clock, which never jumps; but a machine that slept, or whose clock was
 * set forward, is followed. One that was set back is not: times in a log only grow.
 */
static void set_time(struct cli *cli, struct meters *meters)
{
    uint64_t now_ns = rapl_now_ns(meters->session);
    uint64_t counted_us = meters->time_us + (now_ns - meters->now_ns) / 1000;

    if (meters->follows_clock && cli->unix_us != NULL) {
        uint64_t clock_us = cli->unix_us(cli->context);

        if (clock_us > counted_us + CLOCK_STEP_US) {
            counted_us = clock_us;
        }
    }
    meters->time_us = counted_us;
    meters->now_ns = now_ns;
}

/* Since the first reading; of a domain that had none then, since the session opened. */
static void set_total(const struct meters *meters, const struct rapl_samples *latest,
                      uint32_t index)
{
    struct meter *meter = &meters->meter[index];
    struct rapl_difference total = {.size = sizeof(total)};

    meter->has_total = rapl_difference(meters->first, latest, index, &total) == RAPL_OK;
    if (!meter->has_total && meter->sample.status == RAPL_OK) {
        total.flags = meter->sample.flags;
        total.energy_ticks = meter->sample.energy_ticks;
        total.energy_uj = meter->sample.energy_uj;
        meter->has_total = true;
    }
    if (meter->has_total) {
        meter->seen = true;
        meter->total = total;
    }
}

int meters_open(struct cli *cli, struct meters *out)
{
    struct meters meters = {.number = 0};
    int code = cli_session_open(cli, &meters.session);
    int error;

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (!meters_alloc(&meters)) {
        cli_complain(cli, "out of memory.");
        meters_close(&meters);
        return EXIT_CODE_OS;
    }
    error = rapl_read(meters.session, meters.first);
    /* A counter that reads 0 so far may yet wake. */
    if (error != RAPL_OK && error != RAPL_ERROR_DEAD) {
        code = cli_session_complain_read(cli, meters.session, error);
        meters_close(&meters);
        return code;
    }
    meters.before = meters.first;
    meters.follows_clock = !cli_session_is_replay(meters.session);
    meters.now_ns = rapl_now_ns(meters.session);
    meters.first_ns = meters.now_ns;
    meters.time_us = cli->unix_us != NULL ? cli->unix_us(cli->context) : 0;
    meters.first_us = meters.time_us;
    refresh_info(&meters, meters.first);
    for (uint32_t i = 0; i < meters.count; i++) {
        set_total(&meters, meters.first, i);
    }
    *out = meters;
    return EXIT_CODE_OK;
}

int meters_try(struct cli *cli, struct meters *meters)
{
    struct rapl_samples *latest = meters->pair[meters->turn];
    const struct rapl_samples *before = meters->before;
    int error = rapl_read(meters->session, latest);

    refresh_info(meters, latest);
    set_time(cli, meters);
    for (uint32_t i = 0; i < meters->count; i++) {
        struct meter *meter = &meters->meter[i];

        meter->interval = (struct rapl_difference){.size = sizeof(meter->interval)};
        if (meter->status == RAPL_OK) {
            meter->status = rapl_difference(before, latest, i, &meter->interval);
        }
        set_total(meters, latest, i);
    }
    meters->number++;
    if (error == RAPL_OK) {
        meters->before = latest;
        meters->turn = 1 - meters->turn;
    }
    return error;
}

int meters_read(struct cli *cli, struct meters *meters)
{
    int error = meters_try(cli, meters);

    return error == RAPL_OK ? EXIT_CODE_OK : cli_session_complain_lost(cli, meters->session, error);
}

bool meters_sum(const struct meters *meters, struct meters_sum *out)
{
    struct meters_sum sum = {.packages = 0};

    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];

        if (meter->info.domain != RAPL_DOMAIN_PACKAGE) {
            continue;
        }
        if (meter->status != RAPL_OK || !meter->has_total) {
            return false;
        }
        sum.packages++;
        sum.energy_uj += meter->interval.energy_uj;
        sum.power_uw += meter->interval.power_uw;
        sum.total_uj += meter->total.energy_uj;
        sum.flags |= meter->interval.flags;
        sum.total_flags |= meter->total.flags;
    }
    *out = sum;
    return sum.packages != 0;
}

uint64_t meters_unix_us(const struct meters *meters, uint64_t time_ns)
{
    return time_ns <= meters->now_ns ? meters->time_us - (meters->now_ns - time_ns) / 1000
                                     : meters->time_us + (time_ns - meters->now_ns) / 1000;
}
