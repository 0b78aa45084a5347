/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings: a machine's registers over time, as text (docs/recording-format.md), counted by the
 * code that counts the real ones. Every number is flagged SIMULATED.
 *
 * Time is the recording's and starts at 0 with open. At a speed of 0 it stands still but in
 * sleep_until, so that a test of an hour takes no time and gives the same numbers each run.
 *
 * Limits: up to 256 processors (recording.h). Recordings that name a coarse caller are answered in
 * that tier: no cores, no raw values, renewed every 50 ms.
 */
#include "lib/backend/all.h"
#include "core/compiler.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/registers.h"
#include "lib/clock.h"
#include "lib/lock.h"
#include "lib/read_file.h"
#include "recording/recording.h"

#define NS_PER_US UINT64_C(1000)

struct replay {
    struct energy_client client; /* first: energy_client_* take this for one */
    struct registers registers;
    struct rapl_host host;
    struct recording recording;
    void *arena;
    uint32_t speed_milli; /* 0: time stands still */
    uint64_t start_ns;    /* of the system's clock, when it does not */
    struct lock time_lock;
    uint64_t time_ns; /* when it does; under time_lock */
};

/* ---- Time ----------------------------------------------------------------------------------- */

static uint64_t replay_now_ns(void *state)
{
    struct replay *const replay = state;

    if (replay->speed_milli == 0) {
        lock_take(&replay->time_lock);
        const uint64_t time_ns = replay->time_ns;
        lock_give(&replay->time_lock);
        return time_ns;
    }
    const uint64_t elapsed_ns = rapl_clock_now_ns() - replay->start_ns;
    return elapsed_ns / 1000 * replay->speed_milli + elapsed_ns % 1000 * replay->speed_milli / 1000;
}

static void replay_sleep_until(void *state, uint64_t time_ns)
{
    struct replay *const replay = state;

    if (replay->speed_milli == 0) {
        lock_take(&replay->time_lock);
        replay->time_ns = replay->time_ns < time_ns ? time_ns : replay->time_ns;
        lock_give(&replay->time_lock);
        return;
    }
    for (uint64_t now_ns; (now_ns = replay_now_ns(state)) < time_ns;) {
        const uint64_t left_ns = time_ns - now_ns;

        rapl_clock_sleep_ns(left_ns / replay->speed_milli * 1000 +
                            left_ns % replay->speed_milli * 1000 / replay->speed_milli + 1);
    }
}

/* ---- Registers ------------------------------------------------------------------------------ */

static bool replay_read(void *context, uint32_t processor, uint32_t msr, uint64_t *value,
                        uint64_t *time_ns)
{
    const struct replay *const replay = context;
    const uint64_t now_ns = replay_now_ns(context);

    *time_ns = now_ns;
    return recording_read(&replay->recording, processor, msr, now_ns / NS_PER_US, value);
}

/* ---- Opening -------------------------------------------------------------------------------- */

/* Fills the report's reason, and a remedy if there is one. */
COMPILER_PRINTF(3, 4)
static int refuse(struct backend_report *report, int error, const char *reason, ...)
{
    va_list arguments;

    va_start(arguments, reason);
    vsnprintf(report->reason, sizeof(report->reason), reason, arguments);
    va_end(arguments);
    return error;
}

/* The last part of a path: the whole may be longer than a report. */
static const char *file_name(const char *path)
{
    const char *name = path;

    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\') {
            name = at + 1;
        }
    }
    return name;
}

static int parse(struct replay *replay, const struct file_text *text, const char *name,
                 struct backend_report *report)
{
    struct recording_error error;
    const size_t size = recording_arena_size(text->size);

