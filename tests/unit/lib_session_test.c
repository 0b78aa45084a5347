/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions over backends made up for the purpose: which source serves, how they are merged, what
 * becomes of sources that fail, lie or go back, and every argument that is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/backend/all.h"

#define DOMAINS_MAX 4u
#define SECOND      UINT64_C(1000000000)

/* A source whose every answer the test sets. */
struct fake {
    int open_status;
    int read_status;
    uint32_t count;
    struct backend_domain domains[DOMAINS_MAX];
    struct backend_reading readings[DOMAINS_MAX];
    uint32_t interval_ms;
    uint32_t reads;
    uint32_t open_count; /* states that are held */
    uint64_t now_ns;
    uint64_t step_ns; /* each reading takes this long, and moves the counters by one */
};

static struct fake first, second, timed;

static int fake_open(struct fake *fake, struct backend_report *report, void **state)
{
    snprintf(report->title, sizeof(report->title), "fake");
    if (fake->open_status != RAPL_OK) {
        snprintf(report->reason, sizeof(report->reason), "because");
        snprintf(report->remedy, sizeof(report->remedy), "Do something.");
        report->system_error = 77;
        return fake->open_status;
    }
    fake->open_count++;
    *state = fake;
    return RAPL_OK;
}

static int open_first(const struct backend_options *options, struct backend_report *report,
                      void **state)
{
    (void)options;
    return fake_open(&first, report, state);
}

static int open_second(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    (void)options;
    return fake_open(&second, report, state);
}

static int open_timed(const struct backend_options *options, struct backend_report *report,
                      void **state)
{
    (void)options;
    return fake_open(&timed, report, state);
}

static void fake_close(void *state)
{
    ((struct fake *)state)->open_count--;
}

static uint32_t fake_domain_count(void *state)
{
    return ((struct fake *)state)->count;
}

static void fake_domain(void *state, uint32_t index, struct backend_domain *out)
{
    *out = ((struct fake *)state)->domains[index];
}

static int fake_read(void *state, struct backend_reading *readings)
{
    struct fake *const fake = state;

    fake->reads++;
    if (fake->step_ns != 0) {
        fake->now_ns += fake->step_ns;
        for (uint32_t i = 0; i < fake->count; i++) {
            fake->readings[i].energy_ticks++;
            fake->readings[i].time_ns = fake->now_ns;
        }
    }
    memcpy(readings, fake->readings, fake->count * sizeof(*readings));
    return fake->read_status;
}

static void fake_explain(void *state, struct backend_report *report)
{
    (void)state;
    report->system_error = 1167;
    snprintf(report->reason, sizeof(report->reason), "it was stopped");
    snprintf(report->remedy, sizeof(report->remedy), "Start it.");
}

static uint32_t fake_interval(void *state)
{
    return ((struct fake *)state)->interval_ms;
}

static uint64_t timed_now(void *state)
{
    return ((struct fake *)state)->now_ns;
}

static void timed_sleep(void *state, uint64_t time_ns)
{
    struct fake *const fake = state;

    fake->now_ns = time_ns > fake->now_ns ? time_ns : fake->now_ns;
}

#define FAKE                                                                                       \
    .close = fake_close, .domain_count = fake_domain_count, .domain = fake_domain,                 \
    .read = fake_read, .explain = fake_explain, .read_interval_ms = fake_interval

static const struct backend backend_first = {FAKE, .name = "first", .open = open_first,
                                             .kind = RAPL_SOURCE_DRIVER};
static const struct backend backend_second = {FAKE, .name = "second", .open = open_second,
                                              .kind = RAPL_SOURCE_EMI};
static const struct backend backend_timed = {FAKE,
                                             .name = "timed",
                                             .open = open_timed,
                                             .kind = RAPL_SOURCE_REPLAY,
                                             .now_ns = timed_now,
                                             .sleep_until = timed_sleep};

const struct backend *const backend_table[] = {&backend_first, &backend_second, &backend_timed,
                                               NULL};

