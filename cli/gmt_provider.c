/* SPDX-License-Identifier: Apache-2.0
 *
 * metric-provider-binary as Green Metrics Tool calls it: `-i 99`, `-x cpu_gpu,dram`, `-c`. Its exit
 * codes are that tool's: 0 ended or checked, 1 could not start, 2 the source went away.
 */
#include <string.h>

#include "cli/cli.h"
#include "cli/harness.h"
#include "cli/log_format.h"
#include "cli/meters.h"

#define FAILURES_MAX 5u /* readings in a row, as that tool's own provider has it */

enum { GMT_OK = 0, GMT_NOT_STARTED = 1, GMT_LOST = 2 };

struct request {
    uint32_t interval_ms;
    uint32_t count; /* of intervals; 0: until it is ended */
    bool check;
    uint32_t excluded; /* bits as struct gmt's */
};

enum { OPTION_INTERVAL = 1, OPTION_EXCLUDE, OPTION_ONLY, OPTION_CHECK, OPTION_COUNT };

/* The bit of a name of `size` characters; 0: there is none. */
static uint32_t bit_of(const char *name, size_t size)
{
    for (uint32_t i = 0; gmt_name(i) != NULL; i++) {
        if (strlen(gmt_name(i)) == size && memcmp(gmt_name(i), name, size) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

/* "cpu_gpu,dram" */
static int take_names(struct cli *cli, const char *option, const char *value, uint32_t *bits)
{
    const char *name = value;

    *bits = 0;
    for (;;) {
        size_t size = strcspn(name, ",");
        uint32_t bit = bit_of(name, size);

        if (bit == 0) {
            return cli_usage(cli, "",
                             "%s \"%s\": a domain is cpu_package, cpu_cores, cpu_gpu, dram or "
                             "psys",
                             option, value);
        }
        *bits |= bit;
        if (name[size] == '\0') {
            return EXIT_CODE_OK;
        }
        name += size + 1;
    }
}

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;
    uint32_t only;
    int code;

    switch (option) {
    case OPTION_INTERVAL:
        if (parse_count(value, 1, 86400000, &request->interval_ms)) {
            return EXIT_CODE_OK;
        }
        return cli_usage(cli, "", "-i \"%s\" is not a number of milliseconds from 1 on", value);
    case OPTION_EXCLUDE:
        return take_names(cli, "-x", value, &request->excluded);
    case OPTION_ONLY:
        code = take_names(cli, "-d", value, &only);
        request->excluded = code == EXIT_CODE_OK ? ~only : 0;
        return code;
    case OPTION_COUNT:
        return cli_take_count(cli, "", "--count", value, 1000000000, &request->count);
    default: /* OPTION_CHECK */
        request->check = true;
        return EXIT_CODE_OK;
    }
}

static int write_lines(struct cli *cli, struct meters *meters, const struct request *request)
{
    struct gmt gmt = {.excluded = request->excluded};
    uint64_t until_ns = meters->first_ns;
    uint32_t failures = 0;

    while (request->count == 0 || meters->number < request->count) {
        int error;

        until_ns += request->interval_ms * UINT64_C(1000000);
        if (!cli_session_wait(cli, meters->session, until_ns)) {
            return GMT_OK;
        }
        error = meters_try(cli, meters);
        failures = error == RAPL_OK ? 0 : failures + 1;
        if (failures == FAILURES_MAX) {
            cli_session_complain_lost(cli, meters->session, error);
            return GMT_LOST;
        }
        gmt_row(&cli->out, meters, &gmt);
        if (!cli_flush(cli)) {
            return GMT_LOST;
        }
    }
    return GMT_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 99};
    struct meters meters;
    bool helped;
    int code = cli_parse(cli, &program_gmt_provider, argc, argv, &request, &helped);

    if (helped) {
        return GMT_OK;
    }
    code = code == EXIT_CODE_OK ? meters_open(cli, &meters) : code;
    if (code != EXIT_CODE_OK) {
        return GMT_NOT_STARTED;
    }
    if (log_format_check(cli, meters.session, "of Green Metrics Tool") != EXIT_CODE_OK) {
        code = GMT_NOT_STARTED;
    } else {
        code = request.check ? GMT_OK : write_lines(cli, &meters, &request);
    }
    meters_close(&meters);
    return code;
}

static const struct option option_table[] = {
    {'i', "interval", "MS", NULL, OPTION_INTERVAL, "milliseconds between lines; default 99"},
    {'x', "exclude", "DOMAIN,...", NULL, OPTION_EXCLUDE,
     "domains to leave out: cpu_package, cpu_cores, cpu_gpu, dram, psys"},
    {'d', "domain", "DOMAIN,...", NULL, OPTION_ONLY, "only these domains"},
    {'c', "check", NULL, NULL, OPTION_CHECK, "only say, by the exit code, whether it would work"},
    {'n', "count", "COUNT", NULL, OPTION_COUNT, "end after so many intervals; default: never"},
};

static const struct verb_example examples[] = {
    {"metric-provider-binary -i 99", "a line a domain every 99 ms, until it is ended"},
    {"metric-provider-binary -i 99 -x cpu_gpu,dram", "without graphics and memory"},
    {"metric-provider-binary -c", "0 if energy can be read here"},
};

static const struct verb_exit exits[] = {
    {GMT_NOT_STARTED, "it could not start"},
    {GMT_LOST, "the source went away, or the output could not be written"},
};

const struct verb_syntax program_gmt_provider = {
    .name = "",
    .program = "metric-provider-binary",
    .summary = "energy for Green Metrics Tool",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Writes lines `TIMESTAMP_US ENERGY_UJ DOMAIN`: the energy since that domain's line before, "
        "of all packages together. No two lines have the same time. A domain that gained 1 uJ or "
        "less has no line; its energy is in the next. Nothing is written to standard error unless "
        "it fails.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_SOURCE,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .own_exits = true,
    .take = take_option,
    .run = run,
};
