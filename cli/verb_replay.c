/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl replay`: another verb over a recording.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

struct request {
    const char *file;
    int count;
    char **rest; /* the verb and its arguments */
};

/* Every argument from the recording on comes as an operand. */
static int take_operand(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    (void)cli;
    (void)option; /* it has no options of its own */
    if (request->file == NULL) {
        request->file = value;
    } else {
        request->rest[request->count++] = (char *)value;
    }
    return EXIT_CODE_OK;
}

static int play(struct cli *cli, const struct request *request)
{
    const struct verb_syntax *verb = &verb_watch;
    int count = request->count;
    char **rest = request->rest;

    if (count != 0 && rest[0][0] != '-') {
        verb = verb_named(rest[0]);
        count--;
        rest++;
        if (verb == NULL || (verb->common & VERB_SOURCE) == 0 || verb == &verb_replay) {
            return cli_usage(cli, "replay",
                             "%s reads no source: watch, read, log, run, info or list",
                             request->rest[0]);
        }
    }
    cli->common.recording = request->file;
    return verb->run(cli, count, rest);
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.rest = calloc((size_t)argc + 1, sizeof(char *))};
    bool helped;
    int code;

    if (request.rest == NULL) {
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    code = cli_parse(cli, &verb_replay, argc, argv, &request, &helped);
    if (code == EXIT_CODE_OK && !helped) {
        code = request.file != NULL
                   ? play(cli, &request)
                   : cli_usage(cli, "replay", "no recording: write rapl replay FILE");
    }
    free(request.rest);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl replay machine.rec", "`rapl watch` over a recording, in real time"},
    {"rapl replay machine.rec read -i 1s -n 5 --speed max", "five seconds of it, without waiting"},
    {"rapl replay machine.rec log -d 1m -o machine.csv --speed 10", "ten times as fast, to a file"},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_DATA, "the recording cannot be read or is malformed"},
    {EXIT_CODE_UNAVAILABLE, "the recorded machine has no source of energy"},
};

const struct verb_syntax verb_replay = {
    .name = "replay",
    .summary = "play a recording through another verb",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "FILE [VERB [OPTION]...]",
    .operand_values = "FILE",
    .description = "The same as VERB with --replay FILE; without a verb, watch. The numbers are "
                   "those of the recording, and every output says that they are simulated. Exit "
                   "codes are VERB's.",
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .operand_ends_options = true,
    .take = take_operand,
    .run = run,
};