static void add(struct fake *fake, uint32_t domain, uint32_t package, int32_t status)
{
    fake->domains[fake->count] = (struct backend_domain){
        .domain = domain,
        .package = package,
        .core = RAPL_NONE,
        .unit_numerator = 1,
        .unit_denominator = 16384,
    };
    snprintf(fake->domains[fake->count].name, sizeof(fake->domains[0].name), "d%u",
             (unsigned)domain);
    fake->readings[fake->count] = (struct backend_reading){.status = status, .time_ns = 1000};
    fake->count++;
}

/* One readable package each. */
static int reset(void **state)
{
    (void)state;
    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    memset(&timed, 0, sizeof(timed));
    add(&first, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    add(&timed, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    return 0;
}

static struct rapl_session *make(const char *source)
{
    const struct rapl_options options = {.size = sizeof(options), .source = source};
    struct rapl_session *session;

    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    return session;
}

static struct rapl_session *open_session(const char *source)
{
    struct rapl_session *const session = make(source);

    assert_int_equal(rapl_session_open(session), RAPL_OK);
    return session;
}

static void expect_source(struct rapl_session *session, uint32_t index, const char *name,
                          int status)
{
    struct rapl_source_info info = {.size = sizeof(info)};

    assert_int_equal(rapl_source_get(session, index, &info), RAPL_OK);
    assert_string_equal(info.name, name);
    assert_int_equal(info.status, status);
    assert_int_equal(info.reason[0] == '\0', status == RAPL_OK);
}

static struct rapl_domain_info domain_of(struct rapl_session *session, uint32_t index)
{
    struct rapl_domain_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_domain_get(session, index, &out), RAPL_OK);
    return out;
}

/* ---- Which source serves -------------------------------------------------------------------- */

static void test_the_first_serves(void **state)
{
    struct rapl_session *const session = open_session(NULL);

    (void)state;
    assert_int_equal(rapl_source_count(session),
                     2); /* one with its own time is only for the asking */
    expect_source(session, 0, "first", RAPL_OK);
    expect_source(session, 1, "second", RAPL_ERROR_SKIPPED);
    assert_int_equal(second.reads, 0);
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_ARGUMENT);
    rapl_session_free(session);
    assert_int_equal(first.open_count, 0);
}

static void test_the_next_serves(void **state)
{
    struct rapl_session *session;
    struct rapl_source_info info = {.size = sizeof(info)};

    (void)state;
    first.open_status = RAPL_ERROR_DENIED;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_DENIED);
    expect_source(session, 1, "second", RAPL_OK);
    assert_int_equal(rapl_source_get(session, 0, &info), RAPL_OK);
    assert_string_equal(info.reason, "because");
    assert_string_equal(info.remedy, "Do something.");
    assert_int_equal(info.system_error, 77);
    rapl_session_free(session);
}

/* One that opens and has nothing to read does not serve; one that may wake up does. */
static void test_what_serving_takes(void **state)
{
    struct rapl_session *session;

    (void)state;
    first.readings[0].status = RAPL_ERROR_DENIED;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_DENIED);
    assert_int_equal(first.open_count, 0);
    rapl_session_free(session);

    first.readings[0].status = RAPL_ERROR_DEAD;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_OK);
    rapl_session_free(session);

    first.read_status = RAPL_ERROR_GARBAGE;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_GARBAGE);
    rapl_session_free(session);

    first.count = 0;
    first.read_status = RAPL_OK;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_UNSUPPORTED);
    rapl_session_free(session);
}

