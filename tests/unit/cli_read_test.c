/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl read` and `rapl info` over shipped recordings, and everything that can be missing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/cli_played.h"

struct stage {
    struct played played;
    struct rapl_source source;
    struct captured captured;
};

static void stage_open(struct stage *stage, const char *name)
{
    *stage = (struct stage){.captured = {.out_broken = false}};
    played_open(name, &stage->played, &stage->source);
    captured_source = &stage->source;
}

static void stage_close(struct stage *stage)
{
    captured_source = NULL;
    played_close(&stage->played, &stage->source);
    captured_free(&stage->captured);
}

static int run(struct stage *stage, const char *arguments)
{
    return captured_run(&stage->captured, arguments);
}

static void test_read_text(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    assert_int_equal(run(&stage, "read -i 500ms -n 2"), 0);
    assert_contains(&stage.captured.out, "interval 1 of 2, 0.5 s, simulated\n");
    assert_contains(&stage.captured.out, "interval 2 of 2, 0.5 s, simulated\n");
    assert_contains(&stage.captured.out, "PACKAGE  DOMAIN          RAW     JOULES   WATTS\n");
    assert_contains(&stage.captured.out, "      0  package  0x3");
    assert_contains(&stage.captured.out, "      1  dram     0x7D");
    assert_lacks(&stage.captured.out, "pp0"); /* dead: left out, not 0 */
    assert_lacks(&stage.captured.out, " 0.000");
    assert_int_equal(stage.captured.err.size, 0);
    stage_close(&stage);
}

static void test_read_json(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    assert_int_equal(run(&stage, "read --interval=2s --json"), 0);
    assert_contains(&stage.captured.out,
                    "{\"simulated\":true,\"recording\":\"Two-socket Haswell-EP: 2 x 8 cores, "
                    "E5-2630 v3 class\",\"speed\":1,\"cpu\":\"06_3F\",\"interval\":1,"
                    "\"interval_s\":2,\"readings\":[{\"package\":0,\"domain\":\"package\","
                    "\"processor\":0,\"msr\":\"0x611\",\"raw\":");
    assert_contains(&stage.captured.out, "\"package\":1,\"domain\":\"package\",\"processor\":16,");
    assert_contains(&stage.captured.out, "\"wraps\":1,\"lower_bound\":false");
    assert_contains(&stage.captured.out, "}]}\n");
    stage_close(&stage);
}

static void test_read_cores(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "zen-desktop.rec");
    assert_int_equal(run(&stage, "read"), 0);
    assert_contains(&stage.captured.out, "core 0 ");
    assert_contains(&stage.captured.out, "core 15");
    stage.played.coarse = true;
    assert_int_equal(run(&stage, "read"), 0);
    assert_contains(&stage.captured.out, "package");
    assert_lacks(&stage.captured.out, "core");
    stage_close(&stage);
}

static void test_read_says_unknown(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "zen-desktop.rec");
    stage.source.driver.simulated = RAPL_TRUTH_UNKNOWN;
    assert_int_equal(run(&stage, "read"), 0);
    assert_contains(&stage.captured.out, "1 s, simulated: unknown\n");
    assert_int_equal(run(&stage, "read --json"), 0);
    assert_contains(&stage.captured.out, "{\"simulated\":\"unknown\",\"cpu\"");
    stage.source.driver.simulated = RAPL_TRUTH_NO;
    assert_int_equal(run(&stage, "read"), 0);
    assert_contains(&stage.captured.out, "interval 1 of 1, 1 s\n");
    assert_int_equal(run(&stage, "read --json"), 0);
    assert_contains(&stage.captured.out, "{\"simulated\":false,\"cpu\"");
    stage_close(&stage);
}

static void test_read_stops_with_the_driver(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    stage.source.host.model = rapl_model_find(&(struct rapl_cpu){
        .vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x86}); /* package only */
    stage.played.model = stage.source.host.model;
    stage.played.refuse_msr = 0x611;
    stage.played.refuse_error = RAPL_ERROR_DEVICE_NOT_CONNECTED;
    stage.played.refuse_from_100ns = stage.played.now_100ns + 15000000;
    assert_int_equal(run(&stage, "read -n 5"), 74);
    assert_contains(&stage.captured.out, "interval 1 of 5");
    assert_lacks(&stage.captured.out, "interval 2 of 5");
    assert_contains(&stage.captured.err, "Windows error 1167: the driver was stopped.");
    stage_close(&stage);
}

static void test_read_without_output(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    stage.captured.out_broken = true;
    assert_int_equal(run(&stage, "read -n 1000000"), 74); /* and not after a million seconds */
    stage_close(&stage);
}

static void test_usage(void **state)
{
    static const char *const wrong[] = {"read -i 5",  "read -i 0s",   "read -n 0",  "read -n x",
                                        "read extra", "read -x",      "info extra", "info -n",
                                        "read -i",    "info --json=1"};

    (void)state;
    captured_source = NULL;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct captured captured = {.out_broken = false};

        assert_int_equal(captured_run(&captured, wrong[i]), 64);
        assert_int_equal(captured.out.size, 0);
        captured_free(&captured);
    }
}

static void expect_missing(struct stage *stage, int code, const char *part)
{
    assert_int_equal(run(stage, "read"), code);
    assert_int_equal(stage->captured.out.size, 0);
    assert_contains(&stage->captured.err, part);
    /* info shows what is known, and has the same code. */
    assert_int_equal(run(stage, "info"), code);
    assert_contains(&stage->captured.out, "driver      ");
    assert_contains(&stage->captured.err, part);
    assert_int_equal(run(stage, "info --json"), code);
    assert_contains(&stage->captured.out, "\"driver\":{");
}

static void test_device_missing(void **state)
{
    static const struct {
        uint32_t error;
        int code;
        const char *part;
    } rows[] = {
        {2, 69, "DriverLoader start"},    {5, 77, "--access=users"},
        {32, 69, "another program"},      {1167, 69, "being stopped"},
        {4321, 69, "Windows error 4321"},
    };
    struct stage stage;

    (void)state;
    stage_open(&stage, "client-intel.rec");
    stage.source.device_state = RAPL_DEVICE_FAILED;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        stage.source.device_error = rows[i].error;
        expect_missing(&stage, rows[i].code, rows[i].part);
    }
    stage_close(&stage);
}

static void test_machine_without_rapl(void **state)
{
    struct stage stage;
    const struct rapl_model *model;

    (void)state;
    stage_open(&stage, "client-intel.rec");
    model = stage.source.host.model;
    stage.source.host.model = NULL;
    expect_missing(&stage, 69, "no RAPL is known for this CPU");
    stage.source.host.model = rapl_model_find(
        &(struct rapl_cpu){.vendor = RAPL_VENDOR_INTEL, .family = 0x13, .model = 1});
    assert_int_equal(stage.source.host.model->domains, 0);
    expect_missing(&stage, 69, "no RAPL registers");
    stage.source.host.model = model;
    stage_close(&stage);

    stage_open(&stage, "guest-no-rapl.rec");
    expect_missing(&stage, 69, "the unit register reads 0x0");
    stage_close(&stage);
}

static void test_unit_refused(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "client-intel.rec");
    stage.played.refuse_msr = 0x606;
    stage.played.refuse_error = RAPL_ERROR_ACCESS_DENIED;
    expect_missing(&stage, 77, "the unit register cannot be read");
    stage.played.refuse_error = RAPL_ERROR_IO_DEVICE;
    expect_missing(&stage, 74, "Windows error 1117");
    stage_close(&stage);
}

static void test_recording_unusable(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "client-intel.rec");
    rapl_host_free(&stage.source.host);
    strcpy(stage.source.problem, "C:\\x.rec:3:7: expected a number");
    expect_missing(&stage, 78, "C:\\x.rec:3:7: expected a number");
    stage.source.driver.simulated = RAPL_TRUTH_NO;
    expect_missing(&stage, 71, "C:\\x.rec:3:7");
    stage_close(&stage);
}

static void test_not_windows(void **state)
{
    struct captured captured = {.out_broken = false};

    (void)state;
    captured_source = NULL;
    assert_int_equal(captured_run(&captured, "read"), 69);
    assert_contains(&captured.err, "takes the Windows driver");
    assert_int_equal(captured_run(&captured, "info --json"), 69);
    assert_contains(&captured.err, "`rapl decode` works here");
    assert_int_equal(captured.out.size, 0);
    captured_free(&captured);
}

static void test_info_text(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    assert_int_equal(run(&stage, "info"), 0);
    assert_contains(&stage.captured.out, "cpu         Intel 06_3F, Haswell-EP/EX/E\n");
    assert_contains(&stage.captured.out, "processors  32 in 2 packages\n");
    assert_contains(&stage.captured.out, "driver      running, C:\\Windows");
    assert_contains(&stage.captured.out, "simulated   yes: plays \"Two-socket Haswell-EP");
    assert_contains(&stage.captured.out, "package 1, read on processor 16, simulated\n");
    /* 262144 J at 85 W, 65536 J at 35 W. */
    assert_contains(&stage.captured.out,
                    "package  present     0x611  61.03515625 uJ          51 min\n");
    assert_contains(&stage.captured.out,
                    "dram     present     0x619  15.2587890625 uJ        31 min\n");
    assert_contains(&stage.captured.out, "the package counter lasts 51 min at TDP, 85 W\n");
    assert_contains(&stage.captured.out, "the register faults, or has read 0");
    assert_contains(&stage.captured.out, "not on this model\n");
    assert_contains(&stage.captured.out, "thermal design power   14:0   680  85 W\n");
    assert_contains(&stage.captured.out, "0x610 PKG_POWER_LIMIT (package) = ");
    stage_close(&stage);
}

static void test_guests_are_told(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "guest-no-rapl.rec");
    stage.source.device_state = RAPL_DEVICE_FAILED;
    stage.source.device_error = RAPL_ERROR_FILE_NOT_FOUND;
    expect_missing(&stage, 69, "This is a virtual machine");
    stage_close(&stage);
    stage_open(&stage, "vbs-client.rec"); /* the root partition is no guest */
    stage.source.device_state = RAPL_DEVICE_FAILED;
    stage.source.device_error = RAPL_ERROR_FILE_NOT_FOUND;
    assert_int_equal(run(&stage, "read"), 69);
    assert_lacks(&stage.captured.err, "virtual machine");
    stage_close(&stage);
}

static void test_speed_is_told(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "intel-package-99ms.rec");
    assert_true(stage.source.speed > 1);
    assert_int_equal(run(&stage, "read"), 0);
    assert_contains(&stage.captured.out, "1 s, simulated 20 times as fast\n");
    assert_int_equal(run(&stage, "info"), 0);
    assert_contains(&stage.captured.out, "Green Metrics Tool\" 20 times as fast (");
    stage_close(&stage);
}

static void test_info_coarse(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "zen-desktop.rec");
    stage.played.coarse = true;
    assert_int_equal(run(&stage, "info"), 0);
    assert_contains(&stage.captured.out, "core     absent   0xC001029A");
    assert_contains(&stage.captured.out, "only for administrators and Performance Log Users");
    assert_int_equal(run(&stage, "info --json"), 0);
    assert_contains(&stage.captured.out,
                    "{\"domain\":\"core\",\"present\":false,\"reason\":\"access "
                    "denied");
    stage.played.coarse = false;
    assert_int_equal(run(&stage, "info"), 0);
    assert_contains(&stage.captured.out, "core     present on 16 of 16");
    stage_close(&stage);
}

static void test_info_json(void **state)
{
    struct stage stage;

    (void)state;
    stage_open(&stage, "haswell-ep-2s.rec");
    assert_int_equal(run(&stage, "info --json"), 0);
    assert_contains(&stage.captured.out, "{\"simulated\":true,\"recording\":\"Two-socket");
    assert_contains(&stage.captured.out, "\"driver\":{\"service\":\"running\",");
    assert_contains(&stage.captured.out, "\"image\":\"C:\\\\Windows\\\\System32");
    assert_contains(&stage.captured.out,
                    "{\"domain\":\"dram\",\"present\":true,\"reason\":null,\"msr\":\"0x619\","
                    "\"energy_unit_uj\":15.2587890625,\"lasts_at_tdp_s\":1872}");
    assert_contains(&stage.captured.out, "\"tdp_w\":{\"bits\":\"14:0\",\"raw\":\"0x2A8\","
                                         "\"value\":85}");
    stage_close(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_text),
        cmocka_unit_test(test_read_json),
        cmocka_unit_test(test_read_cores),
        cmocka_unit_test(test_read_says_unknown),
        cmocka_unit_test(test_read_stops_with_the_driver),
        cmocka_unit_test(test_read_without_output),
        cmocka_unit_test(test_usage),
        cmocka_unit_test(test_device_missing),
        cmocka_unit_test(test_machine_without_rapl),
        cmocka_unit_test(test_unit_refused),
        cmocka_unit_test(test_recording_unusable),
        cmocka_unit_test(test_not_windows),
        cmocka_unit_test(test_info_text),
        cmocka_unit_test(test_guests_are_told),
        cmocka_unit_test(test_speed_is_told),
        cmocka_unit_test(test_info_coarse),
        cmocka_unit_test(test_info_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
