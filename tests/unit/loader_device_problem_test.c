/* SPDX-License-Identifier: Apache-2.0
 *
 * What DriverLoader says about a device that Windows did not start.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "loader/device_problem.h"

static const struct {
    uint32_t code; /* as cfg.h has it */
    const char *meaning;
    const char *action;
} promised[] = {
    {10, "could not start", "report"},
    {14, "after a restart", "Restart Windows"},
    {22, "disabled", "DriverLoader start"},
    {28, "no driver", "install --pnp"},
    {31, "could not attach", "Restart Windows"},
    {37, "refused to be loaded", "virtual"},
    {38, "still in memory", "Restart Windows"},
    {39, "damaged or missing", "DriverLoader remove"},
    {48, "blocks", "CodeIntegrity"},
    {52, "signature", "testsign status"},
};

static void problems_that_happen_have_a_text(void **state)
{
    for (size_t i = 0; i < sizeof(promised) / sizeof(promised[0]); i++) {
        const struct device_problem *problem = device_problem_find(promised[i].code);

        assert_non_null(problem);
        assert_int_equal(problem->code, promised[i].code);
        assert_non_null(strstr(problem->meaning, promised[i].meaning));
        assert_non_null(strstr(problem->action, promised[i].action));
    }
}

static void none_for_a_device_without_a_problem(void **state)
{
    assert_null(device_problem_find(0));
    assert_null(device_problem_find(12)); /* a conflict of resources: it has none */
    assert_null(device_problem_find(UINT32_MAX));
}

static void rows_are_whole_and_single(void **state)
{
    const struct device_problem *row;
    uint32_t count = 0;

    while ((row = device_problem_row(count)) != NULL) {
        assert_true(row->meaning[strlen(row->meaning) - 1] != '.');
        assert_int_equal(row->action[strlen(row->action) - 1], '.');
        assert_ptr_equal(device_problem_find(row->code), row);
        count++;
    }
    assert_true(count >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems_that_happen_have_a_text),
        cmocka_unit_test(none_for_a_device_without_a_problem),
        cmocka_unit_test(rows_are_whole_and_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
