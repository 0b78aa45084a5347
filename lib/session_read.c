/* SPDX-License-Identifier: Apache-2.0
 *
 * Readings, samples and differences.
 */
#include "lib/session.h"

#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "core/wide.h"

/* ---- Reading -------------------------------------------------------------------------------- */

/* What every domain of a source that failed whole has. */
static void fail_all(const struct rapl_session *session, struct session_source *source)
{
    const uint64_t now_ns = session_now_ns(session);

    for (uint32_t i = 0; i < source->domain_count; i++) {
        source->readings[i] = (struct backend_reading){
            .status = source->status,
            .system_error = source->report.system_error,
            .time_ns = now_ns,
        };
    }
}

void session_read_source(struct rapl_session *session, struct session_source *source)
{
    const struct backend *const backend = source->backend;

    memset(source->readings, 0, source->domain_count * sizeof(*source->readings));
    source->status = backend->read(source->state, source->readings);
    source->report.reason[0] = '\0';
    source->report.remedy[0] = '\0';
    source->report.system_error = 0;
    if (source->status != RAPL_OK) {
        if (backend->explain != NULL) {
            backend->explain(source->state, &source->report);
        }
        fail_all(session, source);
    }
}

/* Energy and time that go back are not what happened, whoever says so. */
static struct backend_reading checked(const struct session_domain *domain,
                                      const struct backend_reading *reading)
{
    if (reading->status != RAPL_OK ||
        (reading->energy_ticks >= domain->ticks && reading->time_ns >= domain->time_ns)) {
        return *reading;
    }
    return (struct backend_reading){.status = RAPL_ERROR_GARBAGE, .time_ns = reading->time_ns};
}

void session_take(struct rapl_session *session, uint32_t source)
{
    for (uint32_t i = 0; i < session->domain_count; i++) {
        struct session_domain *const domain = &session->domains[i];

        if (domain->source != source) {
            continue;
        }
        domain->last = checked(domain, &session->sources[source].readings[domain->index]);
        if (domain->last.status == RAPL_OK) {
            domain->ticks = domain->last.energy_ticks;
            domain->time_ns = domain->last.time_ns;
        }
    }
}

int session_result(const struct rapl_session *session)
{
    for (uint32_t i = 0; i < session->domain_count; i++) {
        if (session->domains[i].last.status == RAPL_OK) {
            return RAPL_OK;
        }
    }
    for (uint32_t i = 0; i < session->source_count; i++) {
        const struct session_source *const source = &session->sources[i];

        if (source->state != NULL && source->status != RAPL_OK) {
            return source->status;
        }
    }
    return session->domain_count != 0 ? session->domains[0].last.status : RAPL_ERROR_UNSUPPORTED;
}

int session_read_all(struct rapl_session *session)
{
    session->read_ns = session_now_ns(session);
    for (uint32_t i = 0; i < session->source_count; i++) {
        if (session->sources[i].state != NULL) {
            session_read_source(session, &session->sources[i]);
            session_take(session, i);
        }
    }
    return session_result(session);
}

/* ---- Samples -------------------------------------------------------------------------------- */

