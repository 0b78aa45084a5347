/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs of `rapl run`, one after the other.
 */
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>

#include "cli/process.h"
#include "cli/session.h"

#define NS_PER_MS       UINT64_C(1000000)
#define S_PER_NS        1e-9
#define TICK_MS         1000u /* a reading while it runs: what is known if the source dies */
#define STRAGGLER_MS    2000u /* then it is said what is waited for */
#define BASELINE_PIECES 10u
#define PIECE_STEPS     4u /* a piece of the baseline is at least so many steps */

/* ---- What went wrong ------------------------------------------------------------------------ */

static int cannot_run(struct run *run, int code, uint32_t system_error)
{
    const char *name = run->request->argv[0];

    if (code == PROCESS_NOT_FOUND) {
        cli_complain(run->cli, "%s: there is no such command (system error %u).", name,
                     (unsigned)system_error);
    } else if (code == PROCESS_NOT_EXECUTABLE) {
        cli_complain(run->cli,
                     "%s: it cannot be run (system error %u). A script needs an interpreter: "
                     "write `sh FILE`, or on Windows `cmd /c FILE`.",
                     name, (unsigned)system_error);
    } else {
        cli_complain(run->cli, "%s: the system could not make a process (error %u).", name,
                     (unsigned)system_error);
    }
    return code;
}

/* ---- One run -------------------------------------------------------------------------------- */

static double seconds(uint64_t from_ns, uint64_t to_ns)
{
    return (double)(to_ns - from_ns) * S_PER_NS;
}

static void add_result(struct run_domain *domain, const struct measure_result *result,
                       double time_s)
{
    domain->last = *result;
    domain->status = result->status;
    domain->flags |= result->flags;
    if (result->status != RAPL_OK) {
        return;
    }
    domain->step_ns = result->step_ns;
    domain->step_max_ns = result->step_max_ns;
    domain->short_count += result->short_run;
    domain->loose_count += !result->aligned;
    domain->cut_count += result->cut;
    if (result->short_run || (result->cut && domain->energy_j.count != 0)) {
        return; /* a part of a run says nothing beside whole ones */
    }
    time_s = result->cut ? result->duration_s : time_s;
    stats_add(&domain->energy_j, result->energy_j);
    stats_add(&domain->edp_js, result->energy_j * time_s);
    if (time_s > 0) {
        stats_add(&domain->power_w, result->energy_j / time_s);
    }
    if (domain->idle_w.count != 0) {
        stats_add(&domain->net_j, result->energy_j - domain->idle_w.mean * time_s);
    }
}

/* A line of the interval that has just ended. */
static void show_interval(struct run *run, uint32_t number, uint64_t start_ns)
{
    struct text out = {0};

    run_show_interval(run, &out, number, start_ns);
    run_flush(run, &out);
    text_free(&out);
}

static void mention_stragglers(struct run *run)
{
    cli_complain(run->cli, "the command has ended; what it started has not. Ctrl-C stops waiting "
                           "for it.");
    cli_flush(run->cli);
}

/* The shorter of what the counters need and what was asked for. */
static uint64_t tick_ms(const struct run *run)
{
    uint32_t most_ms = rapl_read_interval_ms(run->session);

    return most_ms != 0 && most_ms < TICK_MS ? most_ms : TICK_MS;
}

/* Waits for the command and what it started. */
static void wait_for(struct run *run, struct process *process, uint32_t number, uint64_t start_ns)
{
    uint64_t interval_ms = run->request->interval_ms;
    uint64_t next_ns = start_ns + interval_ms * NS_PER_MS;
    uint64_t ended_ns = UINT64_MAX - STRAGGLER_MS * NS_PER_MS;
    bool ended = false, said = false;

    for (;;) {
        uint64_t now_ns = rapl_now_ns(run->session), wait_ms = tick_ms(run);
        enum process_event event;

        if (interval_ms != 0 && next_ns <= now_ns + wait_ms * NS_PER_MS) {
            wait_ms = next_ns > now_ns ? (next_ns - now_ns) / NS_PER_MS + 1 : 0;
        }
        event = process_wait(process, wait_ms);
        now_ns = rapl_now_ns(run->session);
        if (event == PROCESS_ALL_DONE) {
            return;
        }
        if (event == PROCESS_ENDED) {
            ended = true;
            ended_ns = now_ns;
        } else if (event == PROCESS_STOPPED) {
            run->stopped = true;
            if (ended) {
                return;
            }
        } else {
            measure_tick(run->measure);
        }
        if (interval_ms != 0 && now_ns >= next_ns) {
            show_interval(run, number, start_ns);
            next_ns += interval_ms * NS_PER_MS;
        }
        if (ended && !said && now_ns >= ended_ns + STRAGGLER_MS * NS_PER_MS) {
            said = true;
            mention_stragglers(run);
        }
    }
}

static void finish_one(struct run *run, uint32_t number, uint64_t start_ns, uint64_t end_ns,
                       int exit_code)
{
    struct text out = {0};
    double time_s = seconds(start_ns, end_ns);

    run->source_error = measure_end(run->measure, start_ns, end_ns);
    run->resolution_ns = measure_resolution_ns(run->measure);
    run->run_count++;
    run->failed_count += exit_code != 0;
    run->exit_code = run->exit_code != 0 ? run->exit_code : exit_code;
    stats_add(&run->time_s, time_s);
    for (uint32_t i = 0; i < run->domain_count; i++) {
        struct measure_result result;

        if (measure_get(run->measure, i, &result) == RAPL_OK) {
            add_result(&run->domains[i], &result, time_s);
        }
    }
    run_show_one(run, &out, number, exit_code, time_s);
    run_flush(run, &out);
    text_free(&out);
}

