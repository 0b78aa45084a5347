/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info` as JSON.
 */
#include "cli/cpu_id.h"
#include "cli/fields.h"
#include "cli/info.h"
#include "cli/session.h"

/* NULL for "": not known. */
static const char *known(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void driver_json(struct json *json, const struct rapl_source *source)
{
    const struct rapl_driver_state *driver = &source->driver;

    json_begin_object(json, "driver");
    json_string(json, "service", rapl_service_state_name(driver->service));
    json_string(json, "display_name", known(driver->display_name));
    json_string(json, "image", known(driver->image_path));
    json_string(json, "version", known(driver->file_version));
    json_string(json, "recording_path", known(driver->recording_path));
    json_unsigned(json, "error", driver->error);
    json_end_object(json);

    json_begin_object(json, "device");
    json_string(json, "state", info_device_text(source));
    json_unsigned(json, "error",
                  source->device_state == RAPL_DEVICE_FAILED ? source->device_error : 0);
    json_end_object(json);
}

static void machine_json(struct json *json, const struct rapl_source *source)
{
    const struct rapl_host *host = &source->host;

    if (host->processor_count == 0) {
        json_null(json, "cpu");
        json_string(json, "problem", source->problem);
        return;
    }
    cpu_json(json, &host->cpu, host->model);
    json_unsigned(json, "stepping", host->cpu.stepping);
    json_bool(json, "hypervisor", host->cpu.hypervisor);
    json_bool(json, "hyperv_root", host->cpu.hyperv_root);
    json_unsigned(json, "processors", host->processor_count);
}

static void domain_json(struct json *json, const struct info *info, uint32_t package,
                        uint32_t domain)
{
    struct info_domain found;
    struct text reason = {.data = NULL};

    if (!info_domain(info, package, domain, &found)) {
        return;
    }
    json_begin_object(json, NULL);
    json_string(json, "domain", rapl_domain_name(domain));
    json_bool(json, "present", found.present);
    session_reason(&reason, &info->sampler, found.meter);
    json_string(json, "reason", reason.size != 0 ? text_string(&reason) : NULL);
    text_free(&reason);
    if (found.meter->reg != NULL) {
        json_hex(json, "msr", found.meter->reg->msr);
    }
    if (found.present) {
        json_decimal(json, "energy_unit_uj", 1000000, found.meter->limit.energy_j,
                     DECIMAL_DIGITS_MAX);
    }
    if (found.lasts_s != 0) {
        json_unsigned(json, "lasts_at_tdp_s", found.lasts_s);
    }
    if (found.cores != 0) {
        json_unsigned(json, "cores", found.cores);
        json_unsigned(json, "cores_present", found.cores_present);
    }
    json_end_object(json);
}

static void register_json(struct json *json, const struct info_register *reg,
                          const struct rapl_model *model)
{
    if (reg->error == 0) {
        fields_json(json, &reg->decoded, model);
        return;
    }
    json_begin_object(json, NULL);
    json_hex(json, "msr", reg->reg->msr);
    json_string(json, "name", reg->reg->name);
    json_string(json, "domain", rapl_domain_name(reg->reg->domain));
    json_string(json, "result", "refused");
    json_string(json, "problem", rapl_error_text(RAPL_OPERATION_READ, reg->error)->meaning);
    json_unsigned(json, "error", reg->error);
    json_end_object(json);
}

static void package_json(struct json *json, const struct info *info, uint32_t package)
{
    const struct info_package *of = &info->packages[package];

    json_begin_object(json, NULL);
    json_unsigned(json, "package", package);
    json_unsigned(json, "processor", info->sampler.packages[package].lead);
    json_begin_array(json, "domains");
    for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
        domain_json(json, info, package, domain);
    }
    json_end_array(json);
    json_begin_array(json, "registers");
    for (uint32_t i = 0; i < of->count; i++) {
        register_json(json, &of->reg[i], info->sampler.host->model);
    }
    json_end_array(json);
    json_end_object(json);
}

void info_json(struct text *out, const struct info *info)
{
    struct json json = {.out = out};

    json_begin_object(&json, NULL);
    session_json(&json, info->source);
    machine_json(&json, info->source);
    driver_json(&json, info->source);
    json_begin_array(&json, "packages");
    if (info->has_meters) {
        for (uint32_t i = 0; i < info->sampler.package_count; i++) {
            package_json(&json, info, i);
        }
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}
