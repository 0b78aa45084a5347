/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the meters: one request a device, all its channels at once.
 */
#include "lib/backend/emi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain.h"
#include "lib/backend/emi_state.h"
#include "lib/clock.h"

/* Neither energy nor its time moved for so long: it is not being measured. */
#define STANDING_NS UINT64_C(3000000000)

#define REASON(report, ...)                                                                        \
    ((void)snprintf((report)->reason, sizeof((report)->reason), __VA_ARGS__))
#define REMEDY(report, ...)                                                                        \
    ((void)snprintf((report)->remedy, sizeof((report)->remedy), __VA_ARGS__))

#define INSTALL_DRIVER "use this project's driver: DriverLoader install, then DriverLoader start"

void emi_close(void *context)
{
    struct emi_state *state = context;

    for (uint32_t i = 0; i < state->device_count; i++) {
        state->system.close(state->system.context, state->devices[i].handle);
    }
    state->system.release(state->system.context);
    free(state->devices);
    free(state->domains);
    free(state->order);
    free(state->packages);
    free(state);
}

static int compare_u32(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* The packages' own numbers become indices. */
static void number_packages(struct emi_state *state)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < state->domain_count; i++) {
        if (state->domains[i].number != RAPL_NONE) {
            state->packages[state->package_count++] = state->domains[i].number;
        }
    }
    qsort(state->packages, state->package_count, sizeof(state->packages[0]), compare_u32);
    for (uint32_t i = 0; i < state->package_count; i++) {
        if (i == 0 || state->packages[i] != state->packages[i - 1]) {
            state->packages[kept++] = state->packages[i];
        }
    }
    state->package_count = kept;
    for (uint32_t i = 0; i < state->domain_count; i++) {
        const uint32_t *found = bsearch(&state->domains[i].number, state->packages, kept,
                                        sizeof(state->packages[0]), compare_u32);
        state->domains[i].package = found != NULL ? (uint32_t)(found - state->packages) : RAPL_NONE;
    }
}

static bool comes_before(const struct emi_domain *a, const struct emi_domain *b)
{
    if (a->package != b->package) {
        return a->package < b->package;
    }
    return a->domain != b->domain ? a->domain < b->domain : a->core < b->core;
}

/* Insertion: stable, so vendors' meters stay as they were found; few and mostly in order. */
static void sort_domains(struct emi_state *state)
{
    for (uint32_t i = 0; i < state->domain_count; i++) {
        uint32_t at = i;
        for (; at > 0 && comes_before(&state->domains[i], &state->domains[state->order[at - 1]]);
             at--) {
            state->order[at] = state->order[at - 1];
        }
        state->order[at] = i;
    }
}

