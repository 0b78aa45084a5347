/* SPDX-License-Identifier: Apache-2.0
 *
 * Measuring between two counter updates, by every domain of a session together.
 */
#include "lib/measure.h"

#include <stdlib.h>

#include "lib/measure_parts.h"

#define MS             UINT64_C(1000000)
#define PROBE_UPDATES  33u /* 32 steps */
#define PROBE_LEAST    5u
#define PROBE_BEGIN_NS (100 * MS) /* from here on PROBE_LEAST are enough */
#define PROBE_END_NS   (300 * MS)
#define SETTLE_END_NS  (300 * MS)
#define STILL_READINGS 4u     /* at the same time show that time stands still */
#define STAND_STILL_NS 10000u /* apart are readings then */
#define SLACK_DIVISOR  8u     /* an update is known well enough within this part of a step */
#define ATTEMPTS       8u     /* to see one so well: something else may hold the processor */

static void describe(struct rapl_session *session, uint32_t index, struct measured *domain)
{
    struct rapl_domain_info info = {.size = sizeof(info)};
    struct rapl_source_info source = {.size = sizeof(source)};

    domain->joules_per_tick = 0; /* microjoules are used then */
    if (rapl_domain_get(session, index, &info) != RAPL_OK) {
        return;
    }
    if (info.unit_numerator != 0 && info.unit_denominator != 0) {
        domain->joules_per_tick = (double)info.unit_numerator / info.unit_denominator;
    }
    if (rapl_source_get(session, info.source, &source) == RAPL_OK) {
        domain->source_resolution_ns = source.resolution_us * UINT64_C(1000);
    }
}

