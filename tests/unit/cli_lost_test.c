/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl` over a simulated source that goes away, or whose counter begins anew: what is still said
 * of numbers that were read before.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "lib/backend/all.h"
#include "tests/unit/cli_captured.h"

#define SECOND UINT64_C(1000000000)

/* Two packages of 1 J a reading, by a clock that only waiting moves. */
static struct {
    uint64_t now_ns;
    uint32_t reads;
    uint32_t gone_after; /* readings; 0: never */
    uint32_t reset_at;   /* reading; 0: never */
    uint32_t fails_at;   /* reading, that one only; 0: never */
} source;

static int source_open(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    (void)options;
    report->flags = RAPL_FLAG_SIMULATED;
    snprintf(report->title, sizeof(report->title), "a driver that plays");
    *state = &source;
    return RAPL_OK;
}

static void source_close(void *state)
{
    (void)state;
}

static uint32_t source_domain_count(void *state)
{
    (void)state;
    return 2;
}

static void source_domain(void *state, uint32_t index, struct backend_domain *out)
{
    (void)state;
    *out = (struct backend_domain){.domain = RAPL_DOMAIN_PACKAGE,
                                   .package = index,
                                   .core = RAPL_NONE,
                                   .unit_numerator = 1,
                                   .unit_denominator = 1,
                                   .name = "package"};
}

static int source_read(void *state, struct backend_reading *readings)
{
    (void)state;
    source.reads++;
    if (source.reads == source.fails_at) {
        return RAPL_ERROR_SYSTEM;
    }
    if (source.gone_after != 0 && source.reads > source.gone_after) {
        return RAPL_ERROR_GONE;
    }
    for (uint32_t i = 0; i < 2; i++) {
        readings[i] = (struct backend_reading){.status = RAPL_OK,
                                               .flags = RAPL_FLAG_SIMULATED,
                                               .reset_count = i == 0 && source.reset_at != 0 &&
                                                              source.reads >= source.reset_at,
                                               .energy_ticks = source.reads,
                                               .raw = source.reads,
                                               .time_ns = source.now_ns};
    }
    return RAPL_OK;
}

static uint64_t source_now(void *state)
{
    (void)state;
    return source.now_ns;
}

static void source_sleep(void *state, uint64_t time_ns)
{
    (void)state;
    source.now_ns = time_ns > source.now_ns ? time_ns : source.now_ns;
}

static const struct backend backend_played = {.name = "played",
                                              .kind = RAPL_SOURCE_DRIVER,
                                              .open = source_open,
                                              .close = source_close,
                                              .domain_count = source_domain_count,
                                              .domain = source_domain,
                                              .read = source_read,
                                              .now_ns = source_now,
                                              .sleep_until = source_sleep};

const struct backend *const backend_table[] = {&backend_played, NULL};

static int reset(void **state)
{
    (void)state;
    memset(&source, 0, sizeof(source));
    return 0;
}

/* Opening reads once, meters once more. */
static void test_what_was_simulated_stays_so(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    source.gone_after = 4;
    assert_int_equal(captured_run(&captured, "watch -n 9 --source played"), EXIT_CODE_IO);
    assert_contains(&captured.out, " s in all, simulated, a driver that plays");
    assert_contains(&captured.out, "2.000000  1.000  lower bound, until: the source went away");
    assert_contains(&captured.err, "no longer answers");

    source.reads = 0;
    assert_int_equal(captured_run(&captured, "watch -n 9 --source played --json"), EXIT_CODE_IO);
    assert_contains(&captured.out, "\"kind\":\"summary\"");
    assert_contains(&captured.out, "\"simulated\":true");
    assert_contains(&captured.out, "\"sources\":[\"played\"]");
    assert_contains(&captured.out, "\"status\":\"gone\"");
    assert_contains(&captured.out, "\"total_j\":2,\"coarse\":false,\"lower_bound\":true");
    assert_lacks(&captured.out, "\"simulated\":false");

    source.reads = 0;
    assert_int_equal(captured_run(&captured, "log -n 9 --source played"), EXIT_CODE_IO);
    assert_contains(&captured.out, ",played,true,,,,,package0.package=gone");
    captured_free(&captured);
}

/* A sum is no better than its parts, and a total stays what it is once energy is missing. */
static void test_lower_bounds_add_up(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    source.reset_at = 3;
    assert_int_equal(captured_run(&captured, "read -i 1s -n 2 --source played"), 0);
    assert_contains(&captured.out,
                    "    all  package  2.000000  2.000  lower bound: see its packages");

    source.reads = 0;
    assert_int_equal(captured_run(&captured, "read -i 1s -n 2 --source played --json"), 0);
    assert_contains(&captured.out, "\"total_j\":2,\"lower_bound\":true}}");
    assert_contains(&captured.out, "\"total_j\":4,\"lower_bound\":false}}");

    source.reads = 0;
    assert_int_equal(captured_run(&captured, "watch -n 3 --source played"), 0);
    assert_contains(&captured.out, "0 package: 1.000 W, 3.000 J, lower bound: the counter began");
    assert_contains(&captured.out, "1 package: 1.000 W, 3.000 J\n");
    captured_free(&captured);
}

/* What was used while a reading failed is in the next row, and nowhere else. */
static void test_a_failed_reading_loses_no_energy(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    source.fails_at = 4;
    assert_int_equal(captured_run(&captured, "log -n 4 --source played"), 0);
    assert_contains(&captured.out, ",1.000000,played,true,1.000000,1.000000,1.000000,1.000000,\n");
    assert_contains(&captured.out, ",2.000000,played,true,,,,,package0.package=system");
    assert_contains(&captured.out, ",3.000000,played,true,2.000000,1.000000,2.000000,1.000000,\n");
    assert_contains(&captured.out, ",4.000000,played,true,1.000000,1.000000,1.000000,1.000000,\n");
    captured_free(&captured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_was_simulated_stays_so, reset),
        cmocka_unit_test_setup(test_lower_bounds_add_up, reset),
        cmocka_unit_test_setup(test_a_failed_reading_loses_no_energy, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
