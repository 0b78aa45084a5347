/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables whose columns line up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/table.h"

static void test_table(void **state)
{
    static const struct table_column columns[] = {
        {"NAME", false}, {"NUMBER", true}, {"NOTE", false}};
    struct text out = {.data = NULL};
    struct table table;

    (void)state;
    table_begin(&table, columns, 3);
    table_cell(&table, "a");
    table_cell(&table, "1");
    table_cell(&table, "");
    table_cell(&table, "long name");
    table_cell(&table, "12345678");
    table_cell(&table, "x");
    table_cell(&table, "\xC2\xB5");
    text_printf(&table.text, "%d", 22);
    table_end_cell(&table);
    table_cell(&table, "y");
    table_end(&table, &out, "> ", false);
    assert_string_equal(text_string(&out), "> NAME         NUMBER  NOTE\n"
                                           "> a                 1\n"
                                           "> long name  12345678  x\n"
                                           "> \xC2\xB5                22  y\n");
    text_free(&out);
}

static void test_table_of_many_rows(void **state)
{
    static const struct table_column columns[] = {{"N", true}};
    struct text out = {.data = NULL};
    struct table table;

    (void)state;
    table_begin(&table, columns, 1);
    for (int i = 0; i < 1000; i++) {
        text_printf(&table.text, "%d", i);
        table_end_cell(&table);
    }
    table_end(&table, &out, "", true);
    assert_memory_equal(out.data, "\x1B[1m  N\x1B[0m\n  0\n", 16);
    assert_memory_equal(out.data + out.size - 8, "998\n999\n", 8);
    text_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_table_of_many_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
