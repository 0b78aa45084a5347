/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl run`: the energy of a command.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/process.h"
#include "cli/run.h"
#include "cli/session.h"

#define RUNS_MAX 1000000u

enum {
    OPTION_REPEAT = 1,
    OPTION_INTERVAL,
    OPTION_BASELINE,
    OPTION_WARMUP,
    OPTION_SEPARATOR,
    OPTION_JSON,
    OPTION_OUTPUT,
};

/* What the command line holds: the command follows the options. */
struct parsed {
    struct run_request request;
    const char **command; /* room for all arguments */
    size_t command_size;
};

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct parsed *parsed = context;
    struct run_request *request = &parsed->request;

    switch (option) {
    case OPTIONS_POSITIONAL:
        parsed->command[parsed->command_size++] = value;
        return EXIT_CODE_OK;
    case OPTION_REPEAT:
        return cli_take_count(cli, "run", "--repeat", value, RUNS_MAX, &request->runs);
    case OPTION_WARMUP:
        return cli_take_count(cli, "run", "--warmup", value, RUNS_MAX, &request->warmup);
    case OPTION_INTERVAL:
        return cli_take_duration(cli, "run", "--interval", value, &request->interval_ms);
    case OPTION_BASELINE:
        return cli_take_duration(cli, "run", "--baseline", value, &request->baseline_ms);
    case OPTION_SEPARATOR:
        request->separator = value;
        return value[0] != '\0' ? EXIT_CODE_OK
                                : cli_usage(cli, "run",
                                            "--separator needs at least a character, "
                                            "such as `-x ,`");
    case OPTION_OUTPUT:
        request->path = value;
        return EXIT_CODE_OK;
    default: /* OPTION_JSON */
        request->json = true;
        return EXIT_CODE_OK;
    }
}

static int check(struct cli *cli, const struct parsed *parsed)
{
    if (parsed->command_size == 0) {
        return cli_usage(cli, "run",
                         "no command: write it after the options, as in `rapl run -- "
                         "make -j4`");
    }
    if (parsed->request.json && parsed->request.separator != NULL) {
        return cli_usage(cli, "run", "-j and -x are two forms of one output: choose one");
    }
    if (cli->common.has_speed && cli->common.speed_milli != 1000) {
        return cli_usage(cli, "run",
                         "a command runs in real time, and so must the recording: leave out "
                         "--speed");
    }
    return EXIT_CODE_OK;
}

bool run_flush(struct run *run, struct text *out)
{
    bool written = !out->failed;

    if (run->file != NULL) {
        written = written && fwrite(out->data, 1, out->size, run->file) == out->size &&
                  fflush(run->file) == 0;
    } else {
        text_add_bytes(&run->cli->err, out->data, out->size);
        cli_flush(run->cli);
    }
    text_clear(out);
    return written;
}

/* The exit code of everything: the command's, unless that is 0 and the measuring failed. */
static int finish(struct run *run, int code)
{
    struct text out = {0};
    bool written = true;

    if (run->run_count != 0) { /* also when a later run could not be started */
        run_show_all(run, &out);
        written = run_flush(run, &out);
    }
    text_free(&out);
    if (run->source_error != RAPL_OK && code == EXIT_CODE_OK) {
        code = cli_session_complain_read(run->cli, run->session, run->source_error);
    } else if (!written && code == EXIT_CODE_OK) {
        cli_complain(run->cli, "%s could not be written.", run->request->path);
        code = EXIT_CODE_IO;
    } else if (run->stopped && run->run_count == 0 && code == EXIT_CODE_OK) {
        code = PROCESS_BY_SIGNAL + 2; /* before the command ran: as a shell says it of Ctrl-C */
    }
    return run->exit_code != 0 ? run->exit_code : code;
}

static int open_output(struct run *run)
{
    const char *path = run->request->path;

    if (path != NULL) {
        run->file = process_open_output(path);
        if (run->file == NULL) {
            cli_complain(run->cli, "--output %s: this file cannot be written.", path);
            return EXIT_CODE_IO;
        }
    }
    return EXIT_CODE_OK;
}

static int close_output(struct run *run, int code)
{
    if (run->file != NULL && fclose(run->file) != 0 && code == EXIT_CODE_OK) {
        cli_complain(run->cli, "%s could not be written.", run->request->path);
        code = EXIT_CODE_IO;
    }
    return code;
}

