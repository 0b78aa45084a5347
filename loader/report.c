/* SPDX-License-Identifier: Apache-2.0
 *
 * Output: the console gets UTF-16, files and pipes UTF-8.
 */
#include "loader/report.h"

#include <string.h>

#include <windows.h>

#include "lib/console.h"
#include "lib/utf.h"
#include "loader/text.h"

#define UTF8_MAX (REPORT_LINE_CHARS * 3 + 1)

static void write_text(DWORD stream, const char *text)
{
    (void)rapl_console_write(stream, text, strlen(text));
}

static void write_line(DWORD stream, const wchar_t *lead, const wchar_t *text)
{
    wchar_t line[REPORT_LINE_CHARS + 64];
    char utf8[TEXT_CHARS(line) * 3];

    text_format(line, TEXT_CHARS(line), L"%ls%ls\n", lead, text);
    (void)rapl_utf8_from_wide(line, utf8, sizeof(utf8));
    write_text(stream, utf8);
}

/* Keeps the line for the object. */
static wchar_t *add_line(struct report *report, struct report_lines *lines)
{
    if (lines->count == REPORT_LINES_MAX) {
        report->lost = true;
        return lines->line[REPORT_LINES_MAX - 1];
    }
    return lines->line[lines->count++];
}

static void begin_object(struct report *report)
{
    text_free(&report->text);
    report->object = (struct json){.out = &report->text};
    json_begin_object(&report->object, NULL);
    json_string(&report->object, "verb", report->verb);
}

void report_begin(struct report *report, const char *verb, bool json, bool quiet)
{
    report->verb = verb;
    report->json = json;
    report->quiet = quiet;
    report->notes.count = 0;
    report->warnings.count = 0;
    report->next = NULL;
    report->lost = false;
    begin_object(report);
}

/* Keeps a line for the object, and says it now unless there is to be nothing else. */
static void add_note(struct report *report, struct report_lines *lines, DWORD stream,
                     const wchar_t *lead, const wchar_t *format, va_list arguments)
{
    wchar_t *line = add_line(report, lines);

    text_format_list(line, REPORT_LINE_CHARS, format, arguments);
    if (!report->json && !report->quiet) {
        write_line(stream, lead, line);
    }
}

void report_note(struct report *report, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_note(report, &report->notes, STD_OUTPUT_HANDLE, L"", format, arguments);
    va_end(arguments);
}

void report_warning(struct report *report, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    add_note(report, &report->warnings, STD_ERROR_HANDLE, L"Warning: ", format, arguments);
    va_end(arguments);
}

void report_next(struct report *report, const char *next)
{
    report->next = next;
}

void report_text(struct report *report, const char *name, const wchar_t *value)
{
    char utf8[UTF8_MAX];

    if (value != NULL) {
        (void)rapl_utf8_from_wide(value, utf8, sizeof(utf8));
    }
    json_string(&report->object, name, value != NULL ? utf8 : NULL);
}

void report_flag(struct report *report, const char *name, bool value)
{
    json_bool(&report->object, name, value);
}

static void write_row(const struct report *report, const wchar_t *label, const wchar_t *value)
{
    wchar_t lead[32];

    if (report->json || report->quiet) {
        return;
    }
    text_format(lead, TEXT_CHARS(lead), L"%-13ls", label);
    write_line(STD_OUTPUT_HANDLE, lead, value);
}

