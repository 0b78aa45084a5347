/* SPDX-License-Identifier: Apache-2.0
 *
 * From the meters of a system to a list of domains, each of which is there once.
 */
#include <stdlib.h>
#include <string.h>

#include "core/inventory.h"
#include "lib/backend/emi_state.h"

#define PWH_PER_MJ UINT64_C(277778) /* 1 mJ, rounded up: ticks a second of one milliwatt */
#define STEP_NS    UINT64_C(1000000000)
/* A step is what a meter's driver may be late with: how often it samples is its own business. */
#define MIRROR_LOOKS 2u
#define MIRROR_PAIRS 4096u /* looked at; sockets are few */

/* Windows error codes (learn.microsoft.com "System Error Codes"). */
enum {
    ERROR_BUFFER_INSUFFICIENT = 122,
    ERROR_DATA_MORE = 234,
};

int emi_error_of(uint32_t system_error)
{
    switch (system_error) {
    case 5: /* ERROR_ACCESS_DENIED */
        return RAPL_ERROR_DENIED;
    case 1:  /* ERROR_INVALID_FUNCTION */
    case 50: /* ERROR_NOT_SUPPORTED */
        return RAPL_ERROR_UNSUPPORTED;
    case 2:    /* ERROR_FILE_NOT_FOUND */
    case 6:    /* ERROR_INVALID_HANDLE */
    case 55:   /* ERROR_DEV_NOT_EXIST */
    case 433:  /* ERROR_NO_SUCH_DEVICE */
    case 995:  /* ERROR_OPERATION_ABORTED */
    case 1167: /* ERROR_DEVICE_NOT_CONNECTED */
    case 1617: /* ERROR_DEVICE_REMOVED */
        return RAPL_ERROR_GONE;
    case 31:   /* ERROR_GEN_FAILURE */
    case 1117: /* ERROR_IO_DEVICE */
        return RAPL_ERROR_FAULTS;
    default:
        return RAPL_ERROR_SYSTEM;
    }
}

static bool fails(struct emi_trouble *trouble, int status, uint32_t system_error, const char *step)
{
    if (trouble->status == RAPL_OK) {
        *trouble = (struct emi_trouble){status, system_error, step};
    }
    return false;
}

static uint32_t ask(struct emi_state *state, void *handle, uint32_t code, uint32_t size,
                    uint32_t *got)
{
    *got = 0;
    return state->system.control(state->system.context, handle, code, state->buffer, size, got);
}

/* `*got` bytes of metadata in state->buffer. A size that is said too small is not believed. */
static bool load_metadata(struct emi_state *state, void *handle, uint32_t *got,
                          struct emi_trouble *trouble)
{
    struct rapl_emi_metadata_size said;
    uint32_t error = ask(state, handle, RAPL_IOCTL_EMI_GET_METADATA_SIZE, sizeof(said), got);

    if (error != 0) {
        return fails(trouble, emi_error_of(error), error, "refuses GET_METADATA_SIZE");
    }
    if (*got != sizeof(said)) {
        return fails(trouble, RAPL_ERROR_GARBAGE, 0, "answers GET_METADATA_SIZE with garbage");
    }
    memcpy(&said, state->buffer, sizeof(said));
    if (said.size < sizeof(struct rapl_emi_metadata_v2) || said.size > sizeof(state->buffer)) {
        return fails(trouble, RAPL_ERROR_GARBAGE, 0, "says an impossible size of its metadata");
    }
    error = ask(state, handle, RAPL_IOCTL_EMI_GET_METADATA, said.size, got);
    if (error == ERROR_BUFFER_INSUFFICIENT || error == ERROR_DATA_MORE) {
        error = ask(state, handle, RAPL_IOCTL_EMI_GET_METADATA, sizeof(state->buffer), got);
    }
    if (error != 0) {
        return fails(trouble, emi_error_of(error), error, "refuses GET_METADATA");
    }
    if (*got > sizeof(state->buffer)) {
        return fails(trouble, RAPL_ERROR_GARBAGE, 0, "answers GET_METADATA with garbage");
    }
    return true;
}

