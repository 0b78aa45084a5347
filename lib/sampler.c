/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads counters, follows them, and does the arithmetic of energy over time.
 */
#include "lib/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "core/allow.h"
/*
 * The longest time between two readings of a counter. At the 3 kW that rapl_power_max_mw allows at
 * most, the shortest counter in use (2^32 counts of 2^-16 J) lasts 21 s.
 */
#define READING_PERIOD_MAX_100NS (10 * RAPL_100NS_PER_SECOND)

uint64_t rapl_power_max_mw(uint64_t tdp_mw)
{
    if (tdp_mw == 0) {
        return 1000000;
    }
    if (tdp_mw < 25000) {
        return 200000;
    }
    return tdp_mw > 375000 ? 3000000 : tdp_mw * 8;
}

/* ---- Packages ------------------------------------------------------------------------------- */

static uint32_t read_register(const struct rapl_sampler *sampler, uint32_t processor, uint32_t msr,
                              uint64_t *value)
{
    struct rapl_register_value out;
    uint32_t error = sampler->device.read(sampler->device.context, msr, processor, &out);

    if (error == 0) {
        *value = out.value;
    }
    return error;
}

/* Zeroed where the model has no such register or the driver refuses it. */
static void read_power_info(const struct rapl_sampler *sampler, struct rapl_package *package,
                            uint32_t domain, struct rapl_power_info *out)
{
    const struct rapl_model *model = sampler->host->model;
    const struct rapl_register *reg = rapl_register_of(model, RAPL_REGISTER_POWER_INFO, domain);
    uint64_t raw;

    if (reg != NULL && rapl_allow(model, reg->msr) != NULL &&
        read_register(sampler, package->lead, reg->msr, &raw) == 0) {
        rapl_power_info_decode(&package->units, raw, out);
    }
}

static void open_package(struct rapl_sampler *sampler, struct rapl_package *package)
{
    const struct rapl_model *model = sampler->host->model;
    const struct rapl_register *unit =
        rapl_register_of(model, RAPL_REGISTER_UNIT, RAPL_DOMAIN_PACKAGE);

    package->location = sampler->host->processors[package->lead].location;
    package->unit_error = read_register(sampler, package->lead, unit->msr, &package->unit_raw);
    if (package->unit_error != 0 || !rapl_units_decode(model, package->unit_raw, &package->units)) {
        return;
    }
    package->has_units = true;
    read_power_info(sampler, package, RAPL_DOMAIN_PACKAGE, &package->info);
    read_power_info(sampler, package, RAPL_DOMAIN_DRAM, &package->dram_info);
}

static bool open_packages(struct rapl_sampler *sampler)
{
    uint32_t count = rapl_host_package_leads(sampler->host, NULL, 0);
    uint32_t *leads = calloc(count, sizeof(*leads));

    sampler->packages = calloc(count, sizeof(*sampler->packages));
    if (leads == NULL || sampler->packages == NULL) {
        free(leads);
        return false;
    }
    rapl_host_package_leads(sampler->host, leads, count);
    for (uint32_t i = 0; i < count; i++) {
        sampler->packages[i].lead = leads[i];
        open_package(sampler, &sampler->packages[i]);
    }
    sampler->package_count = count;
    free(leads);
    return true;
}

/* ---- Meters --------------------------------------------------------------------------------- */

static void add_meter(struct rapl_sampler *sampler, uint32_t package, uint32_t domain,
                      uint32_t core, uint32_t processor)
{
    const struct rapl_model *model = sampler->host->model;
    const struct rapl_package *of = &sampler->packages[package];
    const struct rapl_register *reg = rapl_register_of(model, RAPL_REGISTER_ENERGY, domain);
    uint64_t tdp_mw = domain == RAPL_DOMAIN_DRAM ? of->dram_info.tdp_mw : of->info.tdp_mw;
    struct rapl_meter *meter = &sampler->meters[sampler->meter_count++];

    *meter = (struct rapl_meter){
        .reg = reg,
        .domain = (uint8_t)domain,
        .package = package,
        .core = core,
        .processor = processor,
        .limit = {.power_max_mw = rapl_power_max_mw(tdp_mw) * sampler->speed},
    };
    if (reg == NULL || rapl_allow(model, reg->msr) == NULL) {
        meter->state = RAPL_METER_NOT_ON_MODEL;
    } else if (!of->has_units) {
        meter->state = RAPL_METER_NO_UNIT;
    } else {
        meter->state = RAPL_METER_ZERO;
        meter->limit.energy_j = of->units.energy_j[domain];
    }
}

static void add_cores(struct rapl_sampler *sampler, uint32_t package)
{
    const struct rapl_host *host = sampler->host;
    uint32_t core = 0;

    for (uint32_t i = 0; i < host->processor_count; i++) {
        if (host->processors[i].core_lead == i &&
            host->processors[i].package_lead == sampler->packages[package].lead) {
            add_meter(sampler, package, RAPL_DOMAIN_CORE, core++, i);
        }
    }
}

