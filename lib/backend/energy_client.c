/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests and their replies.
 */
#include "lib/backend/energy_client.h"

#include <stdlib.h>
#include <string.h>

#include "lib/backend/windows_error.h"
#include "lib/clock.h"
#include "lib/energy_reply.h"

#define NS_PER_MS UINT64_C(1000000)

/* A driver grows a reply between two requests only if its machine changes: seldom. */
#define TRIES_MAX 4u

/* While the machine suspends or resumes there are no snapshots: a matter of a moment. */
#define NOT_READY_TRIES 10u
#define NOT_READY_MS    20u

/* Room for most replies at the first try. */
#define BUFFER_MIN 4096u

/* ---- Errors --------------------------------------------------------------------------------- */

/*
 * Who may read what is decided when a handle is opened. One that was answered once and is denied
 * later has lost its device: Windows says so of a device that is being deleted.
 */
static int error_of(const struct energy_client *client, uint32_t code)
{
    switch (code) {
    case RAPL_ERROR_ACCESS_DENIED:
        return client->answered ? RAPL_ERROR_GONE : RAPL_ERROR_DENIED;
    case RAPL_ERROR_INVALID_FUNCTION:
    case RAPL_ERROR_REVISION_MISMATCH:
        return RAPL_ERROR_VERSION;
    default:
        return windows_is_gone(code) ? RAPL_ERROR_GONE : RAPL_ERROR_SYSTEM;
    }
}

int energy_client_reply_error(uint32_t result)
{
    switch (result) {
    case RAPL_REPLY_OK:
        return RAPL_OK;
    case RAPL_REPLY_VERSION:
        return RAPL_ERROR_VERSION;
    default:
        return RAPL_ERROR_GARBAGE;
    }
}

/* ---- Requests ------------------------------------------------------------------------------- */

static bool grow(void **buffer, size_t *buffer_size, size_t needed)
{
    void *larger;

    if (needed <= *buffer_size) {
        return true;
    }
    larger = realloc(*buffer, needed);
    if (larger == NULL) {
        return false;
    }
    *buffer = larger;
    *buffer_size = needed;
    return true;
}

/* A call; a suspending machine is asked again for a while. */
static uint32_t call(const struct energy_client *client, uint32_t control_code, const void *request,
                     size_t request_size, void *out, size_t out_size, size_t *written)
{
    const struct energy_channel *const channel = &client->channel;
    uint32_t code = RAPL_ERROR_NOT_READY;

    for (uint32_t i = 0; i < NOT_READY_TRIES && code == RAPL_ERROR_NOT_READY; i++) {
        if (i != 0) {
            rapl_clock_sleep_ns(NOT_READY_MS * NS_PER_MS);
        }
        *written = 0;
        code = channel->call(channel->context, control_code, request, request_size, out, out_size,
                             written);
    }
    return code;
}

int energy_client_request(struct energy_client *client, uint32_t control_code, const void *request,
                          size_t request_size, void **buffer, size_t *buffer_size, size_t *size)
{
    struct rapl_header header;
    size_t needed = BUFFER_MIN;

    memcpy(&header, request, sizeof(header));
    client->system_error = 0;
    for (uint32_t i = 0; i < TRIES_MAX; i++) {
        if (!grow(buffer, buffer_size, needed)) {
            return RAPL_ERROR_MEMORY;
        }
        const uint32_t code =
            call(client, control_code, request, request_size, *buffer, *buffer_size, size);
        if (*size > *buffer_size) {
            return RAPL_ERROR_GARBAGE;
        }
        if (code == 0) {
            client->answered = true;
            return RAPL_OK;
        }
        if (code != RAPL_ERROR_MORE_DATA) {
            client->system_error = code;
            return error_of(client, code);
        }
        needed = rapl_reply_needed(*buffer, *size, header.kind);
        if (needed <= *buffer_size) {
            return RAPL_ERROR_GARBAGE;
        }
    }
    return RAPL_ERROR_GARBAGE;
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* The performance counter of no machine is faster; more would not fit the conversion to ns. */
#define TICKS_PER_S_MAX UINT64_C(10000000000)

static int get_capabilities(struct energy_client *client)
{
    const struct rapl_get_capabilities request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_CAPABILITIES}};
    size_t size;
    int error =
        energy_client_request(client, RAPL_IOCTL_GET_CAPABILITIES, &request, sizeof(request),
                              &client->buffer, &client->buffer_size, &size);

    if (error == RAPL_OK) {
        error = energy_client_reply_error(
            rapl_reply_capabilities(client->buffer, size, &client->capabilities));
    }
    if (error == RAPL_OK && (client->capabilities.ticks_per_s == 0 ||
                             client->capabilities.ticks_per_s > TICKS_PER_S_MAX)) {
        error = RAPL_ERROR_GARBAGE;
    }
    return error;
}

