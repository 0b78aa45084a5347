/* SPDX-License-Identifier: Apache-2.0
 *
 * What librapl says of a machine, as text for scripts; on Linux and Windows.
 *
 *   rapl_dump [--source NAME] [--path PATH] [--cores] [--settle | --cost]
 *
 *   source NAME STATUS FLAGS TITLE | REASON | REMEDY       a line each that was tried
 *   package INDEX SOCKET DIE TDP_MW LIMITS
 *   domain LABEL NAME PACKAGE CORE STATUS UNIT TICKS FLAGS  ticks since the session opened;
 *                                                           '_' for blanks in names
 *
 * --settle: says "open" on standard error, then reads until something moved and everything has
 * stood still for 0.7 s. --cost: the time of one reading, median of many, instead of domains.
 * Exit status: 0; 1 if no source opens; 2 for arguments.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rapl/rapl.h>

#define MS_NS     UINT64_C(1000000)
#define STILL_NS  (700 * MS_NS)
#define SETTLE_NS (60000 * MS_NS)
#define COSTS     2001u

struct arguments {
    struct rapl_options options;
    bool settle, cost;
};

static const char *number(uint32_t value, char *text, size_t size)
{
    (void)snprintf(text, size, "%u", value);
    return value == RAPL_NONE ? "-" : text;
}

/* A word, so that a line has as many of them whatever the label is. */
static const char *word(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        if (*c == ' ') {
            *c = '_';
        }
    }
    return text;
}

static void show_sources(struct rapl_session *session)
{
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info = {.size = sizeof(info)};
        if (rapl_source_get(session, i, &info) == RAPL_OK) {
            printf("source %s %s 0x%X %s | %s | %s\n", info.name, rapl_error_name(info.status),
                   info.flags, info.title, info.reason, info.remedy);
        }
    }
}

static void show_packages(struct rapl_session *session)
{
    struct rapl_package_info info = {.size = sizeof(info)};
    char socket[16];
    char die[16];

    for (uint32_t i = 0; rapl_package_get(session, i, &info) == RAPL_OK; i++) {
        printf("package %u %s %s %u %u\n", i, number(info.socket, socket, sizeof(socket)),
               number(info.die, die, sizeof(die)), info.tdp_mw, info.limit_count);
    }
}

static void show_domains(struct rapl_session *session, const struct rapl_samples *samples)
{
    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_domain_info info = {.size = sizeof(info)};
        struct rapl_sample sample = {.size = sizeof(sample)};
        char package[16];
        char core[16];

        if (rapl_domain_get(session, i, &info) != RAPL_OK ||
            rapl_sample_get(samples, i, &sample) != RAPL_OK) {
            printf("domain %u cannot be asked\n", i);
            continue;
        }
        printf("domain %s %s %s %s %s %u/%u %" PRIu64 " 0x%X\n", word(info.label), word(info.name),
               number(info.package, package, sizeof(package)),
               number(info.core, core, sizeof(core)), rapl_error_name(sample.status),
               info.unit_numerator, info.unit_denominator, sample.energy_ticks, sample.flags);
    }
}

static uint64_t sum(struct rapl_session *session, const struct rapl_samples *samples)
{
    uint64_t ticks = 0;

    for (uint32_t i = 0; i < rapl_domain_count(session); i++) {
        struct rapl_sample sample = {.size = sizeof(sample)};
        if (rapl_sample_get(samples, i, &sample) == RAPL_OK && sample.status == RAPL_OK) {
            ticks += sample.energy_ticks;
        }
    }
    return ticks;
}

static bool settle(struct rapl_session *session, struct rapl_samples *samples)
{
    const uint64_t end_ns = rapl_now_ns(session) + SETTLE_NS;
    uint64_t last = 0;
    uint64_t moved_ns = 0;

    fprintf(stderr, "open\n");
    for (;;) {
        const uint64_t now_ns = rapl_now_ns(session);
        if (rapl_read(session, samples) != RAPL_OK || now_ns > end_ns) {
            return false;
        }
        const uint64_t ticks = sum(session, samples);
        if (ticks != last) {
            last = ticks;
            moved_ns = now_ns;
        } else if (moved_ns != 0 && now_ns - moved_ns > STILL_NS) {
            return true;
        }
        (void)rapl_wait_until(session, now_ns + 5 * MS_NS);
    }
}

static int compare(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left;
    const uint64_t b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* Each value is of ten readings: the clock costs too. */
static void show_cost(struct rapl_session *session, struct rapl_samples *samples)
{
    static uint64_t costs[COSTS];

    for (uint32_t i = 0; i < COSTS; i++) {
        const uint64_t begin_ns = rapl_now_ns(session);
        for (uint32_t j = 0; j < 10; j++) {
            (void)rapl_read(session, samples);
        }
        costs[i] = (rapl_now_ns(session) - begin_ns) / 10;
    }
    qsort(costs, COSTS, sizeof(costs[0]), compare);
    printf("cost %u domains, %" PRIu64 " ns a reading\n", rapl_domain_count(session),
           costs[COSTS / 2]);
}

static int dump(const struct arguments *arguments)
{
    struct rapl_session *session = NULL;
    struct rapl_samples *samples = NULL;
    int status = 1;

    if (rapl_session_new(&arguments->options, &session) != RAPL_OK) {
        fprintf(stderr, "rapl_dump: no session\n");
        return 2;
    }
    const int opened = rapl_session_open(session);
    show_sources(session);
    if (opened != RAPL_OK) {
        printf("failed %s\n", rapl_error_name(opened));
    } else if (rapl_samples_new(session, &samples) == RAPL_OK) {
        status = 0;
        show_packages(session);
        if (arguments->settle && !settle(session, samples)) {
            printf("did not settle\n");
        }
        (void)rapl_read(session, samples);
        if (arguments->cost) {
            show_cost(session, samples);
        } else {
            show_domains(session, samples);
        }
    }
    rapl_samples_free(samples);
    rapl_session_free(session);
    return status;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.options = {.size = sizeof(arguments.options)}};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--cores") == 0) {
            arguments.options.flags |= RAPL_OPEN_CORES;
        } else if (strcmp(argv[i], "--settle") == 0) {
            arguments.settle = true;
        } else if (strcmp(argv[i], "--cost") == 0) {
            arguments.cost = true;
        } else if (strcmp(argv[i], "--source") == 0 && i + 1 < argc) {
            arguments.options.source = argv[++i];
        } else if (strcmp(argv[i], "--path") == 0 && i + 1 < argc) {
            arguments.options.path = argv[++i];
        } else {
            fprintf(stderr, "usage: rapl_dump [--source NAME] [--path PATH] [--cores] "
                            "[--settle | --cost]\n");
            return 2;
        }
    }
    arguments.options.replay_speed_milli = 1000;
    return dump(&arguments);
}
