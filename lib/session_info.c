/* SPDX-License-Identifier: Apache-2.0
 *
 * What a session says of its sources, the machine and the domains.
 */
#include "lib/session.h"

#include <stdio.h>
#include <string.h>

bool session_can_fill(const void *out)
{
    uint32_t size;

    if (out == NULL) {
        return false;
    }
    memcpy(&size, out, sizeof(size));
    return size >= SESSION_STRUCT_MIN && size <= SESSION_STRUCT_MAX;
}

void session_fill_struct(void *out, const void *full, size_t size)
{
    uint32_t room;

    memcpy(&room, out, sizeof(room));
    memset((uint8_t *)out + sizeof(room), 0, room - sizeof(room));
    memcpy((uint8_t *)out + sizeof(room), (const uint8_t *)full + sizeof(room),
           (room < size ? room : size) - sizeof(room));
}

const char *rapl_source_name(uint32_t index)
{
    const struct backend *const backend = backend_at(index);

    return backend != NULL ? backend->name : NULL;
}

/* ---- Sources -------------------------------------------------------------------------------- */

/* Callers promise a session that does not change; its lock does. */
static struct lock *lock_of(const struct rapl_session *session)
{
    return (struct lock *)(uintptr_t)&session->lock;
}

uint32_t rapl_source_count(const struct rapl_session *session)
{
    uint32_t count;

    if (session == NULL) {
        return 0;
    }
    lock_take(lock_of(session));
    count = session->source_count;
    lock_give(lock_of(session));
    return count;
}

static void describe_source(const struct session_source *source, struct rapl_source_info *out)
{
    const struct backend_report *const report = &source->report;

    *out = (struct rapl_source_info){
        .kind = source->backend->kind,
        .status = source->status,
        .system_error = report->system_error,
        .flags = report->flags,
        .resolution_us = report->resolution_us,
        .doubled_count = report->doubled_count,
    };
    snprintf(out->name, sizeof(out->name), "%s", source->backend->name);
    memcpy(out->title, report->title, sizeof(out->title));
    if (source->status != RAPL_OK) {
        snprintf(out->reason, sizeof(out->reason), "%s",
                 report->reason[0] != '\0' ? report->reason : rapl_error_message(source->status));
        memcpy(out->remedy, report->remedy, sizeof(out->remedy));
    }
}

int rapl_source_get(struct rapl_session *session, uint32_t index, struct rapl_source_info *out)
{
    struct rapl_source_info full;
    bool found;

    if (session == NULL || !session_can_fill(out)) {
        return RAPL_ERROR_ARGUMENT;
    }
    lock_take(&session->lock);
    found = index < session->source_count;
    if (found) {
        describe_source(&session->sources[index], &full);
    }
    lock_give(&session->lock);
    if (!found) {
        return RAPL_ERROR_ARGUMENT;
    }
    session_fill_struct(out, &full, sizeof(full));
    return RAPL_OK;
}

/* ---- The machine ---------------------------------------------------------------------------- */

/* Entries that rapl_package_get has when no source says how many packages there are. Locked. */
static uint32_t packages_named(const struct rapl_session *session)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < session->domain_count; i++) {
        const uint32_t package = session->domains[i].info.package;

        if (package != RAPL_NONE && package >= count) {
            count = package + 1;
        }
    }
    return count;
}

/* Of the first source that knows. Locked. */
static void describe_machine(const struct rapl_session *session, struct rapl_machine_info *out)
{
    for (uint32_t i = 0; i < session->source_count; i++) {
        const struct session_source *const source = &session->sources[i];
        struct rapl_machine_info found = {.size = sizeof(found)};

        if (source->state != NULL && source->backend->machine != NULL &&
            source->backend->machine(source->state, &found) == RAPL_OK) {
            *out = found;
            return;
        }
    }
    *out = (struct rapl_machine_info){.package_count = packages_named(session)};
}

int rapl_machine_get(struct rapl_session *session, struct rapl_machine_info *out)
{
    struct rapl_machine_info full;
    bool opened;

    if (session == NULL || !session_can_fill(out)) {
        return RAPL_ERROR_ARGUMENT;
    }
    lock_take(&session->lock);
    opened = session->opened;
    if (opened) {
        describe_machine(session, &full);
    }
    lock_give(&session->lock);
    if (!opened) {
        return RAPL_ERROR_ARGUMENT;
    }
    session_fill_struct(out, &full, sizeof(full));
    return RAPL_OK;
}

/* Locked. */
static int describe_package(const struct rapl_session *session, uint32_t index,
                            struct rapl_package_info *out)
{
    for (uint32_t i = 0; i < session->source_count; i++) {
        const struct session_source *const source = &session->sources[i];
        struct rapl_package_info found = {.size = sizeof(found)};

        if (source->state != NULL && source->backend->package != NULL &&
            source->backend->package(source->state, index, &found) == RAPL_OK) {
            *out = found;
            return RAPL_OK;
        }
    }
    if (index >= packages_named(session)) {
        return RAPL_ERROR_ARGUMENT;
    }
    *out = (struct rapl_package_info){.socket = index, .die = RAPL_NONE, .processor = RAPL_NONE};
    return RAPL_OK;
}

int rapl_package_get(struct rapl_session *session, uint32_t index, struct rapl_package_info *out)
{
    struct rapl_package_info full;
    int error = RAPL_ERROR_ARGUMENT;

    if (session == NULL || !session_can_fill(out)) {
        return error;
    }
    lock_take(&session->lock);
    if (session->opened) {
        error = describe_package(session, index, &full);
    }
    lock_give(&session->lock);
    if (error == RAPL_OK) {
        session_fill_struct(out, &full, sizeof(full));
    }
    return error;
}

/* ---- Domains -------------------------------------------------------------------------------- */

uint32_t rapl_domain_count(const struct rapl_session *session)
{
    uint32_t count;

    if (session == NULL) {
        return 0;
    }
    lock_take(lock_of(session));
    count = session->domain_count;
    lock_give(lock_of(session));
    return count;
}

static void describe_domain(const struct session_domain *domain, struct rapl_domain_info *out)
{
    const struct backend_domain *const info = &domain->info;

    *out = (struct rapl_domain_info){
        .domain = info->domain,
        .package = info->package,
        .core = info->core,
        .source = domain->source,
        .status = domain->last.status,
        .system_error = domain->last.system_error,
        .unit_numerator = info->unit_numerator,
        .unit_denominator = info->unit_denominator,
        .range_ticks = info->range_ticks,
    };
    memcpy(out->name, info->name, sizeof(out->name));
    memcpy(out->label, info->label, sizeof(out->label));
}

int rapl_domain_get(struct rapl_session *session, uint32_t index, struct rapl_domain_info *out)
{
    struct rapl_domain_info full;
    bool found;

    if (session == NULL || !session_can_fill(out)) {
        return RAPL_ERROR_ARGUMENT;
    }
    lock_take(&session->lock);
    found = index < session->domain_count;
    if (found) {
        describe_domain(&session->domains[index], &full);
    }
    lock_give(&session->lock);
    if (!found) {
        return RAPL_ERROR_ARGUMENT;
    }
    session_fill_struct(out, &full, sizeof(full));
    return RAPL_OK;
}
