/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rapl run` says to people, and to those who read perf's fields.
 */
#include "cli/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "core/compiler.h"
#include "cli/session.h"
#include "cli/table.h"

#define NS_PER_MS 1e6
#define S_PER_NS  1e-9
#define NS_PER_S  1e9

double run_net_half_width(const struct run *run, const struct run_domain *domain)
{
    return stats_half_width(stats_error_sum(stats_error_of(&domain->net_j),
                                            stats_error_of(&domain->idle_w), run->time_s.mean));
}

/* ---- Text ----------------------------------------------------------------------------------- */

COMPILER_PRINTF(2, 3) static void cell(struct table *table, const char *format, ...)
{
    char text[64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    table_cell(table, text);
}

/* A half width, or that there is none: one run says nothing of its error. */
static void width_cell(struct table *table, double half_width)
{
    if (half_width > 0) {
        cell(table, "%.6f", half_width);
    } else {
        table_cell(table, "-");
    }
}

static void domain_row(const struct run *run, struct table *table, const struct run_domain *domain)
{
    bool baseline = run->request->baseline_ms != 0;

    table_cell(table, domain->name);
    if (domain->energy_j.count == 0) {
        for (int i = 0; i < (baseline ? 6 : 4); i++) {
            table_cell(table, "-");
        }
        return;
    }
    cell(table, "%.6f", domain->energy_j.mean);
    width_cell(table, stats_half_width(stats_error_of(&domain->energy_j)));
    cell(table, "%.3f", domain->power_w.mean);
    cell(table, "%.6g", domain->edp_js.mean);
    if (baseline && domain->net_j.count != 0) {
        cell(table, "%.6f", domain->net_j.mean);
        width_cell(table, run_net_half_width(run, domain));
    } else if (baseline) {
        table_cell(table, "-");
        table_cell(table, "-");
    }
}

/* A domain that this machine, or this source, does not have is not worth a row. */
static bool is_shown(const struct run_domain *domain)
{
    return domain->energy_j.count != 0 || domain->short_count != 0 ||
           (domain->status != RAPL_ERROR_UNSUPPORTED && domain->status != RAPL_ERROR_NOT_HERE);
}

static void text_table(const struct run *run, struct text *out)
{
    static const struct table_column columns[] = {
        {"DOMAIN", false},       {"JOULES", true},     {"+- 95 %", true}, {"WATTS", true},
        {"JOULE SECONDS", true}, {"NET JOULES", true}, {"+- 95 %", true}};
    struct table table;

    table_begin(&table, columns, run->request->baseline_ms != 0 ? 7 : 5);
    for (uint32_t i = 0; i < run->domain_count; i++) {
        if (is_shown(&run->domains[i])) {
            domain_row(run, &table, &run->domains[i]);
        }
    }
    table_end(&table, out, "", false);
}

static void text_times(const struct run *run, struct text *out)
{
    double half_s = stats_half_width(stats_error_of(&run->time_s));

    text_printf(out, "time %.6f s", run->time_s.mean);
    if (half_s > 0) {
        text_printf(out, " +- %.6f s (sd %.6f s, from %.6f s to %.6f s)", half_s,
                    stats_deviation(&run->time_s), run->time_s.min, run->time_s.max);
    }
    text_add(out, "\n");
}

static void text_notes_of(const struct run *run, struct text *out, const struct run_domain *domain)
{
    char status[CLI_STATUS_SIZE];

    if (domain->status != RAPL_OK) {
        cli_session_status(domain->status, status);
        text_printf(out, "%s: no energy (%s): %s.\n", domain->name, status,
                    rapl_error_message(domain->status));
        return;
    }
    if (domain->short_count != 0) {
        text_printf(out,
                    "%s: %" PRIu32 " of %" PRIu32 " runs were shorter than its resolution: no "
                    "number for them.\n",
                    domain->name, domain->short_count, run->run_count);
    }
    if (domain->cut_count != 0) {
        text_printf(out,
                    "%s: the source ended first: up to %.3f s after the start, a lower "
                    "bound.\n",
                    domain->name, domain->last.duration_s);
    }
    if ((domain->flags & (RAPL_FLAG_RESET | RAPL_FLAG_GAP)) != 0) {
        text_printf(out, "%s: the counter was reset or not read for too long: a lower bound.\n",
                    domain->name);
    }
    if (domain->loose_count > domain->short_count + domain->cut_count) {
        text_printf(out,
                    "%s: %" PRIu32 " of %" PRIu32 " runs have an end that is not at an update: "
                    "the counter did not move, or this program was held up.\n",
                    domain->name, domain->loose_count, run->run_count);
    }
}

static void text_resolution(const struct run *run, struct text *out)
{
    bool coarse = cli_session_has_flag(run->session, RAPL_FLAG_COARSE);

    if (run->resolution_ns != 0) {
        text_printf(out, "resolution %.3f ms: a shorter command gets no number.\n",
                    (double)run->resolution_ns / NS_PER_MS);
    }
    if (coarse) {
        text_add(out, "coarse: this source renews its values ");
        if (run->resolution_us != 0) {
            text_printf(out, "every %.0f ms", (double)run->resolution_us / 1000);
        } else {
            text_add(out, "only now and then");
        }
        text_add(out, ", for all callers together. For fresh ones run elevated, or as a member of "
                      "Performance Log Users.\n");
    }
}

void run_text_all(const struct run *run, struct text *out)
{
    text_printf(out, "%s%" PRIu32 " run%s of %s", run->request->interval_ms != 0 ? "\n" : "",
                run->run_count, run->run_count == 1 ? "" : "s", run->request->argv[0]);
    cli_session_label(out, run->session);
    text_add(out, "\n");
    text_table(run, out);
    text_times(run, out);
    text_resolution(run, out);
    for (uint32_t i = 0; i < run->domain_count; i++) {
        if (is_shown(&run->domains[i])) {
            text_notes_of(run, out, &run->domains[i]);
        }
    }
    if (run->failed_count != 0) {
        text_printf(out, "%" PRIu32 " of %" PRIu32 " runs did not end with 0, the first with %d.\n",
                    run->failed_count, run->run_count, run->exit_code);
    }
    if (run->stopped || run->run_count < run->request->runs) {
        text_printf(out, "ended early: %" PRIu32 " of %" PRIu32 " runs.\n", run->run_count,
                    run->request->runs);
    }
}

/* ---- Fields --------------------------------------------------------------------------------- */

static void csv_flags(const struct run_domain *domain, struct text *out)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {{RAPL_FLAG_SIMULATED, "simulated"},
                 {RAPL_FLAG_COARSE, "coarse"},
                 {RAPL_FLAG_RESET, "reset"},
                 {RAPL_FLAG_GAP, "gap"}};
    const char *plus = "";

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if ((domain->flags & names[i].flag) != 0) {
            text_printf(out, "%s%s", plus, names[i].name);
            plus = "+";
        }
    }
    if (domain->cut_count != 0) {
        text_printf(out, "%scut", plus);
    }
}

static void csv_width(struct text *out, const char *separator, double half_width)
{
    text_add(out, separator);
    if (half_width > 0) {
        text_printf(out, "%.9f", half_width);
    }
}

static void csv_domain(const struct run *run, const struct run_domain *domain, struct text *out)
{
    const char *sep = run->request->separator;
    bool known = domain->energy_j.count != 0;
    struct stats_error error = stats_error_of(&domain->energy_j);

    if (known) {
        text_printf(out, "%.9f", domain->energy_j.mean);
    } else {
        text_add(out, domain->short_count != 0 ? "<not counted>" : "<not supported>");
    }
    text_printf(out, "%sJoules%s%s%s%.0f%s100.00%s", sep, sep, domain->name, sep,
                run->time_s.mean * NS_PER_S, sep, sep);
    if (error.freedom > 0 && domain->energy_j.mean > 0) {
        text_printf(out, "%.2f%%",
                    100 * stats_half_width(error) / stats_t95(error.freedom) /
                        domain->energy_j.mean);
    }
    text_add(out, sep);
    if (known) {
        text_printf(out, "%.6f", domain->power_w.mean);
    }
    text_printf(out, "%sWatts", sep);
    csv_width(out, sep, stats_deviation(&domain->energy_j));
    csv_width(out, sep, stats_half_width(error));
    text_add(out, sep);
    if (known) {
        text_printf(out, "%.9f", domain->edp_js.mean);
    }
    text_add(out, sep);
    if (domain->net_j.count != 0) {
        text_printf(out, "%.9f", domain->net_j.mean);
    }
    csv_width(out, sep, domain->net_j.count != 0 ? run_net_half_width(run, domain) : 0);
    text_add(out, sep);
    csv_flags(domain, out);
    text_add(out, "\n");
}

void run_csv_all(const struct run *run, struct text *out)
{
    const char *sep = run->request->separator;
    struct stats_error error = stats_error_of(&run->time_s);

    for (uint32_t i = 0; i < run->domain_count; i++) {
        if (is_shown(&run->domains[i])) {
            csv_domain(run, &run->domains[i], out);
        }
    }
    text_printf(out, "%.0f%sns%sduration_time%s%.0f%s100.00%s", run->time_s.mean * NS_PER_S, sep,
                sep, sep, run->time_s.mean * NS_PER_S, sep, sep);
    if (error.freedom > 0 && run->time_s.mean > 0) {
        text_printf(out, "%.2f%%",
                    100 * stats_half_width(error) / stats_t95(error.freedom) / run->time_s.mean);
    }
    text_printf(out, "%s%s", sep, sep);
    csv_width(out, sep, stats_deviation(&run->time_s) * NS_PER_S);
    csv_width(out, sep, stats_half_width(error) * NS_PER_S);
    text_printf(out, "%s%s%s%s\n", sep, sep, sep, sep);
}

/* ---- While it runs -------------------------------------------------------------------------- */

static void interval_domain(struct run *run, struct text *out, struct json *json,
                            struct run_domain *domain, double energy_j, uint64_t time_ns,
                            uint64_t start_ns)
{
    uint64_t from_ns = domain->shown_ns != 0 ? domain->shown_ns : start_ns;
    double gained_j = energy_j - domain->shown_j;
    double time_s = (double)(time_ns - start_ns) * S_PER_NS;
    double power_w = time_ns > from_ns ? gained_j / ((double)(time_ns - from_ns) * S_PER_NS) : 0;
    const char *sep = run->request->separator;

    if (json != NULL) {
        json_begin_object(json, NULL);
        json_string(json, "domain", domain->name);
        json_real(json, "energy_j", gained_j, 9);
        json_real(json, "power_w", power_w, 6);
        json_end_object(json);
    } else if (sep != NULL) {
        text_printf(out, "%.9f%s%.9f%sJoules%s%s%s%.0f%s100.00%s%s%.6f%sWatts\n", time_s, sep,
                    gained_j, sep, sep, domain->name, sep, (double)(time_ns - from_ns), sep, sep,
                    sep, power_w, sep);
    } else {
        text_printf(out, "%10.3f s  %-16s %12.6f J  %10.3f W\n", time_s, domain->name, gained_j,
                    power_w);
    }
    domain->shown_j = energy_j;
    domain->shown_ns = time_ns;
}

void run_show_interval(struct run *run, struct text *out, uint32_t number, uint64_t start_ns)
{
    struct json json = {.out = out};

    if (run->request->json) {
        json_begin_object(&json, NULL);
        json_string(&json, "type", "interval");
        json_unsigned(&json, "run", number);
        json_real(&json, "time_s", (double)(rapl_now_ns(run->session) - start_ns) * S_PER_NS, 9);
        json_begin_array(&json, "domains");
    }
    for (uint32_t i = 0; number != 0 && i < run->domain_count; i++) {
        double energy_j;
        uint64_t time_ns;

        if (measure_last(run->measure, i, &energy_j, &time_ns) && time_ns > start_ns) {
            interval_domain(run, out, run->request->json ? &json : NULL, &run->domains[i], energy_j,
                            time_ns, start_ns);
        }
    }
    if (run->request->json) {
        json_end_array(&json);
        json_end_object(&json);
        json_end_document(&json);
    }
}

void run_show_one(const struct run *run, struct text *out, uint32_t number, int exit_code,
                  double time_s)
{
    if (run->request->json) {
        run_json_one(run, out, number, exit_code, time_s);
    }
}

void run_show_all(const struct run *run, struct text *out)
{
    if (run->request->json) {
        run_json_all(run, out);
    } else if (run->request->separator != NULL) {
        run_csv_all(run, out);
    } else {
        run_text_all(run, out);
    }
}
