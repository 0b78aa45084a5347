/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info` as text.
 */
#include <inttypes.h>

#include "cli/cpu_id.h"
#include "cli/fields.h"
#include "cli/info.h"
#include "cli/session.h"
#include "cli/table.h"

static void show_simulated(struct text *out, const struct rapl_source *source)
{
    switch (source->driver.simulated) {
    case RAPL_TRUTH_YES:
        text_add(out, "simulated   yes: plays");
        if (source->recording_title[0] != '\0') {
            text_printf(out, " \"%s\"", source->recording_title);
        }
        if (source->speed > 1) {
            text_printf(out, " %" PRIu32 " times as fast", source->speed);
        }
        text_printf(out, " (%s)\n", source->driver.recording_path);
        break;
    case RAPL_TRUTH_NO:
        text_add(out, "simulated   no\n");
        break;
    default:
        text_add(out, source->driver.service == RAPL_SERVICE_ABSENT
                          ? "simulated   unknown: no driver is installed as a service\n"
                          : "simulated   unknown: the driver's image cannot be identified\n");
        break;
    }
}

static void show_driver(struct text *out, const struct rapl_source *source)
{
    const struct rapl_driver_state *driver = &source->driver;

    text_printf(out, "driver      %s", rapl_service_state_name(driver->service));
    if (driver->image_path[0] != '\0') {
        text_printf(out, ", %s", driver->image_path);
    }
    if (driver->service != RAPL_SERVICE_ABSENT) {
        text_printf(out, ", version %s",
                    driver->file_version[0] != '\0' ? driver->file_version : "unknown");
    }
    text_add(out, "\n");
    if (driver->error != 0) {
        text_printf(out, "            not everything could be asked: Windows error %" PRIu32 "\n",
                    driver->error);
    }
    text_printf(out, "device      %s", info_device_text(source));
    if (source->device_state == RAPL_DEVICE_FAILED) {
        text_printf(out, ": Windows error %" PRIu32 ", %s", source->device_error,
                    rapl_error_text(RAPL_OPERATION_OPEN, source->device_error)->meaning);
    }
    text_add(out, "\n");
    show_simulated(out, source);
}

static const char *hypervisor_text(const struct rapl_cpu *cpu)
{
    if (!cpu->hypervisor) {
        return "no";
    }
    return cpu->hyperv_root ? "Hyper-V, and this is its root partition" : "yes: this is a guest";
}

static void show_machine(struct text *out, const struct rapl_source *source)
{
    const struct rapl_host *host = &source->host;

    if (host->processor_count == 0) {
        text_printf(out, "cpu         unknown: %s\n", source->problem);
        return;
    }
    cpu_show(out, &host->cpu, host->model);
    text_printf(out, "stepping    %u\n", (unsigned)host->cpu.stepping);
    text_printf(out, "hypervisor  %s\n", hypervisor_text(&host->cpu));
    text_printf(out, "processors  %" PRIu32 " in %" PRIu32 " package%s\n", host->processor_count,
                rapl_host_package_leads(host, NULL, 0),
                rapl_host_package_leads(host, NULL, 0) == 1 ? "" : "s");
}

static void show_lasting(struct text *out, uint64_t seconds)
{
    if (seconds == 0) {
        return;
    }
    if (seconds < 120) {
        text_printf(out, "%" PRIu64 " s", seconds);
    } else {
        text_printf(out, "%" PRIu64 " min", seconds / 60);
    }
}

static void show_domain(struct table *table, const struct info *info, uint32_t package,
                        uint32_t domain)
{
    struct info_domain found;

    if (!info_domain(info, package, domain, &found)) {
        return;
    }
    table_cell(table, rapl_domain_name(domain));
    text_add(&table->text, found.present ? "present" : "absent");
    if (found.cores != 0 && found.present) {
        text_printf(&table->text, " on %" PRIu32 " of %" PRIu32, found.cores_present, found.cores);
    }
    table_end_cell(table);
    if (found.meter->reg != NULL) {
        text_printf(&table->text, "0x%" PRIX32, found.meter->reg->msr);
    }
    table_end_cell(table);
    if (found.present) {
        text_decimal(&table->text, 1000000, found.meter->limit.energy_j, DECIMAL_DIGITS_MAX, true);
        text_add(&table->text, " uJ");
    }
    table_end_cell(table);
    show_lasting(&table->text, found.lasts_s);
    table_end_cell(table);
    session_reason(&table->text, &info->sampler, found.meter);
    table_end_cell(table);
}

static void show_domains(struct text *out, const struct info *info, uint32_t package, bool colour)
{
    static const struct table_column columns[] = {{"DOMAIN", false},      {"STATE", false},
                                                  {"REGISTER", true},     {"UNIT", false},
                                                  {"LASTS AT TDP", true}, {"WHY ABSENT", false}};
    struct table table;

    table_begin(&table, columns, sizeof(columns) / sizeof(columns[0]));
    for (uint32_t domain = 0; domain < RAPL_DOMAIN_COUNT; domain++) {
        show_domain(&table, info, package, domain);
    }
    table_end(&table, out, "  ", colour);
}

static void show_package_lasting(struct text *out, const struct info *info, uint32_t package)
{
    static const struct rapl_fraction milli = {1, 1000};
    const struct rapl_package *of = &info->sampler.packages[package];
    struct info_domain found;

    if (!info_domain(info, package, RAPL_DOMAIN_PACKAGE, &found) || found.lasts_s == 0) {
        return;
    }
    text_add(out, "  the package counter lasts ");
    show_lasting(out, found.lasts_s);
    text_add(out, " at TDP, ");
    text_decimal(out, of->info.tdp_mw, milli, 3, true);
    text_add(out, " W\n");
}

static void show_package(struct text *out, const struct info *info, uint32_t package, bool colour)
{
    const struct info_package *of = &info->packages[package];

    text_printf(out, "\npackage %" PRIu32 ", read on processor %" PRIu32, package,
                info->sampler.packages[package].lead);
    session_label(out, info->source);
    text_add(out, "\n");
    show_domains(out, info, package, colour);
    show_package_lasting(out, info, package);
    for (uint32_t i = 0; i < of->count; i++) {
        const struct info_register *reg = &of->reg[i];

        text_add(out, "\n");
        if (reg->error == 0) {
            fields_show(out, &reg->decoded, info->sampler.host->model, colour);
        } else {
            text_printf(out, "0x%" PRIX32 " %s (%s): %s (Windows error %" PRIu32 ")\n",
                        reg->reg->msr, reg->reg->name, rapl_domain_name(reg->reg->domain),
                        rapl_error_text(RAPL_OPERATION_READ, reg->error)->meaning, reg->error);
        }
    }
}

void info_show(struct text *out, const struct info *info, bool colour)
{
    show_machine(out, info->source);
    show_driver(out, info->source);
    if (!info->has_meters) {
        return;
    }
    for (uint32_t i = 0; i < info->sampler.package_count; i++) {
        show_package(out, info, i, colour);
    }
}
