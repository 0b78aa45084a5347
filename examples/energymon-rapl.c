/* SPDX-License-Identifier: Apache-2.0
 *
 * The energy of all packages as one number that only grows, from whichever source serves: on
 * Windows too, where energymon has none of its own. RAPL_RECORDING in the environment names a
 * recording to read instead.
 *
 * Packages only: pp0, pp1 and cores are parts of them, and a vendor's meter measures something
 * else. Memory is added where it has a domain of its own.
 */
#include "energymon-rapl.h"

#include <errno.h>
#include <rapl/rapl.h>
#include <stdio.h>
#include <stdlib.h>

struct state {
    struct rapl_session *session;
    struct rapl_samples *samples;
    uint64_t resolution_us;
};

/* errno for a library error. */
static int errno_of(int error)
{
    switch (error) {
    case RAPL_ERROR_MEMORY:
        return ENOMEM;
    case RAPL_ERROR_DENIED:
        return EACCES;
    case RAPL_ERROR_ARGUMENT:
        return EINVAL;
    case RAPL_ERROR_NO_SOURCE:
    case RAPL_ERROR_NOT_HERE:
    case RAPL_ERROR_UNSUPPORTED:
        return ENODEV;
    default:
        return EIO;
    }
}

static void release(struct state *state)
{
    rapl_samples_free(state->samples);
    rapl_session_free(state->session);
    free(state);
}

/* Counters step about every millisecond unless the source says otherwise. */
static uint64_t resolution_us(struct rapl_session *session)
{
    uint64_t longest = 1000;

    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info source = {.size = sizeof(source)};

        if (rapl_source_get(session, i, &source) == RAPL_OK && source.status == RAPL_OK &&
            source.resolution_us > longest) {
            longest = source.resolution_us;
        }
    }
    return longest;
}

static int init(energymon *em)
{
    const char *const recording = getenv("RAPL_RECORDING");
    const struct rapl_options options = {
        .size = sizeof(options), .source = recording != NULL ? "replay" : NULL, .path = recording};
    struct state *state;
    int error;

    if (em == NULL || em->state != NULL) {
        errno = EINVAL;
        return -1;
    }
    state = calloc(1, sizeof(*state));
    if (state == NULL) {
        return -1;
    }
    error = rapl_session_new(&options, &state->session);
    if (error == RAPL_OK) {
        error = rapl_session_open(state->session);
    }
    if (error == RAPL_OK) {
        error = rapl_samples_new(state->session, &state->samples);
    }
    if (error != RAPL_OK) {
        release(state);
        errno = errno_of(error);
        return -1;
    }
    state->resolution_us = resolution_us(state->session);
    em->state = state;
    return 0;
}

static uint64_t read_total(const energymon *em)
{
    uint64_t total_uj = 0;
    int error;

    if (em == NULL || em->state == NULL) {
        errno = EINVAL;
        return 0;
    }
    const struct state *const state = em->state;
    error = rapl_read(state->session, state->samples);
    for (uint32_t i = 0; error == RAPL_OK && i < rapl_domain_count(state->session); i++) {
        struct rapl_domain_info domain = {.size = sizeof(domain)};
        struct rapl_sample sample = {.size = sizeof(sample)};

        error = rapl_domain_get(state->session, i, &domain);
        if (error != RAPL_OK ||
            (domain.domain != RAPL_DOMAIN_PACKAGE && domain.domain != RAPL_DOMAIN_DRAM)) {
            continue;
        }
        error = rapl_sample_get(state->samples, i, &sample);
        if (error == RAPL_OK && sample.status == RAPL_OK) {
            total_uj += sample.energy_uj;
        } else if (error == RAPL_OK && domain.domain == RAPL_DOMAIN_PACKAGE) {
            error = sample.status; /* a sum without a package would be wrong */
        }
    }
    if (error != RAPL_OK) {
        errno = errno_of(error);
        return 0;
    }
    return total_uj;
}

static int finish(energymon *em)
{
    if (em == NULL || em->state == NULL) {
        errno = EINVAL;
        return -1;
    }
    release(em->state);
    em->state = NULL;
    return 0;
}

static char *source(char *buffer, size_t size)
{
    if (buffer == NULL || size == 0) {
        errno = EINVAL;
        return NULL;
    }
    snprintf(buffer, size, "librapl: all packages and their memory");
    return buffer;
}

static uint64_t interval(const energymon *em)
{
    if (em == NULL || em->state == NULL) {
        errno = EINVAL;
        return 0;
    }
    return ((const struct state *)em->state)->resolution_us;
}

/* One count of most packages is 61 uJ or less; it is not the same on every machine. */
static uint64_t precision(const energymon *em)
{
    if (em == NULL || em->state == NULL) {
        errno = EINVAL;
    }
    return 0;
}

static int exclusive(void)
{
    return 0;
}

int energymon_get_librapl(energymon *out)
{
    if (out == NULL) {
        errno = EINVAL;
        return -1;
    }
    *out = (energymon){
        .finit = init,
        .fread = read_total,
        .ffinish = finish,
        .fsource = source,
        .finterval = interval,
        .fprecision = precision,
        .fexclusive = exclusive,
    };
    return 0;
}
