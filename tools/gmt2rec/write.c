/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the energies of a log as the counter that a driver would have read them from.
 */
#include "tools/gmt2rec/gmt2rec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/msr.h"
#include "recording/recording.h"

/* A log's first line holds the energy since a line that is not there: this much earlier. */
#define FIRST_INTERVAL_US 100000u

/*
 * The running total is converted, never a delta: so the error never adds up. total / unit, with the
 * whole multiples of the divisor taken out first so that the product fits in 64 bits.
 */
uint64_t gmt_counts(uint64_t energy_uj, struct rapl_fraction unit_j)
{
    uint64_t divisor = (uint64_t)unit_j.numerator * 1000000u;
    uint64_t whole = energy_uj / divisor;
    uint64_t rest = energy_uj % divisor;

    return whole * unit_j.denominator + (rest * unit_j.denominator + divisor / 2) / divisor;
}

/* Why this series cannot be counters of this CPU; NULL if it can. */
static const char *check_series(const struct gmt_series *series, const struct rapl_model *model,
                                const struct rapl_units *units)
{
    uint64_t before = 0;

    if ((model->domains & RAPL_DOMAIN_BIT(series->domain)) == 0) {
        return "the log names a domain that this CPU has no energy counter for: check --cpu";
    }
    for (size_t i = 0; i < series->count; i++) {
        uint64_t counts = gmt_counts(series->samples[i].total_uj, units->energy_j[series->domain]);

        if (counts - before > UINT32_MAX) {
            return "a line of the log holds more energy than a 32-bit counter: check --unit";
        }
        before = counts;
    }
    return NULL;
}

static bool is_amd(const struct rapl_cpu *cpu)
{
    return cpu->vendor == RAPL_VENDOR_AMD || cpu->vendor == RAPL_VENDOR_HYGON;
}

/* The largest value of an energy counter. */
static uint64_t counter_mask(const struct rapl_cpu *cpu, const struct rapl_model *model)
{
    bool wide = is_amd(cpu) && (model->flags & RAPL_MODEL_COUNTER_64) != 0;

    return wide ? UINT64_MAX : UINT32_MAX;
}

/* The energy register of a domain on this vendor's CPUs. */
static uint32_t energy_msr(const struct rapl_cpu *cpu, uint32_t domain)
{
    uint32_t count = 0;
    const struct rapl_register *all = rapl_registers(&count);

    for (uint32_t i = 0; i < count; i++) {
        if (all[i].kind == RAPL_REGISTER_ENERGY && all[i].domain == domain &&
            all[i].amd == is_amd(cpu)) {
            return all[i].msr;
        }
    }
    return 0;
}

/* The log's time that becomes 0; before 0 if the log begins there. */
static int64_t origin_us(const struct gmt_log *log)
{
    int64_t origin = INT64_MAX;

    for (size_t i = 0; i < log->count; i++) {
        const struct gmt_series *series = &log->series[i];
        uint64_t first = series->samples[0].time_us;
        uint64_t interval =
            series->count > 1 ? series->samples[1].time_us - first : FIRST_INTERVAL_US;

        if ((int64_t)first - (int64_t)interval < origin) {
            origin = (int64_t)first - (int64_t)interval;
        }
    }
    return origin;
}

static uint32_t package_count(const struct gmt_log *log)
{
    uint32_t count = 0;

    for (size_t i = 0; i < log->count; i++) {
        if (log->series[i].package >= count) {
            count = log->series[i].package + 1;
        }
    }
    return count;
}

static uint32_t power_of_two(uint32_t least)
{
    uint32_t power = 1;

    while (power < least) {
        power *= 2;
    }
    return power;
}

/* One group while all processors fit into it, else one for each package. */
static void write_topology(FILE *out, const struct gmt_options *options, uint32_t packages)
{
    uint32_t each = options->cores * options->threads;
    uint32_t step = power_of_two(options->threads);
    bool split = each * packages > RECORDING_GROUP_SIZE_MAX;

    fprintf(out, "topology packages %" PRIu32 " processors %" PRIu32 " groups", packages,
            each * packages);
    for (uint32_t i = 0; i < (split ? packages : 1u); i++) {
        fprintf(out, " %" PRIu32, split ? each : each * packages);
    }
    fputs(" @converter\n", out);
    for (uint32_t i = 0; i < packages; i++) {
        fprintf(out,
                "cores 0-%" PRIu32 " package %" PRIu32 " threads %" PRIu32 " group %" PRIu32
                " apic 0x%" PRIX32 " step %" PRIu32 " @converter\n",
                options->cores - 1, i, options->threads, split ? i : 0,
                i * power_of_two(options->cores) * step, step);
    }
}

