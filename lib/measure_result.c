/* SPDX-License-Identifier: Apache-2.0
 *
 * What was measured, in joules.
 */
#include "lib/measure_parts.h"

#define MICROJOULE 1e-6
#define S_PER_NS   1e-9

static uint64_t domain_resolution_ns(const struct measured *domain)
{
    return domain->step_max_ns > domain->source_resolution_ns ? domain->step_max_ns
                                                              : domain->source_resolution_ns;
}

uint64_t measure_resolution_ns(const struct measure *measure)
{
    const struct measured *best = NULL;

    for (uint32_t i = 0; i < measure->count; i++) {
        const struct measured *domain = &measure->domains[i];

        if (domain->step_ns != 0 && (best == NULL || domain->step_ns < best->step_ns)) {
            best = domain;
        }
    }
    return best != NULL ? domain_resolution_ns(best) : 0;
}

static double joules(const struct measured *domain, double ticks)
{
    return ticks * (domain->joules_per_tick > 0 ? domain->joules_per_tick : MICROJOULE);
}

/* Ticks between start and end. A domain that was cut ended where it was read last. */
static double ticks_of(const struct measure *measure, const struct measured *domain,
                       uint64_t end_ns)
{
    struct align_span span = {.before = domain->before,
                              .after = domain->after,
                              .start_ns = measure->start_ns,
                              .end_ns = end_ns,
                              .idle_ticks_per_s = domain->idle_ticks_per_s};

    return align_ticks(&span);
}

int measure_get(const struct measure *measure, uint32_t index, struct measure_result *out)
{
    const struct measured *domain;
    struct rapl_difference difference = {.size = sizeof(difference)};
    uint64_t end_ns;

    if (index >= measure->count) {
        return RAPL_ERROR_ARGUMENT;
    }
    domain = &measure->domains[index];
    *out = (struct measure_result){.status = domain->begin_status,
                                   .flags = domain->flags,
                                   .aligned = domain->aligned,
                                   .step_ns = domain->step_ns,
                                   .step_max_ns = domain->step_max_ns};
    if (out->status != RAPL_OK) {
        return RAPL_OK;
    }
    if (domain->cut && domain->last_ns <= measure->start_ns) {
        out->status = domain->status;
        return RAPL_OK;
    }
    out->cut = domain->cut;
    if (rapl_difference(measure->first, measure->now, index, &difference) == RAPL_OK) {
        out->flags |= difference.flags;
    }
    end_ns = domain->cut ? domain->after.time_ns : measure->end_ns;
    out->duration_s = (double)(end_ns - measure->start_ns) * S_PER_NS;
    out->short_run = end_ns - measure->start_ns < domain_resolution_ns(domain);
    out->idle_w = joules(domain, domain->idle_ticks_per_s);
    out->raw_j = joules(domain, (double)(domain->after.ticks - domain->before.ticks));
    out->energy_j = out->short_run ? 0 : joules(domain, ticks_of(measure, domain, end_ns));
    return RAPL_OK;
}

bool measure_last(const struct measure *measure, uint32_t index, double *energy_j,
                  uint64_t *time_ns)
{
    const struct measured *domain = index < measure->count ? &measure->domains[index] : NULL;

    if (domain == NULL || domain->begin_status != RAPL_OK || domain->status != RAPL_OK) {
        return false;
    }
    *energy_j = joules(domain, (double)(domain->last_ticks - domain->before.ticks));
    *time_ns = domain->last_ns;
    return true;
}

bool measure_power(const struct measure *measure, uint32_t index, double *power_w)
{
    const struct measured *domain = index < measure->count ? &measure->domains[index] : NULL;
    uint64_t time_ns;

    if (domain == NULL || domain->mark_count < 2 || domain->status != RAPL_OK) {
        return false;
    }
    time_ns = domain->marks[1].time_ns - domain->marks[0].time_ns;
    if (time_ns == 0) {
        return false;
    }
    *power_w = joules(domain, (double)(domain->marks[1].ticks - domain->marks[0].ticks)) /
               ((double)time_ns * S_PER_NS);
    return true;
}
