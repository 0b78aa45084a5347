/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry point and streams on Linux.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static bool write_stream(void *context, enum cli_stream stream, const char *bytes, size_t size)
{
    FILE *file = stream == CLI_OUT ? stdout : stderr;

    (void)context;
    return fwrite(bytes, 1, size, file) == size && fflush(file) == 0;
}

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

int main(int argc, char **argv)
{
    struct cli cli = {
        .colour = wants_colour(),
        .write = write_stream,
        .source_open = rapl_source_open,
        .source_close = rapl_source_close,
    };

    return cli_main(&cli, argc > 0 ? argc - 1 : 0, argv + 1);
}