static int arrange(struct emi_state *state)
{
    const size_t room = state->domain_count != 0 ? state->domain_count : 1;

    state->order = calloc(room, sizeof(state->order[0]));
    state->packages = calloc(room, sizeof(state->packages[0]));
    if (state->order == NULL || state->packages == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    number_packages(state);
    sort_domains(state);
    return RAPL_OK;
}

/* Whether the meter has said nothing new for too long. */
static bool stands_still(struct emi_domain *domain, const struct rapl_emi_measurement *measurement,
                         uint64_t now_ns)
{
    if (!domain->follow.started || measurement->energy != domain->follow.last ||
        measurement->time_100ns != domain->measured_100ns) {
        domain->renewed_ns = now_ns;
    }
    domain->measured_100ns = measurement->time_100ns;
    return now_ns > domain->renewed_ns && now_ns - domain->renewed_ns >= STANDING_NS;
}

static void take(struct emi_domain *domain, const struct rapl_emi_measurement *measurement,
                 uint64_t now_ns, struct backend_reading *out)
{
    const bool still = stands_still(domain, measurement, now_ns);

    if (domain->unit != RAPL_EMI_UNIT_PWH) {
        out->status = RAPL_ERROR_UNSUPPORTED;
        return;
    }
    follow_advance(&domain->follow, measurement->energy, now_ns, &domain->limit);
    out->status = RAPL_OK;
    if (!domain->follow.alive) {
        out->status = RAPL_ERROR_DEAD;
    } else if (still) {
        out->status = RAPL_ERROR_GARBAGE;
    }
    out->reset_count = domain->follow.reset_count;
    out->gap_count = domain->follow.gap_count;
    out->energy_ticks = domain->follow.total;
    out->raw = measurement->energy;
}

/* One device into the readings of its domains: `readings` is in the order of state->domains. */
static int read_device(struct emi_state *state, const struct emi_device *device,
                       struct backend_reading *readings)
{
    const uint64_t begin_ns = rapl_clock_now_ns();
    uint32_t system_error = 0;
    const int status = emi_measure(state, device, &system_error);
    const uint64_t time_ns = begin_ns + (rapl_clock_now_ns() - begin_ns) / 2;
    const uint64_t now_ns = state->system.time_ns(state->system.context);

    for (uint32_t i = device->first; i < device->first + device->domain_count; i++) {
        struct emi_domain *domain = &state->domains[i];
        struct rapl_emi_measurement measurement;
        readings[i] = (struct backend_reading){
            .status = status,
            .system_error = system_error,
            .flags = state->simulated ? RAPL_FLAG_SIMULATED : 0,
            .time_ns = time_ns,
        };
        if (status == RAPL_OK && rapl_emi_measurement_at(state->buffer, sizeof(state->buffer),
                                                         domain->channel, &measurement)) {
            take(domain, &measurement, now_ns, &readings[i]);
        }
    }
    return status;
}

int emi_read(void *context, struct backend_reading *readings)
{
    struct emi_state *state = context;
    struct backend_reading *found = calloc(state->domain_count, sizeof(*found));
    uint32_t served = 0;
    int status = RAPL_OK;

    if (found == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    for (uint32_t i = 0; i < state->device_count; i++) {
        if (state->devices[i].domain_count == 0) {
            continue; /* it has only what another one has too */
        }
        const int result = read_device(state, &state->devices[i], found);
        served += result == RAPL_OK ? 1 : 0;
        status = result != RAPL_OK ? result : status;
    }
    for (uint32_t i = 0; i < state->domain_count; i++) {
        readings[i] = found[state->order[i]];
    }
    free(found);
    return served > 0 ? RAPL_OK : status;
}

static int no_meter(const struct emi_trouble *trouble, const struct emi_state *state,
                    struct backend_report *report)
{
    report->system_error = trouble->system_error;
    if (state->meter_count == 0) {
        REASON(report, "this machine has no energy meter: Windows 11 makes one for most CPUs on "
                       "bare metal, Windows 10 has them on few devices");
        REMEDY(report, INSTALL_DRIVER);
        return RAPL_ERROR_NOT_HERE;
    }
    if (trouble->status == RAPL_OK) {
        REASON(report, "%u energy meters, and none has a channel that was asked for",
               state->meter_count);
        REMEDY(report, INSTALL_DRIVER);
        return RAPL_ERROR_NOT_HERE;
    }
    if (trouble->system_error != 0) {
        REASON(report, "the energy meter %s: Windows error %u", trouble->step,
               trouble->system_error);
    } else {
        REASON(report, "the energy meter %s", trouble->step);
    }
    REMEDY(report, INSTALL_DRIVER);
    return trouble->status;
}

/* At least one domain must have energy. */
static int first_reading(struct emi_state *state, struct backend_report *report)
{
    struct backend_reading *readings = calloc(state->domain_count, sizeof(*readings));
    struct backend_reading best = {.status = RAPL_ERROR_DEAD};

    if (readings == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    (void)emi_read(state, readings);
    for (uint32_t i = 0; i < state->domain_count; i++) {
        if (readings[i].status == RAPL_OK || best.status == RAPL_ERROR_DEAD) {
            best = readings[i];
        }
        if (best.status == RAPL_OK) {
            break;
        }
    }
    free(readings);
    if (best.status == RAPL_OK) {
        return RAPL_OK;
    }
    report->system_error = best.system_error;
    if (best.status == RAPL_ERROR_DEAD) {
        REASON(report, "the energy meter is there, and all its channels read 0");
    } else if (best.system_error != 0) {
        REASON(report, "the energy meter refuses GET_MEASUREMENT: Windows error %u",
               best.system_error);
    } else {
        REASON(report, "the energy meter answers GET_MEASUREMENT with garbage");
    }
    REMEDY(report, INSTALL_DRIVER);
    return best.status;
}

static int open_meters(struct emi_state *state, uint32_t flags, struct backend_report *report)
{
    struct emi_trouble trouble = {.status = RAPL_OK};
    const uint32_t error = state->system.enumerate(state->system.context, &state->meter_count);

    if (error != 0) {
        report->system_error = error;
        REASON(report, "energy meters cannot be listed: Windows error %u", error);
        return emi_error_of(error);
    }
    int status = emi_find(state, state->meter_count, (flags & RAPL_OPEN_CORES) != 0, &trouble);
    if (status != RAPL_OK) {
        return status;
    }
    report->flags |= state->simulated ? RAPL_FLAG_SIMULATED : 0;
    (void)snprintf(report->title, sizeof(report->title), "Windows Energy Meter Interface%s",
                   state->simulated ? " (SIMULATED)" : "");
    report->doubled_count = state->doubled_count;
    if (state->domain_count == 0) {
        return no_meter(&trouble, state, report);
    }
    status = arrange(state);
    return status == RAPL_OK ? first_reading(state, report) : status;
}

int emi_open_system(const struct emi_system *system, uint32_t flags, struct backend_report *report,
                    void **out)
{
    struct emi_state *state = calloc(1, sizeof(*state));

    if (state == NULL) {
        system->release(system->context);
        return RAPL_ERROR_MEMORY;
    }
    state->system = *system;
    const int status = open_meters(state, flags, report);
    if (status != RAPL_OK) {
        emi_close(state);
        return status;
    }
    *out = state;
    return RAPL_OK;
}

uint32_t emi_domain_count(void *context)
{
    const struct emi_state *state = context;

    return state->domain_count;
}

void emi_domain(void *context, uint32_t index, struct backend_domain *out)
{
    const struct emi_state *state = context;
    const struct emi_domain *domain = &state->domains[state->order[index]];
    const char *name = rapl_domain_name(domain->domain);

    memset(out, 0, sizeof(*out));
    out->domain = domain->domain;
    out->package = domain->package;
    out->core = domain->core;
    out->unit_numerator = domain->unit == RAPL_EMI_UNIT_PWH ? RAPL_EMI_PWH_NUMERATOR : 0;
    out->unit_denominator = domain->unit == RAPL_EMI_UNIT_PWH ? RAPL_EMI_PWH_DENOMINATOR : 1;
    (void)snprintf(out->name, sizeof(out->name), "%.31s", name != NULL ? name : domain->label);
    (void)snprintf(out->label, sizeof(out->label), "%s", domain->label);
}

int emi_machine(void *context, struct rapl_machine_info *out)
{
    const struct emi_state *state = context;

    if (state->system.machine != NULL) {
        const int status = state->system.machine(state->system.context, out);
        if (status != RAPL_OK) {
            return status;
        }
    }
    out->package_count = state->package_count;
    return RAPL_OK;
}

int emi_package(void *context, uint32_t index, struct rapl_package_info *out)
{
    const struct emi_state *state = context;

    if (index >= state->package_count) {
        return RAPL_ERROR_ARGUMENT;
    }
    out->socket = state->packages[index];
    out->die = RAPL_NONE;
    out->processor = RAPL_NONE;
    return RAPL_OK;
}
