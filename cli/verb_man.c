/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl man`: the manual pages, made from the tables that parse the options.
 */
#include "cli/cli.h"
#include "cli/verb.h"

static int take(struct cli *cli, void *context, int option, const char *value)
{
    const char **name = context;

    (void)option; /* it has no options of its own */
    if (*name != NULL) {
        return cli_usage(cli, "man", "\"%s\": one verb only", value);
    }
    *name = value;
    return EXIT_CODE_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
    const struct verb_syntax *verb;
    const char *name = NULL;
    bool helped;
    int code = cli_parse(cli, &verb_man, argc, argv, &name, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    if (name == NULL) {
        man_program(&cli->out);
        return EXIT_CODE_OK;
    }
    verb = verb_named(name);
    if (verb == NULL) {
        return cli_usage(cli, "man", "there is no verb %s: `rapl --help` lists them", name);
    }
    man_verb(&cli->out, verb);
    return EXIT_CODE_OK;
}

static const struct verb_example examples[] = {
    {"rapl man read | man -l -", "shows the page of `rapl read`"},
    {"rapl man >rapl.1", "the page of rapl itself, in a file"},
};

const struct verb_syntax verb_man = {
    .name = "man",
    .summary = "write a manual page",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "[VERB]",
    .description = "Writes the page of a verb, or without one that of rapl, to standard output, "
                   "for man, mandoc or groff.",
    .take = take,
    .run = run,
};
