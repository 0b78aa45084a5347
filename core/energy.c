/* SPDX-License-Identifier: Apache-2.0
 *
 * The new device: every check of a request's frame, and the capabilities.
 */
#include "core/energy.h"

#include <string.h>

#include "core/energy_reply.h"
#include <rapl/abi.h>

_Static_assert(RAPL_WIRE_DOMAIN_PACKAGE == RAPL_DOMAIN_PACKAGE, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_PP0 == RAPL_DOMAIN_PP0, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_PP1 == RAPL_DOMAIN_PP1, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_DRAM == RAPL_DOMAIN_DRAM, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_PSYS == RAPL_DOMAIN_PSYS, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_CORE == RAPL_DOMAIN_CORE, "wire number");
_Static_assert(RAPL_WIRE_DOMAIN_MASK == RAPL_DOMAIN_BIT(RAPL_DOMAIN_COUNT) - 1, "wire mask");
_Static_assert(RAPL_CPU_BRAND_SIZE == sizeof(((struct rapl_capabilities *)0)->brand), "wire size");

/* ---- Capabilities --------------------------------------------------------------------------- */

static uint32_t flags_of(const struct rapl_energy_reply *reply)
{
    const struct rapl_inventory *const inventory = reply->device->inventory;
    const struct rapl_machine *const machine = inventory->machine;

    return (reply->device->simulated ? RAPL_CAP_SIMULATED : 0) |
           (reply->coarse ? RAPL_CAP_COARSE : 0) |
           (machine->cpu.hypervisor ? RAPL_CAP_HYPERVISOR : 0) |
           (machine->cpu.hyperv_root ? RAPL_CAP_HYPERV_ROOT : 0) |
           ((machine->model->flags & RAPL_MODEL_GENERIC) != 0 ? RAPL_CAP_GENERIC_MODEL : 0) |
           inventory->filter_flags;
}

uint8_t rapl_energy_better_state(uint8_t a, uint8_t b)
{
    static const uint8_t rank[] = {[RAPL_STATE_NO_MODEL] = 0,
                                   [RAPL_STATE_FAULTS] = 1,
                                   [RAPL_STATE_DEAD] = 2,
                                   [RAPL_STATE_PRESENT] = 3};

    return rank[a] > rank[b] ? a : b;
}

static void put_states(const struct rapl_inventory *inventory, uint8_t states[RAPL_WIRE_DOMAINS])
{
    memset(states, RAPL_STATE_NO_MODEL, RAPL_WIRE_DOMAINS);
    for (uint32_t i = 0; i < inventory->package_count; i++) {
        for (uint32_t j = 0; j < RAPL_PACKAGE_DOMAINS; j++) {
            states[j] = rapl_energy_better_state(states[j], inventory->packages[i].tally[j].state);
        }
    }
    for (uint32_t i = 0; i < inventory->core_count; i++) {
        states[RAPL_WIRE_DOMAIN_CORE] = rapl_energy_better_state(states[RAPL_WIRE_DOMAIN_CORE],
                                                                 inventory->cores[i].tally.state);
    }
}

static enum rapl_energy_status capabilities(struct rapl_energy_reply *reply)
{
    const struct rapl_energy_device *const device = reply->device;
    const struct rapl_inventory *const inventory = device->inventory;
    const struct rapl_machine *const machine = inventory->machine;
    struct rapl_capabilities found = {
        .driver_major = device->driver_major,
        .driver_minor = device->driver_minor,
        .driver_patch = device->driver_patch,
        .version_min = RAPL_ENERGY_VERSION_MIN,
        .version_max = RAPL_ENERGY_VERSION,
        .flags = flags_of(reply),
        .access_policy = device->access_policy,
        .coarse_ms = inventory->settings.coarse_ms,
        .vendor = machine->cpu.vendor,
        .stepping = machine->cpu.stepping,
        .family = machine->cpu.family,
        .model = machine->cpu.model,
        .socket_count = inventory->socket_count,
        .die_count = inventory->die_count,
        .core_count = inventory->physical_core_count,
        .processor_count = machine->processor_count,
        .group_count = inventory->group_count,
        .package_count = inventory->package_count,
        .ticks_per_s = machine->platform.ticks_per_s,
        .linger_minutes = device->linger_minutes,
    };

