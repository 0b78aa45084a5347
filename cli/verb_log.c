/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl log`: a row every interval, to a file or to standard output.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/log_format.h"
#include "cli/meters.h"
#include "cli/output.h"

/* So many readings of a source may fail in a row; then it is gone. */
#define FAILURES_MAX 5u

struct request {
    uint64_t interval_ms;
    uint64_t duration_ms; /* 0: until Ctrl-C */
    uint32_t count;       /* 0: until Ctrl-C */
    const struct log_format *format;
    struct output_options output;
};

enum {
    OPTION_INTERVAL = 1,
    OPTION_DURATION,
    OPTION_COUNT,
    OPTION_OUTPUT,
    OPTION_FORMAT,
    OPTION_ROTATE,
    OPTION_OVERWRITE,
};

static int take_rotate(struct cli *cli, struct request *request, const char *value)
{
    uint64_t duration_ms;

    request->output.row = true;
    request->output.size_most = 0;
    request->output.time_most_ns = 0;
    if (parse_size(value, &request->output.size_most)) {
        return EXIT_CODE_OK;
    }
    if (parse_duration_ms(value, &duration_ms)) {
        request->output.time_most_ns = duration_ms * 1000000;
        return EXIT_CODE_OK;
    }
    return cli_usage(cli, "log",
                     "--rotate \"%s\" is neither a size such as 500KB, 10MB or 1GB nor a duration "
                     "such as 10m or 1h",
                     value);
}

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_INTERVAL:
        return cli_take_duration(cli, "log", "--interval", value, &request->interval_ms);
    case OPTION_DURATION:
        return cli_take_duration(cli, "log", "--duration", value, &request->duration_ms);
    case OPTION_COUNT:
        return cli_take_count(cli, "log", "--count", value, 1000000000, &request->count);
    case OPTION_OUTPUT:
        request->output.path = value;
        return EXIT_CODE_OK;
    case OPTION_FORMAT:
        request->format = log_format_named(value);
        return request->format != NULL
                   ? EXIT_CODE_OK
                   : cli_usage(cli, "log", "--format \"%s\" is none of " LOG_FORMATS, value);
    case OPTION_ROTATE:
        return take_rotate(cli, request, value);
    default: /* OPTION_OVERWRITE */
        request->output.replace = true;
        return EXIT_CODE_OK;
    }
}

/* What the options leave open. */
static int complete(struct cli *cli, struct request *request)
{
    if (request->format == NULL) {
        request->format = log_format_named(cli->common.json ? "ndjson" : "csv");
    } else if (cli->common.json && strstr(request->format->name, "json") == NULL) {
        return cli_usage(cli, "log", "--json does not go with --format %s", request->format->name);
    }
    if (request->output.path == NULL && request->output.row) {
        return cli_usage(cli, "log", "--rotate takes files: name one with --output");
    }
    if (request->output.path == NULL && request->output.replace) {
        return cli_usage(cli, "log", "--overwrite takes a file: name one with --output");
    }
    if (request->output.row && request->output.replace) {
        return cli_usage(cli, "log",
                         "--rotate never overwrites: each file has the next free number");
    }
    return EXIT_CODE_OK;
}

/* ---- Writing --------------------------------------------------------------------------------- */

struct log {
    struct cli *cli;
    const struct request *request;
    struct meters meters;
    struct log_state state;
    struct output output;
    uint32_t rows;     /* in the open file */
    uint32_t failures; /* of readings, in a row */
    struct text row;   /* the one that is being written */
};

static int begin_file(struct log *log)
{
    log->rows = 0;
    if (log->request->format->begin == NULL) {
        return EXIT_CODE_OK;
    }
    log->request->format->begin(&log->cli->out, &log->meters);
    return output_write(&log->output);
}

static int end_file(struct log *log)
{
    if (log->rows == 0) {
        return EXIT_CODE_OK;
    }
    text_add(&log->cli->out, log->request->format->end);
    return output_write(&log->output);
}

static int next_file(struct log *log)
{
    int code = end_file(log);

    code = code == EXIT_CODE_OK ? output_next(&log->output, log->meters.now_ns) : code;
    return code == EXIT_CODE_OK ? begin_file(log) : code;
}

static int write_row(struct log *log)
{
    const struct log_format *format = log->request->format;
    struct text *out = &log->cli->out;
    size_t around = strlen(format->between) + strlen(format->end);
    int code = EXIT_CODE_OK;

    text_clear(&log->row);
    format->row(&log->row, &log->meters, &log->state);
    if (output_is_full(&log->output, log->row.size + around, log->meters.now_ns)) {
        code = next_file(log);
    }
    if (code != EXIT_CODE_OK || (log->row.size == 0 && !log->row.failed)) {
        return code;
    }
    text_add(out, log->rows == 0 ? format->first : format->between);
    text_add_bytes(out, text_string(&log->row), log->row.size);
    out->failed |= log->row.failed;
    log->rows++;
    return output_write(&log->output);
}

/* A source may fail for a moment, which the row says; one that goes on failing is gone. */
static int read_row(struct log *log)
{
    int error = meters_try(log->cli, &log->meters);

    log->failures = error == RAPL_OK ? 0 : log->failures + 1;
    if (log->failures == FAILURES_MAX) {
        return cli_session_complain_lost(log->cli, log->meters.session, error);
    }
    return write_row(log);
}

static bool is_done(const struct log *log)
{
    const struct request *request = log->request;
    uint32_t number = log->meters.number;

    return (request->count != 0 && number >= request->count) ||
           (request->duration_ms != 0 && number != 0 &&
            (number + UINT64_C(1)) * request->interval_ms > request->duration_ms);
}

static int write_rows(struct log *log)
{
    uint64_t until_ns = log->meters.first_ns;
    int code = begin_file(log);

    if (code == EXIT_CODE_OK && log->request->format->starts_at_once) {
        code = write_row(log);
    }
    while (code == EXIT_CODE_OK && !is_done(log)) {
        until_ns += log->request->interval_ms * 1000000;
        if (!cli_session_wait(log->cli, log->meters.session, until_ns)) {
            break;
        }
        code = read_row(log);
    }
    /* Whatever went wrong, what is there is ended as its format asks. */
    if (code != EXIT_CODE_IO || log->failures != 0) {
        int ended = end_file(log);

        code = code == EXIT_CODE_OK ? ended : code;
    }
    return code;
}

static int log_meters(struct cli *cli, const struct request *request, struct log *log)
{
    int code = EXIT_CODE_OK;

    if (!request->format->says_simulated) {
        code = log_format_check(cli, log->meters.session, request->format->name);
    }
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = output_open(cli, &request->output, log->meters.now_ns, &log->output);
    if (code == EXIT_CODE_OK) {
        int closed;

        code = write_rows(log);
        closed = output_close(&log->output);
        code = code == EXIT_CODE_OK ? closed : code;
    }
    text_free(&log->row);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 1000};
    struct log log = {.cli = cli, .request = &request};
    bool helped;
    int code = cli_parse(cli, &verb_log, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = complete(cli, &request);
    code = code == EXIT_CODE_OK ? meters_open(cli, &log.meters) : code;
    if (code != EXIT_CODE_OK) {
        return code;
    }
    log.state.interval_ms = request.interval_ms;
    code = log_meters(cli, &request, &log);
    meters_close(&log.meters);
    return code;
}

static const struct option option_table[] = {
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL, "such as 500ms, 2s, 1m; default 1s"},
    {'d', "duration", "DURATION", NULL, OPTION_DURATION, "end after this long; default: at Ctrl-C"},
    {'n', "count", "COUNT", NULL, OPTION_COUNT, "end after so many rows"},
    {'o', "output", "FILE", NULL, OPTION_OUTPUT, "write to this file; default: standard output"},
    {'\0', "format", "FORMAT", LOG_FORMATS, OPTION_FORMAT,
     "csv (default), ndjson (--json), json, or what another tool reads: gmt, joularjx, "
     "energibridge"},
    {'\0', "rotate", "SIZE|DURATION", NULL, OPTION_ROTATE,
     "a new file, FILE-0001, FILE-0002 ..., before one exceeds SIZE (10MB) or after DURATION (1h)"},
    {'\0', "overwrite", NULL, NULL, OPTION_OVERWRITE, "replace the file if it is there"},
};

static const struct verb_example examples[] = {
    {"rapl log -i 1s -o energy.csv", "a row a second, until Ctrl-C"},
    {"rapl log -d 1h --json >energy.ndjson", "an hour, one JSON object a line"},
    {"rapl log --rotate 1h -o day.csv", "day-0001.csv, day-0002.csv ..., an hour each"},
    {"rapl log -i 99ms --format gmt", "what Green Metrics Tool reads"},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_CREATE, "the file is there already, or cannot be made"},
    {EXIT_CODE_CONFIG, "the numbers are simulated and the format has no room to say so: set "
                       "RAPL_SIMULATED=1 if that is meant"},
};

const struct verb_syntax verb_log = {
    .name = "log",
    .summary = "write energy and power to a file, interval by interval",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Every row is handed to the system before the next interval begins, so that a crash of "
        "this program loses at most one. A row has the joules and watts of each domain over its "
        "interval; a cell without a reading is empty and the column notes says why "
        "(package0.pp0=dead), and which "
        "numbers are lower bounds because a counter began anew. Times are UTC "
        "and never go back, even if the clock is set.\n\n"
        "The formats gmt, joularjx and energibridge have no package number: packages are added "
        "up. They have no room for \"simulated\" and refuse simulated numbers.\n\n"
        "A source that fails five readings in a row is gone: what was written is kept.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_JSON | VERB_SOURCE | VERB_CORES,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .take = take_option,
    .run = run,
};
