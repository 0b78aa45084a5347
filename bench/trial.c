/* SPDX-License-Identifier: Apache-2.0
 *
 * Trials of the measuring code.
 */
#include "bench/trial.h"

#include <stddef.h>

#define US UINT64_C(1000) /* in nanoseconds */

#define AFTER_US 400000u /* of recording after the command: more than the end waits for */

struct trial trial_random(uint64_t *seed, uint32_t step_us, uint32_t jitter_us, uint64_t run_us)
{
    struct trial trial = {.profile = {.step_us = step_us,
                                      .jitter_us = jitter_us,
                                      .seed = step_profile_random(seed),
                                      .idle_w = 8,
                                      .load_w = 40,
                                      .idle_swing = 0.1,
                                      .after_w = 3,
                                      .first_raw = 1000}};

    trial.begin_us = 1000 + step_profile_random(seed) % 20000;
    trial.run_us = run_us + step_profile_random(seed) % step_us;
    trial.exec_us = 50 + step_profile_random(seed) % 400;
    trial.notice_us = 10 + step_profile_random(seed) % 90;
    return trial;
}

struct rapl_session *trial_open(const struct step_profile *profile, const char *path)
{
    struct rapl_options options = {.size = sizeof(options), .source = "replay", .path = path};
    struct rapl_session *session = NULL;

    if (!step_profile_write(profile, path) || rapl_session_new(&options, &session) != RAPL_OK) {
        return NULL;
    }
    if (rapl_session_open(session) != RAPL_OK) {
        rapl_session_free(session);
        return NULL;
    }
    return session;
}

bool trial_wait(struct rapl_session *session, uint64_t time_us, uint32_t beside_us)
{
    struct rapl_samples *samples = NULL;
    uint64_t at_us = rapl_now_ns(session) / US;
    bool good = rapl_samples_new(session, &samples) == RAPL_OK;

    while (good && beside_us != 0 && at_us / beside_us < time_us / beside_us) {
        at_us = (at_us / beside_us + 1) * beside_us;
        good = rapl_wait_until(session, at_us * US) == RAPL_OK &&
               rapl_read(session, samples) == RAPL_OK;
    }
    rapl_samples_free(samples);
    return good && rapl_wait_until(session, time_us * US) == RAPL_OK;
}

/* Up to the moment the command is started. */
static bool begin(const struct trial *trial, const char *path, struct rapl_session **session,
                  struct measure **measure, uint64_t *start_ns)
{
    *measure = NULL;
    *session = trial_open(&trial->profile, path);
    if (*session == NULL || measure_new(*session, measure) != RAPL_OK ||
        !trial_wait(*session, trial->begin_us, 0) || measure_begin(*measure) != RAPL_OK) {
        return false;
    }
    *start_ns = rapl_now_ns(*session);
    return true;
}

static void end(struct rapl_session *session, struct measure *measure)
{
    measure_free(measure);
    rapl_session_free(session);
}

static bool find_start(struct trial *trial, const char *path, uint64_t *start_ns)
{
    struct rapl_session *session;
    struct measure *measure;
    bool found;

    trial->profile.start_us = UINT64_MAX;
    trial->profile.end_us = UINT64_MAX;
    trial->profile.length_us = trial->begin_us + UINT64_C(2) * AFTER_US;
    found = begin(trial, path, &session, &measure, start_ns);
    end(session, measure);
    return found;
}

bool trial_run(struct trial *trial, const char *path, struct measure_result *result,
               double *energy_j)
{
    uint64_t start_ns, again_ns, end_ns;
    struct rapl_session *session;
    struct measure *measure;
    bool good;

    if (!find_start(trial, path, &start_ns)) {
        return false;
    }
    end_ns = start_ns + trial->run_us * US;
    trial->profile.start_us = start_ns / US + trial->exec_us;
    trial->profile.end_us = end_ns / US;
    trial->profile.length_us = end_ns / US + AFTER_US;
    good = begin(trial, path, &session, &measure, &again_ns) && again_ns == start_ns &&
           trial_wait(session, end_ns / US + trial->notice_us, trial->beside_us) &&
           measure_end(measure, start_ns, rapl_now_ns(session)) == RAPL_OK &&
           measure_get(measure, 0, result) == RAPL_OK;
    end(session, measure);
    *energy_j = step_profile_energy(&trial->profile, end_ns / US) -
                step_profile_energy(&trial->profile, start_ns / US);
    return good;
}
