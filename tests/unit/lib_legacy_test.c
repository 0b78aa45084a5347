/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy backend over a device that answers as this project's driver does, or its
 * predecessor's: same counts as a replay, denials, dead counters, a driver that goes away.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "lib/backend/all.h"
#include "tests/unit/lib_played.h"

#define SECOND UINT64_C(1000000000)

const struct backend *const backend_table[] = {&backend_legacy, &backend_replay, NULL};

/* ---- What Windows would give ---------------------------------------------------------------- */

static struct {
    const char *name; /* the recording; NULL: this is not Windows */
    struct played played;
    uint32_t device_error;
    bool predecessor;
    bool held;
    uint32_t turns; /* begin without end */
    uint32_t reads_outside;
    uint32_t unsafe_reads;
} windows;

static void begin(void *context)
{
    (void)context;
    windows.turns++;
}

static void end(void *context)
{
    (void)context;
    windows.turns--;
}

static uint32_t read_in_turn(void *context, uint32_t msr, uint32_t processor,
                             struct rapl_register_value *out)
{
    windows.reads_outside += windows.turns != 1 ? 1 : 0;
    windows.unsafe_reads += msr == RAPL_MSR_PKG_POWER_LIMIT || msr == RAPL_MSR_PKG_PERF ? 1 : 0;
    return played_read(context, msr, processor, out);
}

bool rapl_source_open(struct rapl_source *out)
{
    if (windows.name == NULL) {
        return false;
    }
    played_open(windows.name, &windows.played, out);
    out->predecessor = windows.predecessor;
    out->device.read = read_in_turn;
    out->device.begin = begin;
    out->device.end = end;
    if (windows.device_error != 0) {
        out->device_state = RAPL_DEVICE_FAILED;
        out->device_error = windows.device_error;
    }
    windows.held = true;
    return true;
}

bool rapl_source_identify(struct rapl_source *out)
{
    (void)out;
    return false;
}

void rapl_source_close(struct rapl_source *source)
{
    if (windows.held) {
        played_close(&windows.played, source);
        windows.held = false;
    }
}

/* ---- Sessions ------------------------------------------------------------------------------- */

static int reset(void **state)
{
    (void)state;
    memset(&windows, 0, sizeof(windows));
    return 0;
}

static int try_open(const char *source, const char *recording, struct rapl_session **out)
{
    char path[512];
    const struct rapl_options options = {
        .size = sizeof(options), .flags = RAPL_OPEN_CORES, .source = source, .path = path};

    windows.name = recording;
    snprintf(path, sizeof(path), PLAYED_DIR "%s", recording != NULL ? recording : "");
    assert_int_equal(rapl_session_new(&options, out), RAPL_OK);
    return rapl_session_open(*out);
}

static struct rapl_session *open_session(const char *source, const char *recording)
{
    struct rapl_session *session;

    assert_int_equal(try_open(source, recording, &session), RAPL_OK);
    return session;
}

static void close_session(struct rapl_session *session)
{
    rapl_session_free(session);
    assert_false(windows.held);
    assert_int_equal(windows.turns, 0);
    assert_int_equal(windows.reads_outside, 0);
}

static struct rapl_samples *samples_of(struct rapl_session *session)
{
    struct rapl_samples *samples;

    assert_int_equal(rapl_samples_new(session, &samples), RAPL_OK);
    return samples;
}

static struct rapl_sample sample_of(const struct rapl_samples *samples, uint32_t index)
{
    struct rapl_sample out = {.size = sizeof(out)};

    assert_int_equal(rapl_sample_get(samples, index, &out), RAPL_OK);
    return out;
}

static struct rapl_domain_info domain_of(struct rapl_session *session, uint32_t index)
{
    struct rapl_domain_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_domain_get(session, index, &out), RAPL_OK);
    return out;
}

static struct rapl_source_info source_of(struct rapl_session *session)
{
    struct rapl_source_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_source_get(session, 0, &out), RAPL_OK);
    return out;
}

/* ---- Tests ---------------------------------------------------------------------------------- */

/* Each domain is what the recording's register says at the time of its own read. */
static void expect_as_replayed(const char *recording)
{
    struct rapl_session *const legacy = open_session("legacy", recording);
    struct rapl_samples *const samples = samples_of(legacy);

    windows.played.now_100ns += 30000000;
    assert_int_equal(rapl_read(legacy, samples), RAPL_OK);
    struct rapl_session *const replay = open_session("replay", recording);
    struct rapl_samples *const replayed = samples_of(replay);
    assert_int_equal(rapl_domain_count(legacy), rapl_domain_count(replay));
    for (uint32_t i = 0; i < rapl_domain_count(legacy); i++) {
        const struct rapl_sample sample = sample_of(samples, i);

        assert_string_equal(domain_of(legacy, i).label, domain_of(replay, i).label);
        assert_int_equal(domain_of(legacy, i).unit_denominator,
                         domain_of(replay, i).unit_denominator);
        if (sample.status == RAPL_OK) {
            /* the recording begins when its clock is at 0 */
            assert_int_equal(rapl_wait_until(replay, sample.time_ns), RAPL_OK);
            assert_int_equal(rapl_read(replay, replayed), RAPL_OK);
            assert_int_equal(sample_of(replayed, i).raw, sample.raw);
            assert_int_equal(sample.flags, RAPL_FLAG_SIMULATED);
            assert_true(sample.energy_ticks > 0);
        } else {
            assert_int_equal(sample.status, RAPL_ERROR_DEAD);
        }
    }
    rapl_samples_free(samples);
    rapl_samples_free(replayed);
    rapl_session_free(replay);
    close_session(legacy);
}

