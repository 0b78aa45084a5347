/* SPDX-License-Identifier: Apache-2.0
 *
 * The session's clock, waiting, and waiting for a counter to move.
 */
#include "lib/session.h"

#include "lib/clock.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_US UINT64_C(1000)

/*
 * In a time that stands still unless somebody waits, a counter that is watched is looked at this
 * often: as close as a register can be read.
 */
#define POLL_NS (2 * NS_PER_US)

uint64_t session_now_ns(const struct rapl_session *session)
{
    const struct session_source *const source = session->clock;

    return source != NULL ? source->backend->now_ns(source->state) : rapl_clock_now_ns();
}

static void sleep_until(const struct rapl_session *session, uint64_t time_ns)
{
    const struct session_source *const source = session->clock;

    if (source != NULL) {
        source->backend->sleep_until(source->state, time_ns);
        return;
    }
    const uint64_t now_ns = rapl_clock_now_ns();
    if (now_ns < time_ns) {
        rapl_clock_sleep_ns(time_ns - now_ns);
    }
}

static bool is_open(struct rapl_session *session)
{
    lock_take(&session->lock);
    const bool opened = session->opened;
    lock_give(&session->lock);
    return opened;
}

uint64_t rapl_now_ns(struct rapl_session *session)
{
    return session != NULL && is_open(session) ? session_now_ns(session) : rapl_clock_now_ns();
}

/* Locked. */
static uint32_t read_interval_ms(const struct rapl_session *session)
{
    uint32_t shortest = 0;

    for (uint32_t i = 0; i < session->source_count; i++) {
        const struct session_source *const source = &session->sources[i];
        const uint32_t interval_ms =
            source->state != NULL && source->backend->read_interval_ms != NULL
                ? source->backend->read_interval_ms(source->state)
                : 0;

        if (interval_ms != 0 && (shortest == 0 || interval_ms < shortest)) {
            shortest = interval_ms;
        }
    }
    return shortest;
}

uint32_t rapl_read_interval_ms(struct rapl_session *session)
{
    uint32_t interval_ms;

    if (session == NULL) {
        return 0;
    }
    lock_take(&session->lock);
    interval_ms = session->opened ? read_interval_ms(session) : 0;
    lock_give(&session->lock);
    return interval_ms;
}

/*
 * Reads if that is due, and says when it is next. What counts is the last reading, not when the
 * wait began: many short waits are a long one.
 */
static uint64_t read_if_due(struct rapl_session *session)
{
    lock_take(&session->lock);
    const uint64_t interval_ns = read_interval_ms(session) * NS_PER_MS;
    if (interval_ns != 0 && session_now_ns(session) - session->read_ns >= interval_ns) {
        /* Whether it worked shows at the caller's own reading. */
        (void)session_read_all(session);
    }
    const uint64_t due_ns = interval_ns != 0 ? session->read_ns + interval_ns : UINT64_MAX;
    lock_give(&session->lock);
    return due_ns;
}

int rapl_wait_until(struct rapl_session *session, uint64_t time_ns)
{
    if (session == NULL || !is_open(session)) {
        return RAPL_ERROR_ARGUMENT;
    }
    while (session_now_ns(session) < time_ns) {
        const uint64_t due_ns = read_if_due(session);

        sleep_until(session, due_ns < time_ns ? due_ns : time_ns);
    }
    return RAPL_OK;
}

/* ---- Counter updates ------------------------------------------------------------------------ */

/* What a watched domain was at the last look. */
struct watch {
    uint64_t ticks;
    bool started;
};

/* Reads the domain and as little else as its source can. Locked. */
static void peek(struct rapl_session *session, const struct session_domain *domain,
                 struct backend_reading *out)
{
    struct session_source *const source = &session->sources[domain->source];
    int error;

    if (source->backend->peek == NULL) {
        session_read_source(session, source);
        *out = source->readings[domain->index];
        return;
    }
    *out = (struct backend_reading){.status = RAPL_OK};
    error = source->backend->peek(source->state, domain->index, out);
    if (error != RAPL_OK) {
        out->status = error;
    }
}

/* RAPL_OK: it moved, and everything is read. RAPL_ERROR_TIMEOUT: not yet. Locked. */
static int look(struct rapl_session *session, uint32_t index, struct watch *watch)
{
    const struct session_domain *const domain = &session->domains[index];
    struct backend_reading now;

    peek(session, domain, &now);
    if (now.status != RAPL_OK && now.status != RAPL_ERROR_DEAD) {
        return now.status;
    }
    /* One that wakes up has moved. */
    const uint64_t ticks = now.status == RAPL_OK ? now.energy_ticks : 0;
    const bool moved = watch->started && ticks != watch->ticks;
    *watch = (struct watch){.ticks = ticks, .started = true};
    return moved ? session_read_all(session) : RAPL_ERROR_TIMEOUT;
}

int rapl_read_update(struct rapl_session *session, uint32_t index, uint64_t time_ns,
                     struct rapl_samples *into)
{
    struct watch watch = {.started = false};

    if (session == NULL || into == NULL || into->session != session || !is_open(session) ||
        index >= into->count) {
        return RAPL_ERROR_ARGUMENT;
    }
    for (;;) {
        lock_take(&session->lock);
        int error = look(session, index, &watch);
        if (error == RAPL_OK) {
            error = session->domains[index].last.status;
        }
        if (error == RAPL_OK) {
            session_fill(session, into);
        }
        lock_give(&session->lock);
        if (error != RAPL_ERROR_TIMEOUT || session_now_ns(session) >= time_ns) {
            return error;
        }
        if (session->clock != NULL) {
            sleep_until(session, session_now_ns(session) + POLL_NS);
        }
    }
}