static bool open_meters(struct rapl_sampler *sampler)
{
    const struct rapl_host *host = sampler->host;
    bool per_core = (host->model->domains & RAPL_DOMAIN_BIT(RAPL_DOMAIN_CORE)) != 0;
    size_t most = (size_t)sampler->package_count * RAPL_DOMAIN_COUNT + host->processor_count;

    sampler->meters = calloc(most, sizeof(*sampler->meters));
    if (sampler->meters == NULL) {
        return false;
    }
    for (uint32_t package = 0; package < sampler->package_count; package++) {
        for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
            if (domain == RAPL_DOMAIN_CORE && per_core) {
                add_cores(sampler, package);
            } else {
                add_meter(sampler, package, domain, RAPL_METER_NO_CORE,
                          sampler->packages[package].lead);
            }
        }
    }
    return true;
}

/* ---- Reading -------------------------------------------------------------------------------- */

static void read_meter(struct rapl_sampler *sampler, struct rapl_meter *meter)
{
    struct rapl_register_value now;
    bool first = !meter->counter.started;

    meter->error =
        sampler->device.read(sampler->device.context, meter->reg->msr, meter->processor, &now);
    if (meter->error != 0) {
        meter->state = RAPL_METER_REFUSED;
        return;
    }
    /* AMD's 64-bit counters wrap in their low half as the 32-bit ones do. */
    meter->raw = (uint32_t)now.value;
    switch (rapl_counter_advance(&meter->counter, meter->raw, now.time_100ns - meter->time_100ns,
                                 &meter->limit)) {
    case RAPL_COUNTER_WRAP:
        meter->wraps++;
        break;
    case RAPL_COUNTER_RESET:
    case RAPL_COUNTER_GAP:
        meter->breaks++;
        break;
    case RAPL_COUNTER_FIRST:
    case RAPL_COUNTER_MOVED:
        break;
    }
    meter->time_100ns = now.time_100ns;
    if (first) {
        meter->taken_100ns = now.time_100ns;
    }
    meter->state =
        meter->raw == 0 && meter->counter.total == 0 ? RAPL_METER_ZERO : RAPL_METER_COUNTS;
}

void rapl_sampler_read(struct rapl_sampler *sampler)
{
    for (uint32_t i = 0; i < sampler->meter_count; i++) {
        if (sampler->meters[i].state != RAPL_METER_NOT_ON_MODEL &&
            sampler->meters[i].state != RAPL_METER_NO_UNIT) {
            read_meter(sampler, &sampler->meters[i]);
        }
    }
}

void rapl_sampler_wait(struct rapl_sampler *sampler, const struct rapl_clock *clock,
                       uint64_t until_100ns)
{
    uint64_t period_100ns = READING_PERIOD_MAX_100NS / sampler->speed;

    for (;;) {
        uint64_t now_100ns = clock->now_100ns(clock->context);

        if (now_100ns >= until_100ns) {
            return;
        }
        if (until_100ns - now_100ns <= period_100ns) {
            clock->sleep_100ns(clock->context, until_100ns - now_100ns);
            continue;
        }
        clock->sleep_100ns(clock->context, period_100ns);
        rapl_sampler_read(sampler);
    }
}

/*
 * energy / elapsed in microwatts, rounded down. Beyond 51 hours the product of the remainder does
 * not fit, and the quotient is taken of whole seconds.
 */
static uint64_t power_uw(uint64_t energy_uj, uint64_t elapsed_100ns)
{
    uint64_t whole = energy_uj / elapsed_100ns * RAPL_100NS_PER_SECOND;
    uint64_t rest_uj = energy_uj % elapsed_100ns;

    if (elapsed_100ns > UINT64_MAX / RAPL_100NS_PER_SECOND) {
        return whole + rest_uj / (elapsed_100ns / RAPL_100NS_PER_SECOND);
    }
    return whole + rest_uj * RAPL_100NS_PER_SECOND / elapsed_100ns;
}

bool rapl_meter_take(struct rapl_meter *meter, struct rapl_meter_sample *out)
{
    uint64_t elapsed_100ns = meter->time_100ns - meter->taken_100ns;
    uint64_t counts = meter->counter.total - meter->taken_total;
    uint64_t energy_uj;

    if (meter->state != RAPL_METER_COUNTS || elapsed_100ns == 0) {
        return false;
    }
    energy_uj = rapl_micro(counts, meter->limit.energy_j);
    *out = (struct rapl_meter_sample){
        .raw = meter->raw,
        .counts = counts,
        .elapsed_100ns = elapsed_100ns,
        .energy_uj = energy_uj,
        .total_uj = rapl_micro(meter->counter.total, meter->limit.energy_j),
        .power_uw = power_uw(energy_uj, elapsed_100ns),
        .wraps = meter->wraps,
        .breaks = meter->breaks,
    };
    meter->taken_total = meter->counter.total;
    meter->taken_100ns = meter->time_100ns;
    meter->wraps = 0;
    meter->breaks = 0;
    return true;
}

bool rapl_sampler_open(const struct rapl_host *host, const struct rapl_device *device,
                       uint32_t speed, struct rapl_sampler *out)
{
    struct rapl_sampler sampler = {.host = host, .device = *device, .speed = speed};

    if (!open_packages(&sampler) || !open_meters(&sampler)) {
        rapl_sampler_close(&sampler);
        return false;
    }
    rapl_sampler_read(&sampler);
    *out = sampler;
    return true;
}

void rapl_sampler_close(struct rapl_sampler *sampler)
{
    free(sampler->packages);
    free(sampler->meters);
    memset(sampler, 0, sizeof(*sampler));
}