static void test_as_replayed(void **state)
{
    (void)state;
    expect_as_replayed("haswell-ep-2s.rec");
    reset(NULL);
    expect_as_replayed("zen-desktop.rec");
    reset(NULL);
    windows.played.shows_zero = true;
    expect_as_replayed("haswell-ep-2s.rec");
}

static void test_titles_and_machine(void **state)
{
    struct rapl_session *const session = open_session("legacy", "haswell-ep-2s.rec");
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_package_info package = {.size = sizeof(package)};

    (void)state;
    assert_non_null(strstr(source_of(session).title, "(SIMULATED)"));
    assert_int_equal(source_of(session).flags, RAPL_FLAG_SIMULATED);
    assert_int_equal(rapl_machine_get(session, &machine), RAPL_OK);
    assert_int_equal(machine.socket_count, 2);
    assert_true(machine.recording[0] != '\0');
    assert_int_equal(rapl_package_get(session, 1, &package), RAPL_OK);
    assert_int_equal(package.processor, 16);
    assert_int_equal(package.tdp_mw, 85000);
    assert_true(rapl_read_interval_ms(session) >= 20000);
    close_session(session);
}

/* The predecessor: nothing that could fault is asked of it. */
static void test_predecessor(void **state)
{
    struct rapl_session *session;
    struct rapl_package_info package = {.size = sizeof(package)};

    (void)state;
    windows.predecessor = true;
    session = open_session("legacy", "haswell-ep-2s.rec");
    assert_int_equal(windows.unsafe_reads, 0);
    assert_int_equal(domain_of(session, 0).status, RAPL_OK);
    assert_int_equal(rapl_package_get(session, 0, &package), RAPL_OK);
    assert_int_equal(package.limit_count, 0);
    close_session(session);
}

static void test_coarse(void **state)
{
    struct rapl_session *const session = open_session("legacy", "zen-desktop.rec");
    struct rapl_samples *const samples = samples_of(session);

    (void)state;
    windows.played.coarse = true;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(sample_of(samples, 0).flags, RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE);
    assert_int_equal(sample_of(samples, 1).status, RAPL_ERROR_DENIED);
    assert_int_equal(sample_of(samples, 1).system_error, 5);
    rapl_samples_free(samples);
    close_session(session);
}

static void test_driver_that_goes_away(void **state)
{
    struct rapl_session *const session = open_session("legacy", "intel-package-99ms.rec");
    struct rapl_samples *const samples = samples_of(session);

    (void)state;
    windows.played.refuse_msr = RAPL_MSR_PKG_ENERGY;
    windows.played.refuse_error = RAPL_ERROR_DEVICE_NOT_CONNECTED;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GONE);
    assert_int_equal(source_of(session).status, RAPL_ERROR_GONE);
    assert_int_equal(source_of(session).system_error, RAPL_ERROR_DEVICE_NOT_CONNECTED);
    assert_non_null(strstr(source_of(session).remedy, "DriverLoader start"));
    windows.played.refuse_error = RAPL_ERROR_ACCESS_DENIED; /* a device that is being deleted */
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GONE);
    windows.played.refuse_error = 0;
    windows.played.refuse_msr = 0;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    rapl_samples_free(samples);
    close_session(session);
}

static void test_cannot_open(void **state)
{
    struct rapl_session *session;

    (void)state;
    windows.device_error = RAPL_ERROR_ACCESS_DENIED;
    assert_int_equal(try_open("legacy", "zen-desktop.rec", &session), RAPL_ERROR_DENIED);
    assert_non_null(strstr(source_of(session).remedy, "--access=users"));
    close_session(session);
    windows.device_error = RAPL_ERROR_FILE_NOT_FOUND;
    assert_int_equal(try_open("legacy", "zen-desktop.rec", &session), RAPL_ERROR_NOT_HERE);
    close_session(session);
    windows.device_error = 0;
    assert_int_equal(try_open("legacy", "guest-no-rapl.rec", &session), RAPL_ERROR_UNSUPPORTED);
    assert_true(source_of(session).reason[0] != '\0');
    close_session(session);
    assert_int_equal(try_open("legacy", NULL, &session), RAPL_ERROR_UNSUPPORTED);
    close_session(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_as_replayed, reset),
        cmocka_unit_test_setup(test_titles_and_machine, reset),
        cmocka_unit_test_setup(test_predecessor, reset),
        cmocka_unit_test_setup(test_coarse, reset),
        cmocka_unit_test_setup(test_driver_that_goes_away, reset),
        cmocka_unit_test_setup(test_cannot_open, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
