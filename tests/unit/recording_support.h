/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of recording/ share: parsing a text or a shipped file into memory that
 * AddressSanitizer watches.
 */
#ifndef RAPL_TESTS_RECORDING_SUPPORT_H
#define RAPL_TESTS_RECORDING_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/recording.h"

#define SHIPPED_DIR RAPL_SOURCE_DIR "/recordings/"

/* A recording and the arena it points into. */
struct parsed {
    struct recording recording;
    void *arena;
};

/* Parses a copy that is exactly as long as the text, in an arena exactly as long as asked for. */
static inline bool parse_sized(const char *text, size_t size, struct parsed *out,
                               struct recording_error *error)
{
    const size_t arena_size = recording_arena_size(size);
    char *const copy = malloc(size > 0 ? size : 1);
    bool ok;

    assert_non_null(copy);
    memcpy(copy, text, size);
    out->arena = malloc(arena_size);
    assert_non_null(out->arena);
    ok = recording_parse(copy, size, out->arena, arena_size, &out->recording, error);
    free(copy);
    if (!ok) {
        free(out->arena);
        out->arena = NULL;
    }
    return ok;
}

static inline struct parsed parse_or_fail(const char *text, size_t size)
{
    struct recording_error error = {0};
    struct parsed out;

    if (!parse_sized(text, size, &out, &error)) {
        fail_msg("%u:%u: %s", error.line, error.column, error.message);
    }
    return out;
}

static inline struct parsed parse_text_or_fail(const char *text)
{
    return parse_or_fail(text, strlen(text));
}

/* A shipped file's text, malloc'd. */
static inline char *read_shipped(const char *name, size_t *size)
{
    char path[512];
    char *text;
    FILE *file;
    long length;

    snprintf(path, sizeof(path), "%s%s", SHIPPED_DIR, name);
    file = fopen(path, "rb");
    if (!file) {
        fail_msg("cannot open %s", path);
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    length = ftell(file);
    assert_true(length > 0);
    assert_int_equal(fseek(file, 0, SEEK_SET), 0);
    text = malloc((size_t)length);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)length, file), length);
    fclose(file);
    *size = (size_t)length;
    return text;
}

static inline struct parsed load_shipped(const char *name)
{
    size_t size = 0;
    char *const text = read_shipped(name, &size);
    const struct parsed out = parse_or_fail(text, size);

    free(text);
    return out;
}

#endif
