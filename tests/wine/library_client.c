/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of the library for the end-to-end runs, on every system.
 *
 *   library_client SOURCE[,RECORDING] info           machine, sources, packages and domains
 *   library_client SOURCE[,RECORDING] steps COUNT    each domain's ticks over COUNT of its updates
 *   library_client SOURCE[,RECORDING] total SECONDS  each domain's ticks since open, after SECONDS
 *   library_client SOURCE[,RECORDING] watch FILE     reads every 50 ms until a reading fails; makes
 *                                                    FILE after the first
 *
 * A line a domain: PACKAGE DOMAIN CORE STATUS FLAGS TICKS RAW. Exit status: 0, or 1 with what
 * failed on standard error.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rapl/rapl.h>

#define SECOND UINT64_C(1000000000)

static int complain(struct rapl_session *session, const char *what, int error)
{
    fprintf(stderr, "%s: %s: %s\n", what, rapl_error_name(error), rapl_error_message(error));
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info source = {.size = sizeof(source)};

        if (rapl_source_get(session, i, &source) == RAPL_OK && source.status != RAPL_OK) {
            fprintf(stderr, "%s: %s: %s. %s\n", source.name, rapl_error_name(source.status),
                    source.reason, source.remedy);
        }
    }
    return 1;
}

static void show_info(struct rapl_session *session)
{
    struct rapl_machine_info machine = {.size = sizeof(machine)};

    (void)rapl_machine_get(session, &machine);
    printf("machine %u 0x%X 0x%X sockets %u cores %u processors %u groups %u guest %u\n",
           machine.vendor, machine.family, machine.model, machine.socket_count, machine.core_count,
           machine.processor_count, machine.group_count, machine.is_guest);
    printf("names \"%s\" \"%s\" \"%s\"\n", machine.brand, machine.model_name, machine.recording);
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info source = {.size = sizeof(source)};

        (void)rapl_source_get(session, i, &source);
        printf("source %s %s flags 0x%X resolution %u \"%s\"\n", source.name,
               rapl_error_name(source.status), source.flags, source.resolution_us, source.title);
    }
    for (uint32_t i = 0; i < machine.package_count; i++) {
        struct rapl_package_info package = {.size = sizeof(package)};

        (void)rapl_package_get(session, i, &package);
        printf("package %u socket %u processor %u tdp %u limits %u\n", i, package.socket,
               package.processor, package.tdp_mw, package.limit_count);
    }
}

static void show_domain(struct rapl_session *session, uint32_t index, int status, uint32_t flags,
                        uint64_t ticks, uint64_t raw)
{
    struct rapl_domain_info domain = {.size = sizeof(domain)};

    (void)rapl_domain_get(session, index, &domain);
    printf("%" PRId32 " %s %" PRId32 " %s 0x%X %" PRIu64 " 0x%" PRIX64 "\n",
           (int32_t)domain.package, domain.name, (int32_t)domain.core, rapl_error_name(status),
           flags, ticks, raw);
}

static int steps(struct rapl_session *session, struct rapl_samples *from, struct rapl_samples *to,
                 uint32_t count)
{
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_difference gained = {.size = sizeof(gained)};
        int error = rapl_read_update(session, i, rapl_now_ns(session) + SECOND, from);

        for (uint32_t k = 0; error == RAPL_OK && k < count; k++) {
            error = rapl_read_update(session, i, rapl_now_ns(session) + SECOND, to);
        }
        if (error == RAPL_OK) {
            error = rapl_difference(from, to, i, &gained);
        }
        show_domain(session, i, error, gained.flags, gained.energy_ticks, 0);
    }
    return 0;
}

static int total(struct rapl_session *session, struct rapl_samples *to, uint64_t seconds)
{
    int error = rapl_wait_until(session, rapl_now_ns(session) + seconds * SECOND);

    if (error == RAPL_OK) {
        error = rapl_read(session, to);
    }
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_sample sample = {.size = sizeof(sample)};

        (void)rapl_sample_get(to, i, &sample);
        show_domain(session, i, sample.status, sample.flags, sample.energy_ticks, sample.raw);
    }
    return error == RAPL_OK ? 0 : complain(session, "read", error);
}

static int watch(struct rapl_session *session, struct rapl_samples *to, const char *path)
{
    bool told = false;

    for (;;) {
        const int error = rapl_read(session, to);

        if (error != RAPL_OK) {
            return complain(session, "read", error);
        }
        if (!told) {
            FILE *const file = fopen(path, "w");

            if (file == NULL || fclose(file) != 0) {
                perror(path);
                return 1;
            }
            told = true;
        }
        (void)rapl_wait_until(session, rapl_now_ns(session) + SECOND / 20);
    }
}

static int run(struct rapl_session *session, const char *verb, const char *value)
{
    struct rapl_samples *from = NULL;
    struct rapl_samples *to = NULL;
    int status = 1;

    if (rapl_samples_new(session, &from) == RAPL_OK && rapl_samples_new(session, &to) == RAPL_OK) {
        if (strcmp(verb, "info") == 0) {
            show_info(session);
            status = 0;
        } else if (strcmp(verb, "steps") == 0) {
            status = steps(session, from, to, (uint32_t)strtoul(value, NULL, 10));
        } else if (strcmp(verb, "total") == 0) {
            status = total(session, to, strtoul(value, NULL, 10));
        } else if (strcmp(verb, "watch") == 0) {
            status = watch(session, to, value);
        }
    }
    rapl_samples_free(from);
    rapl_samples_free(to);
    return status;
}

int main(int argc, char **argv)
{
    struct rapl_options options = {.size = sizeof(options), .flags = RAPL_OPEN_CORES};
    struct rapl_session *session = NULL;
    char *comma = argc > 2 ? strchr(argv[1], ',') : NULL;
    int error;

    if (argc < 3) {
        fprintf(stderr, "usage: library_client SOURCE[,RECORDING] VERB [VALUE]\n");
        return 1;
    }
    if (comma != NULL) {
        *comma = '\0';
        options.path = comma + 1;
    }
    options.source = strcmp(argv[1], "any") == 0 ? NULL : argv[1];
    error = rapl_session_new(&options, &session);
    if (error == RAPL_OK) {
        error = rapl_session_open(session);
    }
    const int status = error == RAPL_OK ? run(session, argv[2], argc > 3 ? argv[3] : "")
                                        : complain(session, "open", error);
    rapl_session_free(session);
    return status;
}