/* `number` 0: a warm-up, which is not measured. */
static int run_once(struct run *run, uint32_t number)
{
    struct process *process = NULL;
    uint32_t system_error = 0;
    uint64_t start_ns;
    int code = process_prepare(run->request->argv, &process, &system_error);

    if (code != 0) {
        return cannot_run(run, code, system_error);
    }
    if (number != 0) {
        run->source_error = measure_begin(run->measure);
        if (run->source_error != RAPL_OK) {
            process_free(process);
            return EXIT_CODE_OK;
        }
    }
    for (uint32_t i = 0; i < run->domain_count; i++) {
        run->domains[i].shown_j = 0;
        run->domains[i].shown_ns = 0;
    }
    start_ns = rapl_now_ns(run->session);
    code = process_release(process, &system_error);
    if (code != 0) {
        process_free(process);
        return cannot_run(run, code, system_error);
    }
    wait_for(run, process, number, start_ns);
    if (number != 0) {
        finish_one(run, number, start_ns, rapl_now_ns(run->session), process_exit_code(process));
    }
    process_free(process);
    return EXIT_CODE_OK;
}

/* ---- Before the runs ------------------------------------------------------------------------ */

static int baseline_too_short(struct run *run, uint64_t piece_ns)
{
    cli_complain(run->cli,
                 "--baseline: this source is renewed too seldom for so short a baseline. Write at "
                 "least %ums.",
                 (unsigned)(2 * piece_ns / NS_PER_MS + 1));
    return EXIT_CODE_USAGE;
}

/* Mean power and its spread while nothing runs: the sleeping machine, not the one that reads. */
static int measure_baseline(struct run *run)
{
    uint64_t total_ns = run->request->baseline_ms * NS_PER_MS;
    uint64_t least_ns, piece_ns, begin_ns;
    uint32_t pieces = BASELINE_PIECES;

    run->source_error = measure_begin(run->measure);
    least_ns = PIECE_STEPS * measure_resolution_ns(run->measure);
    while (pieces > 2 && total_ns / pieces < least_ns) {
        pieces--;
    }
    piece_ns = total_ns / pieces;
    if (piece_ns < least_ns) {
        return baseline_too_short(run, least_ns);
    }
    begin_ns = rapl_now_ns(run->session);
    for (uint32_t piece = 0; run->source_error == RAPL_OK && piece <= pieces; piece++) {
        rapl_wait_until(run->session, begin_ns + piece * piece_ns);
        if (process_interrupted()) {
            run->stopped = true;
            return EXIT_CODE_OK;
        }
        run->source_error = measure_mark(run->measure);
        for (uint32_t i = 0; piece > 0 && i < run->domain_count; i++) {
            double power_w;

            if (measure_power(run->measure, i, &power_w)) {
                stats_add(&run->domains[i].idle_w, power_w);
            }
        }
    }
    return EXIT_CODE_OK;
}

static void name_domain(struct rapl_session *session, uint32_t index, struct run *run)
{
    struct rapl_domain_info info = {.size = sizeof(info)};
    struct rapl_source_info source = {.size = sizeof(source)};
    char *name = run->domains[index].name;

    if (rapl_domain_get(session, index, &info) != RAPL_OK) {
        return;
    }
    if (info.domain == RAPL_DOMAIN_METER || info.package == RAPL_NONE) {
        snprintf(name, RUN_NAME_SIZE, "%s", info.name);
    } else if (info.core != RAPL_NONE) {
        snprintf(name, RUN_NAME_SIZE, "%s-%u-%u", info.name, (unsigned)info.package,
                 (unsigned)info.core);
    } else {
        snprintf(name, RUN_NAME_SIZE, "%s-%u", info.name, (unsigned)info.package);
    }
    run->domains[index].status = info.status;
    if (rapl_source_get(session, info.source, &source) == RAPL_OK &&
        source.resolution_us > run->resolution_us) {
        run->resolution_us = source.resolution_us;
    }
}

static int begin(struct run *run)
{
    run->domain_count = rapl_domain_count(run->session);
    run->domains = calloc(run->domain_count + 1u, sizeof(*run->domains));
    if (run->domains == NULL || measure_new(run->session, &run->measure) != RAPL_OK) {
        cli_complain(run->cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    for (uint32_t i = 0; i < run->domain_count; i++) {
        name_domain(run->session, i, run);
    }
    return EXIT_CODE_OK;
}

static bool goes_on(const struct run *run)
{
    return !run->stopped && run->source_error == RAPL_OK;
}

static int run_each(struct run *run)
{
    int code = EXIT_CODE_OK;

    if (run->request->baseline_ms != 0) {
        code = measure_baseline(run);
    }
    for (uint32_t i = 0; code == EXIT_CODE_OK && goes_on(run) && i < run->request->warmup; i++) {
        code = run_once(run, 0);
    }
    for (uint32_t i = 1; code == EXIT_CODE_OK && goes_on(run) && i <= run->request->runs; i++) {
        code = run_once(run, i);
        run->stopped = run->stopped || process_interrupted();
    }
    return code;
}

int run_check(struct run *run)
{
    uint32_t system_error = 0;
    int code = process_check(run->request->argv[0], &system_error);

    return code != 0 ? cannot_run(run, code, system_error) : EXIT_CODE_OK;
}

int run_all(struct run *run)
{
    int code = begin(run);

    return code == EXIT_CODE_OK ? run_each(run) : code;
}
