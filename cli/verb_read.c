/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl read`: energy and power of every domain over one or more intervals.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/cpu_id.h"
#include "lib/json.h"
#include "cli/session.h"
#include "cli/table.h"

struct request {
    uint64_t interval_ms;
    uint32_t count;
};

enum { OPTION_INTERVAL = 1, OPTION_COUNT };

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    return option == OPTION_INTERVAL
               ? cli_take_duration(cli, "read", "--interval", value, &request->interval_ms)
               : cli_take_count(cli, "read", "--count", value, 1000000000, &request->count);
}

static const struct rapl_fraction micro = {1, 1000000};
static const struct rapl_fraction milli = {1, 1000};
static const struct rapl_fraction per_100ns = {1, 10000000};

/* One interval: its number and every counter that gained something to show. */
struct interval {
    uint32_t number;
    uint32_t count;
    const struct rapl_meter **meters;
    struct rapl_meter_sample *samples;
};

static bool interval_alloc(struct interval *interval, uint32_t most)
{
    *interval = (struct interval){
        .meters = calloc(most, sizeof(*interval->meters)),
        .samples = calloc(most, sizeof(*interval->samples)),
    };
    return interval->meters != NULL && interval->samples != NULL;
}

static void interval_free(struct interval *interval)
{
    free(interval->meters);
    free(interval->samples);
}

static void interval_take(struct interval *interval, struct rapl_sampler *sampler)
{
    interval->number++;
    interval->count = 0;
    for (uint32_t i = 0; i < sampler->meter_count; i++) {
        interval->meters[interval->count] = &sampler->meters[i];
        if (rapl_meter_take(&sampler->meters[i], &interval->samples[interval->count])) {
            interval->count++;
        }
    }
}

static void show_row(struct table *table, const struct rapl_meter *meter,
                     const struct rapl_meter_sample *sample)
{
    text_printf(&table->text, "%" PRIu32, meter->package);
    table_end_cell(table);
    text_add(&table->text, rapl_domain_name(meter->domain));
    if (meter->core != RAPL_METER_NO_CORE) {
        text_printf(&table->text, " %" PRIu32, meter->core);
    }
    table_end_cell(table);
    text_printf(&table->text, "0x%08" PRIX32, sample->raw);
    table_end_cell(table);
    text_decimal(&table->text, sample->energy_uj, micro, 6, false);
    table_end_cell(table);
    text_decimal(&table->text, sample->power_uw, micro, 3, false);
    table_end_cell(table);
}

static void show_text(struct cli *cli, const struct rapl_source *source,
                      const struct request *request, const struct interval *interval)
{
    static const struct table_column columns[] = {
        {"PACKAGE", true}, {"DOMAIN", false}, {"RAW", true}, {"JOULES", true}, {"WATTS", true}};
    struct table table;

    text_printf(&cli->out, "%sinterval %" PRIu32 " of %" PRIu32 ", ",
                interval->number > 1 ? "\n" : "", interval->number, request->count);
    text_decimal(&cli->out, request->interval_ms, milli, 3, true);
    text_add(&cli->out, " s");
    session_label(&cli->out, source);
    text_add(&cli->out, "\n");
    table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t i = 0; i < interval->count; i++) {
        show_row(&table, interval->meters[i], &interval->samples[i]);
    }
    table_end(&table, &cli->out, "", cli->colour);
}

static void reading_json(struct json *json, const struct rapl_meter *meter,
                         const struct rapl_meter_sample *sample)
{
    json_begin_object(json, NULL);
    json_unsigned(json, "package", meter->package);
    json_string(json, "domain", rapl_domain_name(meter->domain));
    if (meter->core != RAPL_METER_NO_CORE) {
        json_unsigned(json, "core", meter->core);
    }
    json_unsigned(json, "processor", meter->processor);
    json_hex(json, "msr", meter->reg->msr);
    json_unsigned(json, "raw", sample->raw);
    json_decimal(json, "elapsed_s", sample->elapsed_100ns, per_100ns, 7);
    json_decimal(json, "energy_j", sample->energy_uj, micro, 6);
    json_decimal(json, "total_j", sample->total_uj, micro, 6);
    json_decimal(json, "power_w", sample->power_uw, micro, 6);
    json_unsigned(json, "wraps", sample->wraps);
    json_bool(json, "lower_bound", sample->breaks != 0);
    json_end_object(json);
}

static void show_json(struct cli *cli, const struct rapl_source *source,
                      const struct request *request, const struct interval *interval)
{
    struct json json = {.out = &cli->out};
    char id[CPU_ID_SIZE];

    cpu_id_format(&source->host.cpu, id);
    json_begin_object(&json, NULL);
    session_json(&json, source);
    json_string(&json, "cpu", id);
    json_unsigned(&json, "interval", interval->number);
    json_decimal(&json, "interval_s", request->interval_ms, milli, 3);
    json_begin_array(&json, "readings");
    for (uint32_t i = 0; i < interval->count; i++) {
        reading_json(&json, interval->meters[i], &interval->samples[i]);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}

/* Energy that was lost is said, never guessed. */
static void complain_breaks(struct cli *cli, const struct interval *interval)
{
    for (uint32_t i = 0; i < interval->count; i++) {
        if (interval->samples[i].breaks != 0) {
            cli_complain(cli,
                         "interval %" PRIu32 ", package %" PRIu32 ", %s: the counter was reset or "
                         "not readable for too long; the joules shown are a lower bound.",
                         interval->number, interval->meters[i]->package,
                         rapl_domain_name(interval->meters[i]->domain));
        }
    }
}

static int run_intervals(struct cli *cli, const struct rapl_source *source,
                         const struct request *request, struct rapl_sampler *sampler,
                         struct interval *interval)
{
    uint64_t interval_100ns = request->interval_ms * 10000;
    uint64_t until_100ns = source->clock.now_100ns(source->clock.context);
    int code = session_check_meters(cli, sampler, true);

    while (code == EXIT_CODE_OK && interval->number < request->count) {
        until_100ns += interval_100ns;
        rapl_sampler_wait(sampler, &source->clock, until_100ns);
        rapl_sampler_read(sampler);
        code = session_check_meters(cli, sampler, false);
        if (code != EXIT_CODE_OK) {
            return code;
        }
        interval_take(interval, sampler);
        if (cli->common.json) {
            show_json(cli, source, request, interval);
        } else {
            show_text(cli, source, request, interval);
        }
        complain_breaks(cli, interval);
        if (!cli_flush(cli)) {
            return EXIT_CODE_IO;
        }
    }
    return code;
}

static int read_source(struct cli *cli, const struct rapl_source *source,
                       const struct request *request)
{
    struct rapl_sampler sampler;
    struct interval interval;
    int code = session_check(cli, source);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (!rapl_sampler_open(&source->host, &source->device, source->speed, &sampler)) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    if (interval_alloc(&interval, sampler.meter_count + 1)) {
        code = run_intervals(cli, source, request, &sampler, &interval);
    } else {
        code = EXIT_CODE_OS;
    }
    interval_free(&interval);
    rapl_sampler_close(&sampler);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 1000, .count = 1};
    struct rapl_source source;
    bool helped;
    int code = cli_parse(cli, &verb_read, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = session_open(cli, &source);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = read_source(cli, &source, &request);
    cli->source_close(&source);
    return code;
}

static const struct option option_table[] = {
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL, "such as 500ms, 2s, 1m; default 1s"},
    {'n', "count", "COUNT", NULL, OPTION_COUNT, "how many intervals; default 1"},
};

static const struct verb_example examples[] = {
    {"rapl read", "joules and watts of every domain over one second"},
    {"rapl read -i 500ms -n 5", "five times half a second"},
    {"rapl read -i 1m -n 60 --json", "an hour, one JSON object a line, a minute each"},
};

const struct verb_syntax verb_read = {
    .name = "read",
    .summary = "energy and power of every domain",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description = "Domains that cannot be read are left out: `rapl info` says why. Every line is "
                   "energy over the interval, and energy over time; counters that wrap are "
                   "followed.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_JSON | VERB_SOURCE,
    .take = take_option,
    .run = run,
};
