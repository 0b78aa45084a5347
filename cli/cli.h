/* SPDX-License-Identifier: Apache-2.0
 *
 * What every verb gets: two streams to talk to, the terminal, the clock, and a way to be stopped.
 * Tests put their own behind each.
 */
#ifndef RAPL_CLI_CLI_H
#define RAPL_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/compiler.h"
#include "cli/exit_code.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "lib/text.h"
#include "lib/driver_state.h"

enum cli_stream {
    CLI_OUT, /* data */
    CLI_ERR, /* talk */
};

/* What became of a write. */
enum cli_written {
    CLI_WRITTEN,
    CLI_WRITE_CLOSED, /* nobody reads the pipe any more */
    CLI_WRITE_FULL,   /* the disk, or this user's share of it, is full */
    CLI_WRITE_FAILED,
};

/* The options that verbs share (verb_syntax.common). */
struct cli_common {
    bool json;
    bool cores;
    const char *source;    /* NULL: the first that opens */
    const char *path;      /* NULL: the source's own */
    const char *recording; /* of --replay: cli_parse makes it source and path */
    uint32_t speed_milli;  /* of a replay; 0: no waiting */
    bool has_speed;        /* speed_milli was given */
};

struct cli {
    const char *program; /* as it is called; NULL: "rapl" */
    struct text out;
    struct text err;
    struct cli_common common;
    bool colour;   /* standard output is a terminal that shows colours */
    bool terminal; /* standard output is a terminal, and VT codes move its cursor */
    bool unicode;  /* and it shows more than ASCII */
    void *context;

    /* Writes UTF-8 to one of the streams, all of it or not CLI_WRITTEN. */
    enum cli_written (*write)(void *context, enum cli_stream stream, const char *bytes,
                              size_t size);

    /* Ctrl-C, or the system asked this program to end. NULL: never. A second one ends it. */
    bool (*interrupted)(void *context);

    /* The terminal's size in characters; as it was if unknown. NULL: 80 by 24. */
    void (*size)(void *context, uint32_t *columns, uint32_t *lines);

    /* Microseconds since 1970-01-01 00:00 UTC. */
    uint64_t (*unix_us)(void *context);

    /* What the system says of the installed driver. NULL: this system can have none. */
    void (*driver_state)(struct rapl_driver_state *out);
};

/*
 * Runs `rapl` with its arguments, argv[0] being the first after the program's name, all UTF-8.
 * Returns the exit code; everything is written when it returns.
 */
int cli_main(struct cli *cli, int argc, char **argv);

/*
 * The same for a program that is one verb: argv[0] is the first argument. `run` is the verb's, or
 * another that gives other exit codes.
 */
int cli_run(struct cli *cli, const char *program,
            int (*run)(struct cli *cli, int argc, char **argv), int argc, char **argv);

/*
 * Writes out what has gathered, data first: verbs that go on call it after each piece. False, and
 * the reason on stderr: standard output could not be written; the verb ends with EXIT_CODE_IO.
 */
bool cli_flush(struct cli *cli);

bool cli_interrupted(struct cli *cli);
void cli_size(struct cli *cli, uint32_t *columns, uint32_t *lines);

/* `rapl VERB: message` and where to look, on stderr; `verb` "": none. Returns EXIT_CODE_USAGE. */
COMPILER_PRINTF(3, 4) int cli_usage(struct cli *cli, const char *verb, const char *format, ...);

/*
 * Hands each argument to verb->take, or for the shared options to cli->common. EXIT_CODE_OK, or the
 * code of a usage error. `*helped`: the help was asked for and is in cli->out; nothing else is to
 * be done.
 */
int cli_parse(struct cli *cli, const struct verb_syntax *verb, int argc, char **argv, void *request,
              bool *helped);

/* An option's value; EXIT_CODE_OK, or the usage error that says what to write instead. */
int cli_take_duration(struct cli *cli, const char *verb, const char *option, const char *value,
                      uint64_t *duration_ms);
int cli_take_count(struct cli *cli, const char *verb, const char *option, const char *value,
                   uint32_t max, uint32_t *count);

/* `rapl: ` and a message on stderr. */
COMPILER_PRINTF(2, 3) void cli_complain(struct cli *cli, const char *format, ...);

/* The ids of the shared options. */
enum {
    COMMON_HELP = 1000,
    COMMON_JSON,
    COMMON_CORES,
    COMMON_SOURCE,
    COMMON_PATH,
    COMMON_REPLAY,
    COMMON_SPEED,
};

#endif
