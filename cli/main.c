/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl`: picks the verb, and the talk that all verbs share.
 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rapl_version.h"

#define COMMON_MAX 8u /* shared options of one verb */

static void complain_unwritten(struct cli *cli, enum cli_written result)
{
    switch (result) {
    case CLI_WRITE_CLOSED: /* the reader had enough, such as `head`: no more to say */
        break;
    case CLI_WRITE_FULL:
        cli_complain(cli, "standard output: the disk is full. What was written before is kept.");
        break;
    default:
        cli_complain(cli, "standard output could not be written.");
        break;
    }
}

bool cli_flush(struct cli *cli)
{
    enum cli_written result = cli->out.failed ? CLI_WRITE_FAILED : CLI_WRITTEN;

    if (result == CLI_WRITTEN && cli->out.size != 0) {
        result = cli->write(cli->context, CLI_OUT, cli->out.data, cli->out.size);
        if (result != CLI_WRITTEN) {
            complain_unwritten(cli, result);
        }
    }
    if (cli->err.size != 0) {
        cli->write(cli->context, CLI_ERR, cli->err.data, cli->err.size);
    }
    text_clear(&cli->out);
    text_clear(&cli->err);
    return result == CLI_WRITTEN;
}

bool cli_interrupted(struct cli *cli)
{
    return cli->interrupted != NULL && cli->interrupted(cli->context);
}

void cli_size(struct cli *cli, uint32_t *columns, uint32_t *lines)
{
    *columns = 80;
    *lines = 24;
    if (cli->size != NULL) {
        cli->size(cli->context, columns, lines);
    }
}

/* The formatted text, malloc'ed; NULL without memory. */
static char *format_text(const char *format, va_list arguments)
{
    va_list again;
    int length;
    char *text;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL) {
        vsnprintf(text, (size_t)length + 1, format, arguments);
    }
    return text;
}

static const char *name_of(const struct cli *cli)
{
    return cli->program != NULL ? cli->program : "rapl";
}

int cli_usage(struct cli *cli, const char *verb, const char *format, ...)
{
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = format_text(format, arguments);
    va_end(arguments);
    text_printf(&cli->err, "%s%s%s: %s\nTry `%s%s%s --help`.\n", name_of(cli),
                verb[0] != '\0' ? " " : "", verb, message != NULL ? message : "wrong usage",
                name_of(cli), verb[0] != '\0' ? " " : "", verb);
    free(message);
    return EXIT_CODE_USAGE;
}

/* The usage error for what options_next returned (OPTIONS_UNKNOWN and below). */
static int bad_option(struct cli *cli, const char *verb, int result, const char *value)
{
    switch (result) {
    case OPTIONS_NO_VALUE:
        return cli_usage(cli, verb, "%s needs a value", value);
    case OPTIONS_EXTRA:
        return cli_usage(cli, verb, "%s: this option takes no value", value);
    default:
        return cli_usage(cli, verb, "there is no option %s", value);
    }
}

int cli_take_duration(struct cli *cli, const char *verb, const char *option, const char *value,
                      uint64_t *duration_ms)
{
    if (parse_duration_ms(value, duration_ms)) {
        return EXIT_CODE_OK;
    }
    if (value[0] == '-' || value[strspn(value, "0")] == '\0' || parse_is_zero_duration(value)) {
        return cli_usage(cli, verb,
                         "%s \"%s\": time goes forward: write at least 1ms, such as 500ms, 2s or "
                         "1m",
                         option, value);
    }
    if (value[strspn(value, "0123456789")] == '\0') {
        return cli_usage(cli, verb, "%s \"%s\" has no unit: write %sms, %ss or %sm", option, value,
                         value, value, value);
    }
    return cli_usage(cli, verb,
                     "%s \"%s\" is not a duration such as 500ms, 2s or 1m (a whole number, at "
                     "most 24h)",
                     option, value);
}

int cli_take_count(struct cli *cli, const char *verb, const char *option, const char *value,
                   uint32_t max, uint32_t *count)
{
    if (parse_count(value, 1, max, count)) {
        return EXIT_CODE_OK;
    }
    return cli_usage(cli, verb, "%s \"%s\" is not a number from 1 to %u", option, value,
                     (unsigned)max);
}

/* One of the shared options. */
static int take_common(struct cli *cli, const char *verb, int option, const char *value)
{
    struct cli_common *common = &cli->common;

    switch (option) {
    case COMMON_JSON:
        common->json = true;
        break;
    case COMMON_CORES:
        common->cores = true;
        break;
    case COMMON_SOURCE:
        common->source = value;
        break;
    case COMMON_PATH:
        common->path = value;
        break;
    case COMMON_REPLAY:
        common->recording = value;
        break;
    default: /* COMMON_SPEED */
        common->has_speed = true;
        if (!parse_speed_milli(value, &common->speed_milli)) {
            return cli_usage(cli, verb,
                             "--speed \"%s\" is neither max nor a number from 0.001 to 1000000, "
                             "such as 1 or 2.5",
                             value);
        }
        break;
    }
    return EXIT_CODE_OK;
}

static size_t list_options(const struct verb_syntax *verb, struct option out[COMMON_MAX])
{
    const struct option *option;
    size_t count = 0;

    while (count < COMMON_MAX && (option = verb_option(verb, verb->option_count + count)) != NULL) {
        out[count++] = *option;
    }
    return count;
}

/* Shared options that do not go together: none is dropped without a word. */
static int complete_common(struct cli *cli, const struct verb_syntax *verb)
{
    struct cli_common *common = &cli->common;

    if ((verb->common & VERB_SOURCE) == 0) {
        return EXIT_CODE_OK;
    }
    if (common->recording != NULL) {
        if (common->path != NULL ||
            (common->source != NULL && strcmp(common->source, "replay") != 0)) {
            return cli_usage(cli, verb->name,
                             "a recording is played and nothing else read: leave out --source and "
                             "--path, or the recording");
        }
        common->source = "replay";
        common->path = common->recording;
    }
    if (common->has_speed && (common->source == NULL || strcmp(common->source, "replay") != 0)) {
        return cli_usage(cli, verb->name, "--speed is a recording's: it goes with --replay FILE");
    }
    return EXIT_CODE_OK;
}

int cli_parse(struct cli *cli, const struct verb_syntax *verb, int argc, char **argv, void *request,
              bool *helped)
{
    struct option common[COMMON_MAX];
    struct options options = {.argc = argc,
                              .argv = argv,
                              .table = verb->options,
                              .table_count = verb->option_count,
                              .common = common,
                              .common_count = list_options(verb, common),
                              .ends_at_operand = verb->operand_ends_options};
    const char *value = "";
    int code = EXIT_CODE_OK;
    int option;

    *helped = false;
    while (code == EXIT_CODE_OK && (option = options_next(&options, &value)) != OPTIONS_END) {
        if (option == COMMON_HELP) {
            help_verb(&cli->out, verb);
            *helped = true;
            return EXIT_CODE_OK;
        }
        if (option <= OPTIONS_UNKNOWN) {
            code = bad_option(cli, verb->name, option, value);
        } else if (option > COMMON_HELP) {
            code = take_common(cli, verb->name, option, value);
        } else if (option == OPTIONS_POSITIONAL && verb->operands[0] == '\0') {
            code = cli_usage(cli, verb->name, "\"%s\": %s takes options only", value, verb->name);
        } else {
            code = verb->take(cli, request, option, value);
        }
    }
    return code == EXIT_CODE_OK ? complete_common(cli, verb) : code;
}

void cli_complain(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = format_text(format, arguments);
    va_end(arguments);
    text_printf(&cli->err, "%s: %s\n", name_of(cli), message != NULL ? message : "out of memory");
    free(message);
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
    const struct verb_syntax *verb;

    if (argc == 0) {
        return cli_usage(cli, "", "no verb: `rapl read` is a good start");
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help_program(&cli->out);
        return EXIT_CODE_OK;
    }
    if (strcmp(argv[0], "--version") == 0) {
        text_add(&cli->out, "rapl " RAPL_VERSION_STRING "\n");
        return EXIT_CODE_OK;
    }
    verb = verb_named(argv[0]);
    if (verb != NULL) {
        return verb->run(cli, argc - 1, argv + 1);
    }
    return cli_usage(cli, "", argv[0][0] == '-' ? "there is no option %s" : "there is no verb %s",
                     argv[0]);
}

int cli_run(struct cli *cli, const char *program,
            int (*run)(struct cli *cli, int argc, char **argv), int argc, char **argv)
{
    bool memory;
    int code;

    cli->program = program;
    cli->common = (struct cli_common){.speed_milli = 1000};
    code = run(cli, argc, argv);
    memory = !cli->out.failed && !cli->err.failed;
    if (!cli_flush(cli) && code == EXIT_CODE_OK) {
        code = EXIT_CODE_IO;
    }
    if (!memory) {
        code = EXIT_CODE_OS;
    }
    text_free(&cli->out);
    text_free(&cli->err);
    return code;
}

int cli_main(struct cli *cli, int argc, char **argv)
{
    return cli_run(cli, NULL, run_verb, argc, argv);
}
