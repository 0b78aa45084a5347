/* SPDX-License-Identifier: Apache-2.0
 *
 * A power that is constant within pieces of a millisecond, its integral, and the counter that shows
 * it in steps of 2^-14 J.
 */
#include "bench/step_profile.h"

#include <inttypes.h>
#include <stdio.h>

#define TICKS_PER_J   16384.0
#define US_PER_S      1e6
#define IDLE_PIECE_US 3000u
#define LOAD_PIECE_US 5000u
#define AFTER_US      5000u

/* splitmix64 */
static uint64_t scramble(uint64_t value)
{
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
    value = (value ^ value >> 27) * 0x94D049BB133111EBu;
    return value ^ value >> 31;
}

uint64_t step_profile_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    return scramble(*state);
}

static uint64_t random_at(uint64_t seed, uint64_t index)
{
    uint64_t state = scramble(seed + 1) + index * 0x9E3779B97F4A7C15u;

    return step_profile_random(&state);
}

/* Watts at a time, and until when they hold. */
static double power_w(const struct step_profile *profile, uint64_t time_us, uint64_t *until_us)
{
    uint64_t piece = time_us / IDLE_PIECE_US;
    double swing = (double)(random_at(profile->seed, piece) % 2001) / 1000 - 1;
    double watts = profile->idle_w * (1 + profile->idle_swing * swing);

    *until_us = (piece + 1) * IDLE_PIECE_US;
    if (time_us < profile->start_us) {
        *until_us = *until_us < profile->start_us ? *until_us : profile->start_us;
        return watts;
    }
    if (time_us < profile->end_us) {
        piece = (time_us - profile->start_us) / LOAD_PIECE_US;
        *until_us = profile->start_us + (piece + 1) * LOAD_PIECE_US;
        *until_us = *until_us < profile->end_us ? *until_us : profile->end_us;
        return profile->load_w * (piece % 2 == 0 ? 1.25 : 0.75);
    }
    if (time_us < profile->end_us + AFTER_US) {
        uint64_t after_us = profile->end_us + AFTER_US;

        *until_us = *until_us < after_us ? *until_us : after_us;
        return watts + profile->after_w;
    }
    return watts;
}

/* The integral from a time with known energy. */
static double energy_from(const struct step_profile *profile, uint64_t from_us, double energy_j,
                          uint64_t to_us)
{
    while (from_us < to_us) {
        uint64_t until_us;
        double watts = power_w(profile, from_us, &until_us);

        until_us = until_us < to_us ? until_us : to_us;
        energy_j += watts * (double)(until_us - from_us) / US_PER_S;
        from_us = until_us;
    }
    return energy_j;
}

double step_profile_energy(const struct step_profile *profile, uint64_t time_us)
{
    return energy_from(profile, 0, 0, time_us);
}

static void write_points(const struct step_profile *profile, FILE *file)
{
    uint64_t from_us = 0;
    double energy_j = 0;

    fprintf(file, "at 0 %" PRIu32 " @made\n", profile->first_raw);
    for (uint64_t i = 1; i * profile->step_us < profile->length_us; i++) {
        uint64_t time_us = i * profile->step_us +
                           random_at(~profile->seed, i) % (profile->jitter_us + UINT64_C(1));

        energy_j = energy_from(profile, from_us, energy_j, time_us);
        from_us = time_us;
        fprintf(file, "at %" PRIu64 " %" PRIu32 " @made\n", time_us,
                (uint32_t)(profile->first_raw + (uint64_t)(energy_j * TICKS_PER_J)));
    }
}

bool step_profile_write(const struct step_profile *profile, const char *path)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        return false;
    }
    fprintf(file, "rapl-recording 1\n"
                  "source made composed \"a step profile with a known truth\"\n"
                  "title \"Step profile\" @made\n"
                  "cpu intel family 0x6 model 0x9E stepping 10 @made\n"
                  "hypervisor none @made\n");
    if (profile->coarse) {
        fprintf(file, "caller coarse @made\n");
    }
    fprintf(file, "topology packages 1 processors 4 groups 4 @made\n"
                  "cores 0-3 package 0 threads 1 group 0 apic 0x0 step 2 @made\n"
                  "register 0x606 package 0 value 0xA0E03 @made\n"
                  "register 0x611 package 0 series width 32 hold @made\n");
    write_points(profile, file);
    fprintf(file, "end\n");
    return fclose(file) == 0;
}
