/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver backend over the driver's own code in this process, which then lies, grows, suspends
 * and goes away.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "lib/backend/all.h"
#include "lib/backend/driver.h"
#include "lib/backend/registers.h"
#include "lib/error_text.h"
#include "tests/unit/lib_played.h"

const struct backend *const backend_table[] = {&backend_driver, NULL};

/* ---- A driver ------------------------------------------------------------------------------- */

static struct {
    const char *name;
    struct played played;
    struct rapl_source source;
    struct registers registers;
    struct energy_channel inner;
    uint32_t open_error;
    uint32_t call_error; /* of snapshots, after `calls_left` more of them */
    uint32_t calls_left;
    uint32_t calls;
    size_t small_buffer; /* at most this much is answered at once */
    void (*tamper)(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items);
    bool held;
} driver;

static bool read_register(void *context, uint32_t processor, uint32_t msr, uint64_t *value,
                          uint64_t *time_ns)
{
    (void)context;
    *time_ns = driver.played.now_100ns * 100;
    return recording_read(&driver.played.recording, processor, msr, driver.played.now_100ns / 10,
                          value);
}

static uint64_t now_ns(void *context)
{
    (void)context;
    return driver.played.now_100ns * 100;
}

static uint32_t call(void *context, uint32_t control_code, const void *in, size_t in_size,
                     void *out, size_t out_size, size_t *written)
{
    uint32_t error;

    (void)context;
    if (control_code == RAPL_IOCTL_GET_SNAPSHOT) {
        driver.calls++;
        if (driver.calls_left == 0 && driver.call_error != 0) {
            return driver.call_error;
        }
        driver.calls_left -= driver.calls_left != 0 ? 1 : 0;
    }
    if (driver.small_buffer != 0 && out_size > driver.small_buffer) {
        out_size = driver.small_buffer;
        driver.small_buffer = 0;
    }
    error =
        driver.inner.call(driver.inner.context, control_code, in, in_size, out, out_size, written);
    if (error == 0 && control_code == RAPL_IOCTL_GET_SNAPSHOT && driver.tamper != NULL) {
        uint8_t *const bytes = out;

        driver.tamper(out, (void *)(bytes + sizeof(struct rapl_snapshot)));
    }
    return error;
}

static void close_driver(void *context)
{
    (void)context;
    registers_close(&driver.registers);
    played_close(&driver.played, &driver.source);
    driver.held = false;
}

static void recording_title(char *out, size_t size)
{
    snprintf(out, size, "a title");
}

uint32_t driver_link_open(struct driver_link *out)
{
    const struct register_reader reader = {.read = read_register, .now_ns = now_ns};
    struct registers_settings settings = {.simulated = true};
    enum rapl_gate gate;

    if (driver.open_error != 0) {
        return driver.open_error;
    }
    played_open(driver.name, &driver.played, &driver.source);
    settings.coarse = driver.played.recording.coarse_caller;
    assert_int_equal(
        registers_open(&driver.registers, &driver.source.host, &reader, &settings, &gate), RAPL_OK);
    driver.inner = registers_channel(&driver.registers);
    driver.held = true;
    *out = (struct driver_link){
        .channel = {.context = NULL, .call = call, .now_ns = now_ns},
        .close = close_driver,
        .recording = recording_title,
    };
    return 0;
}

/* ---- Sessions ------------------------------------------------------------------------------- */

static int reset(void **state)
{
    memset(&driver, 0, sizeof(driver));
    return 0;
}

static int try_open(const char *name, uint32_t flags, struct rapl_session **out)
{
    const struct rapl_options options = {.size = sizeof(options), .flags = flags};

    driver.name = name;
    assert_int_equal(rapl_session_new(&options, out), RAPL_OK);
    return rapl_session_open(*out);
}

static struct rapl_session *open_session(const char *name, uint32_t flags)
{
    struct rapl_session *session;

