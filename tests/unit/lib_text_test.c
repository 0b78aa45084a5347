/* SPDX-License-Identifier: Apache-2.0
 *
 * Growing text, exact decimals and JSON.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/text.h"

static void expect_decimal(const char *expected, uint64_t value, uint32_t numerator,
                           uint32_t denominator, uint32_t digits, bool trim)
{
    struct text text = {.data = NULL};

    text_decimal(&text, value, (struct rapl_fraction){numerator, denominator}, digits, trim);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void test_decimal(void **state)
{
    (void)state;
    expect_decimal("0", 0, 1, 8, 6, true);
    expect_decimal("0.000000", 0, 1, 8, 6, false);
    expect_decimal("95", 760, 1, 8, 6, true);
    expect_decimal("0.125", 1, 1, 8, 6, true);
    expect_decimal("15.2587890625", 1000000, 1, 65536, 12, true);
    expect_decimal("61.03515625", 1000000, 1, 16384, 12, true);
    expect_decimal("0.032", 1, 32, 1000, 6, true);
    expect_decimal("65536", UINT64_C(1) << 32, 1, 65536, 6, true);
    expect_decimal("137438.953472", UINT64_C(1) << 32, 1, 31250, 6, true);
    expect_decimal("281474976710656", UINT64_C(1) << 63, 1, 32768, 6, true);
    expect_decimal("18446744073709551615", UINT64_MAX, 1, 1, 0, true);
    /* 2^-31 J in microjoules: more digits than are shown. */
    expect_decimal("0.000465661287", 1000000, 1, 1u << 31, 12, true);
}

static void test_decimal_rounds_half_up(void **state)
{
    (void)state;
    expect_decimal("0.13", 1, 1, 8, 2, true);   /* 0.125 */
    expect_decimal("0.063", 1, 1, 16, 3, true); /* 0.0625 */
    expect_decimal("1", 999999999, 1, 1000000000, 6, true);
    expect_decimal("1.000000", 9999995, 1, 10000000, 6, false);
    expect_decimal("0.999999", 99999949, 1, 100000000, 6, false);
    expect_decimal("3", 5, 1, 2, 0, true); /* 2.5 */
    expect_decimal("100.00", 99999, 1, 1000, 2, false);
}

static void test_decimal_too_large(void **state)
{
    (void)state;
    expect_decimal("18446744073709551615", UINT64_MAX, 2, 1, 0, true);
    expect_decimal("18446744073709551615", UINT64_MAX, UINT32_MAX, 7, 0, true);
    expect_decimal("18446744073709551615", UINT64_MAX, UINT32_MAX, UINT32_MAX, 0, true);
}

static void test_text_grows(void **state)
{
    struct text text = {.data = NULL};

    (void)state;
    assert_string_equal(text_string(&text), "");
    for (int i = 0; i < 10000; i++) {
        text_printf(&text, "%d,", i % 10);
    }
    assert_int_equal(text.size, 20000);
    assert_memory_equal(text.data + 19998, "9,", 2);
    text_clear(&text);
    text_add(&text, "x");
    assert_string_equal(text_string(&text), "x");
    text_free(&text);
}

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(text_columns("", 0), 0);
    assert_int_equal(text_columns("abc", 3), 3);
    assert_int_equal(text_columns("\xC2\xB5J", 3), 2);
    assert_int_equal(text_columns("\xE2\x82\xAC", 3), 1);
}

static void expect_json_string(const char *value, const char *expected)
{
    struct text text = {.data = NULL};
    struct json json = {.out = &text};

    json_string(&json, NULL, value);
    assert_string_equal(text_string(&text), expected);
    text_free(&text);
}

static void test_json_strings(void **state)
{
    (void)state;
    expect_json_string("", "\"\"");
    expect_json_string("C:\\Windows\\\"x\"", "\"C:\\\\Windows\\\\\\\"x\\\"\"");
    expect_json_string("a\nb\tc\x01\x7F", "\"a\\u000ab\\u0009c\\u0001\\u007f\"");
    expect_json_string("\xC2\xB5 \xE2\x82\xAC \xF0\x9F\x98\x80",
                       "\"\xC2\xB5 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
    expect_json_string(NULL, "null");
}

static void test_json_replaces_what_is_not_utf8(void **state)
{
    static const char *const broken[] = {
        "\x80",             /* continuation without a start */
        "\xC0\xAF",         /* overlong */
        "\xED\xA0\x80",     /* surrogate */
        "\xF4\x90\x80\x80", /* above U+10FFFF */
        "\xE2\x82",         /* cut off */
        "\xFF",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct text text = {.data = NULL};
        struct json json = {.out = &text};

        json_string(&json, NULL, broken[i]);
        /* Each bad byte becomes one U+FFFD. */
        assert_int_equal(text.size, 2 + 3 * strlen(broken[i]));
        assert_memory_equal(text.data + 1, "\xEF\xBF\xBD", 3);
        text_free(&text);
    }
}

static void test_json_nothing_in_it(void **state)
{
    struct text text = {.data = NULL};
    struct json json = {.out = &text};

    (void)state;
    json_begin_object(&json, NULL);
    json_end_object(&json);
    assert_string_equal(text_string(&text), "{}");
    text_free(&text);
}

static void test_json_document(void **state)
{
    struct text text = {.data = NULL};
    struct json json = {.out = &text};

    (void)state;
    json_begin_object(&json, NULL);
    json_begin_array(&json, "list");
    json_unsigned(&json, NULL, UINT64_MAX);
    json_begin_object(&json, NULL);
    json_end_object(&json);
    json_bool(&json, NULL, false);
    json_end_array(&json);
    json_begin_array(&json, "empty");
    json_end_array(&json);
    json_null(&json, "nothing");
    json_hex(&json, "raw", 0xA0E03);
    json_decimal(&json, "w", 1, (struct rapl_fraction){1, 8}, 6);
    json_truth(&json, "yes", RAPL_TRUTH_YES);
    json_truth(&json, "no", RAPL_TRUTH_NO);
    json_truth(&json, "maybe", RAPL_TRUTH_UNKNOWN);
    json_end_object(&json);
    json_end_document(&json);
    assert_string_equal(text_string(&text),
                        "{\"list\":[18446744073709551615,{},false],\"empty\":[],\"nothing\":null,"
                        "\"raw\":\"0xA0E03\",\"w\":0.125,\"yes\":true,\"no\":false,"
                        "\"maybe\":\"unknown\"}\n");
    text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_decimal_rounds_half_up),
        cmocka_unit_test(test_decimal_too_large),
        cmocka_unit_test(test_text_grows),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_json_strings),
        cmocka_unit_test(test_json_replaces_what_is_not_utf8),
        cmocka_unit_test(test_json_nothing_in_it),
        cmocka_unit_test(test_json_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