static int get_topology(struct energy_client *client, uint32_t flags)
{
    const struct rapl_get_topology request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_TOPOLOGY}};
    struct rapl_topology topology;
    size_t size;
    int error = energy_client_request(client, RAPL_IOCTL_GET_TOPOLOGY, &request, sizeof(request),
                                      &client->buffer, &client->buffer_size, &size);

    if (error == RAPL_OK) {
        error = energy_client_reply_error(rapl_reply_topology(client->buffer, size, &topology));
    }
    return error == RAPL_OK ? energy_client_list(client, client->buffer, &topology, flags) : error;
}

/* The first reading is the base; the session's own follows at once. */
static int read_base(struct energy_client *client)
{
    client->scratch = calloc((size_t)client->domain_count + 1, sizeof(*client->scratch));
    return client->scratch != NULL ? energy_client_read(client, client->scratch)
                                   : RAPL_ERROR_MEMORY;
}

int energy_client_open(struct energy_client *client, const struct energy_channel *channel,
                       uint32_t flags)
{
    int error;

    *client = (struct energy_client){.channel = *channel};
    error = get_capabilities(client);
    if (error == RAPL_OK) {
        error = get_topology(client, flags);
    }
    if (error == RAPL_OK) {
        error = read_base(client);
    }
    if (error != RAPL_OK) {
        energy_client_close(client);
    }
    return error;
}

void energy_client_close(struct energy_client *client)
{
    free(client->packages);
    free(client->domains);
    free(client->package_slots);
    free(client->core_slots);
    free(client->scratch);
    free(client->buffer);
    client->packages = NULL;
    client->domains = NULL;
    client->package_slots = NULL;
    client->core_slots = NULL;
    client->scratch = NULL;
    client->buffer = NULL;
}

/* ---- Snapshots ------------------------------------------------------------------------------ */

static uint64_t ns_of(const struct energy_client *client, uint64_t ticks)
{
    const uint64_t per_s = client->capabilities.ticks_per_s;
    const uint64_t whole_s = ticks / per_s;

    if (whole_s > UINT64_MAX / UINT64_C(1000000000) - 1) {
        return UINT64_MAX;
    }
    /* per_s is at most 10^10, so the product is below 2^64 */
    return whole_s * UINT64_C(1000000000) + ticks % per_s * UINT64_C(1000000000) / per_s;
}

/* The domain an item is of; NULL: one that was not in the topology. */
static struct energy_domain *domain_of(const struct energy_client *client,
                                       const struct rapl_snapshot_item *item)
{
    uint32_t slot = 0;

    if (item->scope == RAPL_UNIT_SCOPE_CORE) {
        if (item->domain == RAPL_WIRE_DOMAIN_CORE && item->index < client->core_slot_count) {
            slot = client->core_slots[item->index];
        }
    } else if (item->index < client->package_count) {
        slot = client->package_slots[item->index * RAPL_WIRE_DOMAINS + item->domain];
    }
    return slot != 0 ? &client->domains[slot - 1] : NULL;
}

static uint32_t flags_of(const struct rapl_snapshot_item *item)
{
    return ((item->flags & RAPL_ITEM_SIMULATED) != 0 ? RAPL_FLAG_SIMULATED : 0) |
           ((item->flags & RAPL_ITEM_COARSE) != 0 ? RAPL_FLAG_COARSE : 0);
}

/* Where its energy starts: the first item of a domain, at open if it is there by then. */
static void set_base(struct energy_domain *domain, const struct rapl_snapshot_item *item)
{
    if (!domain->based) {
        domain->based = true;
        domain->base_ticks = item->energy_ticks;
        domain->base_resets = item->reset_count;
        domain->base_gaps = item->gap_count;
        domain->last_ticks = item->energy_ticks;
    }
}

/* `now_ns`: after the reply came. */
static void take_item(const struct energy_client *client, struct energy_domain *domain,
                      const struct rapl_snapshot_item *item, uint64_t now_ns,
                      struct backend_reading *out)
{
    const uint64_t time_ns = ns_of(client, item->ticks);

