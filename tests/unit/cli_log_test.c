/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl log` and the two programs for harnesses: every format field by field, files, rotation, and
 * what refuses to be written.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "tests/unit/cli_captured.h"

static struct captured captured;

static void expect_log(const char *arguments, const char *recording, const char *expected)
{
    assert_int_equal(captured_play(&captured, arguments, recording), 0);
    assert_string_equal(text_string(&captured.out), expected);
    assert_int_equal(captured.err.size, 0);
}

static int setup(void **state)
{
    captured = (struct captured){.writes = 0};
    return setenv("RAPL_SIMULATED", "1", 1);
}

static int teardown(void **state)
{
    captured_free(&captured);
    return 0;
}

static void test_csv(void **state)
{
    expect_log("log -d 2s", "client-intel.rec",
               "time,elapsed_s,source,simulated,package0.package_j,package0.package_w,"
               "package0.pp0_j,package0.pp0_w,package0.pp1_j,package0.pp1_w,package0.dram_j,"
               "package0.dram_w,package0.psys_j,package0.psys_w,notes\n"
               "2026-11-22T20:00:01.000000Z,1.000000,replay,true,12.493347,12.493347,7.246155,"
               "7.246155,1.499146,1.499146,1.749023,1.749023,,,package0.psys=dead\n"
               "2026-11-22T20:00:02.000000Z,2.000000,replay,true,12.505615,12.505615,7.253235,"
               "7.253235,1.500732,1.500732,1.750793,1.750793,,,package0.psys=dead\n");
}

/* timestamp_us value_uJ domain: no two times alike, psys is dead and has no line. */
static void test_gmt(void **state)
{
    expect_log("log -n 2 -i 99ms --format gmt", "client-intel.rec",
               "1795377600099000 1233459 cpu_package\n"
               "1795377600099001 715393 cpu_cores\n"
               "1795377600099002 148010 cpu_gpu\n"
               "1795377600099003 172668 dram\n"
               "1795377600198000 1233460 cpu_package\n"
               "1795377600198001 715393 cpu_cores\n"
               "1795377600198002 148011 cpu_gpu\n"
               "1795377600198003 172669 dram\n");
}

/* Both packages in one line; and psys of the one that has it, in whole joules. */
static void test_gmt_sums(void **state)
{
    expect_log("log -n 1 -i 1s --format gmt", "haswell-ep-2s.rec",
               "1795377601000000 108692383 cpu_package\n"
               "1795377601000001 15741654 dram\n");
    assert_int_equal(
        captured_play(&captured, "log -n 2 -i 1s --format gmt", "sapphire-rapids-2s.rec"), 0);
    assert_contains(&captured.out, " psys\n");
    assert_contains(&captured.out, "000000 psys\n");
}

/* A counter that stands still between lines loses no energy: it is in the next line. */
static void test_gmt_carries(void **state)
{
    uint64_t sum_uj = 0;
    uint64_t last_us = 0;

    assert_int_equal(captured_play(&captured, "log -n 4000 -i 5ms --format gmt", "step-15ms.rec"),
                     0);
    for (char *line = strtok((char *)text_string(&captured.out), "\n"); line != NULL;
         line = strtok(NULL, "\n")) {
        char *rest;
        const uint64_t time_us = strtoull(line, &rest, 10);

        assert_true(rest != line && *rest == ' ');
        const uint64_t energy_uj = strtoull(rest, &rest, 10);
        assert_int_equal(*rest, ' ');
        assert_true(energy_uj > 1);
        assert_true(time_us > last_us);
        last_us = time_us;
        sum_uj += strcmp(rest, " cpu_package") == 0 ? energy_uj : 0;
    }
    assert_int_equal(captured_play(&captured, "watch -n 1 -i 20s --json", "step-15ms.rec"), 0);
    {
        const char *total = strstr(text_string(&captured.out), "\"total_j\":");
        double total_j;

        assert_non_null(total);
        total_j = strtod(total + 10, NULL);
        assert_true((double)sum_uj / 1e6 > total_j - 0.001);
        assert_true((double)sum_uj / 1e6 < total_j + 0.001);
    }
}

/* Packages and memory; or psys alone where the board counts it. */
static void test_joularjx(void **state)
{
    expect_log("log -n 2 --format joularjx", "client-intel.rec", "14.242\n14.256\n");
    expect_log("log -n 2 --format joularjx", "sapphire-rapids-2s.rec", "642.000\n642.000\n");
}

static void test_energibridge(void **state)
{
    expect_log("log -n 2 -i 200ms --format energibridge", "client-intel.rec",
               "Delta,Time,DRAM_ENERGY (J),PACKAGE_ENERGY (J),PP0_ENERGY (J),PP1_ENERGY (J)\n"
               "0,1795377600000,0,0,0,0\n"
               "200,1795377600200,0.348755,2.491333,1.444946,0.29895\n"
               "200,1795377600400,0.69928,4.994873,2.897034,0.599365\n");
    assert_int_equal(
        captured_play(&captured, "log -n 1 --format energibridge --cores", "zen-desktop.rec"), 0);
    assert_contains(&captured.out, "Delta,Time,CORE0_ENERGY (J),CORE10_ENERGY (J),");
    assert_contains(&captured.out, ",CORE9_ENERGY (J),CPU_ENERGY (J)\n");
}

static void test_json(void **state)
{
    assert_int_equal(captured_play(&captured, "log -n 2 --format json", "client-intel.rec"), 0);
    assert_contains(&captured.out, "[\n{\"kind\":\"interval\",\"time\":\"2026-11-22T20:00:01.");
    assert_contains(&captured.out, "}\n]\n");
    assert_contains(&captured.out, ",\n{\"kind\":\"interval\"");
    /* Interrupted before the first row: nothing, not half a document. */
    captured.interrupt_after = 1;
    assert_int_equal(captured_play(&captured, "log -n 2 --format json -i 1h", "client-intel.rec"),
                     0);
}

static void test_simulated_is_refused(void **state)
{
    static const char *const formats[] = {"gmt", "joularjx", "energibridge"};

    unsetenv("RAPL_SIMULATED");
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        char line[64];

        snprintf(line, sizeof(line), "log -n 1 --format %s", formats[i]);
        assert_int_equal(captured_play(&captured, line, "client-intel.rec"), 78);
        assert_int_equal(captured.out.size, 0);
        assert_contains(&captured.err, "RAPL_SIMULATED=1");
    }
    assert_int_equal(captured_play(&captured, "log -n 1", "client-intel.rec"), 0);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static char folder[64];

static int folder_setup(void **state)
{
    strcpy(folder, "/tmp/rapl-cli-log-XXXXXX");
    return setup(state) != 0 || mkdtemp(folder) == NULL;
}

static int folder_teardown(void **state)
{
    DIR *const dir = opendir(folder);

    if (dir == NULL) {
        return -1;
    }
    for (const struct dirent *file = readdir(dir); file != NULL; file = readdir(dir)) {
        unlinkat(dirfd(dir), file->d_name, 0); /* fails for . and .. */
    }
    closedir(dir);
    return teardown(state) != 0 || rmdir(folder) != 0;
}

static int play_to(const char *arguments, const char *name)
{
    char line[512];

    snprintf(line, sizeof(line), "%s -o %s/%s", arguments, folder, name);
    return captured_play(&captured, line, "client-intel.rec");
}

/* The file's size, and its content in `out`. -1: there is none. */
static long file_of(const char *name, char *out, size_t size)
{
    char path[256];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    length = fread(out, 1, size - 1, file);
    out[length] = '\0';
    fclose(file);
    return (long)length;
}

static void test_file(void **state)
{
    char content[4096];

    assert_int_equal(play_to("log -n 2", "a.csv"), 0);
    assert_int_equal(captured.out.size, 0);
    assert_true(file_of("a.csv", content, sizeof(content)) > 0);
    assert_memory_equal(content, "time,elapsed_s,", 15);
    assert_int_equal(play_to("log -n 1", "a.csv"), 73);
    assert_contains(&captured.err, "a.csv is there already");
    assert_int_equal(play_to("log -n 1 --format joularjx --overwrite", "a.csv"), 0);
    assert_int_equal(file_of("a.csv", content, sizeof(content)), 7);
    assert_string_equal(content, "14.242\n");
    assert_int_equal(play_to("log -n 1", "no/such/folder.csv"), 73);
    assert_contains(&captured.err, "No such file or directory");
}

static void test_rotate_by_size(void **state)
{
    char content[4096];

    assert_int_equal(play_to("log -n 20 --rotate 1000B", "a.csv"), 0);
    for (int i = 1; i <= 3; i++) {
        char name[32];
        long size;

        snprintf(name, sizeof(name), "a-%04d.csv", i);
        size = file_of(name, content, sizeof(content));
        assert_true(size > 700 && size <= 1000);
        assert_memory_equal(content, "time,elapsed_s,", 15);
        assert_int_equal(content[size - 1], '\n');
    }
    assert_int_equal(file_of("a.csv", content, sizeof(content)), -1);
}

/* Each file is a whole document, and a file that is there is left alone. */
/* What stands between rows and after the last one is part of the file. */
static void test_rotate_counts_brackets(void **state)
{
    char content[8192];
    char line[64];
    long size;

    assert_int_equal(play_to("log -n 2 --format json", "whole.json"), 0);
    size = file_of("whole.json", content, sizeof(content));
    assert_true(size > 1000);
    for (long limit = size - 5; limit <= size; limit++) {
        char name[32];
        long first;

        snprintf(line, sizeof(line), "log -n 2 --format json --rotate %ldB", limit);
        snprintf(name, sizeof(name), "a%ld.json", limit);
        assert_int_equal(play_to(line, name), 0);
        snprintf(name, sizeof(name), "a%ld-0001.json", limit);
        first = file_of(name, content, sizeof(content));
        assert_true(first > 0 && first <= limit);
        assert_int_equal(first == size, limit == size);
    }
}

static void test_rotate_by_time(void **state)
{
    char content[8192];

    assert_int_equal(play_to("log -n 1 --format json", "a-0002.json"), 0);
    assert_int_equal(play_to("log -n 5 --format json --rotate 2s", "a.json"), 0);
    assert_true(file_of("a-0001.json", content, sizeof(content)) > 0);
    assert_memory_equal(content, "[\n{", 3);
    assert_non_null(strstr(content, "}\n]\n"));
    assert_true(file_of("a-0002.json", content, sizeof(content)) > 0);
    assert_null(strstr(content, ",\n{"));
    assert_true(file_of("a-0003.json", content, sizeof(content)) > 0);
    assert_int_equal(file_of("a-0005.json", content, sizeof(content)), -1);
}

static void test_disk_full(void **state)
{
    assert_int_equal(captured_play(&captured, "log -n 5 -o /dev/full", "client-intel.rec"), 74);
    assert_contains(&captured.err, "/dev/full: the disk is full. What was written before is kept.");
    captured.out_result = CLI_WRITE_FULL;
    captured.out_good = 2;
    assert_int_equal(captured_play(&captured, "log -n 100", "client-intel.rec"), 74);
    assert_contains(&captured.out, ",1.000000,replay,");
    assert_lacks(&captured.out, ",2.000000,replay,");
    assert_contains(&captured.err, "standard output: the disk is full");
}

static void test_usage(void **state)
{
    static const char *const wrong[] = {"log --rotate 1h",
                                        "log --overwrite",
                                        "log --format xml",
                                        "log --json --format csv",
                                        "log -o x --rotate 5",
                                        "log -o x --rotate 999B",
                                        "log -d 0s",
                                        "log -o x --rotate 1MB --overwrite",
                                        "log -n 0"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (captured_run(&captured, wrong[i]) != 64) {
            fail_msg("%s was not refused", wrong[i]);
        }
    }
}

/* ---- Programs -------------------------------------------------------------------------------- */

/* A program of its own, with its arguments separated by spaces. */
static int run_program(const struct verb_syntax *program, const char *arguments)
{
    struct cli cli = {
        .context = &captured,
        .write = captured_write,
        .interrupted = captured_interrupted,
        .unix_us = captured_unix_us,
    };
    char copy[1024];
    char *argv[CAPTURED_ARGUMENTS_MAX];
    int argc = 0;

    strcpy(copy, arguments);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    text_clear(&captured.out);
    text_clear(&captured.err);
    return cli_run(&cli, program->program, program->run, argc, argv);
}

#define CLIENT "--speed max --replay " RECORDINGS "client-intel.rec"

static void test_power_monitor(void **state)
{
    assert_int_equal(run_program(&program_power_monitor, "-n 3 " CLIENT), 0);
    assert_string_equal(text_string(&captured.out), "14.242\n14.256\n14.242\n");
    assert_int_equal(captured.err.size, 0);
    unsetenv("RAPL_SIMULATED");
    assert_int_equal(run_program(&program_power_monitor, "-n 3 " CLIENT), 78);
    assert_contains(&captured.err, "PowerMonitor: the numbers are simulated");
    assert_int_equal(run_program(&program_power_monitor, "x"), 64);
    assert_contains(&captured.err, "Try `PowerMonitor --help`");
}

static void test_gmt_provider(void **state)
{
    assert_int_equal(run_program(&program_gmt_provider, "-n 1 -x cpu_cores,dram " CLIENT), 0);
    assert_string_equal(text_string(&captured.out), "1795377600099000 1233459 cpu_package\n"
                                                    "1795377600099001 148010 cpu_gpu\n");
    assert_int_equal(captured.err.size, 0);
    assert_int_equal(run_program(&program_gmt_provider, "-n 1 -i 1000 -d dram " CLIENT), 0);
    assert_string_equal(text_string(&captured.out), "1795377601000000 1749023 dram\n");
    assert_int_equal(run_program(&program_gmt_provider, "-c " CLIENT), 0);
    assert_int_equal(captured.out.size + captured.err.size, 0);
    assert_int_equal(run_program(&program_gmt_provider, "-c --replay /no/such"), 1);
    assert_int_equal(run_program(&program_gmt_provider, "-x gpu " CLIENT), 1);
    assert_int_equal(run_program(&program_gmt_provider, "-i 0 " CLIENT), 1);
    assert_int_equal(run_program(&program_gmt_provider, "-i 1s " CLIENT), 1);
    captured.out_result = CLI_WRITE_CLOSED;
    assert_int_equal(run_program(&program_gmt_provider, CLIENT), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_csv, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gmt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gmt_sums, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gmt_carries, setup, teardown),
        cmocka_unit_test_setup_teardown(test_joularjx, setup, teardown),
        cmocka_unit_test_setup_teardown(test_energibridge, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json, setup, teardown),
        cmocka_unit_test_setup_teardown(test_simulated_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_rotate_by_size, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_rotate_counts_brackets, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_rotate_by_time, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
        cmocka_unit_test_setup_teardown(test_usage, setup, teardown),
        cmocka_unit_test_setup_teardown(test_power_monitor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gmt_provider, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
