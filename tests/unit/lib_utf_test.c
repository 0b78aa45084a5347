/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 and UTF-8: every character there and back, what is not well formed, and text that does not
 * fit.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/utf.h"

/* By the encoding tables of RFC 3629 and RFC 2781. */
static const struct {
    wchar_t wide[8];
    const char *utf8;
} rows[] = {
    {L"", ""},
    {L"abc", "abc"},
    {{0x7F, 0x80, 0}, "\x7F\xC2\x80"},
    {{0xB5, 'J', 0}, "\xC2\xB5J"},
    {{0x7FF, 0x800, 0}, "\xDF\xBF\xE0\xA0\x80"},
    {{0x20AC, 0}, "\xE2\x82\xAC"},
    {{0xD7FF, 0xE000, 0xFFFF, 0}, "\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"},
    {{0xD800, 0xDC00, 0}, "\xF0\x90\x80\x80"},
    {{0xD83D, 0xDD0B, 'x', 0}, "\xF0\x9F\x94\x8Bx"},
    {{0xDBFF, 0xDFFF, 0}, "\xF4\x8F\xBF\xBF"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static void test_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char utf8[32];
        wchar_t wide[32];

        assert_true(rapl_utf8_from_wide(rows[i].wide, utf8, sizeof(utf8)));
        assert_string_equal(utf8, rows[i].utf8);
        assert_true(rapl_wide_from_utf8(rows[i].utf8, wide, 32));
        assert_int_equal(wcscmp(wide, rows[i].wide), 0);
    }
}

/* Every character, one by one: its length is that of its range, and it comes back. */
static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t character = 1; character <= 0x10FFFF; character++) {
        const uint32_t above = character - 0x10000;
        const wchar_t pair[] = {(wchar_t)(0xD800 + (above >> 10)),
                                (wchar_t)(0xDC00 + (above & 0x3FF)), 0};
        const wchar_t single[] = {(wchar_t)character, 0};
        const wchar_t *const wide = character >= 0x10000 ? pair : single;
        char utf8[8];
        wchar_t again[4];

        if (character >= 0xD800 && character <= 0xDFFF) {
            continue;
        }
        assert_true(rapl_utf8_from_wide(wide, utf8, sizeof(utf8)));
        assert_int_equal(strlen(utf8),
                         1 + (character > 0x7F) + (character > 0x7FF) + (character > 0xFFFF));
        assert_int_equal(rapl_utf8_length(utf8), strlen(utf8));
        assert_true(rapl_wide_from_utf8(utf8, again, 4));
        assert_int_equal(wcscmp(again, wide), 0);
    }
}

static void test_not_well_formed(void **state)
{
    static const wchar_t wide[][3] = {
        {0xD800, 0},      /* half a pair at the end */
        {0xDC00, 0},      /* the second half alone */
        {0xD800, 'x', 0}, /* half a pair before something else */
    };
    static const char *const utf8[] = {
        "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xF0\x9F\x94", "\xFF"};
    char narrow[16];
    wchar_t out[16];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(rapl_utf8_from_wide(wide[i], narrow, sizeof(narrow)));
        assert_memory_equal(narrow, "\xEF\xBF\xBD", 3);
    }
    for (size_t i = 0; i < sizeof(utf8) / sizeof(utf8[0]); i++) {
        assert_int_equal(rapl_utf8_length(utf8[i]), 0);
        assert_true(rapl_wide_from_utf8(utf8[i], out, 16));
        for (size_t k = 0; k < strlen(utf8[i]); k++) { /* each bad byte is one U+FFFD */
            assert_int_equal(out[k], 0xFFFD);
        }
    }
}

/* Into every size: terminated, whole characters only, and nothing written past the end. */
static void test_cut(void **state)
{
    static const wchar_t wide[] = {'a', 0xE9, 0x20AC, 0xD83D, 0xDD0B, 'z', 0};
    static const char utf8[] = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x8Bz";
    static const size_t utf8_cut[] = {0, 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    static const size_t wide_cut[] = {0, 0, 1, 2, 3, 3, 5, 6};

    (void)state;
    for (size_t size = 1; size <= 12; size++) {
        char out[13];

        memset(out, 0x5A, sizeof(out));
        assert_int_equal(rapl_utf8_from_wide(wide, out, size), size == 12);
        assert_int_equal(strlen(out), utf8_cut[size]);
        assert_memory_equal(out, utf8, utf8_cut[size]);
        assert_int_equal(out[size], 0x5A);
    }
    for (size_t size = 1; size <= 7; size++) {
        wchar_t out[8];

        wmemset(out, 0x5A, 8);
        assert_int_equal(rapl_wide_from_utf8(utf8, out, size), size == 7);
        assert_int_equal(wcslen(out), wide_cut[size]);
        assert_int_equal(wmemcmp(out, wide, wide_cut[size]), 0);
        assert_int_equal(out[size], 0x5A);
    }
}

static void test_arguments(void **state)
{
    wchar_t empty[] = L"";
    wchar_t plain[] = L"decode";
    wchar_t euros[] = {0x20AC, 0x20AC, 0x20AC, 0};
    wchar_t *const given[] = {empty, plain, euros};
    char **arguments = rapl_utf8_arguments(3, given);

    (void)state;
    assert_non_null(arguments);
    assert_string_equal(arguments[0], "");
    assert_string_equal(arguments[1], "decode");
    assert_string_equal(arguments[2], "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");
    assert_null(arguments[3]);
    free(arguments);
    arguments = rapl_utf8_arguments(0, given);
    assert_non_null(arguments);
    assert_null(arguments[0]);
    free(arguments);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),       cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_not_well_formed), cmocka_unit_test(test_cut),
        cmocka_unit_test(test_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
