/* SPDX-License-Identifier: Apache-2.0
 *
 * Manual pages, in the man macros that every troff knows.
 */
#include <ctype.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/verb.h"
#include "rapl_version.h"

/* Text as troff prints it: backslashes, hyphens that may be copied, no line that is a request. */
static void add_text(struct text *out, const char *text)
{
    bool begins = true;

    for (; *text != '\0'; text++) {
        if (begins && (*text == '.' || *text == '\'')) {
            text_add(out, "\\&");
        }
        begins = *text == '\n';
        if (*text == '\\') {
            text_add(out, "\\e");
        } else if (*text == '-') {
            text_add(out, "\\-");
        } else {
            text_add_bytes(out, text, 1);
        }
    }
}

static void add_upper(struct text *out, const char *text)
{
    for (; *text != '\0'; text++) {
        char upper = (char)toupper((unsigned char)*text);

        text_add_bytes(out, &upper, 1);
    }
}

static void add_heading(struct text *out, const char *verb, const char *summary)
{
    text_add(out, ".TH RAPL");
    text_add(out, verb != NULL ? "\\-" : "");
    add_upper(out, verb != NULL ? verb : "");
    text_add(out, " 1 \"\" \"rapl " RAPL_VERSION_STRING "\" \"rapl\"\n.SH NAME\nrapl");
    text_add(out, verb != NULL ? "\\-" : "");
    add_text(out, verb != NULL ? verb : "");
    text_add(out, " \\- ");
    add_text(out, summary);
    text_add(out, "\n");
}

/* "\fB\-i\fR, \fB\-\-interval\fR \fIDURATION\fR" */
static void add_option(struct text *out, const struct option *option)
{
    text_add(out, ".TP\n");
    if (option->short_name != '\0') {
        text_printf(out, "\\fB\\-%c\\fR, ", option->short_name);
    }
    text_add(out, "\\fB\\-\\-");
    add_text(out, option->long_name);
    text_add(out, "\\fR");
    if (option->value_name != NULL) {
        text_add(out, " \\fI");
        add_text(out, option->value_name);
        text_add(out, "\\fR");
    }
    text_add(out, "\n");
    add_text(out, option->help);
    text_add(out, "\n");
}

static void add_tagged(struct text *out, const char *tag, const char *text)
{
    text_add(out, ".TP\n\\fB");
    add_text(out, tag);
    text_add(out, "\\fR\n");
    add_text(out, text);
    text_add(out, "\n");
}

static void add_examples(struct text *out, const struct verb_syntax *verb)
{
    text_add(out, ".SH EXAMPLES\n");
    for (size_t i = 0; i < verb->example_count; i++) {
        add_tagged(out, verb->examples[i].command, verb->examples[i].text);
    }
}

static void add_paragraphs(struct text *out, const char *description)
{
    text_add(out, ".SH DESCRIPTION\n");
    while (*description != '\0') {
        const char *end = strstr(description, "\n\n");
        struct text paragraph = {.data = NULL};

        text_add_bytes(&paragraph, description,
                       end != NULL ? (size_t)(end - description) : strlen(description));
        add_text(out, text_string(&paragraph));
        text_add(out, end != NULL ? "\n.PP\n" : "\n");
        description += paragraph.size + (end != NULL ? 2 : 0);
        out->failed |= paragraph.failed;
        if (paragraph.failed) {
            return;
        }
        text_free(&paragraph);
    }
}

void man_verb(struct text *out, const struct verb_syntax *verb)
{
    const struct option *option;
    const struct verb_exit *exit;

    add_heading(out, verb->name, verb->summary);
    text_printf(out, ".SH SYNOPSIS\n\\fBrapl %s\\fR [\\fIOPTION\\fR]...", verb->name);
    if (verb->operands[0] != '\0') {
        text_add(out, " ");
        add_text(out, verb->operands);
    }
    text_add(out, "\n");
    add_paragraphs(out, verb->description);
    text_add(out, ".SH OPTIONS\n");
    for (size_t i = 0; (option = verb_option(verb, i)) != NULL; i++) {
        add_option(out, option);
    }
    text_add(out, ".SH \"EXIT STATUS\"\n");
    for (size_t i = 0; (exit = verb_exit(verb, i)) != NULL; i++) {
        text_printf(out, ".TP\n%d\n", exit->code);
        add_text(out, exit->text);
        text_add(out, "\n");
    }
    add_examples(out, verb);
    text_add(out, ".SH \"SEE ALSO\"\n\\fBrapl\\fR(1)\n");
}

void man_program(struct text *out)
{
    const struct verb_syntax *verb;

    add_heading(out, NULL, "the energy counters of this machine");
    text_add(out, ".SH SYNOPSIS\n\\fBrapl\\fR \\fIVERB\\fR [\\fIOPTION\\fR]...\n.br\n"
                  "\\fBrapl\\fR \\fIVERB\\fR \\-\\-help\n.SH DESCRIPTION\n"
                  "Reads the energy counters (RAPL) of Intel, AMD and Hygon processors. Data goes\n"
                  "to standard output, everything else to standard error.\n.SH VERBS\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        add_tagged(out, verb->name, verb->summary);
    }
    text_add(out, ".SH EXAMPLES\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        add_tagged(out, verb->examples[0].command, verb->examples[0].text);
    }
    text_add(out, ".SH \"SEE ALSO\"\n");
    for (size_t i = 0; (verb = verb_at(i)) != NULL; i++) {
        text_printf(out, "%s\\fBrapl\\-%s\\fR(1)", i != 0 ? ",\n" : "", verb->name);
    }
    text_add(out, "\n");
}
