/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl watch`: a row a domain, renewed every interval, until Ctrl-C.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/meters.h"
#include "cli/screen.h"
#include "cli/table.h"

#define HISTORY 24u /* intervals of the history column */

struct request {
    uint64_t interval_ms;
    uint64_t duration_ms; /* 0: until Ctrl-C */
    uint32_t count;       /* 0: until Ctrl-C */
};

struct watch {
    const struct request *request;
    struct meters meters;
    struct screen screen;
    uint64_t (*history)[HISTORY]; /* watts of each domain in uW, the latest last */
    uint32_t filled;
};

enum { OPTION_INTERVAL = 1, OPTION_COUNT, OPTION_DURATION };

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_INTERVAL:
        return cli_take_duration(cli, "watch", "--interval", value, &request->interval_ms);
    case OPTION_DURATION:
        return cli_take_duration(cli, "watch", "--duration", value, &request->duration_ms);
    default: /* OPTION_COUNT */
        return cli_take_count(cli, "watch", "--count", value, 1000000000, &request->count);
    }
}

static const struct rapl_fraction micro = {1, 1000000};
static const struct rapl_fraction nano = {1, 1000000000};

static void keep_history(struct watch *watch)
{
    const struct meters *meters = &watch->meters;

    for (uint32_t i = 0; i < meters->count; i++) {
        const struct meter *meter = &meters->meter[i];
        uint64_t *row = watch->history[i];

        memmove(row, row + 1, (HISTORY - 1) * sizeof(*row));
        row[HISTORY - 1] = meter->status == RAPL_OK ? meter->interval.power_uw : 0;
    }
    watch->filled += watch->filled < HISTORY;
}

/* ---- On a terminal --------------------------------------------------------------------------- */

static void show_numbers(struct table *table, bool known, uint64_t power_uw, uint64_t total_uj)
{
    if (known) {
        text_decimal(&table->text, power_uw, micro, 3, false);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
    if (known) {
        text_decimal(&table->text, total_uj, micro, 3, false);
    } else {
        text_add(&table->text, "-");
    }
    table_end_cell(table);
}

static void show_row(struct table *table, const struct watch *watch, uint32_t index, bool history)
{
    const struct meter *meter = &watch->meters.meter[index];
    bool known = meter->status == RAPL_OK;

    meter_package(&table->text, meter);
    table_end_cell(table);
    meter_name(&table->text, meter);
    table_end_cell(table);
    show_numbers(table, known, meter->interval.power_uw, meter->total.energy_uj);
    if (history) {
        if (known) {
            screen_sparkline(&table->text, &watch->history[index][HISTORY - watch->filled],
                             watch->filled);
        }
        table_end_cell(table);
    }
    meter_note(&table->text, meter, meter->status,
               meter->total.flags | (meter->sample.flags & RAPL_FLAG_COARSE));
    table_end_cell(table);
}

static void show_sum(struct table *table, const struct meters *meters, bool history)
{
    struct meters_sum sum;

    if (!meters_sum(meters, &sum) || sum.packages < 2) {
        return;
    }
    table_cell(table, "all");
    table_cell(table, "package");
    show_numbers(table, true, sum.power_uw, sum.total_uj);
    if (history) {
        table_cell(table, "");
    }
    meter_sum_note(&table->text, sum.total_flags);
    table_end_cell(table);
}

static void draw(struct cli *cli, struct watch *watch)
{
    static const struct table_column plain[] = {
        {"PACKAGE", true}, {"DOMAIN", false}, {"WATTS", true}, {"JOULES", true}, {"NOTE", false}};
    static const struct table_column rich[] = {{"PACKAGE", true}, {"DOMAIN", false},
                                               {"WATTS", true},   {"JOULES", true},
                                               {"RECENT", false}, {"NOTE", false}};
    const struct meters *meters = &watch->meters;
    struct text block = {.data = NULL};
    struct table table;
    uint32_t columns;
    uint32_t lines;

    text_decimal(&block, meters->now_ns - meters->first_ns, nano, 1, false);
    text_add(&block, " s");
    cli_session_label(&block, meters->session);
    text_add(&block, "\n");
    table_begin(&table, cli->unicode ? rich : plain,
                cli->unicode ? COUNT_OF(rich) : COUNT_OF(plain));
    for (uint32_t i = 0; i < meters->count; i++) {
        show_row(&table, watch, i, cli->unicode);
    }
    show_sum(&table, meters, cli->unicode);
    table_end(&table, &block, "", cli->colour);
    text_add(&block, "Ctrl-C ends with a summary.\n");
    cli_size(cli, &columns, &lines);
    screen_draw(&watch->screen, &cli->out, text_string(&block), columns, lines);
    cli->out.failed |= block.failed;
    text_free(&block);
}

/* ---- Elsewhere ------------------------------------------------------------------------------- */

static void add_line(struct cli *cli, const struct meters *meters, const struct meter *meter)
{
    /* An interval's are in the total's, and the total stays a lower bound. */
    uint32_t flags = meter->total.flags & (RAPL_FLAG_RESET | RAPL_FLAG_GAP);

    time_text(&cli->out, meters->time_us);
    text_add(&cli->out, " ");
    meter_package(&cli->out, meter);
    text_add(&cli->out, " ");
    meter_name(&cli->out, meter);
    if (meter->status == RAPL_OK) {
        text_add(&cli->out, ": ");
        text_decimal(&cli->out, meter->interval.power_uw, micro, 3, false);
        text_add(&cli->out, " W, ");
        text_decimal(&cli->out, meter->total.energy_uj, micro, 3, false);
        text_add(&cli->out, " J");
    }
    if (meter->status != RAPL_OK || flags != 0) {
        text_add(&cli->out, meter->status == RAPL_OK ? ", " : ": ");
        meter_note(&cli->out, meter, meter->status, flags);
    }
    text_add(&cli->out, "\n");
}

static void add_lines(struct cli *cli, const struct meters *meters)
{
    if (meters->number == 1) {
        text_add(&cli->out, "# watts and joules since the start");
        cli_session_label(&cli->out, meters->session);
        text_add(&cli->out, "\n");
    }
    for (uint32_t i = 0; i < meters->count; i++) {
        add_line(cli, meters, &meters->meter[i]);
    }
}

/* ---- The verb -------------------------------------------------------------------------------- */

static void show(struct cli *cli, struct watch *watch)
{
    keep_history(watch);
    if (cli->common.json) {
        meters_json(&cli->out, &watch->meters, METERS_INTERVAL, watch->request->interval_ms);
    } else if (cli->terminal) {
        draw(cli, watch);
    } else {
        add_lines(cli, &watch->meters);
    }
}

static void show_summary(struct cli *cli, struct watch *watch)
{
    const struct meters *meters = &watch->meters;

    screen_end(&watch->screen, &cli->out);
    if (cli->common.json) {
        meters_json(&cli->out, meters, METERS_SUMMARY, watch->request->interval_ms);
        return;
    }
    text_add(&cli->out, cli->terminal ? "\n" : "# ");
    text_decimal(&cli->out, meters->now_ns - meters->first_ns, nano, 3, true);
    text_add(&cli->out, " s in all");
    cli_session_label(&cli->out, meters->session);
    text_add(&cli->out, "\n");
    meters_text(&cli->out, meters, METERS_SUMMARY, cli->colour);
}

static bool is_done(const struct watch *watch)
{
    const struct request *request = watch->request;
    uint32_t number = watch->meters.number;

    return (request->count != 0 && number >= request->count) ||
           (request->duration_ms != 0 && number != 0 &&
            (number + UINT64_C(1)) * request->interval_ms > request->duration_ms);
}

static int watch_on(struct cli *cli, struct watch *watch)
{
    uint64_t until_ns = watch->meters.first_ns;
    int code = EXIT_CODE_OK;

    while (!is_done(watch)) {
        bool waited;

        until_ns += watch->request->interval_ms * 1000000;
        waited = cli_session_wait(cli, watch->meters.session, until_ns);
        code = meters_read(cli, &watch->meters);
        if (code != EXIT_CODE_OK || !waited) {
            break;
        }
        show(cli, watch);
        if (!cli_flush(cli)) {
            return EXIT_CODE_IO;
        }
    }
    show_summary(cli, watch);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 1000};
    struct watch watch = {.request = &request};
    bool helped;
    int code = cli_parse(cli, &verb_watch, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = meters_open(cli, &watch.meters);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    watch.history = calloc((size_t)watch.meters.count + 1, sizeof(*watch.history));
    if (watch.history == NULL) {
        cli_complain(cli, "out of memory.");
        code = EXIT_CODE_OS;
    } else {
        code = watch_on(cli, &watch);
    }
    free(watch.history);
    meters_close(&watch.meters);
    return code;
}

static const struct option option_table[] = {
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL, "such as 500ms, 2s, 1m; default 1s"},
    {'n', "count", "COUNT", NULL, OPTION_COUNT, "end after so many intervals"},
    {'d', "duration", "DURATION", NULL, OPTION_DURATION, "end after this long"},
};

static const struct verb_example examples[] = {
    {"rapl watch", "watts of every domain, renewed every second, until Ctrl-C"},
    {"rapl watch -i 200ms --cores", "five times a second, with each core"},
    {"rapl watch -d 10m --json", "ten minutes, one JSON object a line, then a summary"},
};

const struct verb_syntax verb_watch = {
    .name = "watch",
    .summary = "a live view of every domain",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Shows watts over the last interval, joules since the start and, on a terminal with "
        "Unicode, the recent past. Ctrl-C ends with a summary. Where standard output is no "
        "terminal, plain lines are written instead, each interval at once.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_JSON | VERB_SOURCE | VERB_CORES,
    .take = take_option,
    .run = run,
};
