/* SPDX-License-Identifier: Apache-2.0
 *
 * Command line options and the values they take.
 */
#ifndef RAPL_CLI_OPTIONS_H
#define RAPL_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One row of a verb's table: parsing, help, completion and manual pages all come from it. */
struct option {
    char short_name;        /* '\0': none */
    const char *long_name;  /* without the dashes */
    const char *value_name; /* "DURATION"; NULL: it takes no value. "FILE", "PATH": completed so */
    const char *values;     /* the words it may be, separated by single spaces; NULL: not a list */
    int id;                 /* what options_next returns; 1 and up */
    const char *help;       /* one sentence, lower case, without a full stop */
};

#define OPTIONS_END        0    /* no more arguments */
#define OPTIONS_POSITIONAL (-1) /* `value` is an argument that is no option */
#define OPTIONS_UNKNOWN    (-2) /* `value` is the argument that is not understood */
#define OPTIONS_NO_VALUE   (-3) /* `value` is the option that lacks its value */
#define OPTIONS_EXTRA      (-4) /* `value` is the option that takes no value but got one */

/* Zeroed but for argc, argv (the arguments after the verb) and the table. */
struct options {
    int argc;
    char **argv;
    const struct option *table;
    size_t table_count;
    const struct option *common; /* rows that several verbs share; looked at after the table */
    size_t common_count;
    bool ends_at_operand; /* what follows the first operand is a command, its options its own */
    int at;
    bool only_positional; /* "--" was seen */
};

/* The next argument: `-i 5`, `-i5`, `--interval 5`, `--interval=5`. */
int options_next(struct options *options, const char **value);

/* "500ms", "2s", "1m", "1h": a whole number and a unit, at most 24 hours, not 0. */
bool parse_duration_ms(const char *text, uint64_t *duration_ms);

/* "0s", "00ms": a duration of nothing. */
bool parse_is_zero_duration(const char *text);

/* "max" is 0; else a factor from 0.001 to 1000000 with up to three decimals, in thousandths. */
bool parse_speed_milli(const char *text, uint32_t *speed_milli);

/* "500KB", "10MB", "1GB", "4MiB": bytes, from 1000 on. */
bool parse_size(const char *text, uint64_t *size);

/* A decimal number from `min` to `max`. */
bool parse_count(const char *text, uint32_t min, uint32_t max, uint32_t *count);

/* `size` characters: "0x" and 1 to 16 hexadecimal digits, at most `max`. */
bool parse_hex(const char *text, size_t size, uint64_t max, uint64_t *value);

#endif
