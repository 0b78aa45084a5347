/* SPDX-License-Identifier: Apache-2.0
 *
 * Standard output, one file, or a row of files.
 */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 999999u

/* "log.csv" and 3: "log-0003.csv". malloc'ed; NULL without memory. */
static char *numbered(const char *path, uint32_t number)
{
    const char *dot = strrchr(path, '.');
    const char *slash = strrchr(path, '/');
    struct text text = {.data = NULL};
    char *copy;

#ifdef _WIN32
    const char *backslash = strrchr(path, '\\');

    slash = backslash != NULL && (slash == NULL || backslash > slash) ? backslash : slash;
#endif
    if (dot == NULL || (slash != NULL && dot < slash) || dot == path ||
        (slash != NULL && dot == slash + 1)) {
        dot = path + strlen(path);
    }
    text_add_bytes(&text, path, (size_t)(dot - path));
    text_printf(&text, "-%04u%s", (unsigned)number, dot);
    copy = text.failed ? NULL : strdup(text_string(&text));
    text_free(&text);
    return copy;
}

static int out_of_memory(struct cli *cli)
{
    cli_complain(cli, "out of memory.");
    return EXIT_CODE_OS;
}

static int refuse(struct cli *cli, const char *path, enum file_created result,
                  uint32_t system_error)
{
    struct text reason = {.data = NULL};

    if (result == FILE_EXISTS) {
        cli_complain(
            cli, "%s is there already: name another file, or add --overwrite to replace it.", path);
        return EXIT_CODE_CREATE;
    }
    file_error_text(system_error, &reason);
    cli_complain(cli, "%s cannot be written: %s.", path, text_string(&reason));
    text_free(&reason);
    return EXIT_CODE_CREATE;
}

static int open_file(struct output *output, char *path)
{
    uint32_t system_error = 0;
    enum file_created result =
        file_create(path, output->options.replace, &output->file, &system_error);

    if (result != FILE_CREATED) {
        int code = refuse(output->cli, path, result, system_error);

        free(path);
        return code;
    }
    output->path = path;
    return EXIT_CODE_OK;
}

/* The next number that is free, and never a file that is there. */
static int open_numbered(struct output *output)
{
    uint32_t system_error = 0;
    enum file_created result = FILE_EXISTS;
    char *path = NULL;

    while (result == FILE_EXISTS && output->number < NUMBER_MAX) {
        free(path);
        path = numbered(output->options.path, ++output->number);
        if (path == NULL) {
            return out_of_memory(output->cli);
        }
        result = file_create(path, false, &output->file, &system_error);
    }
    if (result != FILE_CREATED) {
        int code =
            refuse(output->cli, path != NULL ? path : output->options.path, result, system_error);

        free(path);
        return code;
    }
    output->path = path;
    return EXIT_CODE_OK;
}

int output_next(struct output *output, uint64_t now_ns)
{
    int code = output_close(output);
    char *path;

    output->size = 0;
    output->began_ns = now_ns;
    if (code != EXIT_CODE_OK || output->options.path == NULL) {
        return code;
    }
    if (output->options.row) {
        return open_numbered(output);
    }
    path = strdup(output->options.path);
    return path != NULL ? open_file(output, path) : out_of_memory(output->cli);
}

int output_open(struct cli *cli, const struct output_options *options, uint64_t now_ns,
                struct output *out)
{
    *out = (struct output){.cli = cli, .options = *options};
    return output_next(out, now_ns);
}

bool output_is_full(const struct output *output, size_t size, uint64_t now_ns)
{
    const struct output_options *options = &output->options;

    if (!options->row || output->size == 0) {
        return false;
    }
    return (options->size_most != 0 && output->size + size > options->size_most) ||
           (options->time_most_ns != 0 && now_ns - output->began_ns > options->time_most_ns);
}

static int complain(struct output *output, enum cli_written result)
{
    switch (result) {
    case CLI_WRITTEN:
        return EXIT_CODE_OK;
    case CLI_WRITE_CLOSED:
        return EXIT_CODE_IO;
    case CLI_WRITE_FULL:
        cli_complain(output->cli, "%s: the disk is full. What was written before is kept.",
                     output->path);
        return EXIT_CODE_IO;
    default:
        cli_complain(output->cli, "%s cannot be written any more. What was written before is kept.",
                     output->path);
        return EXIT_CODE_IO;
    }
}

int output_write(struct output *output)
{
    struct text *text = &output->cli->out;
    int code;

    if (output->options.path == NULL) {
        output->size += text->size;
        return cli_flush(output->cli) ? EXIT_CODE_OK : EXIT_CODE_IO;
    }
    if (text->failed) {
        return out_of_memory(output->cli);
    }
    code = text->size == 0 ? EXIT_CODE_OK
                           : complain(output, file_write(output->file, text->data, text->size));
    output->size += text->size;
    text_clear(text);
    cli_flush(output->cli); /* what there is to say is said at once */
    return code;
}

int output_close(struct output *output)
{
    int code = EXIT_CODE_OK;

    if (output->file != NULL) {
        code = complain(output, file_close(output->file));
    }
    output->file = NULL;
    free(output->path);
    output->path = NULL;
    return code;
}
