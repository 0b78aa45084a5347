/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a session, and which sources serve it.
 */
#include "lib/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Options -------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* A newer client's options are fine as long as it uses nothing that is not known here. */
static int take_options(const struct rapl_options *given, struct rapl_options *out)
{
    const struct rapl_options none = {.size = sizeof(none)};
    struct rapl_options options = {.size = 0};

    if (given == NULL) {
        *out = none;
        return RAPL_OK;
    }
    if (!session_can_fill(given)) {
        return RAPL_ERROR_ARGUMENT;
    }
    if (given->size > sizeof(options) &&
        !is_zero((const uint8_t *)given + sizeof(options), given->size - sizeof(options))) {
        return RAPL_ERROR_ARGUMENT;
    }
    memcpy(&options, given, given->size < sizeof(options) ? given->size : sizeof(options));
    if ((options.flags & ~RAPL_OPEN_CORES) != 0 || options.reserved != 0) {
        return RAPL_ERROR_ARGUMENT;
    }
    *out = options;
    return RAPL_OK;
}

static bool is_wanted(const struct rapl_session *session, const struct backend *backend)
{
    for (uint32_t i = 0; i < session->wanted_count; i++) {
        if (session->wanted[i] == backend) {
            return true;
        }
    }
    return false;
}

/* "driver+emi". One with a time of its own cannot be mixed with others. */
static int take_names(struct rapl_session *session, const char *names)
{
    for (const char *at = names;;) {
        const size_t length = strcspn(at, "+");
        const struct backend *const backend = backend_named(at, length);

        if (backend == NULL || is_wanted(session, backend) ||
            session->wanted_count == SESSION_SOURCES_MAX ||
            (backend->now_ns != NULL && strcmp(names, backend->name) != 0)) {
            return RAPL_ERROR_ARGUMENT;
        }
        session->wanted[session->wanted_count++] = backend;
        if (at[length] == '\0') {
            return RAPL_OK;
        }
        at += length + 1;
    }
}

static int configure(struct rapl_session *session, const struct rapl_options *options)
{
    if (options->path != NULL) {
        const size_t size = strlen(options->path) + 1;

        session->path = malloc(size);
        if (session->path == NULL) {
            return RAPL_ERROR_MEMORY;
        }
        memcpy(session->path, options->path, size);
    }
    session->options = (struct backend_options){
        .path = session->path,
        .flags = options->flags,
        .replay_speed_milli = options->replay_speed_milli,
    };
    return options->source != NULL ? take_names(session, options->source) : RAPL_OK;
}

int rapl_session_new(const struct rapl_options *options, struct rapl_session **out)
{
    struct rapl_options known;
    struct rapl_session *session;
    int error = out != NULL ? take_options(options, &known) : RAPL_ERROR_ARGUMENT;

    if (error != RAPL_OK) {
        return error;
    }
    session = calloc(1, sizeof(*session));
    if (session == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    lock_init(&session->lock);
    error = configure(session, &known);
    if (error != RAPL_OK) {
        rapl_session_free(session);
        return error;
    }
    *out = session;
    return RAPL_OK;
}

/* ---- One source ----------------------------------------------------------------------------- */

static void close_source(struct session_source *source)
{
    if (source->state != NULL) {
        source->backend->close(source->state);
    }
    free(source->readings);
    source->state = NULL;
    source->readings = NULL;
}

void rapl_session_free(struct rapl_session *session)
{
    if (session == NULL) {
        return;
    }
    for (uint32_t i = 0; i < session->source_count; i++) {
        close_source(&session->sources[i]);
    }
    free(session->domains);
    free(session->path);
    lock_destroy(&session->lock);
    free(session);
}

/* What became of the first reading: an error if no domain was read or may yet wake up. */
static int first_status(const struct session_source *source)
{
    int error = RAPL_ERROR_UNSUPPORTED;

    if (source->status != RAPL_OK) {
        return source->status;
    }
    for (uint32_t i = 0; i < source->domain_count; i++) {
        const int32_t status = source->readings[i].status;

        if (status == RAPL_OK || status == RAPL_ERROR_DEAD) {
            return RAPL_OK;
        }
        error = i == 0 ? status : error;
    }
    return error;
}

static int open_state(const struct rapl_session *session, struct session_source *source)
{
    int status = source->backend->open(&session->options, &source->report, &source->state);

    if (status != RAPL_OK) {
        source->state = NULL;
        return status;
    }
    source->domain_count = source->backend->domain_count(source->state);
    if (source->domain_count > SESSION_DOMAINS_MAX) {
        return RAPL_ERROR_GARBAGE;
    }
    source->readings = calloc((size_t)source->domain_count + 1, sizeof(*source->readings));
    return source->readings != NULL ? RAPL_OK : RAPL_ERROR_MEMORY;
}

/* Opens and reads once. Afterwards it serves, or its status says why not. */
static void open_source(struct rapl_session *session, struct session_source *source)
{
    source->status = open_state(session, source);
    if (source->status == RAPL_OK) {
        session_read_source(session, source);
        source->status = first_status(source);
    }
    if (source->status != RAPL_OK) {
        if (source->report.reason[0] == '\0') {
            snprintf(source->report.reason, sizeof(source->report.reason), "%s",
                     rapl_error_message(source->status));
        }
        close_source(source);
        source->domain_count = 0;
    }
}

/* ---- All of them ---------------------------------------------------------------------------- */

static struct session_source *add_source(struct rapl_session *session,
                                         const struct backend *backend)
{
    struct session_source *const source = &session->sources[session->source_count++];

    *source = (struct session_source){.backend = backend};
    return source;
}

static void skip_source(struct session_source *source, const struct session_source *server)
{
    source->status = RAPL_ERROR_SKIPPED;
    snprintf(source->report.reason, sizeof(source->report.reason), "not tried: %s serves",
             server->backend->name);
}

/* The first of this system's that serves; what has a time of its own is only there when named. */
static bool open_in_order(struct rapl_session *session)
{
    const struct session_source *server = NULL;

    for (uint32_t i = 0; session->source_count < SESSION_SOURCES_MAX; i++) {
        const struct backend *const backend = backend_at(i);

        if (backend == NULL) {
            break;
        }
        if (backend->now_ns != NULL) {
            continue;
        }
        struct session_source *const source = add_source(session, backend);
        if (server != NULL) {
            skip_source(source, server);
            continue;
        }
        open_source(session, source);
        server = source->status == RAPL_OK ? source : NULL;
    }
    return server != NULL;
}

static bool open_wanted(struct rapl_session *session)
{
    bool serves = false;

    for (uint32_t i = 0; i < session->wanted_count; i++) {
        struct session_source *const source = add_source(session, session->wanted[i]);

        open_source(session, source);
        serves |= source->status == RAPL_OK;
        if (source->status == RAPL_OK && source->backend->now_ns != NULL) {
            session->clock = source;
        }
    }
    return serves;
}

static int open_all(struct rapl_session *session)
{
    const bool serves = session->wanted_count != 0 ? open_wanted(session) : open_in_order(session);

    if (serves) {
        return session_list_domains(session);
    }
    return session->wanted_count == 1 ? session->sources[0].status : RAPL_ERROR_NO_SOURCE;
}

int rapl_session_open(struct rapl_session *session)
{
    int error = RAPL_ERROR_ARGUMENT;

    if (session == NULL) {
        return error;
    }
    lock_take(&session->lock);
    if (!session->tried) {
        session->tried = true;
        error = open_all(session);
        session->opened = error == RAPL_OK;
        session->read_ns = session_now_ns(session);
    }
    lock_give(&session->lock);
    return error;
}
