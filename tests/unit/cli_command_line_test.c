/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows command lines: Microsoft's published examples, and everything there and back through a
 * parser of the published rules.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/command_line.h"

static void expect_line(const char *expected, char *const *argv)
{
    struct text line = {0};

    assert_true(command_line_build(&line, argv));
    assert_string_equal(text_string(&line), expected);
    text_free(&line);
}

static void test_examples(void **state)
{
    char *plain[] = {"make", "-j4", NULL};
    char *spaces[] = {"C:\\Program Files\\x.exe", "a b", "", "c", NULL};
    char *quotes[] = {"x", "ab\"c", "\\", "d", "a\\\\\\b", "de fg", "a\\\"b", "a\\\\b c", NULL};
    char *ends[] = {"x", "a b\\", "a b\\\\", NULL};

    expect_line("\"make\" -j4", plain);
    expect_line("\"C:\\Program Files\\x.exe\" \"a b\" \"\" c", spaces);
    expect_line("\"x\" \"ab\\\"c\" \\ d a\\\\\\b \"de fg\" \"a\\\\\\\"b\" \"a\\\\b c\"", quotes);
    expect_line("\"x\" \"a b\\\\\" \"a b\\\\\\\\\"", ends);
}

/* The rules as published for the C runtime, from the other side. */
static const char *parse_one(const char *at, char *out)
{
    bool quoted = false;

    while (*at != '\0' && (quoted || (*at != ' ' && *at != '\t'))) {
        size_t slashes = strspn(at, "\\");

        at += slashes;
        if (*at == '"') {
            memset(out, '\\', slashes / 2);
            out += slashes / 2;
            if (slashes % 2 != 0) {
                *out++ = '"';
            } else {
                quoted = !quoted;
            }
            at++;
        } else if (slashes != 0) {
            memset(out, '\\', slashes);
            out += slashes;
        } else {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return at + strspn(at, " \t");
}

/* Every argument of up to five of the characters that matter. */
static void test_there_and_back(void **state)
{
    static const char letters[] = {'a', ' ', '"', '\\', '\t'};

    for (uint32_t number = 0; number < 7776; number++) {
        char argument[8] = "", parsed[16];
        char *argv[] = {"x", argument, "z", NULL};
        struct text line = {0};
        const char *at;
        size_t size = 0;

        for (uint32_t rest = number; rest != 0; rest /= 6) {
            if (rest % 6 != 0) {
                argument[size++] = letters[rest % 6 - 1];
            }
        }
        argument[size] = '\0';
        assert_true(command_line_build(&line, argv));
        at = text_string(&line) + strlen("\"x\" ");
        at = parse_one(at, parsed);
        assert_string_equal(parsed, argument);
        assert_string_equal(at, "z");
        text_free(&line);
    }
}

static void test_refused(void **state)
{
    char *argv[] = {"a\"b", NULL};
    struct text line = {0};

    assert_false(command_line_build(&line, argv));
    assert_int_equal(line.size, 0);
}

static void test_batch(void **state)
{
    assert_true(command_line_is_batch("build.bat"));
    assert_true(command_line_is_batch("C:\\x\\BUILD.Cmd"));
    assert_true(command_line_is_batch("build.cmd. ."));
    assert_false(command_line_is_batch("build.exe"));
    assert_false(command_line_is_batch("bat"));
    assert_false(command_line_is_batch(""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_batch),
    };

    return cmocka_run_group_tests_name("cli_command_line", tests, NULL, NULL);
}