static void test_none_serves(void **state)
{
    struct rapl_session *session = make(NULL);

    (void)state;
    first.open_status = RAPL_ERROR_NOT_HERE;
    second.open_status = RAPL_ERROR_DENIED;
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_NO_SOURCE);
    expect_source(session, 0, "first", RAPL_ERROR_NOT_HERE);
    expect_source(session, 1, "second", RAPL_ERROR_DENIED);
    rapl_session_free(session);

    session = make("second");
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_DENIED);
    assert_int_equal(rapl_source_count(session), 1);
    assert_int_equal(rapl_domain_count(session), 0);
    assert_int_equal(rapl_wait_until(session, 0), RAPL_ERROR_ARGUMENT);
    rapl_session_free(session);

    session = make("first+second");
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_NO_SOURCE);
    rapl_session_free(session);
}

/* ---- Merging -------------------------------------------------------------------------------- */

static void test_merging(void **state)
{
    struct rapl_session *session;

    (void)state;
    add(&first, RAPL_DOMAIN_DRAM, 0, RAPL_ERROR_FAULTS);
    add(&first, RAPL_DOMAIN_PSYS, 0, RAPL_ERROR_FAULTS);
    add(&second, RAPL_DOMAIN_DRAM, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PP0, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PSYS, 0, RAPL_ERROR_DENIED);
    session = open_session("first+second");
    /* package of the first; dram of the second, which can read it; psys of the first, as no one can */
    assert_int_equal(rapl_domain_count(session), 4);
    assert_int_equal(domain_of(session, 0).domain, RAPL_DOMAIN_PACKAGE);
    assert_int_equal(domain_of(session, 0).source, 0);
    assert_int_equal(domain_of(session, 1).domain, RAPL_DOMAIN_PSYS);
    assert_int_equal(domain_of(session, 1).source, 0);
    assert_int_equal(domain_of(session, 1).status, RAPL_ERROR_FAULTS);
    assert_int_equal(domain_of(session, 2).domain, RAPL_DOMAIN_PP0);
    assert_int_equal(domain_of(session, 2).source, 1);
    assert_int_equal(domain_of(session, 3).domain, RAPL_DOMAIN_DRAM);
    assert_int_equal(domain_of(session, 3).source, 1);
    rapl_session_free(session);

    session = open_session("first");
    assert_int_equal(rapl_domain_count(session), 3);
    rapl_session_free(session);
}

