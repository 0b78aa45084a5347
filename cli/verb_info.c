/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info`: what can be read on this machine, and why the rest cannot.
 */
#include "cli/cli.h"
#include "cli/info.h"
#include "cli/session.h"

static int run(struct cli *cli, int argc, char **argv)
{
    struct rapl_session *session;
    struct info info;
    bool helped;
    int error;
    int code = cli_parse(cli, &verb_info, argc, argv, NULL, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    error = cli_session_try(cli, cli->common.source, &session);
    if (error != RAPL_OK) {
        code = cli_session_complain_open(cli, session, error);
    }
    if (code != EXIT_CODE_USAGE) {
        info_gather(cli, session, error == RAPL_OK, &info);
        if (cli->common.json) {
            info_json(&cli->out, &info);
        } else {
            info_show(&cli->out, &info, cli->colour);
        }
    }
    rapl_session_free(session);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl info", "the CPU, its domains with units, limits, and the sources"},
    {"rapl info --json", ""},
};

const struct verb_syntax verb_info = {
    .name = "info",
    .summary = "what can be read here, and why the rest cannot",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Prints the CPU and what is known about its model, the sources of energy and why each "
        "other one does not serve, every domain with its unit and how long its counter lasts at "
        "TDP or the reason it is absent, and for each package TDP and power limits. What is known "
        "is printed even when nothing can be read.",
    .common = VERB_JSON | VERB_SOURCE | VERB_CORES,
    .run = run,
};
