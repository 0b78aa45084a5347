/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine behind a powercap tree: its CPU from /proc/cpuinfo, its packages' limits from their
 * zones. Constraints: "long_term" is PL1, whose max_power_uw is the TDP; "short_term" PL2 and
 * "peak_power" PL4, whose max_power_uw is the maximum power (intel_rapl_common.c, get_max_power).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/model.h"
#include "lib/backend/powercap_state.h"

#define CPUINFO_SIZE_MAX (8u << 20)
#define CONSTRAINTS_MAX  4u
#define UW_PER_MW        1000u

/* The whole file in memory; NULL if it cannot be read or is too long. */
static char *load(const struct powercap_files *files, const char *path, size_t *size)
{
    const int handle = files->open(files->context, path);
    char *text = NULL;
    size_t used = 0;
    size_t room = 0;
    int got = handle;

    while (got >= 0) {
        if (used == room) {
            room = room != 0 ? room * 2 : 65536;
            char *more = room <= CPUINFO_SIZE_MAX ? realloc(text, room) : NULL;
            if (more == NULL) {
                got = -1;
                break;
            }
            text = more;
        }
        got = files->read(files->context, handle, used, text + used, room - used);
        if (got == 0) {
            break;
        }
        used += got > 0 ? (size_t)got : 0;
    }
    if (handle >= 0) {
        files->close(files->context, handle);
    }
    if (got < 0) {
        free(text);
        return NULL;
    }
    *size = used;
    return text;
}

void powercap_load_cpu(struct powercap_state *state)
{
    size_t size = 0;
    char *text = load(&state->files, state->files.live ? "/proc/cpuinfo" : "cpuinfo", &size);

    if (text != NULL) {
        cpuinfo_parse(text, size, &state->cpu);
        free(text);
    }
}

static const char *model_name(const struct cpuinfo *info)
{
    const struct rapl_cpu cpu = {
        .vendor = (uint8_t)info->vendor,
        .family = (uint16_t)info->family,
        .model = (uint16_t)info->model,
        .amd_rapl = true, /* the kernel made zones for it */
    };
    const struct rapl_model *model =
        info->family <= UINT16_MAX && info->model <= UINT16_MAX ? rapl_model_find(&cpu) : NULL;

    return model != NULL ? rapl_model_text(model)->name : "";
}

int powercap_machine(void *context, struct rapl_machine_info *out)
{
    const struct powercap_state *state = context;
    const struct cpuinfo *cpu = &state->cpu;
    uint32_t sockets = 0;
    uint32_t last = RAPL_NONE;

    for (uint32_t i = 0; i < state->tree.count; i++) {
        const struct powercap_zone *zone = &state->tree.zones[i];
        if (zone->domain == RAPL_DOMAIN_PACKAGE && zone->socket != last) {
            last = zone->socket;
            sockets++;
        }
    }
    out->vendor = cpu->vendor;
    out->family = cpu->family;
    out->model = cpu->model;
    out->stepping = cpu->stepping;
    out->package_count = state->tree.package_count;
    out->socket_count = cpu->socket_count != 0 ? cpu->socket_count : sockets;
    out->die_count = state->tree.package_count;
    out->core_count = cpu->core_count;
    out->processor_count = cpu->processor_count;
    out->is_guest = cpu->hypervisor ? 1 : 0;
    (void)snprintf(out->brand, sizeof(out->brand), "%s", cpu->brand);
    (void)snprintf(out->model_name, sizeof(out->model_name), "%s", model_name(cpu));
    return RAPL_OK;
}

static bool zone_number(const struct powercap_state *state, const struct powercap_zone *zone,
                        const char *file, uint64_t *out)
{
    char path[POWERCAP_PATH_MAX + 64];
    char text[POWERCAP_TEXT_MAX];

    (void)snprintf(path, sizeof(path), "%s/%s", zone->path, file);
    return powercap_load_text(&state->files, path, text) == 0 && powercap_number(text, out);
}

static bool constraint_number(const struct powercap_state *state, const struct powercap_zone *zone,
                              uint32_t constraint, const char *what, uint64_t *out)
{
    char file[48];

    (void)snprintf(file, sizeof(file), "constraint_%u_%s", constraint, what);
    return zone_number(state, zone, file, out);
}

static uint32_t milliwatts(uint64_t power_uw)
{
    const uint64_t power_mw = (power_uw + UW_PER_MW / 2) / UW_PER_MW;

    return power_uw <= UINT64_MAX - UW_PER_MW && power_mw <= UINT32_MAX ? (uint32_t)power_mw : 0;
}

/* 1 long term, 2 short term, 3 peak; 0: a constraint nobody knows, or none. */
static uint32_t constraint_kind(const struct powercap_state *state,
                                const struct powercap_zone *zone, uint32_t constraint)
{
    static const char *const names[] = {"long_term", "short_term", "peak_power"};
    char path[POWERCAP_PATH_MAX + 64];
    char text[POWERCAP_TEXT_MAX];

    (void)snprintf(path, sizeof(path), "%s/constraint_%u_name", zone->path, constraint);
    for (uint32_t i = 0; i < 3 && powercap_load_text(&state->files, path, text) == 0; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static void take_constraint(const struct powercap_state *state, const struct powercap_zone *zone,
                            uint32_t constraint, struct rapl_package_info *out)
{
    const uint32_t kind = constraint_kind(state, zone, constraint);
    uint64_t value = 0;

    if (kind == 0 || !constraint_number(state, zone, constraint, "power_limit_uw", &value) ||
        out->limit_count == RAPL_POWER_LIMITS) {
        return;
    }
    struct rapl_power_limit *limit = &out->limits[out->limit_count++];
    *limit = (struct rapl_power_limit){.domain = zone->domain,
                                       .number = kind,
                                       .flags = RAPL_POWER_LIMIT_PRESENT,
                                       .limit_mw = milliwatts(value)};
    /* Linux' intel_rapl_common.c reads the long term limit's bit for it, and no other's. */
    if (kind != 1 || !zone_number(state, zone, "enabled", &value)) {
        limit->flags |= RAPL_POWER_LIMIT_UNSAID;
    } else if (value == 1) {
        limit->flags |= RAPL_POWER_LIMIT_ENABLED;
    }
    if (constraint_number(state, zone, constraint, "time_window_us", &value) &&
        value <= UINT32_MAX) {
        limit->window_us = (uint32_t)value;
    }
    if (zone->domain == RAPL_DOMAIN_PACKAGE &&
        constraint_number(state, zone, constraint, "max_power_uw", &value)) {
        uint32_t *power_mw = kind == 1 ? &out->tdp_mw : &out->max_mw;
        *power_mw = *power_mw != 0 ? *power_mw : milliwatts(value);
    }
}

int powercap_package(void *context, uint32_t index, struct rapl_package_info *out)
{
    const struct powercap_state *state = context;

    if (index >= state->tree.package_count) {
        return RAPL_ERROR_ARGUMENT;
    }
    out->processor = RAPL_NONE;
    for (uint32_t i = 0; i < state->tree.count; i++) {
        const struct powercap_zone *zone = &state->tree.zones[i];
        if (zone->package != index) {
            continue;
        }
        if (zone->domain == RAPL_DOMAIN_PACKAGE) {
            out->socket = zone->socket;
            out->die = zone->die;
        }
        for (uint32_t j = 0; j < CONSTRAINTS_MAX; j++) {
            take_constraint(state, zone, j, out);
        }
    }
    return RAPL_OK;
}
