/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl` as a program: verbs, help, version, and `rapl decode` with its exit codes and messages.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/cli_captured.h"

/* Runs and checks exit code, and that what went wrong is on stderr and only there. */
static void expect_failure(const char *arguments, int code, const char *part)
{
    struct captured captured = {.writes = 0};

    assert_int_equal(captured_run(&captured, arguments), code);
    assert_contains(&captured.err, part);
    captured_free(&captured);
}

static void expect_usage(const char *arguments, const char *part)
{
    struct captured captured = {.writes = 0};

    assert_int_equal(captured_run(&captured, arguments), 64);
    assert_contains(&captured.err, part);
    assert_contains(&captured.err, "--help");
    assert_int_equal(captured.out.size, 0);
    captured_free(&captured);
}

static void expect_out(const char *arguments, const char *part)
{
    struct captured captured = {.writes = 0};

    assert_int_equal(captured_run(&captured, arguments), 0);
    assert_contains(&captured.out, part);
    assert_int_equal(captured.err.size, 0);
    captured_free(&captured);
}

static void test_program(void **state)
{
    (void)state;
    expect_out("--help", "Examples:\n  rapl read");
    expect_out("-h", "Exit codes:");
    expect_out("--version", "rapl 1.");
    expect_out("decode --help", "Examples:\n  rapl decode --cpu");
    expect_out("read --help", "Examples:\n  rapl read");
    expect_out("info -h", "Examples:\n  rapl info");
    expect_usage("", "no verb");
    expect_usage("wach", "there is no verb wach");
    expect_usage("--verbose", "there is no option --verbose");
}

static void test_text(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_run(&captured, "decode --cpu 06_9E 0x606=0xA0E03 0x614=0x2F8 "
                                             "0x611=0x2FE2B74E 0x63A=0x5"),
                     0);
    assert_string_equal(text_string(&captured.out),
                        "cpu         Intel 06_9E, Kaby Lake-S/H, Coffee Lake-S/H\n"
                        "source      perf model_skl, turbostat skl_features, powercap core\n"
                        "\n"
                        "0x606 RAPL_POWER_UNIT (package) = 0xA0E03\n"
                        "  FIELD                 BITS  RAW  VALUE\n"
                        "  power unit             3:0    3  0.125 W\n"
                        "  energy unit           12:8   14  61.03515625 uJ\n"
                        "  time unit            19:16   10  976.5625 us\n"
                        "  energy unit of dram              61.03515625 uJ\n"
                        "  energy unit of psys              61.03515625 uJ\n"
                        "\n"
                        "0x614 PKG_POWER_INFO (package) = 0x2F8\n"
                        "  FIELD                  BITS  RAW  VALUE\n"
                        "  thermal design power   14:0  760  95 W\n"
                        "  minimum power         30:16    0  not stated\n"
                        "  maximum power         46:32    0  not stated\n"
                        "  longest time window   53:48    0  not stated\n"
                        "\n"
                        "0x611 PKG_ENERGY_STATUS (package) = 0x2FE2B74E\n"
                        "  FIELD          BITS        RAW  VALUE\n"
                        "  count          31:0  803387214\n"
                        "  energy                          49034.864136 J\n"
                        "  counter range                   262144 J\n"
                        "  lasts at TDP                    2759 s\n"
                        "\n"
                        "0x63A PP0_POLICY (pp0) = 0x5\n"
                        "  FIELD               BITS  RAW  VALUE\n"
                        "  priority (0 to 31)   4:0    5\n");
    assert_int_equal(captured.err.size, 0);
    captured_free(&captured);
}

static void test_json(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(
        captured_run(&captured, "decode --json --cpu 17_31 0xC0010299=0xA1003 0x10=0x1"), 65);
    assert_contains(&captured.out, "{\"cpu\":{\"vendor\":\"AMD\",\"id\":\"17_31\",\"name\":\"Zen2");
    assert_contains(
        &captured.out,
        "\"doubt\":null,\"generic\":false},\"registers\":["
        "{\"msr\":\"0xC0010299\",\"name\":\"RAPL_PWR_UNIT\",\"domain\":\"package\","
        "\"raw\":\"0xA1003\",\"result\":\"ok\",\"problem\":null,\"fields\":{"
        "\"power_unit_w\":{\"bits\":\"3:0\",\"raw\":\"0x3\",\"value\":0.125},"
        "\"energy_unit_uj\":{\"bits\":\"12:8\",\"raw\":\"0x10\",\"value\":15.2587890625},"
        "\"time_unit_us\":{\"bits\":\"19:16\",\"raw\":\"0xA\",\"value\":976.5625}}},"
        "{\"msr\":\"0x10\",\"name\":null,\"domain\":null,\"raw\":\"0x1\","
        "\"result\":\"unknown register\","
        "\"problem\":\"not a register this project reads: nothing decoded\",\"fields\":{}}],"
        "\"complete\":false}\n");
    assert_string_equal(text_string(&captured.err),
                        "rapl: 1 of 2 registers could not be decoded in full.\n");
    captured_free(&captured);
}

static void test_no_unit(void **state)
{
    struct captured captured = {.writes = 0};

    (void)state;
    assert_int_equal(captured_run(&captured, "decode --cpu 06_9E 0x611=0x100"), 65);
    assert_contains(&captured.out, "the unit register 0x606 is not given");
    assert_contains(&captured.out, "no default (2^-14 J, 2^-16 J) is assumed");
    assert_contains(&captured.out, "count  31:0  256");
    assert_lacks(&captured.out, " J\n");
    assert_int_equal(captured_run(&captured, "decode --cpu 19_61 0xC001029B=0x100"), 65);
    assert_contains(&captured.out, "the unit register 0xC0010299 is not given");
    /* What a hypervisor answers is no unit either. */
    assert_int_equal(captured_run(&captured, "decode --cpu 06_3C 0x606=0x0 0x611=0x100"), 65);
    assert_contains(&captured.out, "hypervisors answer it");
    assert_contains(&captured.err, "2 of 2 registers");
    captured_free(&captured);
}

static void test_not_listed(void **state)
{
    (void)state;
    expect_failure("decode --cpu 19_61 0x606=0xA0E03", 65, "1 of 1 registers");
    expect_failure("decode --cpu 13_01 0x606=0xA0E03", 65, "1 of 1 registers");
    expect_failure("decode --cpu 15_02 --vendor amd 0x606=0xA0E03", 65, "no RAPL is known");
}

static void test_malformed_pairs(void **state)
{
    (void)state;
    expect_usage("decode --cpu 06_9E 0x606", "pair 1, \"0x606\", has no \"=\"");
    expect_usage("decode --cpu 06_9E 0x606=0xA0E03 0x611:5", "pair 2, \"0x611:5\", has no \"=\"");
    expect_usage("decode --cpu 06_9E 606=0xA0E03", "pair 1, \"606=0xA0E03\": the register");
    expect_usage("decode --cpu 06_9E =0xA0E03", "pair 1, \"=0xA0E03\": the register");
    expect_usage("decode --cpu 06_9E 0x606=", "pair 1, \"0x606=\": the value");
    expect_usage("decode --cpu 06_9E 0x606=A0E03", "pair 1, \"0x606=A0E03\": the value");
    expect_usage("decode --cpu 06_9E 0x606=0xA0E0G", "the value");
    expect_usage("decode --cpu 06_9E 0x606=0x11112222333344445", "the value");
    expect_usage("decode --cpu 06_9E 0x100000606=0x1", "the register");
    expect_usage("decode --cpu 06_9E 0x606=0xA0E03=1", "the value");
    expect_usage("decode --cpu 06_9E 0x606=0x1 0x611=0x2 0x0606=0x3",
                 "pair 3, \"0x0606=0x3\": pair 1 has the same register");
    expect_usage("decode --cpu 06_9E 0x606", "a pair is REGISTER=VALUE");
}

static void test_options(void **state)
{
    (void)state;
    expect_usage("decode 0x606=0xA0E03", "--cpu is missing");
    expect_usage("decode --cpu 06_9E", "no pair");
    expect_usage("decode --cpu", "--cpu needs a value");
    expect_usage("decode --cpu 0x9E 0x606=0xA0E03", "--cpu \"0x9E\" is not a family and model");
    expect_usage("decode --cpu 15_02 0x606=0xA0E03", "family 15");
    expect_usage("decode --cpu 06_9E --vendor via 0x606=0xA0E03", "--vendor \"via\"");
    expect_usage("decode --frob", "there is no option --frob");
    expect_out("decode --cpu=06_9E_0A 0x606=0xA0E03", "Intel 06_9E, Kaby Lake");
    expect_out("decode --cpu 18_00 0xC0010299=0xA1003", "Hygon 18_00");
    expect_out("decode --cpu 06 0x606=0xA0E03", "not a known model");
}

static void test_broken_output(void **state)
{
    struct captured captured = {.out_result = CLI_WRITE_FULL};

    (void)state;
    assert_int_equal(captured_run(&captured, "decode --cpu 06_9E 0x606=0xA0E03"), 74);
    captured_free(&captured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program),    cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),       cmocka_unit_test(test_no_unit),
        cmocka_unit_test(test_not_listed), cmocka_unit_test(test_malformed_pairs),
        cmocka_unit_test(test_options),    cmocka_unit_test(test_broken_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
