/* SPDX-License-Identifier: Apache-2.0
 *
 * --help: examples first, then the usage, what it does, the options and the exit codes, in 80
 * columns.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"

#define COLUMNS    79u
#define LEFT_MAX   28u /* a left column wider than this has its text on the next line */
#define LABEL_SIZE 64u

static void add_spaces(struct text *out, size_t count)
{
    while (count-- > 0) {
        text_add(out, " ");
    }
}

/* `words`, the first one at column `at`, broken before column COLUMNS; later lines at `indent`. */
static void add_wrapped(struct text *out, const char *words, size_t at, size_t indent)
{
    size_t column = at;
    bool first = true;

    while (*words != '\0') {
        size_t size = strcspn(words, " ");

        if (!first && column + 1 + size > COLUMNS) {
            text_add(out, "\n");
            add_spaces(out, indent);
            column = indent;
        } else if (!first) {
            text_add(out, " ");
            column++;
        }
        text_add_bytes(out, words, size);
        column += size;
        words += size;
        words += *words == ' ';
        first = false;
    }
    text_add(out, "\n");
}

/* Two columns: `left`, and `right` from column `indent` on. */
static void add_row(struct text *out, const char *left, size_t indent, const char *right)
{
    const size_t size = strlen(left);

    text_printf(out, "  %s", left);
    if (*right == '\0') {
        text_add(out, "\n");
        return;
    }
    if (size + 4 > indent) {
        text_add(out, "\n");
        add_spaces(out, indent);
    } else {
        add_spaces(out, indent - size - 2);
    }
    add_wrapped(out, right, indent, indent);
}

static size_t wider(size_t indent, size_t left)
{
    left = left > LEFT_MAX ? 4 : left;
    return left + 4 > indent ? left + 4 : indent;
}

static void add_examples(struct text *out, const struct verb_example *examples, size_t count)
{
    size_t indent = 0;

    for (size_t i = 0; i < count; i++) {
        indent = wider(indent, strlen(examples[i].command));
    }
    text_add(out, "Examples:\n");
    for (size_t i = 0; i < count; i++) {
        add_row(out, examples[i].command, indent, examples[i].text);
    }
}

/* "-i, --interval DURATION" */
static void label(const struct option *option, char out[LABEL_SIZE])
{
    char first[8] = "";

    if (option->short_name != '\0') {
        snprintf(first, sizeof(first), "-%c, ", option->short_name);
    }
    snprintf(out, LABEL_SIZE, "%s--%s%s%s", first, option->long_name,
             option->value_name != NULL ? " " : "",
             option->value_name != NULL ? option->value_name : "");
}

static void add_options(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;
    char left[LABEL_SIZE];
    size_t indent = 0;

    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        label(option, left);
        indent = wider(indent, strlen(left));
    }
    text_add(out, "\nOptions:\n");
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        label(option, left);
        add_row(out, left, indent, option->help);
    }
}

static void add_exit(struct text *out, const struct verb_exit *exit)
{
    char left[16];

    snprintf(left, sizeof(left), "%3d", exit->code);
    add_row(out, left, 7, exit->text);
}

static void add_paragraphs(struct text *out, const char *description)
{
    char paragraph[2048];

    while (*description != '\0') {
        const char *end = strstr(description, "\n\n");
        size_t size = end != NULL ? (size_t)(end - description) : strlen(description);

        snprintf(paragraph, sizeof(paragraph), "%.*s", (int)size, description);
        text_add(out, "\n");
        add_wrapped(out, paragraph, 0, 0);
        description += size + (end != NULL ? 2 : 0);
    }
}

void help_verb(struct text *out, const struct verb_syntax *verb)
{
    const struct verb_exit *exit;

    add_examples(out, verb->examples, verb->example_count);
    text_printf(out, "\nUsage: %s%s [OPTION]...%s%s\n",
                verb->program != NULL ? verb->program : "rapl ", verb->name,
                verb->operands[0] != '\0' ? " " : "", verb->operands);
    add_paragraphs(out, verb->description);
    add_options(out, verb);
    text_add(out, "\nExit codes:\n");
    for (size_t i = 0; (exit = verb_exit(verb, i)) != NULL; i++) {
        add_exit(out, exit);
    }
}

void help_program(struct text *out)
{
    struct verb_example examples[VERBS_MAX];
    const struct verb_syntax *verb;
    size_t count = 0;

    for (; count < VERBS_MAX && (verb = verb_at(count)) != NULL; count++) {
        examples[count] = verb->examples[0];
    }
    add_examples(out, examples, count);
    text_add(out, "\nUsage: rapl VERB [OPTION]...\n"
                  "       rapl VERB --help\n"
                  "       rapl --help | --version\n"
                  "\nVerbs:\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        add_row(out, verb->name, 14, verb->summary);
    }
    text_add(out,
             "\nData goes to standard output, everything else to standard error. Numbers from\n"
             "a recording or a simulated driver always say so. Exit codes: `rapl VERB --help`.\n");
}
