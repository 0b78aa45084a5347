/* SPDX-License-Identifier: Apache-2.0
 *
 * Output: the console gets UTF-16, files and pipes UTF-8.
 */
#include "loader/report.h"

#include <string.h>

#include <windows.h>

#include "loader/text.h"

#define UTF8_MAX (REPORT_LINE_CHARS * 3 + 1)

static void write_utf8(HANDLE stream, const char *text)
{
    size_t left = strlen(text);
    DWORD written;

    while (left > 0 && WriteFile(stream, text, (DWORD)left, &written, NULL) && written > 0) {
        text += written;
        left -= written;
    }
}

static void write_line(DWORD which, const wchar_t *lead, const wchar_t *text)
{
    const HANDLE stream = GetStdHandle(which);
    wchar_t line[REPORT_LINE_CHARS + 64];
    char utf8[TEXT_CHARS(line) * 3];
    DWORD mode;
    DWORD written;

    text_format(line, TEXT_CHARS(line), L"%ls%ls\n", lead, text);
    if (GetConsoleMode(stream, &mode)) {
        WriteConsoleW(stream, line, (DWORD)wcslen(line), &written, NULL);
        return;
    }
    text_to_utf8(line, utf8, sizeof(utf8));
    write_utf8(stream, utf8);
}

/* Keeps the line for the object. */
static wchar_t *add_line(struct report *report, struct report_lines *lines)
{
    if (lines->count == REPORT_LINES_MAX) {
        report->object.overflow = true;
        return lines->line[REPORT_LINES_MAX - 1];
    }
    return lines->line[lines->count++];
}

void report_begin(struct report *report, const char *verb, bool json, bool quiet)
{
    report->verb = verb;
    report->json = json;
    report->quiet = quiet;
    report->notes.count = 0;
    report->warnings.count = 0;
    report->next = NULL;
    json_open(&report->object, report->object_text, sizeof(report->object_text));
    json_string(&report->object, "verb", verb);
}

void report_note(struct report *report, const wchar_t *format, ...)
{
    wchar_t *line = add_line(report, &report->notes);
    va_list arguments;

    va_start(arguments, format);
    text_format_list(line, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    if (!report->json && !report->quiet) {
        write_line(STD_OUTPUT_HANDLE, L"", line);
    }
}

void report_warning(struct report *report, const wchar_t *format, ...)
{
    wchar_t *line = add_line(report, &report->warnings);
    va_list arguments;

    va_start(arguments, format);
    text_format_list(line, REPORT_LINE_CHARS, format, arguments);
    va_end(arguments);
    if (!report->json && !report->quiet) {
        write_line(STD_ERROR_HANDLE, L"Warning: ", line);
    }
}

void report_next(struct report *report, const char *next)
{
    report->next = next;
}

void report_text(struct report *report, const char *name, const wchar_t *value)
{
    char utf8[UTF8_MAX];

    if (value != NULL) {
        text_to_utf8(value, utf8, sizeof(utf8));
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
        write_utf8(GetStdHandle(asked_for ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE), text);
    }
}

static void add_lines(struct report *report, const char *name, const struct report_lines *lines)
{
    char utf8[UTF8_MAX];

    json_array_open(&report->object, name);
    for (unsigned i = 0; i < lines->count; i++) {
        text_to_utf8(lines->line[i], utf8, sizeof(utf8));
        json_array_string(&report->object, utf8);
    }
    json_array_close(&report->object);
}

static void finish_object(struct report *report, bool ok, enum loader_exit code, uint32_t error,
                          const wchar_t *message, const char *action)
{
    struct json *object = &report->object;

    if (object->overflow) { /* never seen; but what is printed must stay one whole object */
        json_open(object, report->object_text, sizeof(report->object_text));
        json_string(object, "verb", report->verb);
    } else {
        add_lines(report, "notes", &report->notes);
        add_lines(report, "warnings", &report->warnings);
        json_string(object, "next", report->next);
    }
    json_string(object, "result", ok ? "ok" : "error");
    json_number(object, "code", (uint64_t)code);
    json_number(object, "win32_error", error);
    report_text(report, "message", message);
    json_string(object, "action", action);
    json_close(object);
    if (!report->json) {
        return;
    }
    write_utf8(GetStdHandle(STD_OUTPUT_HANDLE), report->object_text);
    write_utf8(GetStdHandle(STD_OUTPUT_HANDLE), "\n");
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
        text_to_wide(report->next, next, TEXT_CHARS(next));
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
    text_to_wide(action, wide_action, TEXT_CHARS(wide_action));
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
        text_to_wide(text->meaning, meaning, TEXT_CHARS(meaning));
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