static bool load_device(struct emi_state *state, void *handle, struct rapl_emi_device *device,
                        struct emi_trouble *trouble)
{
    struct rapl_emi_version version;
    uint32_t got = 0;
    const uint32_t error = ask(state, handle, RAPL_IOCTL_EMI_GET_VERSION, sizeof(version), &got);

    if (error != 0) {
        return fails(trouble, emi_error_of(error), error, "refuses GET_VERSION");
    }
    if (got != sizeof(version)) {
        return fails(trouble, RAPL_ERROR_GARBAGE, 0, "answers GET_VERSION with garbage");
    }
    memcpy(&version, state->buffer, sizeof(version));
    if (!load_metadata(state, handle, &got, trouble)) {
        return false;
    }
    const enum rapl_emi_result result =
        rapl_emi_metadata(version.version, state->buffer, got, device, state->channels);
    if (result == RAPL_EMI_VERSION) {
        return fails(trouble, RAPL_ERROR_VERSION, 0, "has a version that is neither 1 nor 2");
    }
    return result == RAPL_EMI_OK ||
           fails(trouble, RAPL_ERROR_GARBAGE, 0, "describes itself with garbage");
}

static uint64_t most_pwh_per_s(uint32_t domain)
{
    switch (domain) {
    case RAPL_DOMAIN_CORE:
        return RAPL_POWER_MAX_CORE_MW * PWH_PER_MJ;
    case RAPL_DOMAIN_PSYS:
    case RAPL_DOMAIN_METER:
        return RAPL_POWER_MAX_PSYS_MW * PWH_PER_MJ;
    default:
        return RAPL_POWER_MAX_PACKAGE_MW * PWH_PER_MJ;
    }
}

static struct emi_domain describe(const struct rapl_emi_channel *channel)
{
    struct emi_domain domain = {
        .domain = RAPL_DOMAIN_METER, .number = RAPL_NONE, .core = RAPL_NONE, .unit = channel->unit};
    struct rapl_emi_place place;

    memcpy(domain.label, channel->name, sizeof(domain.label));
    if (rapl_emi_place_of(channel->name, &place)) {
        domain.domain = place.domain;
        domain.number = place.package;
        domain.core = place.core;
    }
    domain.limit =
        (struct follow_limit){.ticks_per_s = most_pwh_per_s(domain.domain), .step_ns = STEP_NS};
    return domain;
}

/* The same counter under the same name, on another device. Vendors' meters have no such names. */
static bool is_known(const struct emi_state *state, const struct emi_domain *domain)
{
    for (uint32_t i = 0; i < state->domain_count && domain->domain != RAPL_DOMAIN_METER; i++) {
        const struct emi_domain *other = &state->domains[i];
        if (other->domain == domain->domain && other->number == domain->number &&
            other->core == domain->core) {
            return true;
        }
    }
    return false;
}

static bool add_domain(struct emi_state *state, const struct emi_domain *domain)
{
    struct emi_domain *more =
        realloc(state->domains, (state->domain_count + 1) * sizeof(*state->domains));

    if (more == NULL) {
        return false;
    }
    state->domains = more;
    state->domains[state->domain_count++] = *domain;
    return true;
}

/* False without memory. A device that has nothing new is not kept open. */
static bool add_device(struct emi_state *state, void *handle, const struct rapl_emi_device *device,
                       bool cores)
{
    const uint32_t first = state->domain_count;
    struct emi_device *more =
        realloc(state->devices, (state->device_count + 1) * sizeof(*state->devices));

    if (more == NULL) {
        return false;
    }
    state->devices = more;
    for (uint32_t i = 0; i < device->channel_count; i++) {
        struct emi_domain domain = describe(&state->channels[i]);

        if ((domain.domain == RAPL_DOMAIN_CORE && !cores) ||
            state->domain_count == EMI_DOMAINS_MAX) {
            continue;
        }
        if (is_known(state, &domain)) {
            state->doubled_count++;
            continue;
        }
        domain.device = state->device_count;
        domain.channel = i;
        if (!add_domain(state, &domain)) {
            return false;
        }
    }
    if (state->domain_count == first) {
        state->system.close(state->system.context, handle);
        return true;
    }
    state->simulated = state->simulated || strstr(device->model, "SIMULATED") != NULL;
    state->devices[state->device_count++] =
        (struct emi_device){.handle = handle, .channel_count = device->channel_count};
    return true;
}

