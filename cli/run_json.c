/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl run -j`: an object a line; docs/schemas/run.json.
 */
#include "cli/run.h"

#include "cli/session.h"
#include "lib/json.h"

#define S_PER_NS 1e-9

static void flags_json(struct json *json, uint32_t flags)
{
    json_bool(json, "coarse", (flags & RAPL_FLAG_COARSE) != 0);
    json_bool(json, "reset", (flags & RAPL_FLAG_RESET) != 0);
    json_bool(json, "gap", (flags & RAPL_FLAG_GAP) != 0);
}

static void status_json(struct json *json, int status)
{
    char name[CLI_STATUS_SIZE];

    cli_session_status(status, name);
    json_string(json, "status", name);
}

/* A value, or null where it is not known. */
static void known(struct json *json, const char *key, bool is_known, double value)
{
    if (is_known) {
        json_real(json, key, value, 9);
    } else {
        json_null(json, key);
    }
}

static void spread_json(struct json *json, const char *key, const struct stats *stats,
                        double half_width)
{
    if (stats->count == 0) {
        json_null(json, key);
        return;
    }
    json_begin_object(json, key);
    json_real(json, "mean", stats->mean, 9);
    known(json, "sd", stats->count > 1, stats_deviation(stats));
    known(json, "ci95", half_width > 0, half_width);
    json_real(json, "min", stats->min, 9);
    json_real(json, "max", stats->max, 9);
    json_unsigned(json, "count", stats->count);
    json_end_object(json);
}

static double half(const struct stats *stats)
{
    return stats_half_width(stats_error_of(stats));
}

static void one_domain(struct json *json, const struct run_domain *domain, double time_s)
{
    const struct measure_result *last = &domain->last;
    bool has_energy = last->status == RAPL_OK && !last->short_run;
    double duration_s = last->cut ? last->duration_s : time_s;

    json_begin_object(json, NULL);
    json_string(json, "domain", domain->name);
    status_json(json, last->status);
    known(json, "energy_j", has_energy, last->energy_j);
    known(json, "power_w", has_energy && duration_s > 0, last->energy_j / duration_s);
    known(json, "edp_js", has_energy, last->energy_j * duration_s);
    known(json, "net_j", has_energy && domain->idle_w.count != 0,
          last->energy_j - domain->idle_w.mean * duration_s);
    known(json, "energy_time_s", has_energy, duration_s);
    json_bool(json, "aligned", last->aligned);
    json_bool(json, "too_short", last->short_run);
    json_bool(json, "cut", last->cut);
    flags_json(json, last->flags);
    json_end_object(json);
}

void run_json_one(const struct run *run, struct text *out, uint32_t number, int exit_code,
                  double time_s)
{
    struct json json = {.out = out};

    json_begin_object(&json, NULL);
    json_string(&json, "type", "run");
    json_unsigned(&json, "run", number);
    json_real(&json, "exit_code", exit_code, 0);
    json_real(&json, "time_s", time_s, 9);
    json_begin_array(&json, "domains");
    for (uint32_t i = 0; i < run->domain_count; i++) {
        one_domain(&json, &run->domains[i], time_s);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}

static void all_domain(const struct run *run, struct json *json, uint32_t index)
{
    const struct run_domain *domain = &run->domains[index];
    struct rapl_domain_info info = {.size = sizeof(info)};
    bool moves = domain->step_ns != 0;

    json_begin_object(json, NULL);
    json_string(json, "domain", domain->name);
    if (rapl_domain_get(run->session, index, &info) == RAPL_OK) {
        json_string(json, "label", info.label);
        json_string(json, "source", cli_session_source(run->session, info.source).name);
    }
    status_json(json, domain->status);
    spread_json(json, "energy_j", &domain->energy_j, half(&domain->energy_j));
    spread_json(json, "power_w", &domain->power_w, half(&domain->power_w));
    spread_json(json, "edp_js", &domain->edp_js, half(&domain->edp_js));
    spread_json(json, "idle_w", &domain->idle_w, half(&domain->idle_w));
    spread_json(json, "net_j", &domain->net_j, run_net_half_width(run, domain));
    known(json, "step_s", moves, (double)domain->step_ns * S_PER_NS);
    known(json, "step_max_s", moves, (double)domain->step_max_ns * S_PER_NS);
    json_unsigned(json, "too_short_runs", domain->short_count);
    json_unsigned(json, "cut_runs", domain->cut_count);
    flags_json(json, domain->flags);
    json_end_object(json);
}

void run_json_all(const struct run *run, struct text *out)
{
    struct json json = {.out = out};

    json_begin_object(&json, NULL);
    json_string(&json, "type", "summary");
    json_unsigned(&json, "version", 1);
    cli_session_json(&json, run->session);
    json_begin_array(&json, "command");
    for (size_t i = 0; run->request->argv[i] != NULL; i++) {
        json_string(&json, NULL, run->request->argv[i]);
    }
    json_end_array(&json);
    json_unsigned(&json, "runs", run->run_count);
    json_unsigned(&json, "runs_wanted", run->request->runs);
    json_unsigned(&json, "warmup_runs", run->request->warmup);
    json_unsigned(&json, "failed_runs", run->failed_count);
    json_real(&json, "exit_code", run->exit_code, 0);
    json_bool(&json, "stopped", run->stopped);
    status_json(&json, run->source_error);
    known(&json, "baseline_s", run->request->baseline_ms != 0,
          (double)run->request->baseline_ms / 1000);
    spread_json(&json, "time_s", &run->time_s, half(&run->time_s));
    known(&json, "resolution_s", run->resolution_ns != 0, (double)run->resolution_ns * S_PER_NS);
    json_begin_array(&json, "domains");
    for (uint32_t i = 0; i < run->domain_count; i++) {
        all_domain(run, &json, i);
    }
    json_end_array(&json);
    json_end_object(&json);
    json_end_document(&json);
}
