/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl` as a whole program with captured streams, a clock and a terminal that the test makes.
 * Include after cmocka.h.
 */
#ifndef RAPL_TESTS_CLI_CAPTURED_H
#define RAPL_TESTS_CLI_CAPTURED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define RECORDINGS RAPL_SOURCE_DIR "/recordings/"

/* 2026-11-22T20:00:00Z */
#define CAPTURED_TIME_US UINT64_C(1795377600000000)

struct captured {
    struct text out;
    struct text err;
    enum cli_written out_result; /* what writing data gives, after `out_good` good writes */
    uint32_t out_good;
    uint32_t writes;          /* of data, so far */
    uint32_t questions;       /* how often it was asked for an interrupt */
    uint32_t interrupt_after; /* questions; 0: never */
    bool colour, terminal, unicode;
    uint32_t columns, lines; /* 0: not known */
    void (*driver_state)(struct rapl_driver_state *out);
};

static inline enum cli_written captured_write(void *context, enum cli_stream stream,
                                              const char *bytes, size_t size)
{
    struct captured *captured = context;

    if (stream == CLI_OUT && captured->out_result != CLI_WRITTEN &&
        captured->writes++ >= captured->out_good) {
        return captured->out_result;
    }
    text_add_bytes(stream == CLI_OUT ? &captured->out : &captured->err, bytes, size);
    return CLI_WRITTEN;
}

static inline bool captured_interrupted(void *context)
{
    struct captured *captured = context;

    captured->questions++;
    return captured->interrupt_after != 0 && captured->questions > captured->interrupt_after;
}

static inline void captured_size(void *context, uint32_t *columns, uint32_t *lines)
{
    const struct captured *captured = context;

    *columns = captured->columns != 0 ? captured->columns : *columns;
    *lines = captured->lines != 0 ? captured->lines : *lines;
}

static inline uint64_t captured_unix_us(void *context)
{
    (void)context;
    return CAPTURED_TIME_US;
}

static inline int captured_main(struct captured *captured, int argc, char **argv)
{
    struct cli cli = {
        .context = captured,
        .colour = captured->colour,
        .terminal = captured->terminal,
        .unicode = captured->unicode,
        .write = captured_write,
        .interrupted = captured_interrupted,
        .size = captured_size,
        .unix_us = captured_unix_us,
        .driver_state = captured->driver_state,
    };

    text_clear(&captured->out);
    text_clear(&captured->err);
    captured->writes = 0;
    captured->questions = 0;
    return cli_main(&cli, argc, argv);
}

#define CAPTURED_ARGUMENTS_MAX 24

/* Runs `rapl` with arguments separated by single spaces; the streams are those of this run. */
static inline int captured_run(struct captured *captured, const char *arguments)
{
    char copy[2048];
    char *argv[CAPTURED_ARGUMENTS_MAX] = {NULL};
    int argc = 0;

    assert_true(strlen(arguments) < sizeof(copy));
    strcpy(copy, arguments);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        assert_true(argc < CAPTURED_ARGUMENTS_MAX);
        argv[argc++] = word;
    }
    return captured_main(captured, argc, argv);
}

/* The same, playing a shipped recording without waiting. */
static inline int captured_play(struct captured *captured, const char *arguments,
                                const char *recording)
{
    char line[2048];

    snprintf(line, sizeof(line), "%s --speed max --replay " RECORDINGS "%s", arguments, recording);
    return captured_run(captured, line);
}

static inline void captured_free(struct captured *captured)
{
    text_free(&captured->out);
    text_free(&captured->err);
}

static inline void assert_contains(struct text *text, const char *part)
{
    if (strstr(text_string(text), part) == NULL) {
        fail_msg("no \"%s\" in:\n%s", part, text_string(text));
    }
}

static inline void assert_lacks(struct text *text, const char *part)
{
    if (strstr(text_string(text), part) != NULL) {
        fail_msg("\"%s\" in:\n%s", part, text_string(text));
    }
}

#endif
