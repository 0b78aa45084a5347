/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what `rapl info` shows.
 */
#include "cli/info.h"

#include <stdlib.h>
#include <string.h>

#include "core/allow.h"

static bool is_shown(const struct rapl_model *model, const struct rapl_register *reg)
{
    return rapl_allow(model, reg->msr) != NULL &&
           (reg->kind == RAPL_REGISTER_UNIT || reg->kind == RAPL_REGISTER_POWER_INFO ||
            reg->kind == RAPL_REGISTER_POWER_LIMIT);
}

static struct rapl_decode_context context_of(const struct info *info, uint32_t package)
{
    const struct rapl_package *of = &info->sampler.packages[package];

    return (struct rapl_decode_context){
        .model = info->sampler.host->model,
        .units = of->has_units ? &of->units : NULL,
        .package_tdp_mw = of->info.tdp_mw,
        .dram_tdp_mw = of->dram_info.tdp_mw,
    };
}

static void gather_package(const struct info *info, uint32_t package, struct info_package *out)
{
    const struct rapl_sampler *sampler = &info->sampler;
    const struct rapl_decode_context context = context_of(info, package);
    const uint32_t lead = sampler->packages[package].lead;
    uint32_t count;
    const struct rapl_register *rows = rapl_registers(&count);

    for (uint32_t i = 0; i < count && out->count < INFO_REGISTERS_MAX; i++) {
        struct info_register *reg = &out->reg[out->count];
        struct rapl_register_value value;

        if (!is_shown(context.model, &rows[i])) {
            continue;
        }
        reg->reg = &rows[i];
        reg->error = sampler->device.read(sampler->device.context, rows[i].msr, lead, &value);
        if (reg->error == 0) {
            rapl_decode(&context, rows[i].msr, value.value, &reg->decoded);
        }
        out->count++;
    }
}

bool info_gather(const struct rapl_source *source, bool sampling, struct info *out)
{
    struct info info = {.source = source};

    if (!sampling) {
        *out = info;
        return true;
    }
    if (!rapl_sampler_open(&source->host, &source->device, source->speed, &info.sampler)) {
        return false;
    }
    info.packages = calloc(info.sampler.package_count, sizeof(*info.packages));
    if (info.packages == NULL) {
        rapl_sampler_close(&info.sampler);
        return false;
    }
    for (uint32_t i = 0; i < info.sampler.package_count; i++) {
        gather_package(&info, i, &info.packages[i]);
    }
    info.has_meters = true;
    *out = info;
    return true;
}

void info_free(struct info *info)
{
    rapl_sampler_close(&info->sampler);
    free(info->packages);
    memset(info, 0, sizeof(*info));
}

bool info_domain(const struct info *info, uint32_t package, uint32_t domain,
                 struct info_domain *out)
{
    struct info_domain found = {.meter = NULL};

    for (uint32_t i = 0; i < info->sampler.meter_count; i++) {
        const struct rapl_meter *meter = &info->sampler.meters[i];
        bool counts = meter->state == RAPL_METER_COUNTS;

        if (meter->package != package || meter->domain != domain) {
            continue;
        }
        /* Of cores, one that does not count is shown: it has the reason. */
        if (found.meter == NULL || (found.meter->state == RAPL_METER_COUNTS && !counts)) {
            found.meter = meter;
        }
        found.present |= counts;
        if (meter->core != RAPL_METER_NO_CORE) {
            found.cores++;
            found.cores_present += counts;
        }
    }
    if (found.meter == NULL) {
        return false;
    }
    if (found.present) {
        const struct rapl_decode_context context = context_of(info, package);

        found.lasts_s = rapl_decode_lasts_s(&context, domain);
    }
    *out = found;
    return true;
}

const char *info_device_text(const struct rapl_source *source)
{
    switch (source->device_state) {
    case RAPL_DEVICE_OPEN:
        return "open";
    case RAPL_DEVICE_OPEN_READ:
        return "open for reading only";
    default:
        return "not open";
    }
}