void report_row(struct report *report, const char *name, const wchar_t *label,
                const wchar_t *format, ...)
{
    wchar_t value[REPORT_LINE_CHARS];
    va_list arguments;

    va_start(arguments, format);
    text_format_list(value, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    report_text(report, name, value);
    write_row(report, label, value);
}

void report_row_flag(struct report *report, const char *name, const wchar_t *label, bool value)
{
    report_flag(report, name, value);
    write_row(report, label, value ? L"yes" : L"no");
}

void report_plain(struct report *report, const char *text, bool asked_for)
{
    if (!report->json) {
        write_text(asked_for ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, text);
    }
}

static void add_lines(struct report *report, const char *name, const struct report_lines *lines)
{
    char utf8[UTF8_MAX];

    json_begin_array(&report->object, name);
    for (unsigned i = 0; i < lines->count; i++) {
        (void)rapl_utf8_from_wide(lines->line[i], utf8, sizeof(utf8));
        json_string(&report->object, NULL, utf8);
    }
    json_end_array(&report->object);
}

static void finish_object(struct report *report, bool ok, enum loader_exit code, uint32_t error,
                          const wchar_t *message, const char *action)
{
    struct json *object = &report->object;

    if (report->lost || report->text.failed) { /* never seen; but what is printed must be whole */
        begin_object(report);
    } else {
        add_lines(report, "notes", &report->notes);
        add_lines(report, "warnings", &report->warnings);
        json_string(object, "next", report->next);
    }
    json_string(object, "result", ok ? "ok" : "error");
    json_unsigned(object, "code", (uint64_t)code);
    json_unsigned(object, "win32_error", error);
    report_text(report, "message", message);
    json_string(object, "action", action);
    json_end_object(object);
    json_end_document(object);
    if (report->json) {
        write_text(STD_OUTPUT_HANDLE, text_string(&report->text));
    }
    text_free(&report->text);
}

int report_ok(struct report *report, enum loader_exit code, const wchar_t *format, ...)
{
    wchar_t message[REPORT_LINE_CHARS];
    wchar_t next[256];
    va_list arguments;

    va_start(arguments, format);
    text_format_list(message, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    finish_object(report, true, code, 0, message, NULL);
    if (report->json || report->quiet) {
        return (int)code;
    }
    if (message[0] != L'\0') {
        write_line(STD_OUTPUT_HANDLE, L"", message);
    }
    if (report->next != NULL) {
        (void)rapl_wide_from_utf8(report->next, next, TEXT_CHARS(next));
        write_line(STD_ERROR_HANDLE, L"Next: ", next);
    }
    return (int)code;
}

/* Windows' own sentence for a code that the table does not have. */
static void windows_text(uint32_t error, wchar_t *out, DWORD size)
{
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS |
                                      FORMAT_MESSAGE_MAX_WIDTH_MASK,
                                  NULL, error, 0, out, size, NULL);
    while (length > 0 && (out[length - 1] == L' ' || out[length - 1] == L'.')) {
        length--;
    }
    out[length] = L'\0';
    if (length == 0) {
        text_format(out, size, L"Windows has no text for this code");
    }
}

static void write_failure(const struct report *report, const wchar_t *message, const char *action)
{
    wchar_t wide_action[1024];

    if (report->json) {
        return;
    }
    (void)rapl_wide_from_utf8(action, wide_action, TEXT_CHARS(wide_action));
    write_line(STD_ERROR_HANDLE, L"DriverLoader: ", message);
    write_line(STD_ERROR_HANDLE, L"  What to do: ", wide_action);
}

int report_error(struct report *report, enum loader_exit code, enum loader_step step,
                 uint32_t error, const wchar_t *format, ...)
{
    const struct error_text *text = error_text_find(error, step);
    const char *action = text != NULL ? text->action : error_text_unknown_action();
    wchar_t what[REPORT_LINE_CHARS];
    wchar_t meaning[512];
    wchar_t message[REPORT_LINE_CHARS];
    va_list arguments;

    va_start(arguments, format);
    text_format_list(what, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    if (text != NULL) {
        (void)rapl_wide_from_utf8(text->meaning, meaning, TEXT_CHARS(meaning));
    } else {
        windows_text(error, meaning, TEXT_CHARS(meaning));
    }
    text_format(message, REPORT_LINE_CHARS, L"%ls: Windows error %lu (0x%lX): %ls.", what,
                (unsigned long)error, (unsigned long)error, meaning);
    finish_object(report, false, code, error, message, action);
    write_failure(report, message, action);
    return (int)code;
}

int report_refusal(struct report *report, enum loader_exit code, const char *action,
                   const wchar_t *format, ...)
{
    wchar_t message[REPORT_LINE_CHARS];
    va_list arguments;

    va_start(arguments, format);
    text_format_list(message, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    finish_object(report, false, code, 0, message, action);
    write_failure(report, message, action);
    return (int)code;
}
