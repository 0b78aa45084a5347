/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine behind a source, the words for errors, and the decision whether a driver is the
 * simulated one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/lib_played.h"

static void expect_host(const char *name, uint16_t family, uint16_t model, uint32_t processors,
                        const uint32_t *leads, uint32_t lead_count)
{
    struct rapl_source source = {.speed = 1};
    uint32_t found[8] = {0};
    size_t size;
    char *text = played_file(name, &size);

    rapl_source_play(&source, text, size, name);
    assert_string_equal(source.problem, "");
    assert_true(source.recording_title[0] != '\0');
    assert_int_equal(source.host.cpu.family, family);
    assert_int_equal(source.host.cpu.model, model);
    assert_int_equal(source.host.processor_count, processors);
    assert_non_null(source.host.model);
    assert_int_equal(rapl_host_package_leads(&source.host, found, 8), lead_count);
    for (uint32_t i = 0; i < lead_count; i++) {
        assert_int_equal(found[i], leads[i]);
    }
    /* A shorter array is filled as far as it goes, and the count is still the whole one. */
    assert_int_equal(rapl_host_package_leads(&source.host, NULL, 0), lead_count);
    rapl_host_free(&source.host);
    assert_int_equal(source.host.processor_count, 0);
    free(text);
}

static void test_hosts(void **state)
{
    static const uint32_t first[] = {0};
    static const uint32_t haswell[] = {0, 16};

    (void)state;
    expect_host("haswell-ep-2s.rec", 0x06, 0x3F, 32, haswell, 2);
    expect_host("zen-desktop.rec", 0x19, 0x61, 32, first, 1);
    expect_host("guest-no-rapl.rec", 0x06, 0x3C, 4, first, 1);
}

static void test_bad_recording_is_located(void **state)
{
    static const char text[] = "rapl-recording 1\ntitle \"x\" @nobody\n";
    struct rapl_source source = {.speed = 1};

    (void)state;
    rapl_source_play(&source, text, sizeof(text) - 1, "C:\\x.rec");
    assert_int_equal(source.host.processor_count, 0);
    assert_memory_equal(source.problem, "C:\\x.rec:2:", 11);
    assert_true(strlen(source.problem) > 15);
}

/* The longest path there is must not push out what is wrong. */
static void test_long_path_leaves_room(void **state)
{
    static const char text[] = "rapl-recording 1\ntitle \"x\" @nobody\n";
    struct rapl_source source = {.speed = 1};
    struct rapl_source located = {.speed = 1};
    char path[sizeof(source.driver.recording_path)];

    (void)state;
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    rapl_source_play(&source, text, sizeof(text) - 1, path);
    rapl_source_play(&located, text, sizeof(text) - 1, "");
    assert_string_equal(source.problem + strlen(path), located.problem);
}

static bool no_processor(void *context, uint32_t processor, struct rapl_cpuid *cpuid)
{
    (void)context;
    (void)processor;
    (void)cpuid;
    return false;
}

static void test_host_that_cannot_be_asked(void **state)
{
    struct rapl_host_reader reader = {.processor_count = 4, .visit = no_processor};
    struct rapl_host host = {.processor_count = 77};

    (void)state;
    assert_false(rapl_host_build(&reader, &host));
    assert_int_equal(host.processor_count, 77);
    reader.processor_count = 0;
    assert_false(rapl_host_build(&reader, &host));
}