int measure_new(struct rapl_session *session, struct measure **out)
{
    uint32_t count = rapl_domain_count(session);
    struct measure *measure = calloc(1, sizeof(*measure) + count * sizeof(measure->domains[0]));

    if (measure == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    measure->session = session;
    measure->count = count;
    if (rapl_samples_new(session, &measure->first) != RAPL_OK ||
        rapl_samples_new(session, &measure->now) != RAPL_OK) {
        measure_free(measure);
        return RAPL_ERROR_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        describe(session, i, &measure->domains[i]);
    }
    *out = measure;
    return RAPL_OK;
}

void measure_free(struct measure *measure)
{
    if (measure != NULL) {
        rapl_samples_free(measure->first);
        rapl_samples_free(measure->now);
        free(measure);
    }
}

/* The shared copy of coarse callers comes with its own time, where it is known how old it gets. */
static bool is_copy(const struct measured *domain, const struct rapl_sample *sample)
{
    return (sample->flags & RAPL_FLAG_COARSE) != 0 && domain->source_resolution_ns != 0;
}

static void take(struct measured *domain, const struct rapl_sample *sample, uint64_t since_ns)
{
    domain->status = sample->status;
    if (sample->status == RAPL_OK) {
        domain->last_ticks = domain->joules_per_tick > 0 ? sample->energy_ticks : sample->energy_uj;
        domain->last_ns = sample->time_ns;
        domain->flags |= sample->flags & (RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE);
        if (is_copy(domain, sample)) {
            align_see_copy(&domain->watch, domain->last_ticks, sample->time_ns, since_ns);
        } else {
            align_see(&domain->watch, domain->last_ticks, sample->time_ns);
        }
    }
}

int measure_tick(struct measure *measure)
{
    int error = rapl_read(measure->session, measure->now);

    for (uint32_t i = 0; i < measure->count; i++) {
        struct rapl_sample sample = {.size = sizeof(sample)};

        if (rapl_sample_get(measure->now, i, &sample) == RAPL_OK) {
            take(&measure->domains[i], &sample, measure->since_ns);
        }
    }
    return error;
}

/* One of many readings in a row; where time stands still it is moved on. */
static int read_on(struct measure *measure, uint64_t *now_ns)
{
    int error = measure_tick(measure);

    if (error == RAPL_ERROR_DEAD) {
        error = RAPL_OK; /* it may yet move */
    }
    *now_ns = rapl_now_ns(measure->session);
    measure->still = *now_ns == measure->read_ns ? measure->still + 1 : 0;
    measure->read_ns = *now_ns;
    if (measure->still >= STILL_READINGS) {
        measure->stands_still = true; /* no reading is that quick */
    }
    if (measure->stands_still && error == RAPL_OK) {
        error = rapl_wait_until(measure->session, *now_ns + STAND_STILL_NS);
    }
    return error;
}

/* Updates count from that time on. */
static void watch_anew(struct measure *measure, uint64_t since_ns)
{
    measure->since_ns = since_ns;
    for (uint32_t i = 0; i < measure->count; i++) {
        measure->domains[i].watch = (struct align_counter){0};
    }
}

/*
 * Enough seen to know the steps: of every counter, or after a while of every one that moves. One
 * that is still 0 is not waited for where another is not.
 */
static bool probed(const struct measure *measure, uint64_t elapsed_ns)
{
    bool any = false;

    for (uint32_t i = 0; i < measure->count; i++) {
        const struct measured *domain = &measure->domains[i];
        uint32_t count = domain->watch.update_count;

        any = any || domain->status == RAPL_OK;
        if (domain->status == RAPL_OK && count < PROBE_UPDATES &&
            (elapsed_ns < PROBE_BEGIN_NS || (count > 0 && count < PROBE_LEAST))) {
            return false;
        }
    }
    return any || elapsed_ns >= PROBE_BEGIN_NS;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void note_probe(struct measured *domain)
{
    const struct align_counter *watch = &domain->watch;

    domain->step_ns = align_step_ns(watch);
    domain->step_max_ns = watch->step_count != 0 ? watch->step_max_ns : domain->step_ns;
    domain->idle_ticks_per_s = align_ticks_per_s(watch);
}

/* The domain whose counter moves most often; NULL if none does. */
static struct measured *fastest(struct measure *measure)
{
    struct measured *best = NULL;

    for (uint32_t i = 0; i < measure->count; i++) {
        struct measured *domain = &measure->domains[i];

        if (domain->step_ns != 0 && (best == NULL || domain->step_ns < best->step_ns)) {
            best = domain;
        }
    }
    return best;
}

static bool is_sharp(const struct measured *domain, const struct align_update *update)
{
    return update->slack_ns <= domain->step_ns / SLACK_DIVISOR;
}

/* No counter's last update is one that a late reading hid. */
static bool all_sharp(const struct measure *measure)
{
    for (uint32_t i = 0; i < measure->count; i++) {
        const struct measured *domain = &measure->domains[i];

        if (domain->step_ns != 0 && !is_sharp(domain, &domain->watch.last)) {
            return false;
        }
    }
    return true;
}

/* Reads until the fastest counter has just moved, with every last update known well, or that takes
 * too long. */
static int wait_for_fastest(struct measure *measure)
{
    struct measured *domain = fastest(measure);
    uint64_t now_ns = rapl_now_ns(measure->session), until_ns;
    uint32_t seen;
    int error = RAPL_OK;

    if (domain == NULL) {
        return RAPL_OK;
    }
    until_ns = now_ns + least(ATTEMPTS * domain->step_max_ns, SETTLE_END_NS);
    seen = domain->watch.update_count;
    while (error == RAPL_OK && now_ns < until_ns) {
        error = read_on(measure, &now_ns);
        if (domain->watch.update_count != seen) {
            seen = domain->watch.update_count;
            if (all_sharp(measure)) {
                break;
            }
        }
    }
    return error;
}

/* The last update, or where there was none, the last reading. */
static struct align_update latest(const struct measured *domain)
{
    if (domain->watch.update_count != 0) {
        return domain->watch.last;
    }
    return (struct align_update){.ticks = domain->last_ticks, .time_ns = domain->last_ns};
}

int measure_begin(struct measure *measure)
{
    uint64_t begin_ns = rapl_now_ns(measure->session), now_ns = begin_ns;
    struct rapl_samples *spare = measure->first;
    int error = RAPL_OK;

    watch_anew(measure, begin_ns);
    do {
        error = read_on(measure, &now_ns);
    } while (error == RAPL_OK && now_ns - begin_ns < PROBE_END_NS &&
             !probed(measure, now_ns - begin_ns));
    for (uint32_t i = 0; i < measure->count; i++) {
        note_probe(&measure->domains[i]);
    }
    if (error == RAPL_OK) {
        error = wait_for_fastest(measure);
    }
    for (uint32_t i = 0; i < measure->count; i++) {
        struct measured *domain = &measure->domains[i];

        domain->before = latest(domain);
        domain->begin_status = domain->status;
        domain->after = domain->before;
        domain->aligned = false;
        domain->cut = false;
    }
    measure->first = measure->now;
    measure->now = spare;
    return error;
}

/* Every counter that moves has moved since watch_anew, or has had time for it. */
static bool settled(const struct measure *measure, uint64_t elapsed_ns)
{
    for (uint32_t i = 0; i < measure->count; i++) {
        const struct measured *domain = &measure->domains[i];

        if (domain->status == RAPL_OK && domain->step_ns != 0 &&
            (domain->watch.update_count == 0 ||
             (!is_sharp(domain, &domain->watch.last) && domain->watch.update_count < ATTEMPTS)) &&
            elapsed_ns < least(ATTEMPTS * domain->step_max_ns, SETTLE_END_NS)) {
            return false;
        }
    }
    return true;
}

int measure_end(struct measure *measure, uint64_t start_ns, uint64_t end_ns)
{
    uint64_t now_ns;
    int error;

    measure->start_ns = start_ns;
    measure->end_ns = end_ns;
    watch_anew(measure, end_ns);
    do {
        error = read_on(measure, &now_ns);
    } while (error == RAPL_OK && !settled(measure, now_ns > end_ns ? now_ns - end_ns : 0));
    for (uint32_t i = 0; i < measure->count; i++) {
        struct measured *domain = &measure->domains[i];

        domain->after = latest(domain);
        domain->aligned = domain->step_ns != 0 && domain->watch.update_count != 0 &&
                          is_sharp(domain, &domain->before) && is_sharp(domain, &domain->after);
        domain->cut = domain->status != RAPL_OK;
        if (domain->watch.update_count == 0 && !domain->cut) {
            domain->after.time_ns = end_ns; /* it stood still since, and so does the idle energy */
        }
    }
    return error;
}

int measure_mark(struct measure *measure)
{
    int error;

    watch_anew(measure, rapl_now_ns(measure->session));
    error = wait_for_fastest(measure);
    for (uint32_t i = 0; i < measure->count && error == RAPL_OK; i++) {
        struct measured *domain = &measure->domains[i];

        if (domain->status == RAPL_OK && domain->last_ns != 0) {
            domain->marks[0] = domain->marks[1];
            domain->marks[1] = latest(domain);
            domain->mark_count++;
        }
    }
    return error;
}
