/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl read`: every counter once, or energy and power over one or more intervals.
 */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/meters.h"

struct request {
    uint64_t interval_ms; /* 0: a snapshot */
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

static void show_snapshot(struct cli *cli, const struct meters *meters)
{
    if (cli->common.json) {
        meters_json(&cli->out, meters, METERS_SNAPSHOT, 0);
        return;
    }
    text_add(&cli->out, "counters at ");
    time_text(&cli->out, meters->time_us);
    cli_session_label(&cli->out, meters->session);
    text_add(&cli->out, "\n");
    meters_text(&cli->out, meters, METERS_SNAPSHOT, cli->colour);
}

static void show_interval(struct cli *cli, const struct meters *meters,
                          const struct request *request)
{
    static const struct rapl_fraction milli = {1, 1000};

    if (cli->common.json) {
        meters_json(&cli->out, meters, METERS_INTERVAL, request->interval_ms);
        return;
    }
    text_printf(&cli->out, "%sinterval %" PRIu32 " of %" PRIu32 ", ",
                meters->number > 1 ? "\n" : "", meters->number, request->count);
    text_decimal(&cli->out, request->interval_ms, milli, 3, true);
    text_add(&cli->out, " s");
    cli_session_label(&cli->out, meters->session);
    text_add(&cli->out, "\n");
    meters_text(&cli->out, meters, METERS_INTERVAL, cli->colour);
}

static int show_intervals(struct cli *cli, struct meters *meters, const struct request *request)
{
    uint64_t until_ns = meters->first_ns;
    int code = EXIT_CODE_OK;

    while (code == EXIT_CODE_OK && meters->number < request->count) {
        until_ns += request->interval_ms * 1000000;
        if (!cli_session_wait(cli, meters->session, until_ns)) {
            break;
        }
        code = meters_read(cli, meters);
        if (code == EXIT_CODE_OK) {
            show_interval(cli, meters, request);
            code = cli_flush(cli) ? EXIT_CODE_OK : EXIT_CODE_IO;
        }
    }
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 0, .count = 0};
    struct meters meters;
    bool helped;
    int code = cli_parse(cli, &verb_read, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    if (request.count != 0 && request.interval_ms == 0) {
        request.interval_ms = 1000;
    }
    request.count = request.count == 0 ? 1 : request.count;
    code = meters_open(cli, &meters);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    if (request.interval_ms == 0) {
        show_snapshot(cli, &meters);
    } else {
        code = show_intervals(cli, &meters, &request);
    }
    meters_close(&meters);
    return code;
}

static const struct option option_table[] = {
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL,
     "joules and watts over this long, such as 500ms, 2s, 1m; without it, the counters as they "
     "are"},
    {'n', "count", "COUNT", NULL, OPTION_COUNT, "how many intervals; default 1 (of 1s without -i)"},
};

static const struct verb_example examples[] = {
    {"rapl read -i 1s", "joules and watts of every domain over one second"},
    {"rapl read -i 500ms -n 5", "five times half a second"},
    {"rapl read", "every counter as it is now"},
    {"rapl read -i 1m -n 60 --json", "an hour, one JSON object a line, a minute each"},
};

const struct verb_syntax verb_read = {
    .name = "read",
    .summary = "energy and power of every domain",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Each domain has a line; one that cannot be read says why and is never shown as 0. Watts "
        "are joules over the time between that domain's own two readings. Counters that wrap are "
        "followed; where energy may be missing, the line says it is a lower bound. The line "
        "\"all\" is the sum of the packages and of nothing else: pp0 and pp1 are parts of their "
        "package.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_JSON | VERB_SOURCE | VERB_CORES,
    .take = take_option,
    .run = run,
};
