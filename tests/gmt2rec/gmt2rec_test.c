/* SPDX-License-Identifier: Apache-2.0
 *
 * The converter: which logs it takes, what it complains about and where, and that no energy is lost
 * or made. In the logs that must be refused, ^ stands before the byte the complaint must point at.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "recording/recording.h"
#include "tools/gmt2rec/gmt2rec.h"

static const struct gmt_options client = {
    .cpu = {.vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x9E, .stepping = 10},
    .unit_raw = 0xA0E03,
    .start_raw = 0x1000,
    .speed = 1,
    .cores = 4,
    .threads = 2,
    .title = "t",
    .source = "s",
};

static bool read_text(const char *text, size_t size, struct gmt_log *log,
                      struct gmt_complaint *complaint)
{
    FILE *const file = size > 0 ? fmemopen((void *)(uintptr_t)text, size, "rb") : tmpfile();
    bool ok;

    assert_non_null(file);
    ok = gmt_log_read(file, log, complaint);
    fclose(file);
    return ok;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void test_reads_names(void **state)
{
    static const char text[] = "100 1 Package_0\r\n"
                               "100 2 Package_1\n"
                               "\n"
                               "  100\t3  cpu_package  \n" /* package 0 again: must be later */
                               "";
    static const char names[] = "1 1 package\n1 2 cores\n1 3 gpu_0\n1 4 DRAM_2\n1 5 psys\n"
                                "1 6 cpu_cores_15\n1 7 CPU_GPU_1\n2 10 cpu_package";
    static const struct {
        uint32_t domain, package;
        uint64_t total_uj;
    } expected[] = {{RAPL_DOMAIN_PACKAGE, 0, 11}, {RAPL_DOMAIN_PP0, 0, 2},
                    {RAPL_DOMAIN_PP1, 0, 3},      {RAPL_DOMAIN_DRAM, 2, 4},
                    {RAPL_DOMAIN_PSYS, 0, 5},     {RAPL_DOMAIN_PP0, 15, 6},
                    {RAPL_DOMAIN_PP1, 1, 7}};
    struct gmt_complaint complaint;
    struct gmt_log log = {0};

    assert_false(read_text(text, sizeof(text) - 1, &log, &complaint));
    assert_int_equal(complaint.line, 4);
    gmt_log_free(&log);

    assert_true(read_text(names, sizeof(names) - 1, &log, &complaint));
    assert_int_equal(log.count, 7);
    for (size_t i = 0; i < 7; i++) {
        const struct gmt_series *const series = &log.series[i];

        assert_int_equal(series->domain, expected[i].domain);
        assert_int_equal(series->package, expected[i].package);
        assert_int_equal(series->samples[series->count - 1].total_uj, expected[i].total_uj);
    }
    gmt_log_free(&log);
}

static void expect_refusal(const char *marked, const char *message)
{
    const char *const mark = strchr(marked, '^');
    char *const text = malloc(strlen(marked) + 1);
    struct gmt_complaint complaint;
    struct gmt_log log = {0};
    uint32_t line = 1, column = 1;
    size_t before;

    assert_non_null(mark);
    assert_non_null(text);
    before = (size_t)(mark - marked);
    memcpy(text, marked, before);
    strcpy(text + before, mark + 1);
    for (size_t i = 0; i < before; i++) {
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n';
    }
    assert_false(read_text(text, strlen(text), &log, &complaint));
    if (complaint.line != line || complaint.column != column ||
        strncmp(complaint.message, message, strlen(message)) != 0) {
        fail_msg("%s\nsaid %u:%u: %s", marked, complaint.line, complaint.column, complaint.message);
    }
    gmt_log_free(&log);
    free(text);
}

