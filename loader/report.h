/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything DriverLoader says. As text: what was done and what is goes to standard output;
 * warnings, errors and the next step go to standard error. With --json: one object on standard
 * output and nothing else.
 *
 * Members of the object, where they apply: verb, the fields of the verb, notes[], warnings[],
 * next, result ("ok" or "error"), code (the exit code), win32_error (0: none), message, action.
 *
 * All formats are wide printf formats; %ls takes wide, %hs narrow (UTF-8, in practice ASCII) text.
 */
#ifndef RAPL_LOADER_REPORT_H
#define RAPL_LOADER_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#include "lib/json.h"
#include "loader/error_text.h"
#include "loader/exit_codes.h"
#include "loader/options.h"

#define REPORT_LINE_CHARS 2560 /* two paths and the words round them */
#define REPORT_LINES_MAX  12

struct report_lines {
    unsigned count;
    wchar_t line[REPORT_LINES_MAX][REPORT_LINE_CHARS];
};

struct report {
    const char *verb;
    bool json;
    bool quiet;
    struct report_lines notes;
    struct report_lines warnings;
    const char *next; /* constant text, NULL if there is none */
    struct text text; /* the object so far */
    struct json object;
    bool lost; /* there were more lines than fit */
};

void report_begin(struct report *report, const char *verb, bool json, bool quiet);

/* Something was done. */
void report_note(struct report *report, const wchar_t *format, ...);
void report_warning(struct report *report, const wchar_t *format, ...);
/* What the user types next; `next` is constant text. */
void report_next(struct report *report, const char *next);

/* Fields of the object only. */
void report_text(struct report *report, const char *name, const wchar_t *value);
void report_flag(struct report *report, const char *name, bool value);
/* A field of the object and, as text, a row "label  value" on standard output. */
void report_row(struct report *report, const char *name, const wchar_t *label,
                const wchar_t *format, ...);
/* The same for true and false, as text "yes" and "no". */
void report_row_flag(struct report *report, const char *name, const wchar_t *label, bool value);
/* Prints text as it is, on standard output if it was asked for; not part of the object. */
void report_plain(struct report *report, const char *text, bool asked_for);

/*
 * The three ends of a command; each returns the exit code it was given. `error` is a Windows error
 * code that error_text_find or Windows itself explains. A refusal has no Windows code: it is
 * DriverLoader's own, and `action` says what to do.
 */
int report_ok(struct report *report, enum loader_exit code, const wchar_t *format, ...);
int report_error(struct report *report, enum loader_exit code, enum loader_step step,
                 uint32_t error, const wchar_t *format, ...);
int report_refusal(struct report *report, enum loader_exit code, const char *action,
                   const wchar_t *format, ...);

#endif