static void write_head(FILE *out, const struct gmt_options *options, uint32_t packages)
{
    static const char *const vendors[] = {"other", "intel", "amd", "hygon"};
    const struct rapl_cpu *cpu = &options->cpu;

    fputs("rapl-recording 1\n"
          "# Written by gmt2rec. The counters are the log's energies, added up and rounded to\n"
          "# counter units; everything else was given to the converter.\n\n",
          out);
    fprintf(out, "source log published \"%s\"\n", options->source);
    fputs("source converter composed \"given to gmt2rec, not part of the log\"\n\n", out);
    fprintf(out, "title \"%s\" @converter\n", options->title);
    fprintf(out, "cpu %s family 0x%X model 0x%X stepping %u @converter\n", vendors[cpu->vendor],
            cpu->family, cpu->model, cpu->stepping);
    if (is_amd(cpu)) {
        fputs("amd-rapl yes @converter\n", out);
    }
    fputs("hypervisor none @converter\n", out);
    if (options->speed > 1) {
        fprintf(out, "speed %" PRIu32 " @converter\n", options->speed);
    }
    write_topology(out, options, packages);
    fprintf(out, "\nregister 0x%" PRIX32 " package all value 0x%" PRIX64 " @converter\n",
            is_amd(cpu) ? RAPL_MSR_AMD_POWER_UNIT : RAPL_MSR_POWER_UNIT, options->unit_raw);
}

static void write_series(FILE *out, const struct gmt_series *series,
                         const struct gmt_options *options, const struct rapl_model *model,
                         const struct rapl_units *units, int64_t origin)
{
    uint64_t mask = counter_mask(&options->cpu, model);

    fprintf(out, "\nregister 0x%" PRIX32 " package %" PRIu32 " series width %d %s @log\n",
            energy_msr(&options->cpu, series->domain), series->package,
            mask == UINT32_MAX ? 32 : 64, options->loop ? "loop" : "hold");
    fprintf(out, "at 0 %" PRIu64 " @converter\n", options->start_raw);
    for (size_t i = 0; i < series->count; i++) {
        uint64_t counts = gmt_counts(series->samples[i].total_uj, units->energy_j[series->domain]);

        fprintf(out, "at %" PRIu64 " %" PRIu64 " @log\n",
                series->samples[i].time_us - (uint64_t)origin,
                (options->start_raw + counts) & mask);
    }
}

/* The converter's own output must be a recording. */
static bool check_text(const char *text, size_t size, struct gmt_complaint *complaint)
{
    size_t arena_size = recording_arena_size(size);
    void *arena = malloc(arena_size);
    struct recording_error error = {0};
    struct recording recording;
    bool ok;

    if (!arena) {
        *complaint = (struct gmt_complaint){0, 0, "out of memory"};
        return false;
    }
    ok = recording_parse(text, size, arena, arena_size, &recording, &error);
    if (!ok) {
        *complaint = (struct gmt_complaint){0, 0, error.message};
    }
    free(arena);
    return ok;
}

static const char *check_log(const struct gmt_log *log, const struct gmt_options *options,
                             const struct rapl_model *model, const struct rapl_units *units)
{
    uint32_t packages = package_count(log);
    uint32_t each = options->cores * options->threads;

    if (packages * each > RECORDING_PROCESSORS_MAX) {
        return "the packages together have more than 256 processors: lower --cores or --threads";
    }
    if (packages * each > RECORDING_GROUP_SIZE_MAX &&
        (packages > RECORDING_GROUPS_MAX || each > RECORDING_GROUP_SIZE_MAX)) {
        return "a processor group holds 64 processors, and there are at most 4: lower --cores or "
               "--threads";
    }
    if (options->start_raw > counter_mask(&options->cpu, model)) {
        return "the counters of this CPU have 32 bits: lower --start-raw";
    }
    for (size_t i = 0; i < log->count; i++) {
        const char *message = check_series(&log->series[i], model, units);

        if (message) {
            return message;
        }
    }
    return NULL;
}

char *gmt_write_recording(const struct gmt_log *log, const struct gmt_options *options,
                          size_t *size, struct gmt_complaint *complaint)
{
    const struct rapl_model *model = rapl_model_find(&options->cpu);
    struct rapl_units units;
    char *text = NULL;
    FILE *out;

    *complaint = (struct gmt_complaint){0};
    if (!model) {
        complaint->message = "no RAPL is known for this CPU: check --cpu";
    } else if (!rapl_units_decode(model, options->unit_raw, &units)) {
        complaint->message = "this is not a unit register of real hardware: check --unit";
    } else {
        complaint->message = check_log(log, options, model, &units);
    }
    if (complaint->message) {
        return NULL;
    }
    out = open_memstream(&text, size);
    if (out) {
        write_head(out, options, package_count(log));
        for (size_t i = 0; i < log->count; i++) {
            write_series(out, &log->series[i], options, model, &units, origin_us(log));
        }
        fputs("end\n", out);
    }
    if (!out || fclose(out) != 0) {
        complaint->message = "out of memory";
        return NULL;
    }
    if (check_text(text, *size, complaint)) {
        return text;
    }
    free(text);
    return NULL;
}