static void test_refuses_lines(void **state)
{
    static const char with_nul[] = "1 1 Package_0\n2 2 Pack\0ge_0\n";
    struct gmt_complaint complaint;
    struct gmt_log log = {0};
    char lengthy[400];

    expect_refusal("1 1 Package_0\n^x 1 Package_0\n", "a line begins with a time");
    expect_refusal("^-1 1 Package_0\n", "a line begins with a time");
    expect_refusal("^1.5 1 Package_0\n", "a line begins with a time");
    expect_refusal("1 ^-1 Package_0\n", "an energy in microjoules");
    expect_refusal("1 ^Package_0\n", "an energy in microjoules");
    expect_refusal("1^\n", "an energy in microjoules");
    expect_refusal("1 1^\n", "a name is missing");
    expect_refusal("1 1 ^Socket_0\n", "this name is not known");
    expect_refusal("1 1 ^Package_\n", "this name is not known");
    expect_refusal("1 1 ^_0\n", "this name is not known");
    expect_refusal("1 1 ^Package0\n", "this name is not known");
    expect_refusal("1 1 ^Package_16\n", "a recording has at most 16");
    expect_refusal("1 1 ^Package_99999999999999999999\n", "a recording has at most 16");
    expect_refusal("1 1 Package_0 ^2\n", "nothing may follow");
    expect_refusal("1 1 Package_0\n1 1 DRAM_0\n^1 1 Package_0\n", "this time is not later");
    expect_refusal("^9223372036854775808 1 Package_0\n", "this number is too large");
    expect_refusal("1 9223372036854775807 Package_0\n^2 1 Package_0\n", "the energy up to");

    assert_false(read_text(with_nul, sizeof(with_nul) - 1, &log, &complaint));
    assert_int_equal(complaint.line, 2);
    gmt_log_free(&log);
    memset(lengthy, '1', sizeof(lengthy));
    assert_false(read_text(lengthy, sizeof(lengthy), &log, &complaint));
    assert_string_equal(complaint.message, "not a line of text of at most 255 characters");
    gmt_log_free(&log);
    assert_false(read_text("\n \n", 3, &log, &complaint));
    assert_int_equal(complaint.line, 0);
    assert_false(read_text("", 0, &log, &complaint));
    assert_string_equal(complaint.message, "the log is empty: it holds no samples");
}

/* ---- Writing -------------------------------------------------------------------------------- */

static void test_counts(void **state)
{
    static const struct rapl_fraction esu14 = {1, 16384}, one_j = {1, 1}, atom = {1, 31250};
    static const struct rapl_fraction esu31 = {1, 1u << 31}, atom20 = {1u << 14, 15625};

    /* 61.04 uJ a count: 30 rounds to 0, 31 to 1. */
    assert_int_equal(gmt_counts(30, esu14), 0);
    assert_int_equal(gmt_counts(31, esu14), 1);
    assert_int_equal(gmt_counts(1000000, esu14), 16384);
    assert_int_equal(gmt_counts(89356042, esu14), 1464009);
    assert_int_equal(gmt_counts(499999, one_j), 0);
    assert_int_equal(gmt_counts(500000, one_j), 1);
    assert_int_equal(gmt_counts(320, atom), 10);      /* 32 uJ a count */
    assert_int_equal(gmt_counts(1048576, atom20), 1); /* 2^20 uJ a count */
    assert_int_equal(gmt_counts(999999, esu31), 2147481501);
    /* Large totals do not overflow on the way: 2^62 uJ at 2^-14 J. */
    assert_int_equal(gmt_counts(1ull << 62, esu14), 75557863725914323ull);
}

/* A recording of a log; fails the test if the converter refuses it. */
static char *convert(const char *text, const struct gmt_options *options, size_t *size)
{
    struct gmt_complaint complaint;
    struct gmt_log log = {0};
    char *out;

    assert_true(read_text(text, strlen(text), &log, &complaint));
    out = gmt_write_recording(&log, options, size, &complaint);
    if (!out) {
        fail_msg("%s", complaint.message);
    }
    gmt_log_free(&log);
    return out;
}

static void expect_counter(const char *text, size_t size, uint32_t processor, uint32_t msr,
                           uint64_t elapsed_us, uint64_t expected)
{
    const size_t arena_size = recording_arena_size(size);
    void *const arena = malloc(arena_size);
    struct recording_error error;
    struct recording recording;
    uint64_t value = 0;

    assert_non_null(arena);
    assert_true(recording_parse(text, size, arena, arena_size, &recording, &error));
    assert_true(recording_read(&recording, processor, msr, elapsed_us, &value));
    assert_int_equal(value, expected);
    free(arena);
}

/* 1000 deltas of 31 uJ are 31000 uJ, 508 counts; rounded one by one they would be 1000. */
static void test_rounds_the_total(void **state)
{
    char text[32000] = "";
    size_t used = 0, size = 0;
    char *recording;

    for (int i = 1; i <= 1000; i++) {
        used += (size_t)sprintf(text + used, "%d 31 Package_0\n", i * 100);
    }
    recording = convert(text, &client, &size);
    expect_counter(recording, size, 0, 0x611, 0, 0x1000);
    expect_counter(recording, size, 0, 0x611, 99, 0x1000);
    expect_counter(recording, size, 0, 0x611, 100, 0x1001);
    expect_counter(recording, size, 7, 0x611, 100000, 0x1000 + 508);
    expect_counter(recording, size, 7, 0x611, 99999, 0x1000 + 507);
    free(recording);
}

