/* SPDX-License-Identifier: Apache-2.0
 *
 * Joules and watts of every domain over one second: `energy`, or `energy RECORDING`.
 */
#include <rapl/rapl.h>
#include <stdio.h>
#include <stdlib.h>

static void check(int error)
{
    if (error != RAPL_OK) {
        fprintf(stderr, "%s\n", rapl_error_message(error));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    const struct rapl_options options = {
        .size = sizeof(options), .source = argc > 1 ? "replay" : NULL, .path = argv[1]};
    struct rapl_session *session;
    struct rapl_samples *before, *after;

    check(rapl_session_new(&options, &session));
    check(rapl_session_open(session));
    check(rapl_samples_new(session, &before));
    check(rapl_samples_new(session, &after));
    check(rapl_read(session, before));
    check(rapl_wait_until(session, rapl_now_ns(session) + 1000000000));
    check(rapl_read(session, after));
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_domain_info domain = {.size = sizeof(domain)};
        struct rapl_difference gained = {.size = sizeof(gained)};

        check(rapl_domain_get(session, i, &domain));
        if (rapl_difference(before, after, i, &gained) == RAPL_OK) {
            printf("%s of package %d: %.6f J, %.3f W%s\n", domain.name, (int)domain.package,
                   (double)gained.energy_uj / 1e6, (double)gained.power_uw / 1e6,
                   (gained.flags & RAPL_FLAG_SIMULATED) != 0 ? " (simulated)" : "");
        }
    }
    rapl_samples_free(before);
    rapl_samples_free(after);
    rapl_session_free(session);
    return 0;
}
