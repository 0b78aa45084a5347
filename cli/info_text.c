/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl info` as text.
 */
#include <inttypes.h>

#include "cli/cpu_id.h"
#include "cli/info.h"
#include "cli/meters.h"
#include "cli/table.h"

static const struct rapl_fraction milli = {1, 1000};
static const struct rapl_fraction micro = {1, 1000000};

static void show_driver(struct text *out, const struct rapl_driver_state *driver)
{
    text_printf(out, "driver      %s", rapl_service_state_name(driver->service));
    if (driver->image_path[0] != '\0') {
        text_printf(out, ", %s", driver->image_path);
    }
    if (driver->service != RAPL_SERVICE_ABSENT) {
        text_printf(out, ", version %s",
                    driver->file_version[0] != '\0' ? driver->file_version : "unknown");
    }
    if (driver->simulated == RAPL_TRUTH_YES) {
        text_printf(out, ", simulated: plays %s", driver->recording_path);
    }
    text_add(out, "\n");
    if (driver->error != 0) {
        text_printf(out, "            not everything could be asked: Windows error %" PRIu32 "\n",
                    driver->error);
    }
}

static void show_count(struct text *out, uint32_t count, const char *noun)
{
    if (count != 0) {
        text_printf(out, ", %" PRIu32 " %s%s", count, noun, count == 1 ? "" : "s");
    }
}

static void show_machine(struct text *out, const struct info *info)
{
    const struct rapl_machine_info *machine = &info->machine;

    if (info->has_cpu) {
        cpu_show(out, &info->cpu, info->model);
        text_printf(out, "stepping    %u\n", (unsigned)info->cpu.stepping);
    } else {
        text_add(out, "cpu         unknown\n");
    }
    if (machine->brand[0] != '\0') {
        text_printf(out, "brand       %s\n", machine->brand);
    }
    if (machine->processor_count != 0) {
        text_printf(out, "processors  %" PRIu32, machine->processor_count);
        show_count(out, machine->core_count, "core");
        show_count(out, machine->die_count, "die");
        show_count(out, machine->socket_count, "socket");
        show_count(out, machine->group_count, "processor group");
        text_add(out, "\n");
    }
    text_printf(out, "guest       %s\n",
                info->is_guest ? "yes: hypervisors seldom let one count energy" : "no");
    if (info->opened && cli_session_has_flag(info->session, RAPL_FLAG_SIMULATED)) {
        text_printf(out, "simulated   yes: %s\n",
                    machine->recording[0] != '\0' ? machine->recording : "a recording");
    }
    if (info->has_driver) {
        show_driver(out, &info->driver);
    }
}

static void show_sources(struct text *out, const struct info *info, bool colour)
{
    static const struct table_column columns[] = {
        {"SOURCE", false}, {"STATE", false}, {"WHAT IT IS, OR WHY NOT", false}};
    struct table table;

    if (info->session == NULL || rapl_source_count(info->session) == 0) {
        return;
    }
    text_add(out, "\n");
    table_begin(&table, columns, COUNT_OF(columns));
    for (uint32_t i = 0; i < rapl_source_count(info->session); i++) {
        struct rapl_source_info source = cli_session_source(info->session, i);
        char status[CLI_STATUS_SIZE];

        table_cell(&table, source.name);
        cli_session_status(source.status, status);
        table_cell(&table, status);
        text_add(&table.text, source.status == RAPL_OK ? source.title : source.reason);
        if (source.status == RAPL_OK) {
            cli_session_pace(&table.text, &source);
        }
        table_end_cell(&table);
    }
    table_end(&table, out, "", colour);
}

static void show_lasting(struct text *out, uint64_t seconds)
{
    if (seconds == 0) {
        return;
    }
    if (seconds < 120) {
        text_printf(out, "%" PRIu64 " s", seconds);
    } else if (seconds < UINT64_C(172800)) {
        text_printf(out, "%" PRIu64 " min", seconds / 60);
    } else {
        text_printf(out, "%" PRIu64 " days", seconds / 86400);
    }
}

static void show_domain(struct table *table, const struct info *info, uint32_t index)
{
    struct meter meter = {.info = {.size = sizeof(meter.info)}};
    bool known;

    rapl_domain_get(info->session, index, &meter.info);
    meter.system_error = meter.info.system_error;
    known = meter.info.unit_numerator != 0 && meter.info.unit_denominator != 0;
    meter_package(&table->text, &meter);
    table_end_cell(table);
    meter_name(&table->text, &meter);
    table_end_cell(table);
    table_cell(table, cli_session_source(info->session, meter.info.source).name);
    if (known) {
        text_decimal(&table->text, 1000000,
                     (struct rapl_fraction){meter.info.unit_numerator, meter.info.unit_denominator},
                     DECIMAL_DIGITS_MAX, true);
        text_add(&table->text, " uJ");
    }
    table_end_cell(table);
    if (known && meter.info.range_ticks != 0) {
        text_decimal(&table->text, meter.info.range_ticks,
                     (struct rapl_fraction){meter.info.unit_numerator, meter.info.unit_denominator},
                     0, true);
        text_add(&table->text, " J");
    }
    table_end_cell(table);
    show_lasting(&table->text, info_lasts_s(&meter.info, info_tdp_mw(info, &meter.info)));
    table_end_cell(table);
    if (meter.info.status == RAPL_OK) {
        text_add(&table->text, "counts");
    } else {
        meter_note(&table->text, &meter, meter.info.status, 0);
    }
    table_end_cell(table);
}

static void show_domains(struct text *out, const struct info *info, bool colour)
{
    static const struct table_column columns[] = {
        {"PACKAGE", true}, {"DOMAIN", false},      {"SOURCE", false},           {"UNIT", false},
        {"RANGE", true},   {"LASTS AT TDP", true}, {"STATE, OR WHY NOT", false}};
    struct table table;

    text_add(out, "\n");
    table_begin(&table, columns, COUNT_OF(columns));
    for (uint32_t i = 0; i < rapl_domain_count(info->session); i++) {
        show_domain(&table, info, i);
    }
    table_end(&table, out, "", colour);
}

static void show_power(struct text *out, const char *name, uint32_t power_mw)
{
    if (power_mw != 0) {
        text_printf(out, ", %s ", name);
        text_decimal(out, power_mw, milli, 3, true);
        text_add(out, " W");
    }
}

static void show_limit(struct text *out, const struct rapl_power_limit *limit)
{
    static const char *const terms[] = {"", "long term", "short term", "peak"};
    const char *name =
        limit->domain == RAPL_DOMAIN_METER ? "meter" : rapl_domain_name(limit->domain);

    text_printf(out, "  limit %s %" PRIu32 " (%s): ", name != NULL ? name : "?", limit->number,
                limit->number < COUNT_OF(terms) ? terms[limit->number] : "");
    text_decimal(out, limit->limit_mw, milli, 3, true);
    text_add(out, " W");
    if (limit->window_us != 0) {
        text_add(out, " over ");
        text_decimal(out, limit->window_us, micro, 6, true);
        text_add(out, " s");
    }
    if ((limit->flags & RAPL_POWER_LIMIT_UNSAID) == 0) {
        text_add(out,
                 (limit->flags & RAPL_POWER_LIMIT_ENABLED) != 0 ? ", enabled" : ", not enabled");
    }
    text_add(out, (limit->flags & RAPL_POWER_LIMIT_CLAMP) != 0 ? ", clamped" : "");
    text_add(out, (limit->flags & RAPL_POWER_LIMIT_LOCKED) != 0 ? ", locked" : "");
    text_add(out, "\n");
}

static void show_package(struct text *out, const struct info *info, uint32_t index)
{
    struct rapl_package_info package = {.size = sizeof(package)};

    if (rapl_package_get(info->session, index, &package) != RAPL_OK) {
        return;
    }
    text_printf(out, "\npackage %" PRIu32 ": socket %" PRIu32, index, package.socket);
    if (package.die != RAPL_NONE) {
        text_printf(out, ", die %" PRIu32, package.die);
    }
    if (package.processor != RAPL_NONE) {
        text_printf(out, ", read on processor %" PRIu32, package.processor);
    }
    show_power(out, "TDP", package.tdp_mw);
    show_power(out, "least", package.min_mw);
    show_power(out, "most", package.max_mw);
    text_add(out, "\n");
    for (uint32_t i = 0; i < package.limit_count && i < RAPL_POWER_LIMITS; i++) {
        if ((package.limits[i].flags & RAPL_POWER_LIMIT_PRESENT) != 0) {
            show_limit(out, &package.limits[i]);
        }
    }
}

void info_show(struct text *out, const struct info *info, bool colour)
{
    show_machine(out, info);
    show_sources(out, info, colour);
    if (!info->opened) {
        return;
    }
    show_domains(out, info, colour);
    for (uint32_t i = 0; i < info->machine.package_count; i++) {
        show_package(out, info, i);
    }
}