int rapl_samples_new(struct rapl_session *session, struct rapl_samples **out)
{
    struct rapl_samples *samples;

    if (session == NULL || out == NULL) {
        return RAPL_ERROR_ARGUMENT;
    }
    lock_take(&session->lock);
    const bool opened = session->opened;
    const uint32_t count = session->domain_count;
    lock_give(&session->lock);
    if (!opened) {
        return RAPL_ERROR_ARGUMENT;
    }
    samples = calloc(1, sizeof(*samples));
    if (samples == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    samples->session = session;
    samples->count = count;
    samples->samples = calloc((size_t)count + 1, sizeof(*samples->samples));
    if (samples->samples == NULL) {
        free(samples);
        return RAPL_ERROR_MEMORY;
    }
    *out = samples;
    return RAPL_OK;
}

void rapl_samples_free(struct rapl_samples *samples)
{
    if (samples != NULL) {
        free(samples->samples);
        free(samples);
    }
}

void session_fill(const struct rapl_session *session, struct rapl_samples *into)
{
    for (uint32_t i = 0; i < into->count; i++) {
        into->samples[i] = (struct sample){
            .filled = true,
            .unit_numerator = session->domains[i].info.unit_numerator,
            .unit_denominator = session->domains[i].info.unit_denominator,
            .reading = session->domains[i].last,
        };
    }
}

int rapl_read(struct rapl_session *session, struct rapl_samples *into)
{
    int error = RAPL_ERROR_ARGUMENT;

    if (session == NULL || into == NULL || into->session != session) {
        return error;
    }
    lock_take(&session->lock);
    if (session->opened) {
        error = session_read_all(session);
        session_fill(session, into);
    }
    lock_give(&session->lock);
    return error;
}

static uint32_t sample_flags(const struct backend_reading *reading)
{
    return (reading->flags & (RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE)) |
           (reading->reset_count != 0 ? RAPL_FLAG_RESET : 0) |
           (reading->gap_count != 0 ? RAPL_FLAG_GAP : 0);
}

int rapl_sample_get(const struct rapl_samples *samples, uint32_t index, struct rapl_sample *out)
{
    struct rapl_sample full = {.size = 0};

    if (samples == NULL || index >= samples->count || !session_can_fill(out)) {
        return RAPL_ERROR_ARGUMENT;
    }
    const struct sample *const sample = &samples->samples[index];
    const struct backend_reading *const reading = &sample->reading;
    const struct rapl_fraction unit = {sample->unit_numerator, sample->unit_denominator};
    if (!sample->filled) {
        return RAPL_ERROR_NO_SAMPLE;
    }
    full.status = reading->status;
    full.system_error = reading->system_error;
    full.time_ns = reading->time_ns;
    if (reading->status == RAPL_OK) {
        full.flags = sample_flags(reading);
        full.energy_ticks = reading->energy_ticks;
        full.energy_uj = rapl_micro(reading->energy_ticks, unit);
        full.raw = reading->raw;
    }
    session_fill_struct(out, &full, sizeof(full));
    return RAPL_OK;
}

/* ---- Differences ---------------------------------------------------------------------------- */

static uint64_t nearest(struct rapl_wide value, struct rapl_wide divisor)
{
    struct rapl_wide rest;
    const struct rapl_wide whole = rapl_wide_divide(value, divisor, &rest);
    const bool up = !rapl_wide_less(rest, rapl_wide_subtract(divisor, rapl_wide_half(divisor)));

    return whole.high == 0 && whole.low < UINT64_MAX ? whole.low + (up ? 1 : 0) : UINT64_MAX;
}

static uint64_t energy_uj(uint64_t ticks, const struct sample *of)
{
    struct rapl_wide scaled;

    return rapl_wide_scale(rapl_wide_product(ticks, of->unit_numerator), 1000000u, &scaled)
               ? nearest(scaled, rapl_wide_of(of->unit_denominator))
               : UINT64_MAX;
}

/*
 * ticks * unit / duration in microwatts. 1 uW is 10^15 J/ns; beyond 2^77 the numerator would not
 * fit, and what is lost by dividing first is less than a part in 10^13.
 */
static uint64_t power_uw(uint64_t ticks, const struct sample *of, uint64_t duration_ns)
{
    const struct rapl_wide energy = /* in 1 / denominator J */
        rapl_wide_product(ticks, of->unit_numerator);
    struct rapl_wide scaled;

    if (energy.high >> 13 == 0 && rapl_wide_scale(energy, 1000000000000000u, &scaled)) {
        return nearest(scaled, rapl_wide_product(of->unit_denominator, duration_ns));
    }
    const struct rapl_wide whole_j =
        rapl_wide_divide(energy, rapl_wide_of(of->unit_denominator), NULL);
    return rapl_wide_scale(whole_j, 1000000000000000u, &scaled)
               ? nearest(scaled, rapl_wide_of(duration_ns))
               : UINT64_MAX;
}

static uint32_t difference_flags(const struct backend_reading *from,
                                 const struct backend_reading *to)
{
    return ((from->flags | to->flags) & (RAPL_FLAG_SIMULATED | RAPL_FLAG_COARSE)) |
           (from->reset_count != to->reset_count ? RAPL_FLAG_RESET : 0) |
           (from->gap_count != to->gap_count ? RAPL_FLAG_GAP : 0);
}

/* RAPL_OK if both hold energy, and in this order. */
static int check_pair(const struct sample *from, const struct sample *to)
{
    if (!from->filled || !to->filled) {
        return RAPL_ERROR_NO_SAMPLE;
    }
    if (from->reading.status != RAPL_OK) {
        return from->reading.status;
    }
    if (to->reading.status != RAPL_OK) {
        return to->reading.status;
    }
    return to->reading.time_ns < from->reading.time_ns ||
                   to->reading.energy_ticks < from->reading.energy_ticks
               ? RAPL_ERROR_ARGUMENT
               : RAPL_OK;
}

int rapl_difference(const struct rapl_samples *from, const struct rapl_samples *to, uint32_t index,
                    struct rapl_difference *out)
{
    struct rapl_difference full = {.size = 0};

    if (from == NULL || to == NULL || from->session != to->session || from->count != to->count ||
        index >= from->count || !session_can_fill(out)) {
        return RAPL_ERROR_ARGUMENT;
    }
    const struct sample *const first = &from->samples[index];
    const struct sample *const last = &to->samples[index];
    const int error = check_pair(first, last);
    if (error != RAPL_OK) {
        return error;
    }
    full.flags = difference_flags(&first->reading, &last->reading);
    full.energy_ticks = last->reading.energy_ticks - first->reading.energy_ticks;
    full.energy_uj = energy_uj(full.energy_ticks, last);
    full.duration_ns = last->reading.time_ns - first->reading.time_ns;
    if (full.duration_ns != 0) {
        full.power_uw = power_uw(full.energy_ticks, last, full.duration_ns);
    }
    session_fill_struct(out, &full, sizeof(full));
    return RAPL_OK;
}
