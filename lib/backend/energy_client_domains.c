/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine, its packages and its domains, from capabilities and topology.
 */
#include "lib/backend/energy_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain.h"
#include "core/model.h"
#include "lib/energy_reply.h"

/* A package has these domains and RAPL_WIRE_DOMAIN_CORE for its cores; the rest is reserved. */
#define PACKAGE_DOMAINS RAPL_WIRE_DOMAIN_CORE

/* ---- The list ------------------------------------------------------------------------------- */

static bool is_coarse(const struct energy_client *client)
{
    return (client->capabilities.flags & RAPL_CAP_COARSE) != 0;
}

static void add_package(struct energy_client *client, uint32_t index)
{
    const struct rapl_topology_package *const package = &client->packages[index];

    for (uint8_t i = 0; i < PACKAGE_DOMAINS; i++) {
        if (package->domain_state[i] == RAPL_STATE_NO_MODEL) {
            continue;
        }
        client->domains[client->domain_count++] = (struct energy_domain){
            .domain = i,
            .package = index,
            .core = RAPL_NONE,
            .unit_j = package->unit_j[i],
        };
        client->package_slots[index * RAPL_WIRE_DOMAINS + i] = client->domain_count;
    }
}

static int add_cores(struct energy_client *client, const void *bytes,
                     const struct rapl_topology *topology)
{
    uint32_t within[RAPL_WIRE_PACKAGES_MAX] = {0};

    for (uint32_t i = 0; i < topology->core_count; i++) {
        struct rapl_topology_core core;
        const uint32_t result = rapl_reply_core(bytes, topology, i, &core);

        if (result != RAPL_REPLY_OK) {
            return energy_client_reply_error(result);
        }
        const uint32_t number = within[core.package_index]++;
        if (core.state == RAPL_STATE_NO_MODEL) {
            continue;
        }
        client->domains[client->domain_count++] = (struct energy_domain){
            .domain = RAPL_DOMAIN_CORE,
            .denied = is_coarse(client),
            .package = core.package_index,
            .core = number,
            .unit_j = core.unit_j,
        };
        client->core_slots[i] = client->domain_count;
    }
    return RAPL_OK;
}

