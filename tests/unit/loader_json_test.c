/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader's JSON: escapes, commas, and a buffer that is too small.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "loader/json.h"

static void a_whole_object(void **state)
{
    char buffer[512];
    struct json json;

    json_open(&json, buffer, sizeof(buffer));
    json_string(&json, "path", "C:\\a \"b\"");
    json_string(&json, "none", NULL);
    json_number(&json, "zero", 0);
    json_number(&json, "most", UINT64_MAX);
    json_bool(&json, "yes", true);
    json_bool(&json, "no", false);
    json_array_open(&json, "empty");
    json_array_close(&json);
    json_array_open(&json, "list");
    json_array_string(&json, "a");
    json_array_string(&json, "b");
    json_array_close(&json);
    json_string(&json, "last", "");
    json_close(&json);

    assert_false(json.overflow);
    assert_string_equal(buffer, "{\"path\":\"C:\\\\a \\\"b\\\"\",\"none\":null,\"zero\":0,"
                                "\"most\":18446744073709551615,\"yes\":true,\"no\":false,"
                                "\"empty\":[],\"list\":[\"a\",\"b\"],\"last\":\"\"}");
}

static void an_empty_object(void **state)
{
    char buffer[8];
    struct json json;

    json_open(&json, buffer, sizeof(buffer));
    json_close(&json);
    assert_string_equal(buffer, "{}");
}

static void escapes(void **state)
{
    char buffer[128];
    struct json json;

    json_open(&json, buffer, sizeof(buffer));
    json_string(&json, "x", "\b\f\n\r\t\x01\x1F\x7F/\xC3\xA9\xF0\x9F\x94\x8B");
    json_close(&json);
    assert_string_equal(buffer, "{\"x\":\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f/"
                                "\xC3\xA9\xF0\x9F\x94\x8B\"}");
}

/* In a buffer of every size: nothing is written past it, and the loss is told. */
static void too_small(void **state)
{
    static const char whole[] = "{\"name\":\"va\\\\lue\",\"list\":[\"x\"]}";

    for (size_t size = 1; size <= sizeof(whole) + 1; size++) {
        char buffer[sizeof(whole) + 2];
        struct json json;

        memset(buffer, 0x5A, sizeof(buffer));
        json_open(&json, buffer, size);
        json_string(&json, "name", "va\\lue");
        json_array_open(&json, "list");
        json_array_string(&json, "x");
        json_array_close(&json);
        json_close(&json);

        assert_int_equal(json.overflow, size < sizeof(whole));
        assert_true(strlen(buffer) < size);
        for (size_t i = size; i < sizeof(buffer); i++) {
            assert_int_equal(buffer[i], 0x5A);
        }
        if (size >= sizeof(whole)) {
            assert_string_equal(buffer, whole);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_object),
        cmocka_unit_test(an_empty_object),
        cmocka_unit_test(escapes),
        cmocka_unit_test(too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
