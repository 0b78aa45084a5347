/* SPDX-License-Identifier: Apache-2.0
 *
 * The diagnosis and its facts as JSON: docs/schemas/doctor.json.
 */
#include "cli/doctor.h"

static void add_findings(struct json *json, const struct doctor_report *report)
{
    json_begin_array(json, "findings");
    for (uint32_t i = 0; i < report->count; i++) {
        const struct doctor_finding *const finding = &report->findings[i];

        json_begin_object(json, NULL);
        json_string(json, "id", finding->id);
        json_string(json, "severity", doctor_severity_name(finding->severity));
        json_string(json, "what", finding->what);
        json_string(json, "why", finding->why);
        json_string(json, "fix", finding->fix);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_cpu(struct json *json, const struct doctor_facts *facts)
{
    json_begin_object(json, "cpu");
    json_string(json, "brand", facts->brand);
    json_string(json, "vendor", rapl_vendor_name(facts->cpu.vendor));
    json_unsigned(json, "family", facts->cpu.family);
    json_unsigned(json, "model", facts->cpu.model);
    json_unsigned(json, "stepping", facts->cpu.stepping);
    json_string(json, "row", facts->has_row ? facts->model_name : NULL);
    json_bool(json, "hypervisor", facts->cpu.hypervisor);
    json_bool(json, "hyperv_root", facts->cpu.hyperv_root);
    json_end_object(json);
}

static void add_windows(struct json *json, const struct doctor_windows *windows)
{
    json_begin_object(json, "windows");
    json_unsigned(json, "major", windows->major);
    json_unsigned(json, "minor", windows->minor);
    json_unsigned(json, "build", windows->build);
    json_truth(json, "server", windows->is_server);
    json_truth(json, "secure_boot", windows->secure_boot);
    json_truth(json, "test_signing", windows->test_signing);
    json_truth(json, "hvci", windows->hvci);
    json_truth(json, "driver_blocklist", windows->blocklist);
    json_end_object(json);
}

static const char *place_name(uint32_t place)
{
    static const char *const names[] = {"unknown", "system", "temporary", "writable", "elsewhere"};

    return place < sizeof(names) / sizeof(names[0]) ? names[place] : names[0];
}

static const char *signature_name(uint32_t signature)
{
    static const char *const names[] = {"unknown",   "valid",   "none",
                                        "untrusted", "expired", "changed"};

    return signature < sizeof(names) / sizeof(names[0]) ? names[signature] : names[0];
}

static void add_driver(struct json *json, const struct doctor_driver *driver)
{
    static const char *const policies[] = {"admins", "users", "unrestricted"};

    json_begin_object(json, "driver");
    json_string(json, "state", rapl_service_state_name(driver->state.service));
    json_string(json, "path", driver->state.image_path);
    json_string(json, "version", driver->state.file_version);
    json_truth(json, "simulated", driver->state.simulated);
    json_truth(json, "predecessor", driver->is_predecessor);
    json_truth(json, "device", driver->is_pnp);
    json_string(json, "place", place_name(driver->place));
    json_string(json, "signature", signature_name(driver->signature));
    json_string(json, "sha256", driver->sha256[0] != '\0' ? driver->sha256 : NULL);
    json_string(json, "access_policy",
                driver->has_policy == RAPL_TRUTH_YES ? policies[driver->policy] : NULL);
    json_unsigned(json, "exit_code", driver->exit_code);
    json_end_object(json);
}

static void add_linux(struct json *json, const struct doctor_linux *linux_)
{
    json_begin_object(json, "linux");
    json_unsigned(json, "major", linux_->major);
    json_unsigned(json, "minor", linux_->minor);
    json_truth(json, "container", linux_->container);
    json_truth(json, "powercap", linux_->powercap);
    json_truth(json, "zones", linux_->zones);
    json_truth(json, "rapl_module", linux_->rapl_module);
    json_truth(json, "world_readable", linux_->world_readable);
    json_end_object(json);
}

static void add_caller(struct json *json, const struct doctor_caller *caller)
{
    json_begin_object(json, "caller");
    json_truth(json, "elevated", caller->elevated);
    json_truth(json, "administrator", caller->administrator);
    json_truth(json, "performance_log_user", caller->log_user);
    json_end_object(json);
}

static void add_sources(struct json *json, const struct doctor_facts *facts)
{
    json_begin_array(json, "sources");
    for (uint32_t i = 0; i < facts->source_count; i++) {
        const struct doctor_source *const source = &facts->sources[i];

        json_begin_object(json, NULL);
        json_string(json, "name", source->info.name);
        json_string(json, "status", rapl_error_name(source->info.status));
        json_unsigned(json, "system_error", source->info.system_error);
        json_string(json, "title", source->info.title);
        json_string(json, "reason", source->info.reason);
        json_string(json, "remedy", source->info.remedy);
        json_bool(json, "simulated", (source->info.flags & RAPL_FLAG_SIMULATED) != 0);
        json_bool(json, "coarse", (source->info.flags & RAPL_FLAG_COARSE) != 0);
        json_unsigned(json, "domains", source->domain_count);
        json_unsigned(json, "doubled", source->info.doubled_count);
        json_unsigned(json, "packages", source->package_count);
        json_unsigned(json, "packages_with_energy", source->package_live_count);
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_conflicts(struct json *json, const struct doctor_facts *facts)
{
    json_begin_array(json, "conflicts");
    for (uint32_t i = 0; i < facts->conflict_count; i++) {
        json_begin_object(json, NULL);
        json_string(json, "service", facts->conflicts[i].service);
        json_string(json, "path", facts->conflicts[i].path);
        json_bool(json, "blocked", facts->conflicts[i].is_blocked);
        json_end_object(json);
    }
    json_end_array(json);
}

void doctor_json(struct json *json, const struct doctor_facts *facts,
                 const struct doctor_report *report)
{
    json_string(json, "health", doctor_health_name(report->health));
    add_findings(json, report);
    add_cpu(json, facts);
    if (facts->system == DOCTOR_SYSTEM_WINDOWS) {
        add_windows(json, &facts->windows);
        add_driver(json, &facts->driver);
        add_conflicts(json, facts);
        json_string(json, "program_sha256",
                    facts->program_sha256[0] != '\0' ? facts->program_sha256 : NULL);
    } else if (facts->system == DOCTOR_SYSTEM_LINUX) {
        add_linux(json, &facts->linux_);
    }
    add_caller(json, &facts->caller);
    add_sources(json, facts);
}
