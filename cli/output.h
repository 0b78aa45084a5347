/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a verb puts what it writes: standard output, one file, or a row of files.
 */
#ifndef RAPL_CLI_OUTPUT_H
#define RAPL_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "cli/file.h"

struct output_options {
    const char *path;   /* NULL: standard output */
    bool replace;       /* a file that is there */
    uint64_t size_most; /* of one file of a row, in bytes; 0: no bound */
    uint64_t time_most_ns;
    bool row; /* a row of files: path-0001, path-0002, each the next that is free */
};

struct output {
    struct cli *cli;
    struct output_options options;
    struct file *file; /* NULL: standard output, or none is open */
    char *path;        /* of the open file */
    uint32_t number;
    uint64_t size; /* written to the open file */
    uint64_t began_ns;
};

/* Opens it. EXIT_CODE_OK, or the exit code after a message; then nothing is open. */
int output_open(struct cli *cli, const struct output_options *options, uint64_t now_ns,
                struct output *out);

/* A piece of `size` bytes would be too much for the open file of a row, or it is full of time. */
bool output_is_full(const struct output *output, size_t size, uint64_t now_ns);

/* The next file of the row. As output_open. */
int output_next(struct output *output, uint64_t now_ns);

/* Writes cli->out, whole, and empties it. EXIT_CODE_OK, or the exit code after a message. */
int output_write(struct output *output);

/* Closes the file, if one is open. As output_write. */
int output_close(struct output *output);

#endif
