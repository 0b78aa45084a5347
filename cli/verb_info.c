/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info`: what can be read on this machine, and why the rest cannot.
 */
#include "cli/cli.h"
#include "cli/info.h"
#include "cli/session.h"

static int show_source(struct cli *cli, const struct rapl_source *source)
{
    int code = session_check(cli, source);
    struct info info;

    if (!info_gather(source, code == EXIT_CODE_OK, &info)) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    if (cli->common.json) {
        info_json(&cli->out, &info);
    } else {
        info_show(&cli->out, &info, cli->colour);
    }
    if (code == EXIT_CODE_OK) {
        code = session_check_meters(cli, &info.sampler, false);
    }
    info_free(&info);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct rapl_source source;
    bool helped;
    int code = cli_parse(cli, &verb_info, argc, argv, NULL, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = session_open(cli, &source);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = show_source(cli, &source);
    cli->source_close(&source);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl info", "the CPU, its domains and units, limits, the driver"},
    {"rapl info --json", ""},
};

const struct verb_syntax verb_info = {
    .name = "info",
    .summary = "what can be read here, and why the rest cannot",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description = "Prints the CPU and what is known about its model, the driver's state, and for "
                   "each package the domains with the reason for each absent one, units, TDP and "
                   "power limits, and how long a counter lasts at TDP. What is known is printed "
                   "even when nothing can be read.",
    .common = VERB_JSON | VERB_SOURCE,
    .run = run,
};
