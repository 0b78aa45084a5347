/* SPDX-License-Identifier: Apache-2.0
 *
 * Options, durations, counts, hexadecimal numbers and CPU names.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "cli/cpu_id.h"
#include "cli/options.h"

static const struct option table[] = {
    {'i', "interval", "DURATION", NULL, 1, ""},
    {'\0', "json", NULL, NULL, 2, ""},
    {'h', "help", NULL, NULL, 3, ""},
};

/* Arguments in, (result, value) pairs out, in order. */
struct step {
    int result;
    const char *value;
};

static void expect_steps(char **argv, int argc, const struct step *steps, size_t count)
{
    struct options options = {.argc = argc, .argv = argv, .table = table, .table_count = 3};

    for (size_t i = 0; i < count; i++) {
        const char *value = "";

        assert_int_equal(options_next(&options, &value), steps[i].result);
        if (steps[i].value != NULL) {
            assert_string_equal(value, steps[i].value);
        }
    }
}

#define EXPECT(steps, ...)                                                                         \
    do {                                                                                           \
        char *argv[] = {__VA_ARGS__};                                                              \
        expect_steps(argv, (int)(sizeof(argv) / sizeof(argv[0])), steps,                           \
                     sizeof(steps) / sizeof((steps)[0]));                                          \
    } while (0)

static void test_forms(void **state)
{
    static const struct step steps[] = {{1, "5s"}, {1, "6s"}, {1, "7s"},          {1, "8s"},
                                        {2, NULL}, {3, NULL}, {OPTIONS_END, NULL}};

    (void)state;
    EXPECT(steps, "-i", "5s", "-i6s", "--interval", "7s", "--interval=8s", "--json", "-h");
}

static void test_positional(void **state)
{
    static const struct step steps[] = {{OPTIONS_POSITIONAL, "a"},  {OPTIONS_POSITIONAL, "-"},
                                        {OPTIONS_POSITIONAL, ""},   {OPTIONS_POSITIONAL, "--json"},
                                        {OPTIONS_POSITIONAL, "--"}, {OPTIONS_END, NULL}};

    (void)state;
    EXPECT(steps, "a", "-", "", "--", "--json", "--");
}

static void test_wrong(void **state)
{
    static const struct step steps[] = {
        {OPTIONS_UNKNOWN, "-x"},     {OPTIONS_UNKNOWN, "--jso"}, {OPTIONS_UNKNOWN, "--jsonn"},
        {OPTIONS_EXTRA, "--json=1"}, {OPTIONS_EXTRA, "-hh"},     {OPTIONS_NO_VALUE, "--interval"}};

    (void)state;
    EXPECT(steps, "-x", "--jso", "--jsonn", "--json=1", "-hh", "--interval");
}

static void test_empty_value(void **state)
{
    static const struct step steps[] = {{1, ""}, {1, ""}, {OPTIONS_END, NULL}};

    (void)state;
    EXPECT(steps, "--interval=", "--interval", "");
}

static void test_common(void **state)
{
    static const struct option common[] = {{'\0', "source", "NAME", NULL, 4, ""},
                                           {'c', "cores", NULL, NULL, 5, ""}};
    char *argv[] = {"--source=emi", "-c", "-i5s", "--cores=1"};
    struct options options = {.argc = 4,
                              .argv = argv,
                              .table = table,
                              .table_count = 3,
                              .common = common,
                              .common_count = 2};
    const char *value = "";

    (void)state;
    assert_int_equal(options_next(&options, &value), 4);
    assert_string_equal(value, "emi");
    assert_int_equal(options_next(&options, &value), 5);
    assert_int_equal(options_next(&options, &value), 1);
    assert_int_equal(options_next(&options, &value), OPTIONS_EXTRA);
}

/* A command's options are its own. */
static void test_command(void **state)
{
    char *argv[] = {"-i", "1s", "make", "-j", "--json", "--"};
    struct options options = {
        .argc = 6, .argv = argv, .table = table, .table_count = 3, .ends_at_operand = true};
    const char *value = "";

    (void)state;
    assert_int_equal(options_next(&options, &value), 1);
    for (int i = 2; i < 6; i++) {
        assert_int_equal(options_next(&options, &value), OPTIONS_POSITIONAL);
        assert_string_equal(value, argv[i]);
    }
    assert_int_equal(options_next(&options, &value), OPTIONS_END);
}

static void test_speeds(void **state)
{
    static const struct {
        const char *text;
        uint32_t milli;
    } right[] = {{"max", 0},
                 {"1", 1000},
                 {"0.5", 500},
                 {"10", 10000},
                 {"0.001", 1},
                 {"2.5", 2500},
                 {"1000000", 1000000000},
                 {"1.", 1000},
                 {"2.345", 2345}};
    static const char *const wrong[] = {"",    "0",     "-1",      "0.0001",      "1.0001",
                                        ".5",  "1x",    "1000001", "1000000.001", "1e3",
                                        "Max", "0.000", "1,5",     " 1"};
    uint32_t milli = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_true(parse_speed_milli(right[i].text, &milli));
        assert_int_equal(milli, right[i].milli);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        milli = 7;
        assert_false(parse_speed_milli(wrong[i], &milli));
        assert_int_equal(milli, 7);
    }
}

static void expect_duration(const char *text, uint64_t expected_ms)
{
    uint64_t duration_ms = 77;

    assert_int_equal(parse_duration_ms(text, &duration_ms), expected_ms != 0);
    assert_int_equal(duration_ms, expected_ms != 0 ? expected_ms : 77);
}