static void test_meters_are_never_merged(void **state)
{
    struct rapl_session *session;

    (void)state;
    add(&first, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    add(&second, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    add(&second, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    session = open_session("first+second");
    assert_int_equal(rapl_domain_count(session), 4);
    rapl_session_free(session);
}

/* ---- Readings ------------------------------------------------------------------------------- */

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

static void test_difference(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const from = samples_of(session);
    struct rapl_samples *const to = samples_of(session);
    struct rapl_difference gained = {.size = sizeof(gained), .energy_uj = 5};

    (void)state;
    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_ERROR_NO_SAMPLE);
    assert_int_equal(gained.energy_uj, 5);
    assert_int_equal(rapl_read(session, from), RAPL_OK);
    first.readings[0] = (struct backend_reading){
        .flags = RAPL_FLAG_COARSE, .energy_ticks = 3, .time_ns = 1000 + 7 * SECOND, .raw = 9};
    assert_int_equal(rapl_read(session, to), RAPL_OK);
    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
    assert_int_equal(gained.energy_ticks, 3);
    assert_int_equal(gained.energy_uj, 183); /* 3 / 16384 J is 183.1 uJ */
    assert_int_equal(gained.duration_ns, 7 * SECOND);
    assert_int_equal(gained.power_uw, 26); /* 26.16 uW */
    assert_int_equal(gained.flags, RAPL_FLAG_COARSE);
    assert_int_equal(rapl_difference(to, from, 0, &gained), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_difference(from, from, 0, &gained), RAPL_OK);
    assert_int_equal(gained.power_uw, 0);
    assert_int_equal(sample_of(to, 0).raw, 9);
    assert_int_equal(sample_of(to, 0).energy_uj, 183);
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

/* A century of a rack, and more than anybody has: exact, or saturated. */
static void test_large_differences(void **state)
{
    static const struct {
        uint64_t ticks, duration_ns;
        uint32_t numerator, denominator;
        uint64_t energy_uj, power_uw;
    } rows[] = {
        {UINT64_C(1) << 40, SECOND, 1, 16384, UINT64_C(67108864000000), UINT64_C(67108864000000)},
        {1, 1, 1, 65536, 15, UINT64_C(15258789063)},
        {UINT64_C(1000000000000), UINT64_C(3155760000) * SECOND, 1, 1,
         UINT64_C(1000000000000000000), UINT64_C(316880878)},
        {UINT64_C(1) << 60, SECOND, 1, 1u << 30, UINT64_C(1073741824000000),
         UINT64_C(1073741824000000)},
        {UINT64_MAX, SECOND, UINT32_MAX, 1, UINT64_MAX, UINT64_MAX},
        {UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX, UINT64_MAX, UINT64_C(1000000000000000)},
        {5, SECOND, 0, 1, 0, 0},
        {1, SECOND, 1, 2000000, 1, 1}, /* half a microjoule is one */
        {1, SECOND, 1, 2000001, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rapl_difference gained = {.size = sizeof(gained)};

        first.domains[0].unit_numerator = rows[i].numerator;
        first.domains[0].unit_denominator = rows[i].denominator;
        first.readings[0] = (struct backend_reading){.time_ns = 0};
        struct rapl_session *const session = open_session(NULL);
        struct rapl_samples *const from = samples_of(session);
        struct rapl_samples *const to = samples_of(session);
        assert_int_equal(rapl_read(session, from), RAPL_OK);
        first.readings[0] =
            (struct backend_reading){.energy_ticks = rows[i].ticks, .time_ns = rows[i].duration_ns};
        assert_int_equal(rapl_read(session, to), RAPL_OK);
        assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
        assert_int_equal(gained.energy_uj, rows[i].energy_uj);
        assert_int_equal(gained.power_uw, rows[i].power_uw);
        rapl_samples_free(from);
        rapl_samples_free(to);
        rapl_session_free(session);
    }
}

static void test_resets_and_gaps(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const from = samples_of(session);
    struct rapl_samples *const to = samples_of(session);
    struct rapl_difference gained = {.size = sizeof(gained)};

    (void)state;
    first.readings[0].reset_count = 1;
    assert_int_equal(rapl_read(session, from), RAPL_OK);
    assert_int_equal(sample_of(from, 0).flags, RAPL_FLAG_RESET);
    first.readings[0].gap_count = 2;
    assert_int_equal(rapl_read(session, to), RAPL_OK);
    assert_int_equal(sample_of(to, 0).flags, RAPL_FLAG_RESET | RAPL_FLAG_GAP);
    assert_int_equal(rapl_difference(from, to, 0, &gained), RAPL_OK);
    assert_int_equal(gained.flags, RAPL_FLAG_GAP); /* the reset was before */
    rapl_samples_free(from);
    rapl_samples_free(to);
    rapl_session_free(session);
}

/* A counter or a clock that goes back is not believed, and is once it has caught up. */
static void test_going_back(void **state)
{
    struct rapl_session *const session = open_session(NULL);
    struct rapl_samples *const samples = samples_of(session);

    (void)state;
    first.readings[0].energy_ticks = 100;
    first.readings[0].time_ns = 2000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    first.readings[0].energy_ticks = 99;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GARBAGE);
    assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GARBAGE);
    assert_int_equal(sample_of(samples, 0).energy_ticks, 0);
    first.readings[0].energy_ticks = 101;
    first.readings[0].time_ns = 1999; /* the clock jumped */
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GARBAGE);
    first.readings[0].time_ns = 2000;
    assert_int_equal(rapl_read(session, samples), RAPL_OK);
    assert_int_equal(domain_of(session, 0).status, RAPL_OK);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

static void test_a_source_that_dies(void **state)
{
    struct rapl_session *session;
    struct rapl_samples *samples;
    struct rapl_source_info info = {.size = sizeof(info)};

    (void)state;
    add(&second, RAPL_DOMAIN_DRAM, 0, RAPL_OK);
    session = open_session("first+second");
    samples = samples_of(session);
    first.read_status = RAPL_ERROR_GONE;
    assert_int_equal(rapl_read(session, samples), RAPL_OK); /* the other one goes on */
    assert_int_equal(sample_of(samples, 0).status, RAPL_ERROR_GONE);
    assert_int_equal(sample_of(samples, 0).system_error, 1167);
    assert_int_equal(sample_of(samples, 1).status, RAPL_OK);
    assert_int_equal(rapl_source_get(session, 0, &info), RAPL_OK);
    assert_int_equal(info.status, RAPL_ERROR_GONE);
    assert_string_equal(info.reason, "it was stopped");
    assert_string_equal(info.remedy, "Start it.");
    second.read_status = RAPL_ERROR_SYSTEM;
    assert_int_equal(rapl_read(session, samples), RAPL_ERROR_GONE); /* the first one's */
    first.read_status = RAPL_OK;
    assert_int_equal(rapl_read(session, samples), RAPL_OK); /* what comes back counts again */
    expect_source(session, 0, "first", RAPL_OK);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

/* ---- Time ----------------------------------------------------------------------------------- */

static void test_waiting_reads_in_between(void **state)
{
    struct rapl_session *session;

    (void)state;
    timed.interval_ms = 1000;
    session = open_session("timed");
    timed.reads = 0;
    assert_int_equal(rapl_read_interval_ms(session), 1000);
    assert_int_equal(rapl_wait_until(session, 10 * SECOND), RAPL_OK);
    assert_int_equal(rapl_now_ns(session), 10 * SECOND);
    assert_int_equal(timed.reads, 9);
    assert_int_equal(rapl_wait_until(session, 5 * SECOND), RAPL_OK);
    assert_int_equal(rapl_now_ns(session), 10 * SECOND);
    rapl_session_free(session);
}

static void test_update(void **state)
{
    struct rapl_session *session;
    struct rapl_samples *samples;

    (void)state;
    session = open_session("timed");
    samples = samples_of(session);
    /* nothing moves: the sample set stays empty */
    assert_int_equal(rapl_read_update(session, 0, SECOND / 1000, samples), RAPL_ERROR_TIMEOUT);
    assert_true(rapl_now_ns(session) >= SECOND / 1000);
    {
        struct rapl_sample none = {.size = sizeof(none)};

        assert_int_equal(rapl_sample_get(samples, 0, &none), RAPL_ERROR_NO_SAMPLE);
    }
    timed.step_ns = 100;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_OK);
    assert_true(sample_of(samples, 0).energy_ticks >= 1);
    timed.readings[0].status = RAPL_ERROR_FAULTS;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_ERROR_FAULTS);
    timed.read_status = RAPL_ERROR_GONE;
    assert_int_equal(rapl_read_update(session, 0, 2 * SECOND, samples), RAPL_ERROR_GONE);
    assert_int_equal(rapl_read_update(session, 1, 2 * SECOND, samples), RAPL_ERROR_ARGUMENT);
    rapl_samples_free(samples);
    rapl_session_free(session);
}

/* ---- Arguments ------------------------------------------------------------------------------ */

static void test_refused_options(void **state)
{
    static const char *const names[] = {"nobody",       "",      "first+",       "+first",
                                        "first+first",  "First", "first second", "first+timed",
                                        "timed+second", "fir"};
    struct rapl_session *session = (struct rapl_session *)&session;
    struct rapl_session *const untouched = session;
    struct rapl_options options = {.size = sizeof(options)};
    struct {
        struct rapl_options known;
        uint64_t more;
    } newer = {.known = {.size = sizeof(newer)}};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        options.source = names[i];
        assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    }
    options = (struct rapl_options){.size = sizeof(options), .flags = 2};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    options = (struct rapl_options){.size = sizeof(options), .reserved = 1};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    options = (struct rapl_options){.size = 4};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    newer.more = 1; /* something this library does not know */
    assert_int_equal(rapl_session_new(&newer.known, &session), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_session_new(NULL, NULL), RAPL_ERROR_ARGUMENT);
    assert_ptr_equal(session, untouched);
    newer.more = 0;
    assert_int_equal(rapl_session_new(&newer.known, &session), RAPL_OK);
    rapl_session_free(session);
    rapl_session_free(NULL);
}

