/* SPDX-License-Identifier: Apache-2.0
 *
 * PowerMonitor as JoularJX calls it: no arguments, one number a line, joules of the last second,
 * until it is ended.
 */
#include "cli/cli.h"
#include "cli/harness.h"
#include "cli/log_format.h"
#include "cli/meters.h"

#define SECOND_NS    UINT64_C(1000000000)
#define FAILURES_MAX 5u

struct request {
    uint32_t count; /* 0: until it is ended */
};

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    (void)option; /* the only one of its own */
    return cli_take_count(cli, "", "--count", value, 1000000000, &request->count);
}

static int write_lines(struct cli *cli, struct meters *meters, const struct request *request)
{
    uint64_t until_ns = meters->first_ns;
    uint32_t failures = 0;

    while (request->count == 0 || meters->number < request->count) {
        int error;

        until_ns += SECOND_NS;
        if (!cli_session_wait(cli, meters->session, until_ns)) {
            return EXIT_CODE_OK;
        }
        error = meters_try(cli, meters);
        failures = error == RAPL_OK ? 0 : failures + 1;
        if (failures == FAILURES_MAX) {
            return cli_session_complain_lost(cli, meters->session, error);
        }
        joularjx_row(&cli->out, meters);
        if (!cli_flush(cli)) {
            return EXIT_CODE_IO;
        }
    }
    return EXIT_CODE_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.count = 0};
    struct meters meters;
    bool helped;
    int code = cli_parse(cli, &program_power_monitor, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = meters_open(cli, &meters);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = log_format_check(cli, meters.session, "of PowerMonitor");
    if (code == EXIT_CODE_OK) {
        code = write_lines(cli, &meters, &request);
    }
    meters_close(&meters);
    return code;
}

static const struct option option_table[] = {
    {'n', "count", "COUNT", NULL, 1, "end after so many lines; default: never"},
};

static const struct verb_example examples[] = {
    {"PowerMonitor", "joules of each second, a number a line"},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_CONFIG, "the numbers are simulated, which this output cannot say: set "
                       "RAPL_SIMULATED=1 if that is meant"},
};

const struct verb_syntax program_power_monitor = {
    .name = "",
    .program = "PowerMonitor",
    .summary = "joules of each second, for JoularJX",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "What JoularJX starts on Windows. Writes the energy of the whole platform (psys) where its "
        "counter works, else that of all packages and their memory.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .common = VERB_SOURCE,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .take = take_option,
    .run = run,
};
