/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info` as JSON: docs/schemas/info.json.
 */
#include <stdio.h>

#include "cli/cpu_id.h"
#include "cli/info.h"
#include "cli/session.h"

static const struct rapl_fraction milli = {1, 1000};
static const struct rapl_fraction micro = {1, 1000000};

/* NULL for "": not known. */
static const char *known(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* A power, or null where it is not stated. */
static void power_json(struct json *json, const char *key, uint32_t power_mw)
{
    if (power_mw == 0) {
        json_null(json, key);
    } else {
        json_decimal(json, key, power_mw, milli, 3);
    }
}

static void driver_json(struct json *json, const struct info *info)
{
    const struct rapl_driver_state *driver = &info->driver;

    if (!info->has_driver) {
        json_null(json, "driver");
        return;
    }
    json_begin_object(json, "driver");
    json_string(json, "service", rapl_service_state_name(driver->service));
    json_truth(json, "simulated", driver->simulated);
    json_string(json, "display_name", known(driver->display_name));
    json_string(json, "image", known(driver->image_path));
    json_string(json, "version", known(driver->file_version));
    json_string(json, "recording_path", known(driver->recording_path));
    json_unsigned(json, "error", driver->error);
    json_end_object(json);
}

static void machine_json(struct json *json, const struct info *info)
{
    const struct rapl_machine_info *machine = &info->machine;

    if (info->has_cpu) {
        cpu_json(json, &info->cpu, info->model);
    } else {
        json_null(json, "cpu");
    }
    json_unsigned(json, "stepping", info->cpu.stepping);
    json_string(json, "brand", known(machine->brand));
    json_bool(json, "guest", info->is_guest);
    json_unsigned(json, "processors", machine->processor_count);
    json_unsigned(json, "cores", machine->core_count);
    json_unsigned(json, "dies", machine->die_count);
    json_unsigned(json, "sockets", machine->socket_count);
    json_unsigned(json, "groups", machine->group_count);
}

static void source_json(struct json *json, const struct rapl_source_info *source)
{
    char status[CLI_STATUS_SIZE];

    json_begin_object(json, NULL);
    json_string(json, "source", source->name);
    cli_session_status(source->status, status);
    json_string(json, "status", status);
    json_string(json, "title", known(source->title));
    json_string(json, "reason", known(source->reason));
    json_string(json, "remedy", known(source->remedy));
    json_unsigned(json, "system_error", source->system_error);
    json_bool(json, "simulated", (source->flags & RAPL_FLAG_SIMULATED) != 0);
    json_bool(json, "coarse", (source->flags & RAPL_FLAG_COARSE) != 0);
    json_unsigned(json, "resolution_us", source->resolution_us);
    json_end_object(json);
}

static void domain_json(struct json *json, const struct info *info, uint32_t index)
{
    struct rapl_domain_info domain = {.size = sizeof(domain)};
    char status[CLI_STATUS_SIZE];
    char range[24];
    uint64_t lasts_s;

    rapl_domain_get(info->session, index, &domain);
    lasts_s = info_lasts_s(&domain, info_tdp_mw(info, &domain));
    json_begin_object(json, NULL);
    json_string(json, "source", cli_session_source(info->session, domain.source).name);
    cli_index_json(json, "package", domain.package);
    json_string(json, "domain", domain.domain == RAPL_DOMAIN_METER ? "meter" : domain.name);
    cli_index_json(json, "core", domain.core);
    json_string(json, "label", domain.label[0] != '\0' ? domain.label : domain.name);
    cli_session_status(domain.status, status);
    json_string(json, "status", status);
    json_string(json, "reason",
                domain.status != RAPL_OK ? rapl_error_message(domain.status) : NULL);
    if (domain.unit_numerator != 0 && domain.unit_denominator != 0) {
        json_decimal(json, "energy_unit_uj", 1000000,
                     (struct rapl_fraction){domain.unit_numerator, domain.unit_denominator},
                     DECIMAL_DIGITS_MAX);
    } else {
        json_null(json, "energy_unit_uj");
    }
    snprintf(range, sizeof(range), "%llu", (unsigned long long)domain.range_ticks);
    json_string(json, "range_ticks", domain.range_ticks != 0 ? range : NULL);
    if (lasts_s != 0) {
        json_unsigned(json, "lasts_at_tdp_s", lasts_s);
    } else {
        json_null(json, "lasts_at_tdp_s");
    }
    json_end_object(json);
}

static void limit_json(struct json *json, const struct rapl_power_limit *limit)
{
    json_begin_object(json, NULL);
    json_string(json, "domain", rapl_domain_name(limit->domain));
    json_unsigned(json, "number", limit->number);
    json_decimal(json, "limit_w", limit->limit_mw, milli, 3);
    json_decimal(json, "window_s", limit->window_us, micro, 6);
    if ((limit->flags & RAPL_POWER_LIMIT_UNSAID) != 0) {
        json_null(json, "enabled");
    } else {
        json_bool(json, "enabled", (limit->flags & RAPL_POWER_LIMIT_ENABLED) != 0);
    }
    json_bool(json, "clamped", (limit->flags & RAPL_POWER_LIMIT_CLAMP) != 0);
    json_bool(json, "locked", (limit->flags & RAPL_POWER_LIMIT_LOCKED) != 0);
    json_end_object(json);
}

static void package_json(struct json *json, const struct info *info, uint32_t index)
{
    struct rapl_package_info package = {.size = sizeof(package)};

    if (rapl_package_get(info->session, index, &package) != RAPL_OK) {
        return;
    }
    json_begin_object(json, NULL);
    json_unsigned(json, "package", index);
    cli_index_json(json, "socket", package.socket);
    cli_index_json(json, "die", package.die);
    cli_index_json(json, "processor", package.processor);
    power_json(json, "tdp_w", package.tdp_mw);
    power_json(json, "min_w", package.min_mw);
    power_json(json, "max_w", package.max_mw);
    json_begin_array(json, "limits");
    for (uint32_t i = 0; i < package.limit_count && i < RAPL_POWER_LIMITS; i++) {
        if ((package.limits[i].flags & RAPL_POWER_LIMIT_PRESENT) != 0) {
            limit_json(json, &package.limits[i]);
        }
    }
    json_end_array(json);
    json_end_object(json);
}

void info_json(struct text *out, const struct info *info)
{
    struct json json = {.out = out};

    json_begin_object(&json, NULL);
    json_bool(&json, "simulated",
              info->opened && cli_session_has_flag(info->session, RAPL_FLAG_SIMULATED));
    json_string(&json, "recording", known(info->machine.recording));
    machine_json(&json, info);
    driver_json(&json, info);
    json_begin_array(&json, "sources");
    for (uint32_t i = 0; info->session != NULL && i < rapl_source_count(info->session); i++) {
        struct rapl_source_info source = cli_session_source(info->session, i);

        source_json(&json, &source);
    }
    json_end_array(&json);
    json_begin_array(&json, "domains");
    for (uint32_t i = 0; info->opened && i < rapl_domain_count(info->session); i++) {
        domain_json(&json, info, i);
    }
    json_end_array(&json);
    json_begin_array(&json, "packages");
    for (uint32_t i = 0; info->opened && i < info->machine.package_count; i++) {
        package_json(&json, info, i);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}