/* The file is emptied last: what cannot be run or measured leaves the results in it alone. */
static int measure_command(struct run *run)
{
    int code = run_check(run);

    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = cli_session_open(run->cli, &run->session);
    if (code != EXIT_CODE_OK) {
        return code;
    }
    code = open_output(run);
    if (code == EXIT_CODE_OK) {
        code = close_output(run, finish(run, run_all(run)));
    }
    measure_free(run->measure);
    free(run->domains);
    rapl_session_free(run->session);
    return code;
}

static int run_command(struct cli *cli, const struct run_request *request)
{
    struct run run = {.cli = cli, .request = request};
    int code;

    if (!process_begin()) {
        cli_complain(cli, "the system does not let this program wait for processes.");
        return EXIT_CODE_OS;
    }
    code = measure_command(&run);
    process_end();
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct parsed parsed = {.request = {.runs = 1}};
    bool helped;
    int code;

    parsed.command = calloc((size_t)argc + 1, sizeof(*parsed.command));
    if (parsed.command == NULL) {
        return EXIT_CODE_OS;
    }
    code = cli_parse(cli, &verb_run, argc, argv, &parsed, &helped);
    if (code == EXIT_CODE_OK && !helped) {
        code = check(cli, &parsed);
    }
    if (code == EXIT_CODE_OK && !helped) {
        /* exec takes char *const *, and never writes to it */
        parsed.request.argv = (char *const *)(uintptr_t)parsed.command;
        code = run_command(cli, &parsed.request);
    }
    free(parsed.command);
    return code;
}

static const struct verb_example examples[] = {
    {"rapl run -- make -j4", "joules, watts and time of a command and all it starts"},
    {"rapl run -r 10 --warmup 1 -- ./benchmark", "ten times, with mean and 95 % interval"},
    {"rapl run --baseline 5s -- ./benchmark", "less what the idle machine takes in that time"},
    {"rapl run -r 5 -j -o result.jsonl -- ./benchmark", "a JSON object a run, and one of all"},
};

static const struct option options[] = {
    {'r', "repeat", "COUNT", NULL, OPTION_REPEAT, "how many runs; default 1"},
    {'\0', "warmup", "COUNT", NULL, OPTION_WARMUP, "runs before that are not measured"},
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL, "a line each so often while it runs"},
    {'\0', "baseline", "DURATION", NULL, OPTION_BASELINE,
     "measure idle power first, and take it off as well"},
    {'x', "separator", "SEP", NULL, OPTION_SEPARATOR, "fields as perf stat -x has them"},
    {'j', "json", NULL, NULL, OPTION_JSON, "a JSON object a line (docs/schemas/run.json)"},
    {'o', "output", "FILE", NULL, OPTION_OUTPUT, "write results there, not to standard error"},
};

static const struct verb_exit exits[] = {
    {PROCESS_NOT_EXECUTABLE, "the command cannot be run"},
    {PROCESS_NOT_FOUND, "there is no such command"},
    {PROCESS_BY_SIGNAL, "and more: the command was ended by signal code - 128"},
};

const struct verb_syntax verb_run = {
    .name = "run",
    .summary = "the energy of a command",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "[--] COMMAND [ARGUMENT]...",
    .operand_values = "FILE",
    .description =
        "Runs the command, waits for it and everything it started, and says what the whole "
        "machine's domains took meanwhile: other programs' energy is in it. Its input and output "
        "are left alone; results go to standard error or FILE. The exit code is the command's, "
        "of several runs the first that is not 0; where it is 0 and energy could not be measured "
        "to the end, one of those below.\n"
        "\n"
        "Counters move about every millisecond, on some machines every 15. A run starts and is "
        "measured to an update of the counter, so that commands of 100 ms are right within a "
        "percent; one that is shorter than a step gets no number. docs/accuracy.md has the "
        "figures.\n"
        "\n"
        "Ctrl-C goes to the command. What has been measured is still shown.",
    .options = options,
    .option_count = COUNT_OF(options),
    .common = VERB_SOURCE | VERB_CORES,
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .operand_ends_options = true,
    .take = take_option,
    .run = run,
};
