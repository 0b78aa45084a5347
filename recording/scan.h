/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines, words and numbers of a recording's text. Internal to recording/.
 *
 * Every function that returns false after a complaint has put it into `error`, where the first one
 * stays; callers only pass the false on.
 */
#ifndef RAPL_RECORDING_SCAN_H
#define RAPL_RECORDING_SCAN_H

#include "recording/recording.h"

struct recording_scan {
    const char *next; /* first byte after the current line */
    const char *text_end;
    const char *start;            /* of the current line */
    const char *cursor;           /* within the current line */
    const char *end;              /* of the current line, comment and line end cut off */
    uint32_t line;                /* from 1; 0 before the first */
    struct recording_error error; /* message NULL: none so far */
};

struct recording_token {
    const char *text; /* a string's first byte after its quote */
    uint32_t size;
    uint32_t column; /* of its first byte, quote included; one past the line if there is none */
    bool string;
};

/* A number, with the word that stands before it. */
struct recording_number {
    const char *word; /* NULL: the number stands alone */
    uint64_t min;
    uint64_t max;
    const char *missing; /* what to do if word or number is not there */
    const char *range;   /* what to do if it is not between min and max */
};

void recording_scan_start(struct recording_scan *scan, const char *text, size_t size);

/* Records a complaint about the current line unless there is one already. Always false. */
bool recording_fail(struct recording_scan *scan, uint32_t column, const char *message);

/* Goes to the next line that holds more than a comment. False: end of text, or a complaint. */
bool recording_scan_line(struct recording_scan *scan);

/* Takes the next word or string. False without complaint: the line is at its end. */
bool recording_scan_token(struct recording_scan *scan, struct recording_token *token);

/* Takes the next token only if it is this word. Never complains. */
bool recording_scan_word(struct recording_scan *scan, const char *word);

/* Takes a string; complains with `message` if there is none. */
bool recording_scan_string(struct recording_scan *scan, const char *message,
                           struct recording_token *token);

/* Takes one of `count` words, `*index` is which. */
bool recording_scan_choice(struct recording_scan *scan, const char *const *words, uint32_t count,
                           const char *message, uint32_t *index);

/* Takes `what->word` and a number. */
bool recording_scan_number(struct recording_scan *scan, const struct recording_number *what,
                           uint64_t *value);

/* The same, but keeps `*value` if the word is not there. */
bool recording_scan_optional(struct recording_scan *scan, const struct recording_number *what,
                             uint64_t *value);

/* Takes `what->word` and `3`, `0-7` or, where `all` is set, `all`. */
bool recording_scan_range(struct recording_scan *scan, const struct recording_number *what,
                          bool all, struct recording_range *range);

bool recording_token_is(const struct recording_token *token, const char *word);

/* Column of a byte of the current line. */
uint32_t recording_column_of(const struct recording_scan *scan, const char *at);

/* Column of the next token, or one past the line. */
uint32_t recording_scan_column(const struct recording_scan *scan);

/* True if the line is at its end or the next token begins with @. */
bool recording_scan_at_key(const struct recording_scan *scan);

#endif
