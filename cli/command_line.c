/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments to a Windows command line.
 */
#include "cli/command_line.h"

#include <string.h>

/* `count` backslashes: each stands for itself unless a quote follows. */
static void add_backslashes(struct text *out, size_t count)
{
    while (count-- > 0) {
        text_add(out, "\\");
    }
}

static void add_quoted(struct text *out, const char *argument)
{
    size_t backslashes = 0;

    text_add(out, "\"");
    for (const char *at = argument; *at != '\0'; at++) {
        if (*at == '\\') {
            backslashes++;
            continue;
        }
        add_backslashes(out, *at == '"' ? 2 * backslashes + 1 : backslashes);
        backslashes = 0;
        text_add_bytes(out, at, 1);
    }
    add_backslashes(out, 2 * backslashes); /* the closing quote follows */
    text_add(out, "\"");
}

bool command_line_build(struct text *out, char *const *argv)
{
    if (strchr(argv[0], '"') != NULL) {
        return false;
    }
    /* In the program's name backslashes are never escapes. */
    text_add(out, "\"");
    text_add(out, argv[0]);
    text_add(out, "\"");
    for (size_t i = 1; argv[i] != NULL; i++) {
        text_add(out, " ");
        if (argv[i][0] != '\0' && strpbrk(argv[i], " \t\n\v\"") == NULL) {
            text_add(out, argv[i]);
        } else {
            add_quoted(out, argv[i]);
        }
    }
    return true;
}

bool command_line_is_batch(const char *program)
{
    size_t size = strlen(program);
    const char *end;
    char lower[4];

    /* Windows drops dots and spaces at the end of a file's name. */
    while (size > 0 && (program[size - 1] == '.' || program[size - 1] == ' ')) {
        size--;
    }
    if (size < 4) {
        return false;
    }
    end = program + size - 4;
    for (size_t i = 0; i < sizeof(lower); i++) {
        lower[i] = (char)(end[i] >= 'A' && end[i] <= 'Z' ? end[i] - 'A' + 'a' : end[i]);
    }
    return memcmp(lower, ".bat", 4) == 0 || memcmp(lower, ".cmd", 4) == 0;
}