    *out = (struct backend_reading){.status = RAPL_ERROR_GARBAGE, .time_ns = now_ns};
    set_base(domain, item);
    if (item->status == RAPL_ITEM_FAULTS || item->status == RAPL_ITEM_DEAD) {
        out->status = item->status == RAPL_ITEM_DEAD ? RAPL_ERROR_DEAD : RAPL_ERROR_FAULTS;
        return;
    }
    if (item->status != RAPL_ITEM_OK || domain->unit_j.numerator == 0 || time_ns > now_ns ||
        time_ns < domain->last_ns || item->energy_ticks < domain->last_ticks ||
        item->reset_count < domain->base_resets || item->gap_count < domain->base_gaps) {
        return;
    }
    domain->last_ticks = item->energy_ticks;
    domain->last_ns = time_ns;
    *out = (struct backend_reading){
        .status = RAPL_OK,
        .flags = flags_of(item),
        .reset_count = item->reset_count - domain->base_resets,
        .gap_count = item->gap_count - domain->base_gaps,
        .energy_ticks = item->energy_ticks - domain->base_ticks,
        .raw = item->raw,
        .time_ns = time_ns,
    };
}

/* Of a domain that the snapshot does not mention. */
static void take_none(const struct energy_domain *domain, uint64_t now_ns,
                      struct backend_reading *out)
{
    *out = (struct backend_reading){
        .status = domain->denied ? RAPL_ERROR_DENIED : RAPL_ERROR_FAULTS,
        .system_error = domain->denied ? RAPL_ERROR_ACCESS_DENIED : 0,
        .time_ns = now_ns,
    };
}

static int take_snapshot(struct energy_client *client, size_t size,
                         struct backend_reading *readings)
{
    const uint64_t now_ns = client->channel.now_ns(client->channel.context);
    struct rapl_snapshot snapshot;
    const int error =
        energy_client_reply_error(rapl_reply_snapshot(client->buffer, size, &snapshot));

    if (error != RAPL_OK) {
        return error;
    }
    if (snapshot.ticks_per_s != client->capabilities.ticks_per_s) {
        return RAPL_ERROR_GARBAGE;
    }
    for (uint32_t i = 0; i < client->domain_count; i++) {
        take_none(&client->domains[i], now_ns, &readings[i]);
        client->domains[i].seen = false;
    }
    for (uint32_t i = 0; i < snapshot.item_count; i++) {
        struct rapl_snapshot_item item;
        struct energy_domain *domain;

        if (rapl_reply_item(client->buffer, &snapshot, i, &item) != RAPL_REPLY_OK) {
            return RAPL_ERROR_GARBAGE;
        }
        domain = domain_of(client, &item);
        if (domain == NULL) {
            continue;
        }
        if (domain->seen) {
            return RAPL_ERROR_GARBAGE; /* the same counter twice */
        }
        domain->seen = true;
        take_item(client, domain, &item, now_ns, &readings[domain - client->domains]);
    }
    return RAPL_OK;
}

static int snapshot(struct energy_client *client, uint32_t domain_mask, uint32_t scope_mask,
                    struct backend_reading *readings)
{
    const struct rapl_get_snapshot request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_SNAPSHOT},
        .domain_mask = domain_mask,
        .scope_mask = scope_mask,
    };
    size_t size;
    const int error =
        energy_client_request(client, RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request),
                              &client->buffer, &client->buffer_size, &size);

    return error == RAPL_OK ? take_snapshot(client, size, readings) : error;
}

int energy_client_read(void *state, struct backend_reading *readings)
{
    struct energy_client *const client = state;

    return snapshot(client, RAPL_WIRE_DOMAIN_MASK,
                    RAPL_SCOPE_PACKAGES | (client->cores ? RAPL_SCOPE_CORES : 0), readings);
}

int energy_client_peek(void *state, uint32_t index, struct backend_reading *reading)
{
    struct energy_client *const client = state;
    const struct energy_domain *const domain = &client->domains[index];
    int error = RAPL_OK;

    if (!domain->denied) {
        error = snapshot(client, 1u << domain->domain,
                         domain->core == RAPL_NONE ? RAPL_SCOPE_PACKAGES : RAPL_SCOPE_CORES,
                         client->scratch);
    } else {
        take_none(domain, client->channel.now_ns(client->channel.context), &client->scratch[index]);
    }
    if (error == RAPL_OK) {
        *reading = client->scratch[index];
    }
    return error;
}
