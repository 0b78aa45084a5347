/* SPDX-License-Identifier: Apache-2.0
 *
 * Opens every zone's energy_uj once, and from then on a sample is one read a zone.
 */
#include "lib/backend/powercap.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cpu.h"
#include "core/domain.h"
#include "core/inventory.h"
#include "lib/backend/powercap_state.h"
#include "lib/clock.h"

#define UJ_PER_MJ 1000u       /* microjoules a second of one milliwatt */
#define STEP_NS   (20000000u) /* counters are updated every millisecond, some every 15 */

int powercap_error_of(int error)
{
    switch (error) {
    case 0:
    case -E2BIG:
    case -EISDIR:
        return RAPL_ERROR_GARBAGE;
    case -EACCES:
    case -EPERM:
        return RAPL_ERROR_DENIED;
    case -ENODEV:
    case -ENXIO:
    case -ENOENT:
        return RAPL_ERROR_GONE;
    case -EIO:
    case -ENODATA:
    case -EOPNOTSUPP:
        return RAPL_ERROR_FAULTS;
    default:
        return RAPL_ERROR_SYSTEM;
    }
}

static uint64_t most_uj_per_s(uint32_t domain)
{
    switch (domain) {
    case RAPL_DOMAIN_CORE:
        return (uint64_t)RAPL_POWER_MAX_CORE_MW * UJ_PER_MJ;
    case RAPL_DOMAIN_PSYS:
    case RAPL_DOMAIN_METER:
        return (uint64_t)RAPL_POWER_MAX_PSYS_MW * UJ_PER_MJ;
    default:
        return (uint64_t)RAPL_POWER_MAX_PACKAGE_MW * UJ_PER_MJ;
    }
}

static void read_zone(struct powercap_state *state, uint32_t i, struct backend_reading *out)
{
    struct powercap_counter *counter = &state->counters[i];
    char text[POWERCAP_TEXT_MAX];
    uint64_t energy_uj = 0;

    memset(out, 0, sizeof(*out));
    const uint64_t begin_ns = rapl_clock_now_ns();
    const int error = counter->handle < 0
                          ? counter->handle
                          : powercap_read_text(&state->files, counter->handle, text);
    out->time_ns = begin_ns + (rapl_clock_now_ns() - begin_ns) / 2;
    out->flags = state->files.live ? 0 : RAPL_FLAG_SIMULATED;
    if (error != 0) {
        out->status = powercap_error_of(error);
        out->system_error = (uint32_t)-error;
        return;
    }
    if (!powercap_number(text, &energy_uj) || energy_uj > counter->limit.range_ticks) {
        out->status = RAPL_ERROR_GARBAGE;
        return;
    }
    follow_advance(&counter->follow, energy_uj, state->files.time_ns(state->files.context),
                   &counter->limit);
    out->status = counter->follow.alive ? RAPL_OK : RAPL_ERROR_DEAD;
    out->reset_count = counter->follow.reset_count;
    out->gap_count = counter->follow.gap_count;
    out->energy_ticks = counter->follow.total;
    out->raw = energy_uj;
}

static int powercap_read(void *context, struct backend_reading *readings)
{
    struct powercap_state *state = context;
    uint32_t gone = 0;

    for (uint32_t i = 0; i < state->tree.count; i++) {
        read_zone(state, i, &readings[i]);
        gone += readings[i].status == RAPL_ERROR_GONE ? 1 : 0;
    }
    return gone == state->tree.count ? RAPL_ERROR_GONE : RAPL_OK;
}

static void powercap_close(void *context)
{
    struct powercap_state *state = context;

    for (uint32_t i = 0; i < state->tree.count; i++) {
        if (state->counters[i].handle >= 0) {
            state->files.close(state->files.context, state->counters[i].handle);
        }
    }
    state->files.release(state->files.context);
    free(state);
}

static void open_zones(struct powercap_state *state)
{
    for (uint32_t i = 0; i < state->tree.count; i++) {
        const struct powercap_zone *zone = &state->tree.zones[i];
        char path[POWERCAP_PATH_MAX + 32];

        (void)snprintf(path, sizeof(path), "%s/energy_uj", zone->path);
        state->counters[i].handle = state->files.open(state->files.context, path);
        state->counters[i].limit = (struct follow_limit){.range_ticks = zone->range_uj,
                                                         .ticks_per_s = most_uj_per_s(zone->domain),
                                                         .step_ns = STEP_NS};
    }
}

/* At least one zone must have energy; else the one that says most about why none does. */
static int first_reading(struct powercap_state *state, const char *root,
                         struct backend_report *report)
{
    uint32_t worst = 0;
    struct backend_reading found = {.status = RAPL_OK};

