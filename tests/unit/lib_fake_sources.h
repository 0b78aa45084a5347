/* SPDX-License-Identifier: Apache-2.0
 *
 * Sources whose every answer a test sets, and sessions over them: "first" and "second" in this
 * order, and "timed", which has a time of its own. Include after cmocka.h.
 */
#ifndef RAPL_TESTS_LIB_FAKE_SOURCES_H
#define RAPL_TESTS_LIB_FAKE_SOURCES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

static inline int fake_open(struct fake *fake, struct backend_report *report, void **state)
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

static inline int open_first(const struct backend_options *options, struct backend_report *report,
                             void **state)
{
    (void)options;
    return fake_open(&first, report, state);
}

static inline int open_second(const struct backend_options *options, struct backend_report *report,
                              void **state)
{
    (void)options;
    return fake_open(&second, report, state);
}

static inline int open_timed(const struct backend_options *options, struct backend_report *report,
                             void **state)
{
    (void)options;
    return fake_open(&timed, report, state);
}

static inline void fake_close(void *state)
{
    ((struct fake *)state)->open_count--;
}

static inline uint32_t fake_domain_count(void *state)
{
    return ((struct fake *)state)->count;
}

static inline void fake_domain(void *state, uint32_t index, struct backend_domain *out)
{
    *out = ((struct fake *)state)->domains[index];
}

static inline int fake_read(void *state, struct backend_reading *readings)
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

static inline void fake_explain(void *state, struct backend_report *report)
{
    report->system_error = 1167;
    snprintf(report->reason, sizeof(report->reason), "it was stopped");
    snprintf(report->remedy, sizeof(report->remedy), "Start it.");
}

static inline uint32_t fake_interval(void *state)
{
    return ((struct fake *)state)->interval_ms;
}

static inline uint64_t timed_now(void *state)
{
    return ((struct fake *)state)->now_ns;
}

static inline void timed_sleep(void *state, uint64_t time_ns)
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

static inline void add(struct fake *fake, uint32_t domain, uint32_t package, int32_t status)
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
static inline int reset(void **state)
{
    memset(&first, 0, sizeof(first));
    memset(&second, 0, sizeof(second));
    memset(&timed, 0, sizeof(timed));
    add(&first, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    add(&timed, RAPL_DOMAIN_PACKAGE, 0, RAPL_OK);
    return 0;
}

static inline struct rapl_session *make(const char *source)
{
    const struct rapl_options options = {.size = sizeof(options), .source = source};
    struct rapl_session *session;

    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    return session;
}

static inline struct rapl_session *open_session(const char *source)
{
    struct rapl_session *const session = make(source);

    assert_int_equal(rapl_session_open(session), RAPL_OK);
    return session;
}

static inline void expect_source(struct rapl_session *session, uint32_t index, const char *name,
                                 int status)
{
    struct rapl_source_info info = {.size = sizeof(info)};

    assert_int_equal(rapl_source_get(session, index, &info), RAPL_OK);
    assert_string_equal(info.name, name);
    assert_int_equal(info.status, status);
    assert_int_equal(info.reason[0] == '\0', status == RAPL_OK);
}

static inline struct rapl_domain_info domain_of(struct rapl_session *session, uint32_t index)
{
    struct rapl_domain_info out = {.size = sizeof(out)};

    assert_int_equal(rapl_domain_get(session, index, &out), RAPL_OK);
    return out;
}

static inline struct rapl_samples *samples_of(struct rapl_session *session)
{
    struct rapl_samples *samples;

    assert_int_equal(rapl_samples_new(session, &samples), RAPL_OK);
    return samples;
}

static inline struct rapl_sample sample_of(const struct rapl_samples *samples, uint32_t index)
{
    struct rapl_sample out = {.size = sizeof(out)};

    assert_int_equal(rapl_sample_get(samples, index, &out), RAPL_OK);
    return out;
}

#endif