static void test_error_texts(void **state)
{
    static const uint32_t open_codes[] = {2, 3, 5, 8, 31, 32, 1167, 1450};
    static const uint32_t read_codes[] = {1, 5, 6, 87, 122, 1117, 1167, 1450};

    (void)state;
    for (size_t i = 0; i < sizeof(open_codes) / sizeof(open_codes[0]); i++) {
        const struct rapl_error_text *text = rapl_error_text(RAPL_OPERATION_OPEN, open_codes[i]);

        assert_int_equal(text->code, open_codes[i]);
        assert_non_null(text->remedy); /* an open that fails always has a next step */
    }
    for (size_t i = 0; i < sizeof(read_codes) / sizeof(read_codes[0]); i++) {
        const struct rapl_error_text *text = rapl_error_text(RAPL_OPERATION_READ, read_codes[i]);

        assert_int_equal(text->code, read_codes[i]);
        assert_int_equal(text->operation, RAPL_OPERATION_READ);
    }
    /* A dead energy counter fails like a fault; any other text is that of every read. */
    assert_non_null(strstr(rapl_error_text(RAPL_OPERATION_READ_ENERGY, 1117)->meaning, "read 0"));
    assert_null(strstr(rapl_error_text(RAPL_OPERATION_READ, 1117)->meaning, "read 0"));
    assert_ptr_equal(rapl_error_text(RAPL_OPERATION_READ_ENERGY, 5),
                     rapl_error_text(RAPL_OPERATION_READ, 5));
    assert_ptr_equal(rapl_error_text(RAPL_OPERATION_READ_ENERGY, 9999),
                     rapl_error_text(RAPL_OPERATION_READ, 9999));
    assert_non_null(strstr(rapl_error_text(RAPL_OPERATION_OPEN, 2)->remedy, "DriverLoader start"));
    assert_non_null(strstr(rapl_error_text(RAPL_OPERATION_OPEN, 5)->remedy, "--access=users"));
    /* Codes outside the table get the general text, with a next step. */
    assert_int_equal(rapl_error_text(RAPL_OPERATION_OPEN, 9999)->operation, RAPL_OPERATION_OPEN);
    assert_non_null(rapl_error_text(RAPL_OPERATION_OPEN, 9999)->remedy);
    assert_int_equal(rapl_error_text(RAPL_OPERATION_READ, 9999)->operation, RAPL_OPERATION_READ);
    assert_non_null(rapl_error_text(RAPL_OPERATION_READ, 9999)->remedy);
}

static void test_simulated_is_never_taken_for_real(void **state)
{
    static const struct {
        const char *display_name, *special_build;
        enum rapl_truth expected;
    } rows[] = {
        {"Scaphandre Driver Service", "", RAPL_TRUTH_NO},
        {"Scaphandre Driver Service", NULL, RAPL_TRUTH_UNKNOWN},
        {NULL, NULL, RAPL_TRUTH_UNKNOWN},
        {NULL, "", RAPL_TRUTH_NO},
        {"Scaphandre Driver Service (SIMULATED)", "", RAPL_TRUTH_YES},
        {"Scaphandre Driver Service (SIMULATED)", NULL, RAPL_TRUTH_YES},
        {"Scaphandre Driver Service", "SIMULATED", RAPL_TRUTH_YES}, /* renamed service */
        {NULL, "SIMULATED", RAPL_TRUTH_YES},
        {"(SIMULATED) Scaphandre", "", RAPL_TRUTH_NO},
        {"", "", RAPL_TRUTH_NO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(rapl_driver_is_simulated(rows[i].display_name, rows[i].special_build),
                         rows[i].expected);
    }
}

static void test_state_names(void **state)
{
    (void)state;
    assert_string_equal(rapl_service_state_name(RAPL_SERVICE_RUNNING), "running");
    assert_string_equal(rapl_service_state_name(RAPL_SERVICE_ABSENT), "not installed");
    assert_string_equal(rapl_service_state_name(1000), "unknown");
}

static void test_linux_has_no_driver(void **state)
{
    struct rapl_source source = {.speed = 77};

    (void)state;
    assert_false(rapl_source_open(&source));
    assert_int_equal(source.speed, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_bad_recording_is_located),
        cmocka_unit_test(test_long_path_leaves_room),
        cmocka_unit_test(test_host_that_cannot_be_asked),
        cmocka_unit_test(test_error_texts),
        cmocka_unit_test(test_simulated_is_never_taken_for_real),
        cmocka_unit_test(test_state_names),
        cmocka_unit_test(test_linux_has_no_driver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