static void test_refused_calls(void **state)
{
    struct rapl_session *const closed = make(NULL);
    struct rapl_session *const session = open_session(NULL);
    struct rapl_session *const other = open_session(NULL);
    struct rapl_samples *const samples = samples_of(session);
    struct rapl_samples *const others = samples_of(other);
    struct rapl_samples *none = NULL;
    struct rapl_sample sample = {.size = sizeof(sample)};
    struct rapl_difference difference = {.size = sizeof(difference)};
    struct rapl_source_info source = {.size = 0};
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_package_info package = {.size = sizeof(package)};

    (void)state;
    assert_int_equal(rapl_samples_new(closed, &none), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_machine_get(closed, &machine), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(closed, 0, &package), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_read(session, others), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_read(session, NULL), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_difference(samples, others, 0, &difference), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_sample_get(samples, 1, &sample), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_sample_get(samples, 0, NULL), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_source_get(session, 0, &source), RAPL_ERROR_ARGUMENT); /* size 0 */
    source.size = sizeof(source);
    assert_int_equal(rapl_source_get(session, 2, &source), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(session, 1, &package), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(session, 0, &package), RAPL_OK);
    assert_int_equal(rapl_machine_get(session, &machine), RAPL_OK);
    assert_int_equal(machine.package_count, 1); /* as the domains say */
    assert_int_equal(rapl_source_count(NULL), 0);
    assert_int_equal(rapl_domain_count(NULL), 0);
    assert_int_equal(rapl_session_open(NULL), RAPL_ERROR_ARGUMENT);
    rapl_samples_free(NULL);
    rapl_samples_free(samples);
    rapl_samples_free(others);
    rapl_session_free(closed);
    rapl_session_free(session);
    rapl_session_free(other);
}

