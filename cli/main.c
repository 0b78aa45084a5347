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

static const char help[] =
    "Examples:\n"
    "  rapl read                     joules and watts of every domain over one second\n"
    "  rapl read -i 500ms -n 5       five times half a second\n"
    "  rapl info                     the CPU, its domains and units, limits, the driver\n"
    "  rapl decode --cpu 06_9E 0x606=0xA0E03 0x611=0x2FE2B74E\n"
    "                                what register values mean; needs no driver\n"
    "\n"
    "Usage: rapl VERB [OPTION]...\n"
    "       rapl VERB --help\n"
    "       rapl --help | --version\n"
    "\n"
    "Verbs:\n"
    "  read      read energy through the driver (Windows)\n"
    "  info      what can be read here, and why the rest cannot (Windows)\n"
    "  decode    decode register values given on the command line\n"
    "\n"
    "Exit codes:\n"
    "   0  done\n"
    "  64  wrong usage: unknown option, malformed value or pair\n"
    "  65  decode: a register could not be decoded in full\n"
    "  69  no driver, no RAPL on this CPU, or not available on this system\n"
    "  71  out of memory\n"
    "  74  no counter could be read, or the output could not be written\n"
    "  77  the driver's access policy does not allow it\n"
    "  78  the simulated driver's recording is missing or wrong\n";

static const struct {
    const char *name;
    int (*run)(struct cli *cli, int argc, char **argv);
} verbs[] = {
    {"decode", verb_decode},
    {"info", verb_info},
    {"read", verb_read},
};

bool cli_flush(struct cli *cli)
{
    bool written = !cli->out.failed;

    if (written && cli->out.size != 0) {
        written = cli->write(cli->context, CLI_OUT, cli->out.data, cli->out.size);
    }
    if (cli->err.size != 0) {
        cli->write(cli->context, CLI_ERR, cli->err.data, cli->err.size);
    }
    text_clear(&cli->out);
    text_clear(&cli->err);
    return written;
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

int cli_usage(struct cli *cli, const char *verb, const char *format, ...)
{
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = format_text(format, arguments);
    va_end(arguments);
    text_printf(&cli->err, "rapl%s%s: %s\nTry `rapl%s%s --help`.\n", verb[0] != '\0' ? " " : "",
                verb, message != NULL ? message : "wrong usage", verb[0] != '\0' ? " " : "", verb);
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

int cli_parse(struct cli *cli, const struct verb_syntax *syntax, int argc, char **argv,
              void *request, bool *helped)
{
    struct options options = {
        .argc = argc, .argv = argv, .table = syntax->options, .table_count = syntax->option_count};
    const char *value = "";
    int code = EXIT_CODE_OK;
    int option;

    *helped = false;
    while (code == EXIT_CODE_OK && (option = options_next(&options, &value)) != OPTIONS_END) {
        if (option == VERB_OPTION_HELP) {
            text_add(&cli->out, syntax->help);
            *helped = true;
            return EXIT_CODE_OK;
        }
        code = option <= OPTIONS_UNKNOWN ? bad_option(cli, syntax->name, option, value)
                                         : syntax->take(cli, request, option, value);
    }
    return code;
}

void cli_complain(struct cli *cli, const char *format, ...)
{
    va_list arguments;
    char *message;

    va_start(arguments, format);
    message = format_text(format, arguments);
    va_end(arguments);
    text_printf(&cli->err, "rapl: %s\n", message != NULL ? message : "out of memory");
    free(message);
}

int cli_device_error(struct cli *cli, enum rapl_operation operation, uint32_t code)
{
    const struct rapl_error_text *text = rapl_error_text(operation, code);

    cli_complain(cli, "Windows error %u: %s.", (unsigned)code, text->meaning);
    if (text->remedy != NULL) {
        text_printf(&cli->err, "%s\n", text->remedy);
    }
    if (code == RAPL_ERROR_ACCESS_DENIED) {
        return EXIT_CODE_DENIED;
    }
    return operation == RAPL_OPERATION_OPEN ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_IO;
}

static int run_verb(struct cli *cli, int argc, char **argv)
{
    if (argc == 0) {
        return cli_usage(cli, "", "no verb: read, info or decode");
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        text_add(&cli->out, help);
        return EXIT_CODE_OK;
    }
    if (strcmp(argv[0], "--version") == 0) {
        text_add(&cli->out, "rapl " RAPL_VERSION_STRING "\n");
        return EXIT_CODE_OK;
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[0], verbs[i].name) == 0) {
            return verbs[i].run(cli, argc - 1, argv + 1);
        }
    }
    if (argv[0][0] == '-') {
        return cli_usage(cli, "", "there is no option %s", argv[0]);
    }
    return cli_usage(cli, "", "there is no verb %s: read, info or decode", argv[0]);
}

int cli_main(struct cli *cli, int argc, char **argv)
{
    int code = run_verb(cli, argc, argv);
    bool memory = !cli->out.failed && !cli->err.failed;

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