int emi_measure(struct emi_state *state, const struct emi_device *device, uint32_t *system_error)
{
    const uint32_t size = device->channel_count * (uint32_t)sizeof(struct rapl_emi_measurement);
    uint32_t got = 0;

    *system_error = ask(state, device->handle, RAPL_IOCTL_EMI_GET_MEASUREMENT, size, &got);
    if (*system_error != 0) {
        return emi_error_of(*system_error);
    }
    return got == size ? RAPL_OK : RAPL_ERROR_GARBAGE;
}

static bool energy_now(struct emi_state *state, const struct emi_domain *domain, uint64_t *out)
{
    const struct emi_device *device = &state->devices[domain->device];
    struct rapl_emi_measurement measurement;
    uint32_t system_error = 0;

    if (emi_measure(state, device, &system_error) != RAPL_OK ||
        !rapl_emi_measurement_at(state->buffer,
                                 device->channel_count * sizeof(struct rapl_emi_measurement),
                                 domain->channel, &measurement)) {
        return false;
    }
    *out = measurement.energy;
    return true;
}

/*
 * Whether two packages are one counter: what `b` reads lies between two readings of `a`, every time
 * it is looked at. Energy of independent sockets is never that close.
 */
static bool mirrors(struct emi_state *state, const struct emi_domain *a, const struct emi_domain *b)
{
    for (uint32_t i = 0; i < MIRROR_LOOKS; i++) {
        uint64_t before = 0;
        uint64_t between = 0;
        uint64_t after = 0;
        if (!energy_now(state, a, &before) || !energy_now(state, b, &between) ||
            !energy_now(state, a, &after) || before == 0 || between < before || between > after) {
            return false;
        }
    }
    return true;
}

/* Dies of one socket can come as packages of their own that all show the socket's counter. */
static void drop_mirrors(struct emi_state *state)
{
    uint32_t kept = 0;
    uint32_t pairs = 0;

    for (uint32_t i = 0; i < state->domain_count; i++) {
        const struct emi_domain *domain = &state->domains[i];
        bool mirrored = false;
        for (uint32_t j = 0; j < kept && !mirrored && domain->domain == RAPL_DOMAIN_PACKAGE; j++) {
            mirrored = state->domains[j].domain == RAPL_DOMAIN_PACKAGE && pairs++ < MIRROR_PAIRS &&
                       mirrors(state, &state->domains[j], domain);
        }
        if (mirrored) {
            state->doubled_count++;
        } else {
            state->domains[kept++] = *domain;
        }
    }
    state->domain_count = kept;
}

/* Where each device's domains are, after some were left out. They are in the devices' order. */
static void index_devices(struct emi_state *state)
{
    uint32_t at = 0;

    for (uint32_t i = 0; i < state->device_count; i++) {
        struct emi_device *device = &state->devices[i];
        device->first = at;
        while (at < state->domain_count && state->domains[at].device == i) {
            at++;
        }
        device->domain_count = at - device->first;
    }
}

int emi_find(struct emi_state *state, uint32_t count, bool cores, struct emi_trouble *trouble)
{
    for (uint32_t i = 0; i < count && i < EMI_DEVICES_MAX; i++) {
        struct rapl_emi_device device;
        void *handle = NULL;
        const uint32_t error = state->system.open(state->system.context, i, &handle);

        if (error != 0) {
            (void)fails(trouble, emi_error_of(error), error, "cannot be opened");
            continue;
        }
        if (!load_device(state, handle, &device, trouble)) {
            state->system.close(state->system.context, handle);
            continue;
        }
        if (!add_device(state, handle, &device, cores)) {
            state->system.close(state->system.context, handle);
            return RAPL_ERROR_MEMORY;
        }
    }
    drop_mirrors(state);
    index_devices(state);
    return RAPL_OK;
}
