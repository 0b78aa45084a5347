/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info`: what can be read on this machine, and why the rest cannot.
 */
#include "cli/cli.h"
#include "cli/info.h"
#include "cli/session.h"

static const char help[] =
    "Examples:\n"
    "  rapl info\n"
    "  rapl info --json\n"
    "\n"
    "Usage: rapl info [--json]\n"
    "\n"
    "Prints the CPU and what is known about its model, the driver's state, and for each package\n"
    "the domains with the reason for each absent one, units, TDP and power limits, and how long a\n"
    "counter lasts at TDP.\n"
    "\n"
    "  --json   one JSON document instead of text\n"
    "  --help   this text\n"
    "\n"
    "Exit codes: 0 done; 64 wrong usage; 69 no driver, no RAPL, or not Windows; 74 no counter "
    "could\n"
    "be read; 77 access denied; 78 the simulated driver's recording is unusable. What is known is\n"
    "printed even then.\n";

enum { OPTION_JSON = 1 };

struct request {
    bool json;
};

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    if (option == OPTIONS_POSITIONAL) {
        return cli_usage(cli, "info", "\"%s\": info takes options only", value);
    }
    request->json = true;
    return EXIT_CODE_OK;
}

static const struct option option_table[] = {
    {'\0', "json", false, OPTION_JSON},
    VERB_OPTION_HELP_ROW,
};

static const struct verb_syntax syntax = {
    "info", help, option_table, sizeof(option_table) / sizeof(option_table[0]), take_option};

static int show_source(struct cli *cli, const struct rapl_source *source, bool json)
{
    int code = session_check(cli, source);
    struct info info;

    if (!info_gather(source, code == EXIT_CODE_OK, &info)) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    if (json) {
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

int verb_info(struct cli *cli, int argc, char **argv)
{
    struct rapl_source source;
    struct request request = {.json = false};
    bool helped;
    int code = cli_parse(cli, &syntax, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = session_open(cli, &source);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = show_source(cli, &source, request.json);
    cli->source_close(&source);
    return code;
}