int energy_client_list(struct energy_client *client, const void *bytes,
                       const struct rapl_topology *topology, uint32_t flags)
{
    const size_t package_count = topology->package_count;
    const size_t core_count = topology->core_count;

    client->packages = calloc(package_count + 1, sizeof(*client->packages));
    client->package_slots = calloc(package_count * RAPL_WIRE_DOMAINS + 1, sizeof(uint32_t));
    client->core_slots = calloc(core_count + 1, sizeof(*client->core_slots));
    client->domains =
        calloc(package_count * PACKAGE_DOMAINS + core_count + 1, sizeof(*client->domains));
    if (client->packages == NULL || client->package_slots == NULL || client->core_slots == NULL ||
        client->domains == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    client->package_count = topology->package_count;
    client->core_slot_count = topology->core_count;
    for (uint32_t i = 0; i < topology->package_count; i++) {
        const uint32_t result = rapl_reply_package(bytes, topology, i, &client->packages[i]);

        if (result != RAPL_REPLY_OK) {
            return energy_client_reply_error(result);
        }
        add_package(client, i);
    }
    if ((flags & RAPL_OPEN_CORES) == 0) {
        return RAPL_OK;
    }
    client->cores = !is_coarse(client);
    return add_cores(client, bytes, topology);
}

/* ---- Functions of struct backend ------------------------------------------------------------ */

void energy_client_report(const struct energy_client *client, struct backend_report *report)
{
    report->flags =
        (client->capabilities.flags & RAPL_CAP_SIMULATED) != 0 ? RAPL_FLAG_SIMULATED : 0;
    report->resolution_us = 0;
    if (is_coarse(client)) {
        const uint32_t coarse_ms = client->capabilities.coarse_ms;

        report->flags |= RAPL_FLAG_COARSE;
        report->resolution_us = coarse_ms < UINT32_MAX / 1000 ? coarse_ms * 1000 : UINT32_MAX;
    }
}

uint32_t energy_client_domain_count(void *state)
{
    const struct energy_client *const client = state;

    return client->domain_count;
}

/* The counters behind are 32 bits wide: of AMD's 64 the lower half is followed. */
void energy_client_domain(void *state, uint32_t index, struct backend_domain *out)
{
    const struct energy_client *const client = state;
    const struct energy_domain *const domain = &client->domains[index];

    *out = (struct backend_domain){
        .domain = domain->domain,
        .package = domain->package,
        .core = domain->core,
        .unit_numerator = domain->unit_j.numerator,
        .unit_denominator = domain->unit_j.denominator,
        .range_ticks = UINT64_C(1) << 32,
    };
    snprintf(out->name, sizeof(out->name), "%s", rapl_domain_name(domain->domain));
    if (domain->core == RAPL_NONE) {
        snprintf(out->label, sizeof(out->label), "package %u %s", (unsigned)domain->package,
                 out->name);
    } else {
        snprintf(out->label, sizeof(out->label), "package %u core %u", (unsigned)domain->package,
                 (unsigned)domain->core);
    }
}

/* Bytes of a driver, which may be any, as a string. */
static void copy_text(char *out, size_t size, const char *text)
{
    size_t used = 0;

    while (used < size - 1 && text[used] != '\0') {
        const bool shown = text[used] >= ' ' && text[used] < 0x7F;

        out[used] = '?';
        if (shown) {
            out[used] = text[used];
        }
        used++;
    }
    out[used] = '\0';
}

int energy_client_machine(void *state, struct rapl_machine_info *out)
{
    const struct energy_client *const client = state;
    const struct rapl_capabilities *const from = &client->capabilities;
    const struct rapl_cpu cpu = {
        .vendor = from->vendor,
        .stepping = from->stepping,
        .family = from->family,
        .model = from->model,
        .amd_rapl = true, /* it answers */
    };
    const struct rapl_model *const model = rapl_model_find(&cpu);

    out->vendor = from->vendor;
    out->family = from->family;
    out->model = from->model;
    out->stepping = from->stepping;
    out->package_count = client->package_count;
    out->socket_count = from->socket_count;
    out->die_count = from->die_count;
    out->core_count = from->core_count;
    out->processor_count = from->processor_count;
    out->group_count = from->group_count;
    out->is_guest =
        (from->flags & (RAPL_CAP_HYPERVISOR | RAPL_CAP_HYPERV_ROOT)) == RAPL_CAP_HYPERVISOR;
    copy_text(out->brand, sizeof(out->brand), from->brand);
    if (model != NULL) {
        snprintf(out->model_name, sizeof(out->model_name), "%s", rapl_model_text(model)->name);
    }
    return RAPL_OK;
}

/* Which limit each entry of the topology is. */
static const struct {
    uint8_t domain;
    uint8_t number;
} limits[RAPL_LIMITS] = {
    [RAPL_LIMIT_PACKAGE_1] = {RAPL_DOMAIN_PACKAGE, 1},
    [RAPL_LIMIT_PACKAGE_2] = {RAPL_DOMAIN_PACKAGE, 2},
    [RAPL_LIMIT_PP0] = {RAPL_DOMAIN_PP0, 1},
    [RAPL_LIMIT_PP1] = {RAPL_DOMAIN_PP1, 1},
    [RAPL_LIMIT_DRAM] = {RAPL_DOMAIN_DRAM, 1},
    [RAPL_LIMIT_PSYS_1] = {RAPL_DOMAIN_PSYS, 1},
    [RAPL_LIMIT_PSYS_2] = {RAPL_DOMAIN_PSYS, 2},
};

_Static_assert(RAPL_LIMITS <= RAPL_POWER_LIMITS, "every limit has room");
_Static_assert(RAPL_POWER_LIMIT_PRESENT == RAPL_LIMIT_PRESENT &&
                   RAPL_POWER_LIMIT_ENABLED == RAPL_LIMIT_ENABLED &&
                   RAPL_POWER_LIMIT_CLAMP == RAPL_LIMIT_CLAMP &&
                   RAPL_POWER_LIMIT_LOCKED == RAPL_LIMIT_LOCKED,
               "the same bits");
#define LIMIT_FLAGS (RAPL_LIMIT_PRESENT | RAPL_LIMIT_ENABLED | RAPL_LIMIT_CLAMP | RAPL_LIMIT_LOCKED)

int energy_client_package(void *state, uint32_t index, struct rapl_package_info *out)
{
    const struct energy_client *const client = state;

    if (index >= client->package_count) {
        return RAPL_ERROR_ARGUMENT;
    }
    const struct rapl_topology_package *const package = &client->packages[index];
    out->socket = package->socket;
    out->die = package->scope == RAPL_UNIT_SCOPE_DIE ? package->die : RAPL_NONE;
    out->processor = package->processor;
    out->tdp_mw = package->package.tdp_mw;
    out->min_mw = package->package.min_mw;
    out->max_mw = package->package.max_mw;
    for (uint32_t i = 0; i < RAPL_LIMITS; i++) {
        const struct rapl_wire_limit *const limit = &package->limit[i];

        if ((limit->flags & RAPL_LIMIT_PRESENT) == 0 || (limit->flags & RAPL_LIMIT_WITHHELD) != 0) {
            continue;
        }
        out->limits[out->limit_count++] = (struct rapl_power_limit){
            .domain = limits[i].domain,
            .number = limits[i].number,
            .flags = limit->flags & LIMIT_FLAGS,
            .limit_mw = limit->limit_mw,
            .window_us = limit->window_us,
        };
    }
    return RAPL_OK;
}
