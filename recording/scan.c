/* SPDX-License-Identifier: Apache-2.0
 *
 * Cuts a recording's text into lines, words and numbers, and keeps the first complaint.
 */
#include "recording/scan.h"

static const char message_long[] =
    "this line is too long: a line holds at most 512 bytes, put the rest on another one";
static const char message_control[] =
    "a control byte: recordings are text, with no bytes below 32 but tabs and line ends";
static const char message_ascii[] =
    "a byte outside ASCII: these may stand in comments and in \"strings\" only";
static const char message_quote[] = "this string has no end: close it with \" on the same line";
static const char message_glued[] = "put a space between a string and what stands next to it";

void recording_scan_start(struct recording_scan *scan, const char *text, size_t size)
{
    /* Windows editors put a byte order mark before UTF-8. */
    if (size >= 3 && (uint8_t)text[0] == 0xEF && (uint8_t)text[1] == 0xBB &&
        (uint8_t)text[2] == 0xBF) {
        text += 3;
        size -= 3;
    }
    *scan = (struct recording_scan){.next = text, .text_end = text + size};
    scan->start = scan->cursor = scan->end = text;
}

bool recording_fail(struct recording_scan *scan, uint32_t column, const char *message)
{
    if (!scan->error.message) {
        uint32_t line = scan->line ? scan->line : 1u;

        scan->error = (struct recording_error){.line = line, .column = column, .message = message};
    }
    return false;
}

uint32_t recording_column_of(const struct recording_scan *scan, const char *at)
{
    return (uint32_t)(at - scan->start) + 1u;
}

/* Refuses bytes that have no place in a recording and cuts the comment off. */
static bool check_bytes(struct recording_scan *scan, const char *end)
{
    const char *quote = NULL;
    const char *cut = NULL;

    for (const char *at = scan->start; at < end; at++) {
        uint8_t byte = (uint8_t)*at;

        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            return recording_fail(scan, recording_column_of(scan, at), message_control);
        }
        if (cut) {
            continue;
        }
        if (byte >= 0x80 && !quote) {
            return recording_fail(scan, recording_column_of(scan, at), message_ascii);
        }
        if (byte == '"') {
            quote = quote ? NULL : at;
        }
        if (byte == '#' && !quote) {
            cut = at;
        }
    }
    if (quote) {
        return recording_fail(scan, recording_column_of(scan, quote), message_quote);
    }
    scan->end = cut ? cut : end;
    return true;
}

/* Takes the next line, whatever it holds. */
static bool take_line(struct recording_scan *scan)
{
    const char *end = scan->next;

    scan->start = scan->cursor = scan->end = scan->next;
    scan->line++;
    while (end < scan->text_end && *end != '\n') {
        end++;
    }
    scan->next = end < scan->text_end ? end + 1 : end;
    if (end > scan->start && end < scan->text_end && end[-1] == '\r') {
        end--;
    }
    if (end - scan->start > (ptrdiff_t)RECORDING_LINE_MAX) {
        return recording_fail(scan, RECORDING_LINE_MAX + 1u, message_long);
    }
    return check_bytes(scan, end);
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void skip_space(struct recording_scan *scan)
{
    while (scan->cursor < scan->end && is_space(*scan->cursor)) {
        scan->cursor++;
    }
}

bool recording_scan_line(struct recording_scan *scan)
{
    while (scan->next < scan->text_end) {
        if (!take_line(scan)) {
            return false;
        }
        skip_space(scan);
        if (scan->cursor < scan->end) {
            return true;
        }
    }
    return false;
}

uint32_t recording_scan_column(const struct recording_scan *scan)
{
    const char *at = scan->cursor;

    while (at < scan->end && is_space(*at)) {
        at++;
    }
    return recording_column_of(scan, at);
}

bool recording_scan_at_key(const struct recording_scan *scan)
{
    const char *at = scan->start + recording_scan_column(scan) - 1;

    return at == scan->end || *at == '@';
}

/* check_bytes has seen to it that the string ends on this line. */
static void take_string(struct recording_scan *scan, struct recording_token *token)
{
    token->string = true;
    token->text = ++scan->cursor;
    while (*scan->cursor != '"') {
        scan->cursor++;
    }
    token->size = (uint32_t)(scan->cursor - token->text);
    scan->cursor++;
}

bool recording_scan_token(struct recording_scan *scan, struct recording_token *token)
{
    skip_space(scan);
    *token = (struct recording_token){.text = scan->cursor,
                                      .column = recording_column_of(scan, scan->cursor)};
    if (scan->cursor == scan->end) {
        return false;
    }
    if (*scan->cursor == '"') {
        take_string(scan, token);
        return true;
    }
    while (scan->cursor < scan->end && !is_space(*scan->cursor) && *scan->cursor != '"') {
        scan->cursor++;
    }
    token->size = (uint32_t)(scan->cursor - token->text);
    return true;
}

bool recording_token_is(const struct recording_token *token, const char *word)
{
    uint32_t at = 0;

    if (token->string) {
        return false;
    }
    while (at < token->size && word[at] != '\0' && token->text[at] == word[at]) {
        at++;
    }
    return at == token->size && word[at] == '\0';
}

bool recording_scan_word(struct recording_scan *scan, const char *word)
{
    const char *cursor = scan->cursor;
    struct recording_token token;

    if (recording_scan_token(scan, &token) && recording_token_is(&token, word)) {
        return true;
    }
    scan->cursor = cursor;
    return false;
}

bool recording_scan_string(struct recording_scan *scan, const char *message,
                           struct recording_token *token)
{
    if (!recording_scan_token(scan, token) || !token->string) {
        return recording_fail(scan, token->column, message);
    }
    if (scan->cursor < scan->end && !is_space(*scan->cursor)) {
        return recording_fail(scan, recording_column_of(scan, scan->cursor), message_glued);
    }
    return true;
}

bool recording_scan_choice(struct recording_scan *scan, const char *const *words, uint32_t count,
                           const char *message, uint32_t *index)
{
    struct recording_token token;

    if (recording_scan_token(scan, &token)) {
        for (uint32_t i = 0; i < count; i++) {
            if (recording_token_is(&token, words[i])) {
                *index = i;
                return true;
            }
        }
    }
    return recording_fail(scan, token.column, message);
}