    assert_int_equal(try_open(name, flags, &session), RAPL_OK);
    return session;
}

static void close_session(struct rapl_session *session, struct rapl_samples *samples)
{
    rapl_samples_free(samples);
    rapl_session_free(session);
    assert_false(driver.held);
}

static struct rapl_source_info source_of(struct rapl_session *session)
{
    struct rapl_source_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_source_get(session, 0, &out), RAPL_OK);
    return out;
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

/* ---- Tests ---------------------------------------------------------------------------------- */

static void test_counts_from_open(void **state)
{
    struct rapl_session *const session = open_session("zen-desktop.rec", RAPL_OPEN_CORES);
    struct rapl_samples *const samples = samples_of(session);
    struct rapl_machine_info machine = {.size = sizeof(machine)};

    assert_string_equal(source_of(session).title, "ScaphandreDrv 1.0.0 (SIMULATED)");
    assert_int_equal(rapl_machine_get(session, &machine), RAPL_OK);
    assert_string_equal(machine.recording, "a title");
    assert_int_equal(rapl_domain_count(session), 17);
    driver.played.now_100ns += 10000000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(sample_of(samples, 0).energy_ticks, 5144576);
    assert_int_equal(sample_of(samples, 16).energy_ticks, 344064);
    assert_int_equal(sample_of(samples, 0).time_ns, driver.played.now_100ns * 100);
    assert_int_equal(rapl_read_interval_ms(session), 0); /* the driver counts on by itself */
    close_session(session, samples);
}

static void test_coarse(void **state)
{
    struct rapl_session *const session = open_session("coarse-client.rec", RAPL_OPEN_CORES);
    struct rapl_samples *const samples = samples_of(session);

    assert_int_equal(source_of(session).flags, RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE);
    assert_int_equal(source_of(session).resolution_us, 50000);
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(sample_of(samples, 0).raw, 0);
    assert_int_equal(sample_of(samples, 0).flags, RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE);
    close_session(session, samples);
}

static void test_more_data(void **state)
{
    struct rapl_session *const session = open_session("zen-desktop.rec", RAPL_OPEN_CORES);
    struct rapl_samples *const samples = samples_of(session);

    driver.small_buffer = 64; /* a driver that found more than fits */
    assert_int_equal(rapl_read(session, samples),
                     RAPL_ERROR_GARBAGE); /* it asks for no more room */
    close_session(session, samples);

    struct rapl_session *const large = open_session("epyc-2s.rec", RAPL_OPEN_CORES);
    struct rapl_samples *const many = samples_of(large);
    driver.played.now_100ns += 10000000;
    assert_int_equal(rapl_read(large, many), RAPL_OK); /* 130 items: more than 4 KiB */
    assert_int_equal(rapl_domain_count(large), 130);
    close_session(large, many);
}

static void test_refused_open(void **state)
{
    static const struct {
        uint32_t code;
        int status;
    } rows[] = {{2, RAPL_ERROR_NOT_HERE}, {3, RAPL_ERROR_NOT_HERE}, {5, RAPL_ERROR_DENIED},
                {8, RAPL_ERROR_MEMORY},   {1167, RAPL_ERROR_GONE},  {31, RAPL_ERROR_SYSTEM},
                {9999, RAPL_ERROR_SYSTEM}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_session *session;

        driver.open_error = rows[i].code;
        assert_int_equal(try_open("zen-desktop.rec", 0, &session), RAPL_ERROR_NO_SOURCE);
        assert_int_equal(source_of(session).status, rows[i].status);
        assert_int_equal(source_of(session).system_error, rows[i].code);
        assert_true(source_of(session).reason[0] != '\0');
        assert_true(source_of(session).remedy[0] != '\0');
        rapl_session_free(session);
    }
}

