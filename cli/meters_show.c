/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings as text and JSON.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/meters.h"
#include "cli/table.h"

#define LOWER_BOUND (RAPL_FLAG_RESET | RAPL_FLAG_GAP)

static const struct rapl_fraction micro = {1, 1000000};
static const struct rapl_fraction milli = {1, 1000};
static const struct rapl_fraction nano = {1, 1000000000};

void time_text(struct text *out, uint64_t unix_us)
{
    /* Days to a date without the C library, whose gmtime is not the same everywhere: 400 years
     * have 146097 days, counted from 1 March 0000. */
    uint64_t seconds = unix_us / 1000000;
    uint64_t day = seconds / 86400 + 719468;
    uint64_t era = day / 146097;
    uint64_t of_era = day % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t shifted = (5 * of_year + 2) / 153;
    uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;

    text_printf(out,
                "%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64 "T%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
                ".%06" PRIu64 "Z",
                era * 400 + year + (month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1,
                seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, unix_us % 1000000);
}

void meter_name(struct text *out, const struct meter *meter)
{
    text_add(out, meter->info.name);
    if (meter->info.core != RAPL_NONE) {
        text_printf(out, " %" PRIu32, meter->info.core);
    }
}

void meter_package(struct text *out, const struct meter *meter)
{
    if (meter->info.package == RAPL_NONE) {
        text_add(out, "-");
    } else {
        text_printf(out, "%" PRIu32, meter->info.package);
    }
}

void meter_note(struct text *out, const struct meter *meter, int32_t status, uint32_t flags)
{
    if (status != RAPL_OK) {
        text_add(out, status == RAPL_ERROR_DEAD ? "reads 0: not wired here, or asleep"
                                                : rapl_error_message(status));
        if (meter->system_error != 0) {
            text_printf(out, " (system error %" PRIu32 ")", meter->system_error);
        }
        return;
    }
    if ((flags & RAPL_FLAG_RESET) != 0) {
        text_add(out, "lower bound: the counter began anew");
    } else if ((flags & RAPL_FLAG_GAP) != 0) {
        text_add(out, "lower bound: not read for too long");
    } else if ((flags & RAPL_FLAG_COARSE) != 0) {
        text_add(out, "coarse");
    }
}

void meter_sum_note(struct text *out, uint32_t flags)
{
    if ((flags & LOWER_BOUND) != 0) {
        text_add(out, "lower bound: see its packages");
    }
}

/* The counter itself: not given to coarse callers, who get 0. */
static bool has_raw(const struct meter *meter)
{
    return meter->sample.status == RAPL_OK &&
           (meter->sample.raw != 0 || (meter->sample.flags & RAPL_FLAG_COARSE) == 0);
}

static bool has_unit(const struct meter *meter)
{
    return meter->info.unit_numerator != 0 && meter->info.unit_denominator != 0;
}

static struct rapl_fraction unit_of(const struct meter *meter)
{
    return (struct rapl_fraction){meter->info.unit_numerator, meter->info.unit_denominator};
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* What a row shows: of the interval, or since the first reading. */
static const struct rapl_difference *shown(const struct meter *meter, enum meters_kind kind)
{
    if (kind == METERS_SUMMARY) {
        return meter->seen ? &meter->total : NULL; /* what is gone now did count until then */
    }
    return meter->status == RAPL_OK ? &meter->interval : NULL;
}

/* The total is up to a reading before the last one, which failed. */
static bool is_cut(const struct meter *meter, enum meters_kind kind)
{
    return kind == METERS_SUMMARY && meter->seen && !meter->has_total;
}

static void end_note(struct table *table, const struct meter *meter,
                     const struct rapl_difference *difference, enum meters_kind kind)
{
    if (is_cut(meter, kind)) {
        text_add(&table->text, "lower bound, until: ");
        meter_note(&table->text, meter, meter->status, 0);
    } else if (difference != NULL) {
        meter_note(&table->text, meter, RAPL_OK,
                   difference->flags | (meter->sample.flags & RAPL_FLAG_COARSE));
    } else {
        meter_note(&table->text, meter, meter->status, 0);
    }
    table_end_cell(table);
}

static void snapshot_cells(struct table *table, const struct meter *meter)
{
    bool raw = has_raw(meter);

    if (raw) {
        text_printf(&table->text, "%" PRIu64, meter->sample.raw);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
    if (raw && has_unit(meter)) {
        text_decimal(&table->text, meter->sample.raw, unit_of(meter), 6, false);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
    meter_note(&table->text, meter, meter->sample.status,
               meter->sample.flags & ~(RAPL_FLAG_GAP | RAPL_FLAG_RESET));
    table_end_cell(table);
}

static void difference_cells(struct table *table, const struct meter *meter, enum meters_kind kind)
{
    const struct rapl_difference *difference = shown(meter, kind);

    if (difference != NULL) {
        text_decimal(&table->text, difference->energy_uj, micro, 6, false);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
    if (difference != NULL && difference->duration_ns != 0) {
        text_decimal(&table->text, difference->power_uw, micro, 3, false);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
    end_note(table, meter, difference, kind);
}

static void sum_row(struct table *table, const struct meters *meters, enum meters_kind kind)
{
    struct meters_sum sum;
    uint64_t duration_us = meters->time_us - meters->first_us;

    if (kind == METERS_SNAPSHOT || !meters_sum(meters, &sum) || sum.packages < 2) {
        return;
    }
    table_cell(table, "all");
    table_cell(table, "package");
    text_decimal(&table->text, kind == METERS_SUMMARY ? sum.total_uj : sum.energy_uj, micro, 6,
                 false);
    table_end_cell(table);
    if (kind == METERS_SUMMARY && duration_us == 0) {
        text_add(&table->text, "-");
    } else if (kind == METERS_SUMMARY) {
        /* uJ over us is W; by parts, so that a year at a kilowatt fits. */
        text_decimal(&table->text,
                     sum.total_uj / duration_us * 1000 +
                         sum.total_uj % duration_us * 1000 / duration_us,
                     milli, 3, false);
    } else {
        text_decimal(&table->text, sum.power_uw, micro, 3, false);
    }
    table_end_cell(table);
    meter_sum_note(&table->text, kind == METERS_SUMMARY ? sum.total_flags : sum.flags);
    table_end_cell(table);
}

void meters_text(struct text *out, const struct meters *meters, enum meters_kind kind, bool colour)
{
    static const struct table_column snapshot[] = {
        {"PACKAGE", true}, {"DOMAIN", false}, {"COUNTER", true}, {"JOULES", true}, {"NOTE", false}};
    static const struct table_column interval[] = {
        {"PACKAGE", true}, {"DOMAIN", false}, {"JOULES", true}, {"WATTS", true}, {"NOTE", false}};
    struct table table;

    table_begin(&table, kind == METERS_SNAPSHOT ? snapshot : interval, COUNT_OF(interval));
    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];

        meter_package(&table.text, meter);
        table_end_cell(&table);
        meter_name(&table.text, meter);
        table_end_cell(&table);
        if (kind == METERS_SNAPSHOT) {
            snapshot_cells(&table, meter);
        } else {
            difference_cells(&table, meter, kind);
        }
    }
    sum_row(&table, meters, kind);
    table_end(&table, out, "", colour);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void identity_json(struct json *json, const struct meters *meters, const struct meter *meter)
{
    json_string(json, "source", cli_session_source(meters->session, meter->info.source).name);
    cli_index_json(json, "package", meter->info.package);
    json_string(json, "domain",
                meter->info.domain == RAPL_DOMAIN_METER ? "meter" : meter->info.name);
    cli_index_json(json, "core", meter->info.core);
    json_string(json, "label", meter->info.label[0] != '\0' ? meter->info.label : meter->info.name);
}

static void status_json(struct json *json, const struct meter *meter, int32_t status)
{
    char name[CLI_STATUS_SIZE];
    struct text reason = {.data = NULL};

    cli_session_status(status, name);
    meter_note(&reason, meter, status, 0);
    json_string(json, "status", name);
    json_string(json, "reason", reason.size != 0 ? text_string(&reason) : NULL);
    json->out->failed |= reason.failed;
    text_free(&reason);
}

static void decimal_or_null(struct json *json, const char *key, bool known, uint64_t value,
                            struct rapl_fraction scale, uint32_t digits)
{
    if (known) {
        json_decimal(json, key, value, scale, digits);
    } else {
        json_null(json, key);
    }
}

static void meter_json(struct json *json, const struct meters *meters, const struct meter *meter,
                       enum meters_kind kind)
{
    const struct rapl_difference *difference = kind == METERS_SNAPSHOT ? NULL : shown(meter, kind);
    bool timed = difference != NULL && difference->duration_ns != 0;
    uint32_t flags = difference != NULL ? difference->flags : 0;
    int32_t status = kind == METERS_SNAPSHOT ? meter->sample.status : meter->status;
    char raw[24];

    if (difference != NULL && !is_cut(meter, kind)) {
        status = RAPL_OK;
    }
    json_begin_object(json, NULL);
    identity_json(json, meters, meter);
    status_json(json, meter, status);
    /* A string: 64 bits do not survive as a JSON number. */
    snprintf(raw, sizeof(raw), "%" PRIu64, meter->sample.raw);
    json_string(json, "raw", has_raw(meter) ? raw : NULL);
    decimal_or_null(json, "counter_j", has_raw(meter) && has_unit(meter), meter->sample.raw,
                    unit_of(meter), 6);
    decimal_or_null(json, "elapsed_s", timed, timed ? difference->duration_ns : 0, nano, 9);
    decimal_or_null(json, "energy_j", difference != NULL,
                    difference != NULL ? difference->energy_uj : 0, micro, 6);
    decimal_or_null(json, "power_w", timed, timed ? difference->power_uw : 0, micro, 6);
    decimal_or_null(json, "total_j",
                    kind != METERS_SNAPSHOT && (meter->has_total || is_cut(meter, kind)),
                    meter->total.energy_uj, micro, 6);
    json_bool(json, "coarse", (meter->sample.flags & RAPL_FLAG_COARSE) != 0);
    json_bool(json, "lower_bound", (flags & LOWER_BOUND) != 0 || is_cut(meter, kind));
    json_end_object(json);
}

static void sum_json(struct json *json, const struct meters *meters, enum meters_kind kind)
{
    struct meters_sum sum;

    if (kind == METERS_SNAPSHOT || !meters_sum(meters, &sum)) {
        json_null(json, "packages");
        return;
    }
    json_begin_object(json, "packages");
    json_unsigned(json, "count", sum.packages);
    json_decimal(json, "energy_j", kind == METERS_SUMMARY ? sum.total_uj : sum.energy_uj, micro, 6);
    decimal_or_null(json, "power_w", kind == METERS_INTERVAL, sum.power_uw, micro, 6);
    json_decimal(json, "total_j", sum.total_uj, micro, 6);
    json_bool(json, "lower_bound",
              ((kind == METERS_SUMMARY ? sum.total_flags : sum.flags) & LOWER_BOUND) != 0);
    json_end_object(json);
}

void meters_json(struct text *out, const struct meters *meters, enum meters_kind kind,
                 uint64_t interval_ms)
{
    static const char *const kinds[] = {"snapshot", "interval", "summary"};
    struct json json = {.out = out};
    struct text now = {.data = NULL};

    time_text(&now, meters->time_us);
    json_begin_object(&json, NULL);
    json_string(&json, "kind", kinds[kind]);
    json_string(&json, "time", text_string(&now));
    json_decimal(&json, "elapsed_s", meters->now_ns - meters->first_ns, nano, 9);
    json_unsigned(&json, "interval", meters->number);
    decimal_or_null(&json, "interval_s", interval_ms != 0, interval_ms, milli, 3);
    cli_session_json(&json, meters->session);
    json_begin_array(&json, "domains");
    for (uint32_t i = 0; i < meters->count; i++) {
        meter_json(&json, meters, &meters->meter[i], kind);
    }
    json_end_array(&json);
    sum_json(&json, meters, kind);
    json_end_object(&json);
    json_end_document(&json);
    out->failed |= now.failed;
    text_free(&now);
}