    if (!rapl_energy_begin(reply, sizeof(found), &found.header)) {
        return RAPL_ENERGY_MORE;
    }
    put_states(inventory, found.domain_state);
    for (uint32_t i = 0; i < sizeof(found.brand) - 1 && device->brand[i] != 0; i++) {
        found.brand[i] = device->brand[i];
    }
    rapl_energy_put(reply, &found, sizeof(found));
    return RAPL_ENERGY_OK;
}

/* ---- Replies -------------------------------------------------------------------------------- */

bool rapl_energy_begin(struct rapl_energy_reply *reply, size_t size, struct rapl_header *header)
{
    *header = (struct rapl_header){
        .size = (uint32_t)size,
        .version = reply->request.header.version,
        .kind = (uint16_t)(reply->request.header.kind | RAPL_KIND_REPLY),
    };
    if (size > reply->out_size) {
        rapl_energy_put(reply, header, sizeof(*header));
        return false;
    }
    return true;
}

void rapl_energy_put(struct rapl_energy_reply *reply, const void *bytes, size_t size)
{
    memcpy(reply->out + reply->written, bytes, size);
    reply->written += size;
}

/* ---- Requests ------------------------------------------------------------------------------- */

struct message {
    uint32_t control_code;
    uint16_t kind;
    uint16_t size;      /* of the request */
    uint16_t size_used; /* from here on everything is reserved */
    enum rapl_energy_status (*answer)(struct rapl_energy_reply *reply);
};

static const struct message messages[] = {
    {RAPL_IOCTL_GET_CAPABILITIES, RAPL_KIND_CAPABILITIES, sizeof(struct rapl_get_capabilities),
     offsetof(struct rapl_get_capabilities, reserved), capabilities},
    {RAPL_IOCTL_GET_TOPOLOGY, RAPL_KIND_TOPOLOGY, sizeof(struct rapl_get_topology),
     offsetof(struct rapl_get_topology, reserved), rapl_energy_topology},
    {RAPL_IOCTL_GET_SNAPSHOT, RAPL_KIND_SNAPSHOT, sizeof(struct rapl_get_snapshot),
     offsetof(struct rapl_get_snapshot, reserved), rapl_energy_snapshot},
};

static const struct message *find_message(uint32_t control_code)
{
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].control_code == control_code) {
            return &messages[i];
        }
    }
    return NULL;
}

static bool is_zero(const uint8_t *bytes, size_t from, size_t to)
{
    uint8_t found = 0;

    for (size_t i = from; i < to; i++) {
        found |= bytes[i];
    }
    return found == 0;
}

/* The version decides what the length may be, so it comes before the length of the rest. */
static enum rapl_energy_status check(const struct message *message, const struct rapl_call *call)
{
    struct rapl_header header;

    if (call->in_size < sizeof(header) || call->in_size > RAPL_WIRE_REQUEST_MAX) {
        return RAPL_ENERGY_BAD_REQUEST;
    }
    memcpy(&header, call->in, sizeof(header));
    if (header.size != call->in_size || header.kind != message->kind) {
        return RAPL_ENERGY_BAD_REQUEST;
    }
    if (header.version < RAPL_ENERGY_VERSION_MIN || header.version > RAPL_ENERGY_VERSION) {
        return RAPL_ENERGY_BAD_VERSION;
    }
    if (call->in_size < message->size || !is_zero(call->in, message->size_used, call->in_size)) {
        return RAPL_ENERGY_BAD_REQUEST;
    }
    return call->out_size < sizeof(header) ? RAPL_ENERGY_SHORT_OUTPUT : RAPL_ENERGY_OK;
}

enum rapl_energy_status rapl_energy_answer(const struct rapl_energy_device *device,
                                           const struct rapl_call *call, size_t *written)
{
    const struct message *const message = find_message(call->control_code);
    const struct rapl_platform *const platform = &device->inventory->machine->platform;
    struct rapl_energy_reply reply = {.device = device, .coarse = call->coarse};
    enum rapl_energy_status status;

    *written = 0;
    if (message == NULL) {
        return RAPL_ENERGY_UNKNOWN_CODE;
    }
    if (!call->can_read) {
        return RAPL_ENERGY_ACCESS_DENIED;
    }
    status = check(message, call);
    if (status != RAPL_ENERGY_OK) {
        return status;
    }
    memcpy(&reply.request, call->in, message->size); /* `out` may be the same memory */
    reply.out = call->out;
    reply.out_size = call->out_size;
    platform->ops->lock(platform->context);
    status = message->answer(&reply);
    platform->ops->unlock(platform->context);
    *written = reply.written;
    return status;
}