static void test_durations(void **state)
{
    static const char *const wrong[] = {"",
                                        "0ms",
                                        "0s",
                                        "5",
                                        "ms",
                                        "-5ms",
                                        "5 s",
                                        "5S",
                                        "5sec",
                                        "1.5s",
                                        "25h",
                                        "86400001ms",
                                        "99999999999999999999s",
                                        " 5s",
                                        "5s ",
                                        "1441m"};

    (void)state;
    expect_duration("1ms", 1);
    expect_duration("500ms", 500);
    expect_duration("2s", 2000);
    expect_duration("1m", 60000);
    expect_duration("24h", 86400000);
    expect_duration("1440m", 86400000);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        expect_duration(wrong[i], 0);
    }
}

static void test_counts(void **state)
{
    static const char *const wrong[] = {"", "0", "11", "x", "5x", "-1", "99999999999999999999"};
    uint32_t count = 0;

    (void)state;
    assert_true(parse_count("1", 1, 10, &count));
    assert_int_equal(count, 1);
    assert_true(parse_count("10", 1, 10, &count));
    assert_int_equal(count, 10);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(parse_count(wrong[i], 1, 10, &count));
        assert_int_equal(count, 10);
    }
}

static bool hex(const char *text, uint64_t max, uint64_t *value)
{
    return parse_hex(text, strlen(text), max, value);
}

static void test_hex(void **state)
{
    static const char *const wrong[] = {
        "", "0", "0x", "x1", "1", "0x1g", "0x1 ", "-0x1", "+1", "0xx1", "0x11111111111111111"};
    uint64_t value = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(hex(wrong[i], UINT64_MAX, &value));
        assert_int_equal(value, 5);
    }
    assert_false(hex("0x100000000", UINT32_MAX, &value));
    assert_true(hex("0xFFFFFFFF", UINT32_MAX, &value));
    assert_true(value == UINT32_MAX);
    assert_true(hex("0Xa0E03", UINT64_MAX, &value));
    assert_true(value == 0xA0E03);
    assert_true(hex("0xFFFFFFFFFFFFFFFF", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_true(hex("0x0000000000000001", UINT64_MAX, &value));
    assert_true(value == 1);
}

static void expect_cpu(const char *text, uint32_t vendor, uint32_t family, uint32_t model,
                       const char *shown)
{
    struct rapl_cpu cpu;
    char id[CPU_ID_SIZE];

    assert_true(cpu_id_parse(text, &cpu));
    assert_int_equal(cpu.vendor, vendor);
    assert_int_equal(cpu.family, family);
    assert_int_equal(cpu.model, model);
    cpu_id_format(&cpu, id);
    assert_string_equal(id, shown);
}

static void test_cpu_names(void **state)
{
    static const char *const wrong[] = {
        "",       "_",      "06_",   "06_9E_", "06_9E_1_2", "0x6",    "06-9E",     "6:9E",
        "006_9E", "06_09E", "06_9G", "06_9E ", " 06_9E",    "06__9E", "06_9E_123", "G6_9E"};
    struct rapl_cpu cpu = {.family = 99};

    (void)state;
    expect_cpu("06_9E", RAPL_VENDOR_INTEL, 0x06, 0x9E, "06_9E");
    expect_cpu("6_9e", RAPL_VENDOR_INTEL, 0x06, 0x9E, "06_9E");
    expect_cpu("06_9E_0A", RAPL_VENDOR_INTEL, 0x06, 0x9E, "06_9E");
    expect_cpu("06", RAPL_VENDOR_INTEL, 0x06, RAPL_MODEL_ANY, "06");
    expect_cpu("12_01", RAPL_VENDOR_INTEL, 0x12, 0x01, "12_01");
    expect_cpu("13_01", RAPL_VENDOR_INTEL, 0x13, 0x01, "13_01");
    expect_cpu("17_31", RAPL_VENDOR_AMD, 0x17, 0x31, "17_31");
    expect_cpu("19_61", RAPL_VENDOR_AMD, 0x19, 0x61, "19_61");
    expect_cpu("1A_44", RAPL_VENDOR_AMD, 0x1A, 0x44, "1A_44");
    expect_cpu("18_00", RAPL_VENDOR_HYGON, 0x18, 0x00, "18_00");
    expect_cpu("15_02", RAPL_VENDOR_UNKNOWN, 0x15, 0x02, "15_02");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(cpu_id_parse(wrong[i], &cpu));
        assert_int_equal(cpu.family, 99);
    }
}

static void test_vendors(void **state)
{
    static const char *const wrong[] = {"", "intel ", "inte", "amdx", "unknown"};
    uint8_t vendor = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(cpu_vendor_parse(wrong[i], &vendor));
        assert_int_equal(vendor, 99);
    }
    assert_true(cpu_vendor_parse("Intel", &vendor));
    assert_int_equal(vendor, RAPL_VENDOR_INTEL);
    assert_true(cpu_vendor_parse("AMD", &vendor));
    assert_int_equal(vendor, RAPL_VENDOR_AMD);
    assert_true(cpu_vendor_parse("hygon", &vendor));
    assert_int_equal(vendor, RAPL_VENDOR_HYGON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),     cmocka_unit_test(test_positional),
        cmocka_unit_test(test_wrong),     cmocka_unit_test(test_empty_value),
        cmocka_unit_test(test_durations), cmocka_unit_test(test_counts),
        cmocka_unit_test(test_hex),       cmocka_unit_test(test_cpu_names),
        cmocka_unit_test(test_vendors),   cmocka_unit_test(test_common),
        cmocka_unit_test(test_command),   cmocka_unit_test(test_speeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
