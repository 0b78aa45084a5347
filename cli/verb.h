/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verb is: one table, from which come its parsing, its --help, its shell completion and its
 * manual page.
 */
#ifndef RAPL_CLI_VERB_H
#define RAPL_CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/options.h"
#include "lib/text.h"

struct cli;

struct verb_example {
    const char *command;
    const char *text; /* what it does; lower case, without a full stop; "" for nothing */
};

struct verb_exit {
    int code;
    const char *text; /* as above */
};

/* verb_syntax.common: rows that verbs share. Their values are put into cli->common. */
#define VERB_JSON   0x1u /* --json */
#define VERB_SOURCE 0x2u /* --source, --path, --replay, --speed, and the exit codes of a source */
#define VERB_CORES  0x4u /* --cores */

struct verb_syntax {
    const char *name;    /* of a program that is one verb: "" */
    const char *program; /* its name; NULL: rapl */
    const char *summary; /* lower case, without a full stop */
    const struct verb_example *examples;
    size_t example_count; /* at least 1; the first one is in `rapl --help` too */
    const char *operands; /* the usage line after the options, such as "[--] COMMAND..."; "" */
    const char *operand_values; /* words for completion, as option.values; "FILE"; NULL: none */
    const char *description;    /* sentences; paragraphs are separated by an empty line */
    const struct option *options;
    size_t option_count;
    uint32_t common;               /* VERB_* */
    const struct verb_exit *exits; /* beside those of every verb and of a source */
    size_t exit_count;
    bool own_exits;            /* and no others but 0 */
    bool operand_ends_options; /* `rapl run make -j`: -j is make's */

    /* Takes one option by its id, or OPTIONS_POSITIONAL. EXIT_CODE_OK or a usage error. */
    int (*take)(struct cli *cli, void *request, int option, const char *value);

    /* argv[0] is the first argument after the verb's name. Returns the exit code. */
    int (*run)(struct cli *cli, int argc, char **argv);
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define VERBS_MAX 24u

/* NULL past the last. */
const struct verb_syntax *verb_at(size_t index);
const struct verb_syntax *verb_named(const char *name);

extern const struct verb_syntax verb_completion;
extern const struct verb_syntax verb_decode;
extern const struct verb_syntax verb_doctor;
extern const struct verb_syntax verb_info;
extern const struct verb_syntax verb_list;
extern const struct verb_syntax verb_log;
extern const struct verb_syntax verb_man;
extern const struct verb_syntax verb_read;
extern const struct verb_syntax verb_run;
extern const struct verb_syntax verb_record;
extern const struct verb_syntax verb_replay;
extern const struct verb_syntax verb_report;
extern const struct verb_syntax verb_watch;

/* Every row of a verb: its own, the common ones it asks for, --help. NULL past the last. */
const struct option *verb_option(const struct verb_syntax *verb, size_t index);

/* Every exit code of a verb, in order, its own text first where both have one. NULL past it. */
const struct verb_exit *verb_exit(const struct verb_syntax *verb, size_t index);

/* Programs that are one verb. */
extern const struct verb_syntax program_power_monitor;
extern const struct verb_syntax program_gmt_provider;

/* ---- What comes from the table --------------------------------------------------------------- */

/* `rapl --help`, `rapl VERB --help`. */
void help_program(struct text *out);
void help_verb(struct text *out, const struct verb_syntax *verb);

/* rapl.1, rapl-VERB.1 in troff's man macros. */
void man_program(struct text *out);
void man_verb(struct text *out, const struct verb_syntax *verb);

/* False: no such shell. */
bool completion_write(struct text *out, const char *shell);
#define COMPLETION_SHELLS "bash zsh fish powershell"

#endif
