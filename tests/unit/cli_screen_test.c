/* SPDX-License-Identifier: Apache-2.0
 *
 * Times as text, blocks drawn over themselves, and rows of blocks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/meters.h"
#include "cli/screen.h"
#include "tests/unit/cli_captured.h"

static void test_times(void **state)
{
    static const struct {
        uint64_t unix_s;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000007Z"},          {951782399, "2000-02-28T23:59:59.000007Z"},
        {951782400, "2000-02-29T00:00:00.000007Z"},  {1709251199, "2024-02-29T23:59:59.000007Z"},
        {1709251200, "2024-03-01T00:00:00.000007Z"}, {1795377600, "2026-11-22T20:00:00.000007Z"},
        {4102444799, "2099-12-31T23:59:59.000007Z"}, {4107542400, "2100-03-01T00:00:00.000007Z"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text text = {.data = NULL};

        time_text(&text, rows[i].unix_s * 1000000 + 7);
        assert_string_equal(text_string(&text), rows[i].text);
        text_free(&text);
    }
}

static void test_drawing(void **state)
{
    struct screen screen = {.drawn = 0};
    struct text text = {.data = NULL};

    screen_draw(&screen, &text, "one\n\x1B[1mtwo three\x1B[0m\n", 8, 24);
    assert_string_equal(text_string(&text), "\x1B[?25lone\x1B[K\n"
                                            "\x1B[1mtwo thr\x1B[0m\x1B[K\n\x1B[J");
    text_clear(&text);
    screen_draw(&screen, &text, "ä▁▂▃\n", 4, 24);
    assert_string_equal(text_string(&text), "\x1B[?25l\x1B[2A\rä▁▂\x1B[K\n\x1B[J");
    text_clear(&text);
    screen_draw(&screen, &text, "1\n2\n3\n4\n5\n", 80, 4);
    assert_contains(&text, "1\x1B[K\n2\x1B[K\n... and 3 more lines");
    assert_int_equal(screen.drawn, 3);
    text_clear(&text);
    screen_end(&screen, &text);
    assert_string_equal(text_string(&text), "\x1B[?25h");
    text_free(&text);
}

static void test_sparkline(void **state)
{
    static const uint64_t rising[] = {0, 1000000, 4000000, 8000000};
    static const uint64_t nothing[] = {0, 0};
    static const uint64_t huge[] = {UINT64_MAX, UINT64_MAX / 2};
    struct text text = {.data = NULL};

    screen_sparkline(&text, rising, 4);
    assert_string_equal(text_string(&text), "▁▁▄█");
    text_clear(&text);
    screen_sparkline(&text, nothing, 2);
    assert_string_equal(text_string(&text), "▁▁");
    text_clear(&text);
    screen_sparkline(&text, huge, 2);
    assert_string_equal(text_string(&text), "█▄");
    text_free(&text);
}

/* A terminal: the cursor comes back, and simulated stands where a narrow one does not cut it. */
static void test_watch(void **state)
{
    struct captured captured = {
        .terminal = true, .unicode = true, .colour = true, .columns = 40, .lines = 30};

    assert_int_equal(captured_play(&captured, "watch -n 2", "haswell-ep-2s.rec"), 0);
    assert_contains(&captured.out, "2.0 s, simulated, recording");
    assert_contains(&captured.out, "█");
    assert_contains(&captured.out, "\x1B[?25h");
    assert_contains(&captured.out, "2 s in all, simulated");
    captured.unicode = false;
    assert_int_equal(captured_play(&captured, "watch -n 2", "haswell-ep-2s.rec"), 0);
    assert_lacks(&captured.out, "█");
    captured.interrupt_after = 3;
    assert_int_equal(captured_play(&captured, "watch", "haswell-ep-2s.rec"), 0);
    assert_contains(&captured.out, " s in all, simulated");
    captured_free(&captured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_drawing),
        cmocka_unit_test(test_sparkline),
        cmocka_unit_test(test_watch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
