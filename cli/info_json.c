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

    cli_json_begin_object(json, "driver");
    cli_json_string(json, "service", rapl_service_state_name(driver->service));
    cli_json_string(json, "display_name", known(driver->display_name));
    cli_json_string(json, "image", known(driver->image_path));
    cli_json_string(json, "version", known(driver->file_version));
    cli_json_string(json, "recording_path", known(driver->recording_path));
    cli_json_unsigned(json, "error", driver->error);
    cli_json_end_object(json);

    cli_json_begin_object(json, "device");
    cli_json_string(json, "state", info_device_text(source));
    cli_json_unsigned(json, "error",
                      source->device_state == RAPL_DEVICE_FAILED ? source->device_error : 0);
    cli_json_end_object(json);
}

static void machine_json(struct json *json, const struct rapl_source *source)
{
    const struct rapl_host *host = &source->host;

    if (host->processor_count == 0) {
        cli_json_null(json, "cpu");
        cli_json_string(json, "problem", source->problem);
        return;
    }
    cpu_json(json, &host->cpu, host->model);
    cli_json_unsigned(json, "stepping", host->cpu.stepping);
    cli_json_bool(json, "hypervisor", host->cpu.hypervisor);
    cli_json_bool(json, "hyperv_root", host->cpu.hyperv_root);
    cli_json_unsigned(json, "processors", host->processor_count);
}

static void domain_json(struct json *json, const struct info *info, uint32_t package,
                        uint32_t domain)
{
    struct info_domain found;
    struct text reason = {.data = NULL};

    if (!info_domain(info, package, domain, &found)) {
        return;
    }
    cli_json_begin_object(json, NULL);
    cli_json_string(json, "domain", rapl_domain_name(domain));
    cli_json_bool(json, "present", found.present);
    session_reason(&reason, &info->sampler, found.meter);
    cli_json_string(json, "reason", reason.size != 0 ? text_string(&reason) : NULL);
    text_free(&reason);
    if (found.meter->reg != NULL) {
        cli_json_hex(json, "msr", found.meter->reg->msr);
    }
    if (found.present) {
        cli_json_decimal(json, "energy_unit_uj", 1000000, found.meter->limit.energy_j,
                         DECIMAL_DIGITS_MAX);
    }
    if (found.lasts_s != 0) {
        cli_json_unsigned(json, "lasts_at_tdp_s", found.lasts_s);
    }
    if (found.cores != 0) {
        cli_json_unsigned(json, "cores", found.cores);
        cli_json_unsigned(json, "cores_present", found.cores_present);
    }
    cli_json_end_object(json);
}

static void register_json(struct json *json, const struct info_register *reg,
                          const struct rapl_model *model)
{
    if (reg->error == 0) {
        fields_json(json, &reg->decoded, model);
        return;
    }
    cli_json_begin_object(json, NULL);
    cli_json_hex(json, "msr", reg->reg->msr);
    cli_json_string(json, "name", reg->reg->name);
    cli_json_string(json, "domain", rapl_domain_name(reg->reg->domain));
    cli_json_string(json, "result", "refused");
    cli_json_string(json, "problem", rapl_error_text(RAPL_OPERATION_READ, reg->error)->meaning);
    cli_json_unsigned(json, "error", reg->error);
    cli_json_end_object(json);
}

static void package_json(struct json *json, const struct info *info, uint32_t package)
{
    const struct info_package *of = &info->packages[package];

    cli_json_begin_object(json, NULL);
    cli_json_unsigned(json, "package", package);
    cli_json_unsigned(json, "processor", info->sampler.packages[package].lead);
    cli_json_begin_array(json, "domains");
    for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
        domain_json(json, info, package, domain);
    }
    cli_json_end_array(json);
    cli_json_begin_array(json, "registers");
    for (uint32_t i = 0; i < of->count; i++) {
        register_json(json, &of->reg[i], info->sampler.host->model);
    }
    cli_json_end_array(json);
    cli_json_end_object(json);
}

void info_json(struct text *out, const struct info *info)
{
    struct json json = {.out = out};

    cli_json_begin_object(&json, NULL);
    session_json(&json, info->source);
    machine_json(&json, info->source);
    driver_json(&json, info->source);
    cli_json_begin_array(&json, "packages");
    if (info->has_meters) {
        for (uint32_t i = 0; i < info->sampler.package_count; i++) {
            package_json(&json, info, i);
        }
    }
    cli_json_end_array(&json);
    cli_json_end_object(&json);
    cli_json_end_document(&json);
}