static void test_goes_away(void **state)
{
    static const uint32_t gone[] = {2, 5, 6, 55, 433, 995, 1167, 1617};
    struct rapl_session *const session = open_session("zen-desktop.rec", 0);
    struct rapl_samples *const samples = samples_of(session);

    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        driver.call_error = gone[i];
        assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GONE);
        assert_int_equal(source_of(session).system_error, gone[i]);
        assert_true(source_of(session).reason[0] != '\0');
    }
    assert_non_null(strstr(source_of(session).remedy, "DriverLoader start"));
    assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GONE);
    driver.call_error = 1306;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_VERSION);
    driver.call_error = 0;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    close_session(session, samples);
}

/* A machine that suspends is asked again for a while. */
static void test_suspending(void **state)
{
    struct rapl_session *const session = open_session("zen-desktop.rec", 0);
    struct rapl_samples *const samples = samples_of(session);

    driver.call_error = RAPL_ERROR_NOT_READY;
    driver.calls = 0;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_SYSTEM);
    assert_int_equal(driver.calls, 10);
    assert_int_equal(source_of(session).system_error, RAPL_ERROR_NOT_READY);
    close_session(session, samples);
}

/* ---- Lies ----------------------------------------------------------------------------------- */

static void lie_size(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)items;
    snapshot->header.size += 8;
}

static void lie_count(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)items;
    snapshot->item_count = UINT32_MAX;
}

static void lie_clock(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)items;
    snapshot->ticks_per_s = 3;
}

static void lie_kind(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)items;
    snapshot->header.kind = RAPL_KIND_TOPOLOGY | RAPL_KIND_REPLY;
}

static void lie_twice(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[1] = items[0];
}

static void lie_domain(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[0].domain = 8;
}

/* Wrong answers about everything. */
static void test_lies(void **state)
{
    static void (*const lies[])(struct rapl_snapshot *, struct rapl_snapshot_item *) = {
        lie_size, lie_count, lie_clock, lie_kind, lie_twice, lie_domain};
    struct rapl_session *const session = open_session("haswell-ep-2s.rec", 0);
    struct rapl_samples *const samples = samples_of(session);

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        driver.tamper = lies[i];
        assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GARBAGE);
        assert_int_equal(source_of(session).status, RAPL_ERROR_GARBAGE);
        assert_non_null(strstr(source_of(session).remedy, "DriverLoader status"));
    }
    driver.tamper = NULL;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    close_session(session, samples);
}

static void lie_back(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[0].energy_ticks = 0;
}

static void lie_future(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[0].ticks = UINT64_MAX;
}

static void lie_past(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[0].ticks = 1;
}

static void lie_status(struct rapl_snapshot *snapshot, struct rapl_snapshot_item *items)
{
    (void)snapshot;
    items[0].status = 99;
}

/* Wrong answers about one domain: the others stand. */
static void test_lies_about_a_domain(void **state)
{
    static void (*const lies[])(struct rapl_snapshot *, struct rapl_snapshot_item *) = {
        lie_back, lie_future, lie_past, lie_status};
    struct rapl_session *const session = open_session("haswell-ep-2s.rec", 0);
    struct rapl_samples *const samples = samples_of(session);

    driver.played.now_100ns += 10000000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        driver.tamper = lies[i];
        driver.played.now_100ns += 10000000;
        assert_int_equal(rapl_read(session, samples), RAPL_OK);
        assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GARBAGE);
        assert_int_equal(sample_of(samples, 2).status, RAPL_OK);
    }
    driver.tamper = NULL;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(sample_of(samples, 0).status, RAPL_OK);
    close_session(session, samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_counts_from_open, reset),
        cmocka_unit_test_setup(test_coarse, reset),
        cmocka_unit_test_setup(test_more_data, reset),
        cmocka_unit_test_setup(test_refused_open, reset),
        cmocka_unit_test_setup(test_goes_away, reset),
        cmocka_unit_test_setup(test_suspending, reset),
        cmocka_unit_test_setup(test_lies, reset),
        cmocka_unit_test_setup(test_lies_about_a_domain, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