    replay->arena = malloc(size);
    if (replay->arena == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    if (!recording_parse(text->bytes, text->size, replay->arena, size, &replay->recording,
                         &error)) {
        snprintf(report->remedy, sizeof(report->remedy),
                 "Mend the recording; docs/recording-format.md has the format.");
        return refuse(report, RAPL_ERROR_FILE, "%.100s:%u:%u: %s", name, (unsigned)error.line,
                      (unsigned)error.column, error.message);
    }
    return RAPL_OK;
}

static int load(struct replay *replay, const char *path, struct backend_report *report)
{
    struct file_text text;
    int error;

    if (path == NULL) {
        snprintf(report->remedy, sizeof(report->remedy), "Name one as the path.");
        return refuse(report, RAPL_ERROR_FILE, "no recording is named");
    }
    report->system_error = file_text_read(path, RECORDING_TEXT_MAX, &text);
    if (report->system_error != 0) {
        snprintf(report->remedy, sizeof(report->remedy),
                 "Name a readable recording, at most 4 MiB.");
        return refuse(report, RAPL_ERROR_FILE,
                      "%.100s: the recording cannot be read (" FILE_TEXT_SYSTEM " error %u)",
                      file_name(path), (unsigned)report->system_error);
    }
    error = parse(replay, &text, file_name(path), report);
    file_text_free(&text);
    return error;
}

static int start(struct replay *replay, const struct backend_options *options,
                 struct backend_report *report)
{
    const struct register_reader reader = {
        .context = replay, .read = replay_read, .now_ns = replay_now_ns};
    const struct registers_settings settings = {
        .simulated = true,
        .coarse = replay->recording.coarse_caller,
    };
    enum rapl_gate gate;
    int error;

    if (!rapl_host_from_recording(&replay->recording, &replay->host)) {
        return RAPL_ERROR_MEMORY;
    }
    replay->speed_milli = options->replay_speed_milli;
    replay->start_ns = rapl_clock_now_ns();
    error = registers_open(&replay->registers, &replay->host, &reader, &settings, &gate);
    if (error == RAPL_ERROR_UNSUPPORTED) {
        return refuse(report, error, "the recorded machine: %s", registers_gate_text(gate));
    }
    if (error != RAPL_OK) {
        return error;
    }
    const struct energy_channel channel = registers_channel(&replay->registers);
    return energy_client_open(&replay->client, &channel, options->flags);
}

static void replay_close(void *state)
{
    struct replay *const replay = state;

    energy_client_close(&replay->client);
    registers_close(&replay->registers);
    rapl_host_free(&replay->host);
    lock_destroy(&replay->time_lock);
    free(replay->arena);
    free(replay);
}

static int replay_open(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    struct replay *const replay = calloc(1, sizeof(*replay));
    int error;

    report->flags = RAPL_FLAG_SIMULATED;
    if (replay == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    lock_init(&replay->time_lock);
    error = load(replay, options->path, report);
    if (error == RAPL_OK) {
        snprintf(report->title, sizeof(report->title), "recording \"%s\"", replay->recording.title);
        error = start(replay, options, report);
    }
    if (error != RAPL_OK) {
        replay_close(replay);
        return error;
    }
    energy_client_report(&replay->client, report);
    *state = replay;
    return RAPL_OK;
}

static int replay_machine(void *state, struct rapl_machine_info *out)
{
    const struct replay *const replay = state;

    snprintf(out->recording, sizeof(out->recording), "%s", replay->recording.title);
    return energy_client_machine(state, out);
}

static uint32_t replay_read_interval_ms(void *state)
{
    const struct replay *const replay = state;

    return registers_period_ms(&replay->registers);
}

const struct backend backend_replay = {
    .name = "replay",
    .kind = RAPL_SOURCE_REPLAY,
    .open = replay_open,
    .close = replay_close,
    .domain_count = energy_client_domain_count,
    .domain = energy_client_domain,
    .read = energy_client_read,
    .peek = energy_client_peek,
    .machine = replay_machine,
    .package = energy_client_package,
    .read_interval_ms = replay_read_interval_ms,
    .now_ns = replay_now_ns,
    .sleep_until = replay_sleep_until,
};
