/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl list` and `rapl info` over two sources that are asked for together.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/backend/all.h"
#include "tests/unit/cli_captured.h"

static bool first_serves;

static int open_first(const struct backend_options *options, struct backend_report *report,
                      void **state)
{
    static int held;

    (void)options;
    snprintf(report->title, sizeof(report->title), "the first");
    if (!first_serves) {
        snprintf(report->reason, sizeof(report->reason), "it is not installed");
        return RAPL_ERROR_NOT_HERE;
    }
    *state = &held;
    return RAPL_OK;
}

/* As the predecessor's device: coarse, and nobody says how much. */
static int open_second(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    static int held;

    (void)options;
    snprintf(report->title, sizeof(report->title), "the second");
    report->flags = RAPL_FLAG_COARSE;
    *state = &held;
    return RAPL_OK;
}

static void close_any(void *state)
{
    (void)state;
}

static uint32_t one_domain(void *state)
{
    (void)state;
    return 1;
}

static void package_domain(void *state, uint32_t index, struct backend_domain *out)
{
    (void)state;
    (void)index;
    *out = (struct backend_domain){.domain = RAPL_DOMAIN_PACKAGE,
                                   .core = RAPL_NONE,
                                   .unit_numerator = 1,
                                   .unit_denominator = 1,
                                   .name = "package"};
}

static void dram_domain(void *state, uint32_t index, struct backend_domain *out)
{
    package_domain(state, index, out);
    out->domain = RAPL_DOMAIN_DRAM;
    snprintf(out->name, sizeof(out->name), "dram");
}

static int read_one(void *state, struct backend_reading *readings)
{
    (void)state;
    readings[0] = (struct backend_reading){.status = RAPL_OK, .time_ns = 1};
    return RAPL_OK;
}

static const struct backend backend_first = {.name = "first",
                                             .kind = RAPL_SOURCE_DRIVER,
                                             .open = open_first,
                                             .close = close_any,
                                             .domain_count = one_domain,
                                             .domain = package_domain,
                                             .read = read_one};
static const struct backend backend_second = {.name = "second",
                                              .kind = RAPL_SOURCE_EMI,
                                              .open = open_second,
                                              .close = close_any,
                                              .domain_count = one_domain,
                                              .domain = dram_domain,
                                              .read = read_one};

const struct backend *const backend_table[] = {&backend_first, &backend_second, NULL};

static void test_each_has_a_row(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    first_serves = true;
    assert_int_equal(captured_run(&captured, "list --source first+second"), 0);
    assert_contains(&captured.out, "first   ok     the first\n");
    assert_contains(&captured.out, "second  ok     the second, coarse\n");
    assert_contains(&captured.out, "first         0  package");
    assert_contains(&captured.out, "second        0  dram");
    assert_int_equal(captured_run(&captured, "list --source first+second --json"), 0);
    assert_contains(&captured.out, "\"source\":\"first\",\"status\":\"ok\"");
    assert_contains(&captured.out, "\"source\":\"second\",\"status\":\"ok\"");
    assert_int_equal(captured_run(&captured, "info --source first+second"), 0);
    assert_contains(&captured.out, "the second, coarse\n");
    captured_free(&captured);
}

static void test_one_of_them_serves(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    first_serves = false;
    assert_int_equal(captured_run(&captured, "list --source first+second"), 0);
    assert_contains(&captured.out, "first   not-here  it is not installed\n");
    assert_contains(&captured.out, "second  ok        the second, coarse\n");
    assert_int_equal(captured.err.size, 0);
    captured_free(&captured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_has_a_row),
        cmocka_unit_test(test_one_of_them_serves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
