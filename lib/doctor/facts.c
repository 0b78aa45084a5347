/* SPDX-License-Identifier: Apache-2.0
 *
 * What the library says: each source on its own, and the domains of the best one.
 */
#include "lib/doctor/facts.h"

#include <stdio.h>
#include <string.h>

#include "core/model.h"

static void take_domains(struct rapl_session *session, struct doctor_source *source,
                         struct doctor_facts *out, bool keep)
{
    source->domain_count = rapl_domain_count(session);
    for (uint32_t i = 0; i < source->domain_count; i++) {
        struct rapl_domain_info domain = {.size = sizeof(domain)};

        if (rapl_domain_get(session, i, &domain) != RAPL_OK) {
            continue;
        }
        if (domain.domain == RAPL_DOMAIN_PACKAGE) {
            source->package_count++;
            source->package_live_count += domain.status == RAPL_OK;
        }
        if (keep && out->domain_count < DOCTOR_DOMAINS_MAX) {
            out->domains[out->domain_count++] = domain;
        } else if (keep) {
            out->domains_left_out++;
        }
    }
}

/* Opens one source by its name. */
static void try_source(const char *name, struct doctor_facts *out)
{
    const struct rapl_options options = {.size = sizeof(options), .source = name};
    struct doctor_source *const source = &out->sources[out->source_count];
    struct rapl_session *session;

    if (rapl_session_new(&options, &session) != RAPL_OK) {
        return;
    }
    const int status = rapl_session_open(session);
    source->info.size = sizeof(source->info);
    if (rapl_source_get(session, 0, &source->info) == RAPL_OK) {
        const bool is_best = out->best < 0 && status == RAPL_OK;

        if (status == RAPL_OK) {
            take_domains(session, source, out, is_best);
        }
        if (is_best) {
            out->best = (int32_t)out->source_count;
        }
        out->source_count++;
    }
    rapl_session_free(session);
}

void doctor_facts_sources(struct doctor_facts *out)
{
    const char *name;

    out->best = -1;
    for (uint32_t i = 0; (name = rapl_source_name(i)) != NULL; i++) {
        if (strcmp(name, "replay") != 0 && out->source_count < DOCTOR_SOURCES_MAX) {
            try_source(name, out);
        }
    }
}

void doctor_facts_model(struct doctor_facts *out)
{
    const struct rapl_model *const row = rapl_model_find(&out->cpu);

    out->has_row = row != NULL;
    if (row != NULL) {
        out->row_has_rapl = row->domains != 0;
        out->row_is_generic = (row->flags & RAPL_MODEL_GENERIC) != 0;
        snprintf(out->model_name, sizeof(out->model_name), "%s", rapl_model_text(row)->name);
    }
}

void doctor_facts_gather(struct doctor_facts *out)
{
    memset(out, 0, sizeof(*out));
    doctor_facts_system(out);
    doctor_facts_model(out);
    doctor_facts_sources(out);
}
