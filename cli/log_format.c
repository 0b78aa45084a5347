/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of formats, and this project's own.
 */
#include "cli/log_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct rapl_fraction micro = {1, 1000000};
static const struct rapl_fraction nano = {1, 1000000000};

/* ---- CSV: a row an interval, two columns a domain -------------------------------------------- */

/* "package0.core3", "meter.NAME": without what CSV would have to quote. */
static void csv_name(struct text *out, const struct meter *meter)
{
    if (meter->info.package != RAPL_NONE) {
        text_printf(out, "package%" PRIu32 ".", meter->info.package);
    } else if (meter->info.domain == RAPL_DOMAIN_METER) {
        text_add(out, "meter.");
    }
    for (const char *at = meter->info.name; *at != '\0'; at++) {
        text_add_bytes(out, strchr(",\"\r\n ", *at) != NULL ? "_" : at, 1);
    }
    if (meter->info.core != RAPL_NONE) {
        text_printf(out, "%" PRIu32, meter->info.core);
    }
}

static void csv_begin(struct text *out, const struct meters *meters)
{
    text_add(out, "time,elapsed_s,source,simulated");
    for (uint32_t i = 0; i < meters->count; i++) {
        text_add(out, ",");
        csv_name(out, &meters->meter[i]);
        text_add(out, "_j,");
        csv_name(out, &meters->meter[i]);
        text_add(out, "_w");
    }
    text_add(out, ",notes\n");
}

static void csv_sources(struct text *out, struct rapl_session *session)
{
    bool first = true;

    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info;

        if (cli_session_serves(session, i, &info)) {
            text_printf(out, "%s%s", first ? "" : "+", info.name);
            first = false;
        }
    }
}

/* Why cells are empty, and which numbers are lower bounds: "package0.pp0=dead". */
static void csv_notes(struct text *out, const struct meters *meters)
{
    const char *separator = ",";

    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];
        char status[CLI_STATUS_SIZE] = "lower-bound";

        if (meter->status != RAPL_OK) {
            cli_session_status(meter->status, status);
        } else if ((meter->interval.flags & (RAPL_FLAG_RESET | RAPL_FLAG_GAP)) == 0) {
            continue;
        }
        text_add(out, separator);
        csv_name(out, meter);
        text_printf(out, "=%s", status);
        separator = " ";
    }
    text_add(out, separator[0] == ',' ? ",\n" : "\n");
}

static void csv_row(struct text *out, const struct meters *meters, struct log_state *state)
{
    (void)state;
    time_text(out, meters->time_us);
    text_add(out, ",");
    text_decimal(out, meters->now_ns - meters->first_ns, nano, 6, false);
    text_add(out, ",");
    csv_sources(out, meters->session);
    text_add(out, cli_session_has_flag(meters->session, RAPL_FLAG_SIMULATED) ? ",true" : ",false");
    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];

        text_add(out, ",");
        if (meter->status == RAPL_OK) {
            text_decimal(out, meter->interval.energy_uj, micro, 6, false);
        }
        text_add(out, ",");
        if (meter->status == RAPL_OK && meter->interval.duration_ns != 0) {
            text_decimal(out, meter->interval.power_uw, micro, 6, false);
        }
    }
    csv_notes(out, meters);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void ndjson_row(struct text *out, const struct meters *meters, struct log_state *state)
{
    meters_json(out, meters, METERS_INTERVAL, state->interval_ms);
}

/* Commas stand before an element, so that a file that was cut off lacks nothing but its end. */
static void json_row(struct text *out, const struct meters *meters, struct log_state *state)
{
    meters_json(out, meters, METERS_INTERVAL, state->interval_ms);
    if (!out->failed) {
        out->size--; /* the newline */
    }
}

/* ---- Other tools' ---------------------------------------------------------------------------- */

static void gmt_log_row(struct text *out, const struct meters *meters, struct log_state *state)
{
    gmt_row(out, meters, &state->gmt);
}

static void joularjx_log_row(struct text *out, const struct meters *meters, struct log_state *state)
{
    (void)state;
    joularjx_row(out, meters);
}

static void energibridge_log_row(struct text *out, const struct meters *meters,
                                 struct log_state *state)
{
    energibridge_row(out, meters, &state->energibridge);
}

#define NOTHING_BETWEEN .first = "", .between = "", .end = ""

static const struct log_format formats[] = {
    {.name = "csv", .says_simulated = true, .begin = csv_begin, .row = csv_row, NOTHING_BETWEEN},
    {.name = "ndjson", .says_simulated = true, .row = ndjson_row, NOTHING_BETWEEN},
    {.name = "json",
     .says_simulated = true,
     .row = json_row,
     .first = "[\n",
     .between = ",\n",
     .end = "\n]\n"},
    {.name = "gmt", .row = gmt_log_row, NOTHING_BETWEEN},
    {.name = "joularjx", .row = joularjx_log_row, NOTHING_BETWEEN},
    {.name = "energibridge",
     .starts_at_once = true,
     .begin = energibridge_begin,
     .row = energibridge_log_row,
     NOTHING_BETWEEN},
};

const struct log_format *log_format_named(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

int log_format_check(struct cli *cli, struct rapl_session *session, const char *format)
{
    const char *allowed = getenv("RAPL_SIMULATED");

    if (!cli_session_has_flag(session, RAPL_FLAG_SIMULATED) ||
        (allowed != NULL && strcmp(allowed, "1") == 0)) {
        return EXIT_CODE_OK;
    }
    cli_complain(cli,
                 "the numbers are simulated, and the format %s has no room to say so: nothing is "
                 "written.",
                 format);
    text_add(&cli->err, "If that is meant, set RAPL_SIMULATED=1 in the environment.\n");
    return EXIT_CODE_CONFIG;
}