/* Two packages, domains with units of their own, times that begin differently. */
static void test_two_packages(void **state)
{
    static const char text[] = "5000000 1000000 Package_0\n5000010 2000000 Package_1\n"
                               "5000020 1000000 DRAM_0\n5000030 500000 DRAM_1\n"
                               "6000000 1000000 Package_0\n6000010 2000000 Package_1\n"
                               "6000020 1000000 DRAM_0\n6000030 500000 DRAM_1\n";
    struct gmt_options options = client;
    size_t size = 0;
    char *recording;

    options.cpu.model = 0x3F; /* DRAM in 2^-16 J */
    options.cores = 20;
    recording = convert(text, &options, &size);
    /* 80 processors: one group each. Time 0 is a second before the first line. */
    expect_counter(recording, size, 39, 0x611, 999999, 0x1000);
    expect_counter(recording, size, 39, 0x611, 1000000, 0x1000 + 16384);
    expect_counter(recording, size, 40, 0x611, 1000010, 0x1000 + 2 * 16384);
    expect_counter(recording, size, 40, 0x611, 2000009, 0x1000 + 2 * 16384);
    expect_counter(recording, size, 40, 0x611, 2000010, 0x1000 + 4 * 16384);
    expect_counter(recording, size, 0, 0x619, 2000020, 0x1000 + 2 * 65536);
    expect_counter(recording, size, 79, 0x619, 2000030, 0x1000 + 65536);
    expect_counter(recording, size, 79, 0x606, 0, 0xA0E03);
    free(recording);
}

/* AMD's own registers, in 64 bits where the model has them; a log that begins at time 0. */
static void test_amd(void **state)
{
    struct gmt_options options = client;
    size_t size = 0;
    char *recording;

    options.cpu = (struct rapl_cpu){
        .vendor = RAPL_VENDOR_AMD, .family = 0x19, .model = 0x61, .stepping = 2, .amd_rapl = true};
    options.unit_raw = 0xA1000;
    options.start_raw = 0xFFFFFFFF;
    options.speed = 10;
    recording = convert("0 1000000 cpu_package\n", &options, &size);
    expect_counter(recording, size, 0, 0xC0010299, 0, 0xA1000);
    expect_counter(recording, size, 0, 0xC001029B, 9999, 0xFFFFFFFF);
    expect_counter(recording, size, 0, 0xC001029B, 10000, 0x10000FFFF);
    free(recording);
    options.cpu.family = 0x17; /* Zen 2: 32 bits */
    options.cpu.model = 0x31;
    recording = convert("0 1000000 cpu_package\n", &options, &size);
    expect_counter(recording, size, 0, 0xC001029B, 10000, 0xFFFF);
    free(recording);
    options.loop = true;
    recording = convert("0 1000000 cpu_package\n", &options, &size);
    expect_counter(recording, size, 0, 0xC001029B, 25000, 0x1FFFF);
    free(recording);
}

static void expect_no_recording(const char *text, const struct gmt_options *options,
                                const char *message)
{
    struct gmt_complaint complaint = {0};
    struct gmt_log log = {0};
    size_t size = 0;

    assert_true(read_text(text, strlen(text), &log, &complaint));
    assert_null(gmt_write_recording(&log, options, &size, &complaint));
    if (strncmp(complaint.message, message, strlen(message)) != 0) {
        fail_msg("%s", complaint.message);
    }
    gmt_log_free(&log);
}

static void test_refuses_what_does_not_fit(void **state)
{
    static const char package[] = "1 1 Package_0\n";
    struct gmt_options options = client;

    options.cpu.vendor = RAPL_VENDOR_UNKNOWN;
    expect_no_recording(package, &options, "no RAPL is known for this CPU");
    options = client;
    options.unit_raw = 0;
    expect_no_recording(package, &options, "this is not a unit register");
    options = client;
    options.start_raw = 0x100000000;
    expect_no_recording(package, &options, "the counters of this CPU have 32 bits");
    options = client;
    options.cpu.model = 0x2A;
    expect_no_recording("1 1 dram\n", &options, "the log names a domain");
    options.cpu.model = 0x9E;
    expect_no_recording("1 999999999999 psys\n", &options, "a line of the log holds more energy");
    options.cores = 16;
    expect_no_recording("1 1 Package_15\n", &options, "the packages together have more");
    options.cores = 8;
    expect_no_recording("1 1 Package_4\n", &options, "a processor group holds 64");
    options.cores = 33;
    expect_no_recording(package, &options, "a processor group holds 64");
    /* What only the recording format refuses: more than 50 days. */
    expect_no_recording("1 1 Package_0\n9000000000000 1 Package_0\n", &client, "a time is at most");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_names),
        cmocka_unit_test(test_refuses_lines),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_rounds_the_total),
        cmocka_unit_test(test_two_packages),
        cmocka_unit_test(test_amd),
        cmocka_unit_test(test_refuses_what_does_not_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
