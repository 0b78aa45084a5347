/* SPDX-License-Identifier: Apache-2.0
 *
 * A recording made of a recording plays the same: identity, topology, registers, energy.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/recorder.h"
#include "tests/unit/lib_played.h"

#define SAMPLES      200u
#define SAMPLE_100NS 100000u /* 10 ms */

struct made {
    struct text text;
    void *arena;
    struct recording recording;
};

static void make(struct played *played, struct rapl_source *source, struct made *made)
{
    struct recorder *recorder;
    struct recording_error error = {.line = 0};

    memset(made, 0, sizeof(*made));
    assert_int_equal(recorder_new(&source->host, &source->device, &recorder), RECORDER_OK);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        played->now_100ns += SAMPLE_100NS;
        assert_int_equal(recorder_sample(recorder), RECORDER_SAMPLED);
    }
    recorder_write(recorder, "A \"quoted\"\ttitle", true, &made->text);
    recorder_free(recorder);
    made->arena = malloc(recording_arena_size(made->text.size));
    if (!recording_parse(made->text.data, made->text.size, made->arena,
                         recording_arena_size(made->text.size), &made->recording, &error)) {
        fail_msg("line %u:%u: %s", error.line, error.column, error.message);
    }
}

static void check_same(const char *name)
{
    struct rapl_host host;
    struct rapl_source source;
    struct played played;
    struct made made;

    played_open(name, &played, &source);
    played.shows_zero = true;
    make(&played, &source, &made);
    assert_string_equal(made.recording.title, "A 'quoted' title");
    assert_int_equal(made.recording.cpu.family, source.host.cpu.family);
    assert_int_equal(made.recording.cpu.model, source.host.cpu.model);
    assert_int_equal(made.recording.package_count, played.recording.package_count);
    assert_int_equal(made.recording.processor_count, played.recording.processor_count);
    assert_true(rapl_host_from_recording(&made.recording, &host));
    assert_int_equal(rapl_host_package_leads(&host, NULL, 0),
                     rapl_host_package_leads(&source.host, NULL, 0));
    rapl_host_free(&host);
    text_free(&made.text);
    free(made.arena);
    played_close(&played, &source);
}

static void test_machines(void **state)
{
    static const char *const names[] = {"client-intel.rec",       "haswell-ep-2s.rec",
                                        "sapphire-rapids-2s.rec", "vbs-client.rec",
                                        "zen-desktop.rec",        "step-15ms.rec"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        check_same(names[i]);
    }
}

/* After two seconds the counter of each package has gained what the original gained. */
static void test_energy(void **state)
{
    static const uint32_t watts_times_4[] = {246, 189}; /* 61.5 and 47.25 W */
    struct rapl_source source;
    struct played played;
    struct made made;

    played_open("haswell-ep-2s.rec", &played, &source);
    make(&played, &source, &made);
    for (uint32_t package = 0; package < 2; package++) {
        uint32_t processor = package * made.recording.processor_count / 2;
        uint64_t first;
        uint64_t last;
        double joules;

        assert_true(recording_read(&made.recording, processor, 0x611, 0, &first));
        assert_true(recording_read(&made.recording, processor, 0x611, 60000000, &last));
        joules = (double)((last - first) & 0xFFFFFFFFu) / 16384;
        /* 200 samples of 10 ms, and 0.4 ms a read for each of 8 counters in each round. */
        assert_true(joules > watts_times_4[package] / 4.0 * 2.0);
        assert_true(joules < watts_times_4[package] / 4.0 * 2.8);
        assert_false(recording_read(&made.recording, processor, 0x641, 0, &first));
    }
    text_free(&made.text);
    free(made.arena);
    played_close(&played, &source);
}

static void test_refused(void **state)
{
    struct rapl_source source;
    struct recorder *recorder = NULL;
    struct played played;

    played_open("client-intel.rec", &played, &source);
    source.host.model = NULL;
    assert_int_equal(recorder_new(&source.host, &source.device, &recorder), RECORDER_NO_RAPL);
    source.host.model = played.model;
    source.host.processor_count = 257;
    assert_int_equal(recorder_new(&source.host, &source.device, &recorder), RECORDER_TOO_MANY);
    source.host.processor_count = 8;
    assert_null(recorder);
    played_close(&played, &source);
}

static uint32_t fail_read(void *context, uint32_t msr, uint32_t processor,
                          struct rapl_register_value *out)
{
    (void)context;
    (void)msr;
    (void)processor;
    (void)out;
    return 1167; /* ERROR_DEVICE_NOT_CONNECTED */
}

/* A driver that is stopped ends the recording: it does not go on with counters that stand still. */
static void test_lost(void **state)
{
    struct rapl_source source;
    struct recorder *recorder;
    struct played played;

    played_open("client-intel.rec", &played, &source);
    assert_int_equal(recorder_new(&source.host, &source.device, &recorder), RECORDER_OK);
    played.now_100ns += SAMPLE_100NS;
    assert_int_equal(recorder_sample(recorder), RECORDER_SAMPLED);
    source.device.read = fail_read;
    assert_int_equal(recorder_sample(recorder), RECORDER_LOST);
    recorder_free(recorder);
    played_close(&played, &source);
}

/* A recording has a bound: it is kept, and what was there is still a recording. */
static void test_bound(void **state)
{
    struct rapl_source source;
    struct recorder *recorder;
    struct played played;
    struct text text = {.data = NULL};
    uint32_t samples = 0;

    played_open("client-intel.rec", &played, &source);
    assert_int_equal(recorder_new(&source.host, &source.device, &recorder), RECORDER_OK);
    do {
        played.now_100ns += SAMPLE_100NS;
        samples++;
    } while (recorder_sample(recorder) == RECORDER_SAMPLED && samples < 100000);
    assert_true(samples < 20000);
    recorder_write(recorder, "", false, &text);
    assert_true(text.size < RECORDING_TEXT_MAX);
    text_free(&text);
    recorder_free(recorder);
    played_close(&played, &source);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machines), cmocka_unit_test(test_energy),
        cmocka_unit_test(test_refused),  cmocka_unit_test(test_lost),
        cmocka_unit_test(test_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
