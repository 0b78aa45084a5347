/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl read`, `rapl info` and `rapl list` over shipped recordings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/cli_captured.h"

static void expect_text(const char *arguments, const char *recording, const char *expected)
{
    struct captured captured = {.writes = 0};

    assert_int_equal(captured_play(&captured, arguments, recording), 0);
    assert_string_equal(text_string(&captured.out), expected);
    assert_int_equal(captured.err.size, 0);
    captured_free(&captured);
}

#define HASWELL "simulated, recording \"Two-socket Haswell-EP: 2 x 8 cores, E5-2630 v3 class\"\n"

/* 61.5, 9.5, 47.25 and 6.25 W, seen in updates 977 us apart. */
static void test_intervals(void **state)
{
    (void)state;
    expect_text("read -i 500ms -n 2", "haswell-ep-2s.rec",
                "interval 1 of 2, 0.5 s, " HASWELL "PACKAGE  DOMAIN      JOULES    WATTS  NOTE\n"
                "      0  package  30.703674   61.407\n"
                "      0  pp0              -        -  reads 0: not wired here, or asleep\n"
                "      0  dram      4.742844    9.486\n"
                "      1  package  23.589417   47.179\n"
                "      1  pp0              -        -  reads 0: not wired here, or asleep\n"
                "      1  dram      3.120285    6.241\n"
                "    all  package  54.293091  108.586\n"
                "\n"
                "interval 2 of 2, 0.5 s, " HASWELL "PACKAGE  DOMAIN      JOULES    WATTS  NOTE\n"
                "      0  package  30.763733   61.527\n"
                "      0  pp0              -        -  reads 0: not wired here, or asleep\n"
                "      0  dram      4.752121    9.504\n"
                "      1  package  23.635559   47.271\n"
                "      1  pp0              -        -  reads 0: not wired here, or asleep\n"
                "      1  dram      3.126404    6.253\n"
                "    all  package  54.399292  108.799\n");
}

/* Counters as the recording starts, times the unit of each. */
static void test_snapshot(void **state)
{
    (void)state;
    expect_text("read", "haswell-ep-2s.rec",
                "counters at 2026-11-22T20:00:00.000000Z, " HASWELL
                "PACKAGE  DOMAIN      COUNTER         JOULES  NOTE\n"
                "      0  package   834685559   50945.163513\n"
                "      0  pp0               -              -  reads 0: not wired here, or asleep\n"
                "      0  dram      168499156    2571.093079\n"
                "      1  package  4293918720  262080.000000\n"
                "      1  pp0               -              -  reads 0: not wired here, or asleep\n"
                "      1  dram     2100992274   32058.597931\n");
}

static void test_count_without_interval(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_play(&captured, "read -n 3", "client-intel.rec"), 0);
    assert_contains(&captured.out, "interval 3 of 3, 1 s, ");
    captured_free(&captured);
}

static void test_coarse(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_play(&captured, "read -i 1s", "coarse-client.rec"), 0);
    assert_contains(&captured.out, "coarse\n");
    assert_int_equal(captured_play(&captured, "read", "coarse-client.rec"), 0);
    assert_contains(&captured.out, "package        -       -  coarse\n"); /* raw is withheld */
    captured_free(&captured);
}

static void test_cores(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_play(&captured, "read -i 1s", "zen-desktop.rec"), 0);
    assert_lacks(&captured.out, "core ");
    assert_int_equal(captured_play(&captured, "read -i 1s --cores", "zen-desktop.rec"), 0);
    assert_contains(&captured.out, "core 0 ");
    assert_contains(&captured.out, "core 15 ");
    captured_free(&captured);
}

/* Nobody reads any more: it ends now, not after a million seconds, and without a word. */
static void test_closed_output(void **state)
{
    struct captured captured = {.out_result = CLI_WRITE_CLOSED, .out_good = 1};

    (void)state;
    assert_int_equal(captured_play(&captured, "read -i 1s -n 1000000", "client-intel.rec"), 74);
    assert_contains(&captured.out, "interval 1 of 1000000");
    assert_int_equal(captured.err.size, 0);
    captured.out_result = CLI_WRITE_FULL;
    assert_int_equal(captured_play(&captured, "read -i 1s -n 1000000", "client-intel.rec"), 74);
    assert_contains(&captured.err, "the disk is full");
    captured_free(&captured);
}

static void test_interrupt(void **state)
{
    struct captured captured = {.interrupt_after = 3};

    (void)state;
    assert_int_equal(captured_play(&captured, "read -i 1s -n 1000000", "client-intel.rec"), 0);
    assert_contains(&captured.out, "interval 1 of");
    assert_lacks(&captured.out, "interval 5 of");
    captured_free(&captured);
}

static void test_info(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_play(&captured, "info", "haswell-ep-2s.rec"), 0);
    assert_contains(&captured.out, "cpu         Intel 06_3F, Haswell-EP/EX/E\n");
    assert_contains(&captured.out, "simulated   yes: Two-socket Haswell-EP");
    assert_contains(&captured.out, "61.03515625 uJ    262144 J");
    assert_contains(&captured.out, "15.2587890625 uJ   65536 J");
    assert_contains(&captured.out, "51 min"); /* 262144 J at 85 W */
    assert_contains(&captured.out, "package 1: socket 1, read on processor 16, TDP 85 W");
    assert_contains(&captured.out, "limit package 1 (long term): 85 W over 1 s, enabled\n");
    assert_lacks(&captured.out, "driver "); /* this system can have none */
    captured_free(&captured);
}

static void driver_running(struct rapl_driver_state *out)
{
    *out = (struct rapl_driver_state){
        .service = RAPL_SERVICE_RUNNING,
        .simulated = RAPL_TRUTH_YES,
        .image_path = "C:\\Windows\\System32\\drivers\\ScaphandreDrv.sys",
        .file_version = "1.0.0.0",
        .recording_path = "C:\\x.rec",
    };
}

static void test_info_driver(void **state)
{
    struct captured captured = {.driver_state = driver_running};

    (void)state;
    assert_int_equal(captured_play(&captured, "info", "client-intel.rec"), 0);
    assert_contains(&captured.out,
                    "driver      running, C:\\Windows\\System32\\drivers\\ScaphandreDrv.sys, "
                    "version 1.0.0.0, simulated: plays C:\\x.rec\n");
    assert_int_equal(captured_play(&captured, "info --json", "client-intel.rec"), 0);
    assert_contains(&captured.out, "\"driver\":{\"service\":\"running\",\"simulated\":true,");
    captured_free(&captured);
}

static void test_list(void **state)
{
    (void)state;
    expect_text(
        "list", "coarse-client.rec",
        "SOURCE  STATE  WHAT IT IS, OR WHY NOT\n"
        "replay  ok     recording \"Coarse callers: Kaby Lake-R, 4 cores, i7-8650U class\", "
        "simulated, coarse: new values every 50 ms\n"
        "\n"
        "SOURCE  PACKAGE  DOMAIN   ITS OWN NAME       STATE\n"
        "replay        0  package  package 0 package  counts\n"
        "replay        0  pp0      package 0 pp0      counts\n"
        "replay        0  pp1      package 0 pp1      counts\n"
        "replay        0  dram     package 0 dram     counts\n"
        "replay        0  psys     package 0 psys     reads 0: not wired here, or "
        "asleep\n");
}

/* A machine that is not fit, and files that are not recordings: where, and what to do. */
static void test_refused(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_play(&captured, "read", "guest-no-rapl.rec"), 69);
    assert_contains(&captured.err, "the source replay cannot be read: ");
    assert_int_equal(captured.out.size, 0);
    assert_int_equal(captured_play(&captured, "info", "guest-no-rapl.rec"), 69);
    assert_contains(&captured.out, "replay  unsupported  ");
    assert_int_equal(captured_play(&captured, "read", "no-such.rec"), 65);
    assert_contains(&captured.err, "no-such.rec: ");
    assert_int_equal(captured_play(&captured, "read", "../README.md"), 65);
    assert_contains(&captured.err, "README.md:3:1: ");
    assert_contains(&captured.err, "Next: ");
    captured_free(&captured);
}

static void test_usage(void **state)
{
    static const char *const wrong[] = {"read -i 5",
                                        "read -i 0s",
                                        "read -n 0",
                                        "read -n x",
                                        "read extra",
                                        "read -x",
                                        "info extra",
                                        "info -n",
                                        "read -i",
                                        "info --json=1",
                                        "read --speed 0",
                                        "read --source none",
                                        "watch -i -1s",
                                        "read --source ''",
                                        "list --cores=1",
                                        "read --source replay",
                                        "read --speed fast",
                                        "read --speed 2",
                                        "list --replay x --source powercap",
                                        "info --source powercap+replay --replay x",
                                        "replay x read --path y",
                                        "log --path y --replay x",
                                        "run --replay x --speed 2 -- true"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct captured captured = {.writes = 0};

        if (captured_run(&captured, wrong[i]) != 64) {
            fail_msg("%s was not refused: %s", wrong[i], text_string(&captured.out));
        }
        assert_int_equal(captured.out.size, 0);
        assert_int_not_equal(captured.err.size, 0);
        captured_free(&captured);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_count_without_interval),
        cmocka_unit_test(test_coarse),
        cmocka_unit_test(test_cores),
        cmocka_unit_test(test_closed_output),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_info_driver),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_usage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