    for (uint32_t i = 0; i < state->tree.count; i++) {
        struct backend_reading reading;
        read_zone(state, i, &reading);
        if (reading.status == RAPL_OK) {
            return RAPL_OK;
        }
        if (i == 0 || (reading.status == RAPL_ERROR_DENIED && found.status != reading.status)) {
            worst = i;
            found = reading;
        }
    }
    return powercap_explain_reading(root, &state->tree.zones[worst], found.status,
                                    found.system_error, report);
}

static void title(struct backend_report *report, const struct powercap_state *state,
                  const char *root)
{
    if (state->files.live) {
        (void)snprintf(report->title, sizeof(report->title), "Linux powercap");
    } else {
        report->flags |= RAPL_FLAG_SIMULATED;
        (void)snprintf(report->title, sizeof(report->title), "powercap tree in files: %s", root);
    }
}

int powercap_open_files(const struct powercap_files *files, const char *root, uint32_t flags,
                        struct backend_report *report, void **out)
{
    struct powercap_state *state = calloc(1, sizeof(*state));
    struct powercap_problem problem;

    if (state == NULL) {
        files->release(files->context);
        return RAPL_ERROR_MEMORY;
    }
    state->files = *files;
    title(report, state, root);
    powercap_load_cpu(state);
    const struct powercap_rules rules = {
        .core_is_one =
            state->cpu.vendor == RAPL_VENDOR_AMD || state->cpu.vendor == RAPL_VENDOR_HYGON,
        .cores = (flags & RAPL_OPEN_CORES) != 0,
    };
    int status = RAPL_OK;
    if (powercap_tree_read(files, &rules, &state->tree, &problem)) {
        open_zones(state);
        status = first_reading(state, root, report);
    } else {
        state->tree.count = 0;
        status = powercap_explain_zones(root, &problem, state->cpu.hypervisor, report);
    }
    if (status != RAPL_OK) {
        powercap_close(state);
        return status;
    }
    *out = state;
    return RAPL_OK;
}

/* Whether this kernel runs under a hypervisor, for one who has no tree to ask. */
static bool is_guest(void)
{
    struct powercap_files files;
    bool guest = false;
    struct powercap_state *state = calloc(1, sizeof(*state));

    if (state != NULL && powercap_posix_open("/proc", &files) == 0) {
        state->files = files;
        state->files.live = true;
        powercap_load_cpu(state);
        guest = state->cpu.hypervisor;
        files.release(files.context);
    }
    free(state);
    return guest;
}

static int powercap_open(const struct backend_options *options, struct backend_report *report,
                         void **state)
{
    const char *root = options->path != NULL ? options->path : POWERCAP_ROOT;
    struct powercap_files files;
    const int error = powercap_posix_open(root, &files);

    if (error != 0) {
        return powercap_explain_root(root, error, is_guest(), report);
    }
    return powercap_open_files(&files, root, options->flags, report, state);
}

static uint32_t powercap_domain_count(void *context)
{
    const struct powercap_state *state = context;

    return state->tree.count;
}

static void powercap_domain(void *context, uint32_t index, struct backend_domain *out)
{
    const struct powercap_state *state = context;
    const struct powercap_zone *zone = &state->tree.zones[index];
    const char *name = rapl_domain_name(zone->domain);

    memset(out, 0, sizeof(*out));
    out->domain = zone->domain;
    out->package = zone->package;
    out->core = zone->domain == RAPL_DOMAIN_CORE ? 0 : RAPL_NONE;
    out->unit_numerator = 1;
    out->unit_denominator = 1000000;
    out->range_ticks = zone->range_uj;
    (void)snprintf(out->name, sizeof(out->name), "%s", name != NULL ? name : zone->name);
    (void)snprintf(out->label, sizeof(out->label), "%s", zone->label);
}

static uint32_t powercap_read_interval_ms(void *context)
{
    const struct powercap_state *state = context;
    uint32_t shortest_ms = 0;

    for (uint32_t i = 0; i < state->tree.count; i++) {
        const uint32_t interval_ms = follow_interval_ms(&state->counters[i].limit);
        if (interval_ms != 0 && (shortest_ms == 0 || interval_ms < shortest_ms)) {
            shortest_ms = interval_ms;
        }
    }
    return shortest_ms;
}

const struct backend backend_powercap = {
    .name = "powercap",
    .kind = RAPL_SOURCE_POWERCAP,
    .open = powercap_open,
    .close = powercap_close,
    .domain_count = powercap_domain_count,
    .domain = powercap_domain,
    .read = powercap_read,
    .machine = powercap_machine,
    .package = powercap_package,
    .read_interval_ms = powercap_read_interval_ms,
};
