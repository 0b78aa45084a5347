/* SPDX-License-Identifier: Apache-2.0
 *
 * The formats of other tools.
 */
#include "cli/harness.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/this_cpu.h"

static const struct rapl_fraction micro = {1, 1000000};

/* What all packages' domains of that kind gained. False: none, or one has no reading. */
static bool sum_of(const struct meters *meters, uint32_t domain, bool total, uint64_t *energy_uj,
                   uint64_t *time_ns)
{
    uint64_t sum_uj = 0;
    bool found = false;

    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];

        if (meter->info.domain != domain) {
            continue;
        }
        if (meter->status != RAPL_OK || (total && !meter->has_total)) {
            /* A dead counter beside one that counts is no part of the sum. */
            if (meter->status == RAPL_ERROR_DEAD) {
                continue;
            }
            return false;
        }
        sum_uj += total ? meter->total.energy_uj : meter->interval.energy_uj;
        *time_ns = meter->sample.time_ns;
        found = true;
    }
    *energy_uj = sum_uj;
    return found;
}

/* ---- Green Metrics Tool ---------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t domain;
} gmt_domains[GMT_DOMAINS] = {
    {"cpu_package", RAPL_DOMAIN_PACKAGE}, {"cpu_cores", RAPL_DOMAIN_PP0},
    {"cpu_gpu", RAPL_DOMAIN_PP1},         {"dram", RAPL_DOMAIN_DRAM},
    {"psys", RAPL_DOMAIN_PSYS},
};

const char *gmt_name(uint32_t index)
{
    return index < GMT_DOMAINS ? gmt_domains[index].name : NULL;
}

void gmt_row(struct text *out, const struct meters *meters, struct gmt *gmt)
{
    for (uint32_t i = 0; i < GMT_DOMAINS; i++) {
        uint64_t total_uj;
        uint64_t time_ns;
        uint64_t time_us;

        if ((gmt->excluded & 1u << i) != 0 ||
            !sum_of(meters, gmt_domains[i].domain, true, &total_uj, &time_ns) ||
            total_uj < gmt->written_uj[i] + 2) {
            continue;
        }
        time_us = meters_unix_us(meters, time_ns);
        gmt->time_us = time_us > gmt->time_us ? time_us : gmt->time_us + 1;
        text_printf(out, "%" PRIu64 " %" PRIu64 " %s\n", gmt->time_us,
                    total_uj - gmt->written_uj[i], gmt_domains[i].name);
        gmt->written_uj[i] = total_uj;
    }
}

/* ---- JoularJX -------------------------------------------------------------------------------- */

void joularjx_row(struct text *out, const struct meters *meters)
{
    uint64_t energy_uj;
    uint64_t dram_uj;
    uint64_t time_ns;

    if (!sum_of(meters, RAPL_DOMAIN_PSYS, false, &energy_uj, &time_ns)) {
        if (!sum_of(meters, RAPL_DOMAIN_PACKAGE, false, &energy_uj, &time_ns)) {
            return;
        }
        if (sum_of(meters, RAPL_DOMAIN_DRAM, false, &dram_uj, &time_ns)) {
            energy_uj += dram_uj;
        }
    }
    text_decimal(out, energy_uj, micro, 3, false);
    text_add(out, "\n");
}

/* ---- EnergiBridge ---------------------------------------------------------------------------- */

struct column {
    char name[32];
    uint64_t energy_uj;
};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct column *)left)->name, ((const struct column *)right)->name);
}

/* A domain that never had a reading has no column; one that has none now keeps its last value. */
static void add_column(struct column *columns, uint32_t *count, const struct meters *meters,
                       uint32_t domain, const char *name)
{
    bool found = false;
    uint64_t sum_uj = 0;

    for (uint32_t i = 0; i < meters->count; i++) {
        if (meters->meter[i].info.domain == domain && meters->meter[i].seen) {
            sum_uj += meters->meter[i].total.energy_uj;
            found = true;
        }
    }
    if (found) {
        snprintf(columns[*count].name, sizeof(columns[*count].name), "%s", name);
        columns[(*count)++].energy_uj = sum_uj;
    }
}

static void add_cores(struct column *columns, uint32_t *count, const struct meters *meters)
{
    uint32_t number = 0;

    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];

        if (meter->info.domain != RAPL_DOMAIN_CORE) {
            continue;
        }
        if (meter->seen) {
            snprintf(columns[*count].name, sizeof(columns[*count].name),
                     "CORE%" PRIu32 "_ENERGY (J)", number);
            columns[(*count)++].energy_uj = meter->total.energy_uj;
        }
        number++;
    }
}

/* The columns in EnergiBridge's names and order; calloc'ed, NULL without memory. */
static struct column *make_columns(const struct meters *meters, uint32_t *count)
{
    struct column *columns = calloc((size_t)meters->count + 5, sizeof(*columns));
    struct rapl_cpu cpu;

    *count = 0;
    if (columns == NULL) {
        return NULL;
    }
    this_cpu_of(meters->session, &cpu);
    if (cpu.vendor == RAPL_VENDOR_AMD || cpu.vendor == RAPL_VENDOR_HYGON) {
        add_column(columns, count, meters, RAPL_DOMAIN_PACKAGE, "CPU_ENERGY (J)");
        add_cores(columns, count, meters);
    } else {
        add_column(columns, count, meters, RAPL_DOMAIN_DRAM, "DRAM_ENERGY (J)");
        add_column(columns, count, meters, RAPL_DOMAIN_PACKAGE, "PACKAGE_ENERGY (J)");
        add_column(columns, count, meters, RAPL_DOMAIN_PP0, "PP0_ENERGY (J)");
        add_column(columns, count, meters, RAPL_DOMAIN_PP1, "PP1_ENERGY (J)");
    }
    qsort(columns, *count, sizeof(*columns), by_name);
    return columns;
}

void energibridge_begin(struct text *out, const struct meters *meters)
{
    uint32_t count;
    struct column *columns = make_columns(meters, &count);

    out->failed |= columns == NULL;
    text_add(out, "Delta,Time");
    for (uint32_t i = 0; i < count; i++) {
        text_printf(out, ",%s", columns[i].name);
    }
    text_add(out, "\n");
    free(columns);
}

void energibridge_row(struct text *out, const struct meters *meters, struct energibridge *state)
{
    uint32_t count;
    struct column *columns = make_columns(meters, &count);
    uint64_t delta_us = state->time_us != 0 ? meters->time_us - state->time_us : 0;

    out->failed |= columns == NULL;
    text_printf(out, "%" PRIu64 ",%" PRIu64, delta_us / 1000, meters->time_us / 1000);
    for (uint32_t i = 0; i < count; i++) {
        text_add(out, ",");
        text_decimal(out, columns[i].energy_uj, micro, 6, true);
    }
    text_add(out, "\n");
    free(columns);
    state->time_us = meters->time_us;
}
