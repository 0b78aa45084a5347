/* SPDX-License-Identifier: Apache-2.0
 *
 * What measuring costs on Linux: one sample through the powercap backend, and starting `rapl`.
 *
 *   bench_cost RAPL    the program to start
 *
 * The tree is a made one: two sockets, each a package with cores and DRAM. Its files are on disk
 * cache, so what the kernel takes to read the registers behind real ones is not in it.
 * Lines on stdout; medians. The exit status says whether the bounds below were kept.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rapl/rapl.h>

#define ROUNDS        31
#define SAMPLES       200    /* of a round */
#define SAMPLE_MAX_US 1000.0 /* 1 % of a core at 10 samples a second */
#define START_MAX_MS  20.0

static char root[] = "/tmp/rapl-cost-XXXXXX";

static double now_us(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof(*values), compare);
    return values[ROUNDS / 2];
}

/* ---- The tree ------------------------------------------------------------------------------- */

static bool write_file(const char *zone, const char *name, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", zone, name);
    file = fopen(path, "w");
    return file != NULL && fputs(text, file) >= 0 && fclose(file) == 0;
}

static bool make_zone(const char *zone, const char *name)
{
    return mkdir(zone, 0755) == 0 && write_file(zone, "name", name) &&
           write_file(zone, "energy_uj", "123456789\n") &&
           write_file(zone, "max_energy_range_uj", "262143328850\n");
}

static bool make_tree(void)
{
    static const char *const parts[] = {"core\n", "dram\n"};
    char zone[128], name[32];
    bool made = mkdtemp(root) != NULL;

    for (int package = 0; made && package < 2; package++) {
        snprintf(zone, sizeof(zone), "%s/intel-rapl:%d", root, package);
        snprintf(name, sizeof(name), "package-%d\n", package);
        made = make_zone(zone, name);
        for (int part = 0; made && part < 2; part++) {
            snprintf(zone, sizeof(zone), "%s/intel-rapl:%d:%d", root, package, part);
            made = make_zone(zone, parts[part]);
        }
    }
    return made;
}

static void remove_zone(const char *zone)
{
    static const char *const files[] = {"name", "energy_uj", "max_energy_range_uj"};
    char path[256];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", zone, files[i]);
        unlink(path);
    }
    rmdir(zone);
}

static void remove_tree(void)
{
    char zone[128];

    for (int package = 0; package < 2; package++) {
        for (int part = 0; part < 2; part++) {
            snprintf(zone, sizeof(zone), "%s/intel-rapl:%d:%d", root, package, part);
            remove_zone(zone);
        }
        snprintf(zone, sizeof(zone), "%s/intel-rapl:%d", root, package);
        remove_zone(zone);
    }
    if (rmdir(root) != 0) {
        fprintf(stderr, "bench_cost: %s is left behind\n", root);
    }
}

/* ---- Measuring ------------------------------------------------------------------------------ */

/* Processor time of one reading of every domain; less than 0 if it cannot be read. */
static double sample_us(uint32_t *domains)
{
    struct rapl_options options = {.size = sizeof(options), .source = "powercap", .path = root};
    struct rapl_session *session = NULL;
    struct rapl_samples *samples = NULL;
    double rounds[ROUNDS];
    int error = rapl_session_new(&options, &session);

    error = error != RAPL_OK ? error : rapl_session_open(session);
    error = error != RAPL_OK ? error : rapl_samples_new(session, &samples);
    for (int i = 0; error == RAPL_OK && i < ROUNDS; i++) {
        double begin_us = now_us(CLOCK_PROCESS_CPUTIME_ID);

        for (int k = 0; error == RAPL_OK && k < SAMPLES; k++) {
            error = rapl_read(session, samples);
        }
        rounds[i] = (now_us(CLOCK_PROCESS_CPUTIME_ID) - begin_us) / SAMPLES;
    }
    *domains = rapl_domain_count(session);
    rapl_samples_free(samples);
    rapl_session_free(session);
    if (error != RAPL_OK) {
        fprintf(stderr, "bench_cost: %s\n", rapl_error_message(error));
        return -1;
    }
    return median(rounds);
}

/* From spawning to its end, all of it; less than 0 if it does not end well. */
static double start_ms(char *const *argv)
{
    extern char **environ;
    posix_spawn_file_actions_t quiet;
    double rounds[ROUNDS];

    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i < ROUNDS; i++) {
        double begin_us = now_us(CLOCK_MONOTONIC);
        int status = 0;
        pid_t pid;

        if (posix_spawn(&pid, argv[0], &quiet, NULL, argv, environ) != 0 ||
            waitpid(pid, &status, 0) != pid || status != 0) {
            fprintf(stderr, "bench_cost: %s %s ended with status %d\n", argv[0], argv[1], status);
            return -1;
        }
        rounds[i] = (now_us(CLOCK_MONOTONIC) - begin_us) / 1000;
    }
    posix_spawn_file_actions_destroy(&quiet);
    return median(rounds);
}

static bool report(const char *what, double value, const char *unit, double most)
{
    bool good = value >= 0 && value <= most;

    if (value < 0) {
        printf("%-52s not measured\n", what);
    } else {
        printf("%-52s %8.3f %s, at most %g wanted: %s\n", what, value, unit, most,
               good ? "kept" : "NOT KEPT");
    }
    return good;
}

int main(int argc, char **argv)
{
    char *version[] = {argv[1], "--version", NULL};
    char *list[] = {argv[1], "list", "--source", "powercap", "--path", root, NULL};
    uint32_t domains = 0;
    double sample;
    bool good;

    if (argc != 2 || !make_tree()) {
        fprintf(stderr, "usage: bench_cost RAPL\n");
        return 64;
    }
    sample = sample_us(&domains);
    printf("powercap, a made tree of %u domains; medians of %d\n", (unsigned)domains, ROUNDS);
    good = report("one sample of all domains, processor time", sample, "us", SAMPLE_MAX_US);
    printf("%-52s %8.3f %% of a core\n", "that, 10 times a second", sample / 1000);
    good = report("rapl --version, start to end", start_ms(version), "ms", START_MAX_MS) && good;
    good = report("rapl list, start to end", start_ms(list), "ms", START_MAX_MS) && good;
    remove_tree();
    return good ? 0 : 1;
}
