/* SPDX-License-Identifier: Apache-2.0
 *
 * Which domains a session has, and from which of its sources each comes.
 */
#include "lib/session.h"

#include <stdlib.h>
#include <string.h>

/* A vendor's own meter is never taken for a RAPL domain, nor for another meter. */
static bool same_domain(const struct backend_domain *a, const struct backend_domain *b)
{
    return a->domain != RAPL_DOMAIN_METER && a->domain == b->domain && a->package == b->package &&
           a->core == b->core;
}

static bool is_readable(const struct session_domain *domain)
{
    return domain->last.status == RAPL_OK;
}

/* The one that an earlier source has; NULL if there is none. */
static struct session_domain *find_earlier(struct rapl_session *session,
                                           const struct session_domain *domain)
{
    for (uint32_t i = 0; i < session->domain_count; i++) {
        struct session_domain *const other = &session->domains[i];

        if (other->source != domain->source && same_domain(&other->info, &domain->info)) {
            return other;
        }
    }
    return NULL;
}

static void add_domain(struct rapl_session *session, uint32_t number, uint32_t index)
{
    const struct session_source *const source = &session->sources[number];
    struct session_domain domain = {
        .source = number, .index = index, .last = source->readings[index]};
    struct session_domain *earlier;

    source->backend->domain(source->state, index, &domain.info);
    if (domain.info.unit_denominator == 0) {
        domain.info.unit_numerator = 0;
        domain.info.unit_denominator = 1;
    }
    earlier = find_earlier(session, &domain);
    if (earlier == NULL) {
        session->domains[session->domain_count++] = domain;
    } else if (!is_readable(earlier) && is_readable(&domain)) {
        *earlier = domain;
    }
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
    const struct session_domain *const a = left;
    const struct session_domain *const b = right;
    const int order[] = {
        compare_numbers(a->source, b->source),
        compare_numbers(a->info.package, b->info.package),
        compare_numbers(a->info.domain, b->info.domain),
        compare_numbers(a->info.core, b->info.core),
        compare_numbers(a->index, b->index),
    };

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (order[i] != 0) {
            return order[i];
        }
    }
    return 0;
}

int session_list_domains(struct rapl_session *session)
{
    size_t most = 1;

    for (uint32_t i = 0; i < session->source_count; i++) {
        most += session->sources[i].domain_count;
    }
    session->domains = calloc(most, sizeof(*session->domains));
    if (session->domains == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    for (uint32_t i = 0; i < session->source_count; i++) {
        for (uint32_t j = 0; j < session->sources[i].domain_count; j++) {
            add_domain(session, i, j);
        }
    }
    qsort(session->domains, session->domain_count, sizeof(*session->domains), compare);
    for (uint32_t i = 0; i < session->source_count; i++) {
        if (session->sources[i].state != NULL) {
            session_take(session, i);
        }
    }
    return RAPL_OK;
}
