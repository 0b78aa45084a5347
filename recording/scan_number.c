/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers of a recording, and ranges of them.
 */
#include "recording/scan.h"

static uint32_t digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return (uint32_t)(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return (uint32_t)(digit - 'a') + 10u;
    }
    if (digit >= 'A' && digit <= 'F') {
        return (uint32_t)(digit - 'A') + 10u;
    }
    return 16u;
}

enum number_result { NUMBER_OK, NUMBER_NONE, NUMBER_RANGE };

/* Decimal, or hexadecimal after 0x. */
static enum number_result read_number(const char *text, uint32_t size,
                                      const struct recording_number *what, uint64_t *value)
{
    uint32_t base = 10, at = 0;
    uint64_t sum = 0;
    bool over = false;

    if (size > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        at = 2;
    }
    if (at == size) {
        return NUMBER_NONE;
    }
    for (; at < size; at++) {
        uint32_t digit = digit_value(text[at]);

        if (digit >= base) {
            return NUMBER_NONE;
        }
        if (sum > (UINT64_MAX - digit) / base) {
            over = true;
        }
        sum = sum * base + digit;
    }
    if (over || sum < what->min || sum > what->max) {
        return NUMBER_RANGE;
    }
    *value = sum;
    return NUMBER_OK;
}

static bool take_number(struct recording_scan *scan, const char *text, uint32_t size,
                        const struct recording_number *what, uint64_t *value)
{
    enum number_result result = read_number(text, size, what, value);

    if (result == NUMBER_OK) {
        return true;
    }
    return recording_fail(scan, recording_column_of(scan, text),
                          result == NUMBER_NONE ? what->missing : what->range);
}

/* Takes the token after `what->word`. */
static bool take_after(struct recording_scan *scan, const struct recording_number *what,
                       struct recording_token *token)
{
    if (what->word && !recording_scan_word(scan, what->word)) {
        return recording_fail(scan, recording_scan_column(scan), what->missing);
    }
    if (!recording_scan_token(scan, token) || token->string) {
        return recording_fail(scan, token->column, what->missing);
    }
    return true;
}

bool recording_scan_number(struct recording_scan *scan, const struct recording_number *what,
                           uint64_t *value)
{
    struct recording_token token = {0};

    return take_after(scan, what, &token) && take_number(scan, token.text, token.size, what, value);
}

bool recording_scan_optional(struct recording_scan *scan, const struct recording_number *what,
                             uint64_t *value)
{
    const char *cursor = scan->cursor;

    if (!recording_scan_word(scan, what->word)) {
        return true;
    }
    scan->cursor = cursor;
    return recording_scan_number(scan, what, value);
}

bool recording_scan_range(struct recording_scan *scan, const struct recording_number *what,
                          bool all, struct recording_range *range)
{
    struct recording_token token = {0};
    uint64_t first = 0, last = 0;
    uint32_t dash = 0;

    if (!take_after(scan, what, &token)) {
        return false;
    }
    if (all && recording_token_is(&token, "all")) {
        *range = (struct recording_range){.first = 0, .last = RECORDING_ALL};
        return true;
    }
    while (dash < token.size && token.text[dash] != '-') {
        dash++;
    }
    if (!take_number(scan, token.text, dash, what, &first)) {
        return false;
    }
    last = first;
    if (dash < token.size &&
        !take_number(scan, token.text + dash + 1, token.size - dash - 1, what, &last)) {
        return false;
    }
    if (last < first) {
        return recording_fail(scan, token.column,
                              "a range goes up: write the smaller number before the dash");
    }
    *range = (struct recording_range){.first = (uint16_t)first, .last = (uint16_t)last};
    return true;
}
