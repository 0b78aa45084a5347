/* SPDX-License-Identifier: Apache-2.0
 *
 * What every verb gets: two streams to talk to and a way to open the driver. Tests put their own
 * behind both.
 */
#ifndef RAPL_CLI_CLI_H
#define RAPL_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/exit_code.h"
#include "cli/options.h"
#include "lib/text.h"
#include "lib/error_text.h"
#include "lib/source.h"

enum cli_stream {
    CLI_OUT, /* data */
    CLI_ERR, /* talk */
};

struct cli {
    struct text out;
    struct text err;
    bool colour; /* standard output is a terminal that shows colours */
    void *context;

    /* Writes UTF-8 to one of the streams. False if it could not all be written. */
    bool (*write)(void *context, enum cli_stream stream, const char *bytes, size_t size);

    /* rapl_source_open and rapl_source_close. */
    bool (*source_open)(struct rapl_source *out);
    void (*source_close)(struct rapl_source *source);
};

/*
 * Runs `rapl` with its arguments, argv[0] being the first after the program's name, all UTF-8.
 * Returns the exit code; everything is written when it returns.
 */
int cli_main(struct cli *cli, int argc, char **argv);

/* The verbs. argv[0] is the first argument after the verb's name. */
int verb_decode(struct cli *cli, int argc, char **argv);
int verb_info(struct cli *cli, int argc, char **argv);
int verb_read(struct cli *cli, int argc, char **argv);

/* Writes out what has gathered, data first. False: standard output could not be written. */
bool cli_flush(struct cli *cli);

/* `rapl VERB: message` and where to look, on stderr. Returns EXIT_CODE_USAGE. */
__attribute__((format(printf, 3, 4))) int cli_usage(struct cli *cli, const char *verb,
                                                    const char *format, ...);

/* What a verb's command line may hold. */
struct verb_syntax {
    const char *name;
    const char *help;
    const struct option *options; /* one of them VERB_OPTION_HELP */
    size_t option_count;

    /* Takes one option by its id, or OPTIONS_POSITIONAL. EXIT_CODE_OK or a usage error. */
    int (*take)(struct cli *cli, void *request, int option, const char *value);
};

#define VERB_OPTION_HELP     1000
#define VERB_OPTION_HELP_ROW {'h', "help", false, VERB_OPTION_HELP}

/*
 * Hands each argument to `take`. EXIT_CODE_OK, or the code of a usage error. `*helped`: the help
 * was asked for and is in cli->out; nothing else is to be done.
 */
int cli_parse(struct cli *cli, const struct verb_syntax *syntax, int argc, char **argv,
              void *request, bool *helped);

/* `rapl: ` and a message on stderr. */
__attribute__((format(printf, 2, 3))) void cli_complain(struct cli *cli, const char *format, ...);

/* A device error on stderr: code, meaning, what to do. Returns the exit code for it. */
int cli_device_error(struct cli *cli, enum rapl_operation operation, uint32_t code);

#endif