static void test_errors_have_texts(void **state)
{
    (void)state;
    for (int i = -1; i <= RAPL_ERROR_COUNT; i++) {
        const char *const message = rapl_error_message(i);

        assert_memory_equal(rapl_error_name(i), "RAPL_", 5);
        assert_true(strlen(message) > 5);
        assert_true(message[strlen(message) - 1] != '.');
    }
    assert_string_equal(rapl_error_name(RAPL_ERROR_GONE), "RAPL_ERROR_GONE");
    assert_string_equal(rapl_source_name(1), "second");
    assert_null(rapl_source_name(3));
    assert_null(rapl_source_name(1000000));
    assert_true(rapl_library_version() >= 0x10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_first_serves, reset),
        cmocka_unit_test_setup(test_the_next_serves, reset),
        cmocka_unit_test_setup(test_what_serving_takes, reset),
        cmocka_unit_test_setup(test_none_serves, reset),
        cmocka_unit_test_setup(test_merging, reset),
        cmocka_unit_test_setup(test_meters_are_never_merged, reset),
        cmocka_unit_test_setup(test_difference, reset),
        cmocka_unit_test_setup(test_large_differences, reset),
        cmocka_unit_test_setup(test_resets_and_gaps, reset),
        cmocka_unit_test_setup(test_going_back, reset),
        cmocka_unit_test_setup(test_a_source_that_dies, reset),
        cmocka_unit_test_setup(test_waiting_reads_in_between, reset),
        cmocka_unit_test_setup(test_update, reset),
        cmocka_unit_test_setup(test_refused_options, reset),
        cmocka_unit_test_setup(test_refused_calls, reset),
        cmocka_unit_test_setup(test_errors_have_texts, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
