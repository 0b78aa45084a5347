/* SPDX-License-Identifier: Apache-2.0
 *
 * Plays a recording into a powercap tree, as the kernel of the recorded machine would show it.
 *
 *   powercap_play [--mmio] [--dies N] RECORDING TREE [MILLISECONDS]
 *
 * Makes TREE (which must not exist) with every counter at its start, says "ready", and waits for a
 * line or the end of standard input. From then on the recording runs, for MILLISECONDS or until its
 * last value; then a line a zone says what it gained: LABEL COUNTS UNIT_NJ. --mmio adds the
 * package's double; --dies N mirrors each package on so many dies.
 *
 * What is the kernel's (drivers/powercap/intel_rapl_common.c): zone names and order, domains that
 * read 0 left out, units in whole nanojoules, 15.3 uJ for memory that counts in 2^-16 J.
 * What is not: energy has leading zeros, so that a reader never sees half of two numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fields.h"
#include "core/model.h"
#include "core/msr.h"
#include "core/units.h"
#include "lib/clock.h"
#include "lib/read_file.h"
#include "recording/recording.h"

#define ZONES_MAX 256u
#define PERIOD_NS UINT64_C(1000000)
#define PATH_SIZE 512u

struct zone {
    char label[48];
    int fd; /* of energy_uj */
    uint32_t processor;
    uint32_t msr;
    uint64_t unit_nj;
};

static struct {
    struct recording recording;
    const struct rapl_model *model;
    char root[PATH_SIZE / 2];
    struct zone zones[ZONES_MAX];
    uint32_t zone_count;
    uint32_t top_count; /* "intel-rapl:N" so far */
    uint32_t dies;
    bool mmio;
} play = {.dies = 1};

__attribute__((noreturn)) static void fail(const char *what, const char *name)
{
    (void)fprintf(stderr, "powercap_play: %s %s: %s\n", what, name, strerror(errno));
    exit(1);
}

__attribute__((format(printf, 2, 3))) static void put_file(const char *path, const char *format,
                                                           ...)
{
    char name[PATH_SIZE * 2];
    va_list arguments;

    (void)snprintf(name, sizeof(name), "%s/%s", play.root, path);
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        fail("cannot write", name);
    }
    va_start(arguments, format);
    (void)vfprintf(file, format, arguments);
    va_end(arguments);
    if (fclose(file) != 0) {
        fail("cannot write", name);
    }
}

static void make_folder(const char *path)
{
    char name[PATH_SIZE * 2];

    (void)snprintf(name, sizeof(name), "%s/%s", play.root, path);
    if (mkdir(name, 0755) != 0) {
        fail("cannot make", name);
    }
}

static uint64_t read_raw(uint32_t processor, uint32_t msr, uint64_t elapsed_us)
{
    uint64_t value = 0;

    return recording_read(&play.recording, processor, msr, elapsed_us, &value) ? value : 0;
}

static uint64_t energy_uj(const struct zone *zone, uint64_t elapsed_us)
{
    const uint32_t raw = (uint32_t)read_raw(zone->processor, zone->msr, elapsed_us);

    return raw * zone->unit_nj / 1000;
}

static void write_energy(const struct zone *zone, uint64_t elapsed_us)
{
    char text[24];
    const int size =
        snprintf(text, sizeof(text), "%020llu\n", (unsigned long long)energy_uj(zone, elapsed_us));

    if (pwrite(zone->fd, text, (size_t)size, 0) != size) {
        fail("cannot write", "energy_uj");
    }
}

static uint64_t kernel_unit_nj(uint32_t domain, const struct rapl_units *units)
{
    const struct rapl_fraction unit = units->energy_j[domain];

    if (rapl_model_unit_rule(play.model, domain) == RAPL_UNIT_2POW16) {
        return 15300;
    }
    return UINT64_C(1000000000) * unit.numerator / unit.denominator;
}

/* A zone, and its link in the root: sysfs' class folder has one to each. */
static void add_zone(const char *folder, const char *label, const char *name, const struct zone *of)
{
    char path[PATH_SIZE / 2];
    char text[PATH_SIZE * 2];

    if (play.zone_count == ZONES_MAX) {
        errno = E2BIG;
        fail("too many zones", label);
    }
    (void)snprintf(path, sizeof(path), "%s/%s", folder, label);
    make_folder(path);
    (void)snprintf(text, sizeof(text), "%s/%s", play.root, label);
    if (symlink(path, text) != 0) {
        fail("cannot link", text);
    }
    struct zone *zone = &play.zones[play.zone_count++];
    *zone = *of;
    (void)snprintf(zone->label, sizeof(zone->label), "%s", label);
    (void)snprintf(text, sizeof(text), "%s/name", path);
    put_file(text, "%s\n", name);
    (void)snprintf(text, sizeof(text), "%s/enabled", path);
    put_file(text, "1\n");
    (void)snprintf(text, sizeof(text), "%s/max_energy_range_uj", path);
    put_file(text, "%llu\n", (unsigned long long)(UINT32_MAX * zone->unit_nj / 1000));
    (void)snprintf(text, sizeof(text), "%s/%s/energy_uj", play.root, path);
    zone->fd = open(text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (zone->fd < 0) {
        fail("cannot make", text);
    }
    write_energy(zone, 0);
}

static void add_limits(const char *folder, const char *label, uint32_t processor,
                       const struct rapl_units *units)
{
    static const char *const names[] = {"long_term", "short_term"};
    const uint64_t info_raw = read_raw(processor, RAPL_MSR_PKG_POWER_INFO, 0);
    struct rapl_power_limits limits;
    struct rapl_power_info info;
    char text[PATH_SIZE * 2];

    if (!rapl_power_limits_decode(play.model, units, RAPL_MSR_PKG_POWER_LIMIT,
                                  read_raw(processor, RAPL_MSR_PKG_POWER_LIMIT, 0), &limits)) {
        return;
    }
    rapl_power_info_decode(units, info_raw, &info);
    for (uint32_t i = 0; i < limits.count && i < 2; i++) {
        const uint64_t values[] = {limits.limit[i].limit_mw * 1000, limits.limit[i].window_us,
                                   (i == 0 ? info.tdp_mw : info.max_mw) * 1000};
        static const char *const files[] = {"power_limit_uw", "time_window_us", "max_power_uw"};
        (void)snprintf(text, sizeof(text), "%s/%s/constraint_%u_name", folder, label, i);
        put_file(text, "%s\n", names[i]);
        for (uint32_t j = 0; j < 3; j++) {
            (void)snprintf(text, sizeof(text), "%s/%s/constraint_%u_%s", folder, label, i,
                           files[j]);
            put_file(text, "%llu\n", (unsigned long long)values[j]);
        }
    }
}

struct part {
    uint32_t msr, domain;
    const char *name;
};

/* The package's zone, and below it those of its parts that count. */
static void add_package(uint32_t package, uint32_t processor, const char *name,
                        const struct rapl_units *units)
{
    static const struct part intel[] = {{RAPL_MSR_PP0_ENERGY, RAPL_DOMAIN_PP0, "core"},
                                        {RAPL_MSR_PP1_ENERGY, RAPL_DOMAIN_PP1, "uncore"},
                                        {RAPL_MSR_DRAM_ENERGY, RAPL_DOMAIN_DRAM, "dram"}};
    static const struct part amd[] = {{RAPL_MSR_AMD_CORE_ENERGY, RAPL_DOMAIN_CORE, "core"}};
    const bool is_intel = play.recording.cpu.vendor == RAPL_VENDOR_INTEL;
    const struct part *parts = is_intel ? intel : amd;
    struct zone zone = {.processor = processor,
                        .msr = is_intel ? RAPL_MSR_PKG_ENERGY : RAPL_MSR_AMD_PKG_ENERGY,
                        .unit_nj = kernel_unit_nj(RAPL_DOMAIN_PACKAGE, units)};
    char label[32];
    char parent[64];
    char zone_label[48];
    uint32_t sub_count = 0;

    (void)snprintf(label, sizeof(label), "intel-rapl:%u", play.top_count++);
    add_zone("intel-rapl", label, name, &zone);
    if (is_intel) {
        add_limits("intel-rapl", label, processor, units);
    }
    (void)snprintf(parent, sizeof(parent), "intel-rapl/%s", label);
    for (uint32_t i = 0; i < (is_intel ? 3u : 1u); i++) {
        if (read_raw(processor, parts[i].msr, 0) == 0) {
            continue;
        }
        zone.msr = parts[i].msr;
        zone.unit_nj = kernel_unit_nj(parts[i].domain, units);
        (void)snprintf(zone_label, sizeof(zone_label), "%s:%u", label, sub_count++);
        add_zone(parent, zone_label, parts[i].name, &zone);
    }
    if (play.mmio && package == 0) {
        zone.msr = RAPL_MSR_PKG_ENERGY;
        zone.unit_nj = kernel_unit_nj(RAPL_DOMAIN_PACKAGE, units);
        add_zone("intel-rapl-mmio", "intel-rapl-mmio:0", name, &zone);
    }
}

static void add_psys(uint32_t package, uint32_t processor, const struct rapl_units *units)
{
    const struct zone zone = {.processor = processor,
                              .msr = RAPL_MSR_PSYS_ENERGY,
                              .unit_nj = kernel_unit_nj(RAPL_DOMAIN_PSYS, units)};
    char label[32];
    char name[32];

    if (read_raw(processor, zone.msr, 0) == 0) {
        return;
    }
    (void)snprintf(label, sizeof(label), "intel-rapl:%u", play.top_count++);
    (void)snprintf(name, sizeof(name), package == 0 ? "psys" : "psys-%u", package);
    add_zone("intel-rapl", label, name, &zone);
}

static void add_machine(void)
{
    const struct recording *recording = &play.recording;
    const bool intel = recording->cpu.vendor == RAPL_VENDOR_INTEL;

    for (uint32_t package = 0; package < recording->package_count; package++) {
        uint32_t processor = 0;
        struct rapl_units units;
        while (recording->processors[processor].package != package) {
            processor++;
        }
        const uint32_t msr = intel ? RAPL_MSR_POWER_UNIT : RAPL_MSR_AMD_POWER_UNIT;
        if (!rapl_units_decode(play.model, read_raw(processor, msr, 0), &units)) {
            errno = ENODEV;
            fail("no RAPL in", "the recording");
        }
        for (uint32_t die = 0; die < play.dies; die++) {
            char name[48];
            (void)snprintf(name, sizeof(name), play.dies > 1 ? "package-%u-die-%u" : "package-%u",
                           package, die);
            add_package(package, processor, name, &units);
        }
        if (intel) {
            add_psys(package, processor, &units);
        }
    }
}

static void add_cpuinfo(void)
{
    static const char *const vendors[] = {"", "GenuineIntel", "AuthenticAMD", "HygonGenuine"};
    const struct recording *recording = &play.recording;
    char name[PATH_SIZE * 2];

    (void)snprintf(name, sizeof(name), "%s/cpuinfo", play.root);
    FILE *file = fopen(name, "w");
    if (file == NULL) {
        fail("cannot write", name);
    }
    for (uint32_t i = 0; i < recording->processor_count; i++) {
        (void)fprintf(file,
                      "processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                      "stepping\t: %u\nphysical id\t: %u\n\n",
                      i, vendors[recording->cpu.vendor & 3], recording->cpu.family,
                      recording->cpu.model, recording->cpu.stepping,
                      recording->processors[i].package);
    }
    if (fclose(file) != 0) {
        fail("cannot write", name);
    }
}

static void load(const char *path)
{
    struct file_text text = {0};
    struct recording_error error;

    errno = (int)file_text_read(path, RECORDING_TEXT_MAX, &text);
    if (errno != 0) {
        fail("cannot read", path);
    }
    const size_t size = recording_arena_size(text.size);
    void *arena = malloc(size); /* until the end */
    if (arena == NULL ||
        !recording_parse(text.bytes, text.size, arena, size, &play.recording, &error)) {
        (void)fprintf(stderr, "powercap_play: %s: not a recording\n", path);
        exit(1);
    }
    file_text_free(&text);
    play.model = rapl_model_find(&play.recording.cpu);
    if (play.model == NULL) {
        errno = ENODEV;
        fail("no RAPL in", path);
    }
}

static void show_gains(uint64_t elapsed_us)
{
    for (uint32_t i = 0; i < play.zone_count; i++) {
        const struct zone *zone = &play.zones[i];
        const uint32_t gained = (uint32_t)(read_raw(zone->processor, zone->msr, elapsed_us) -
                                           read_raw(zone->processor, zone->msr, 0));
        (void)printf("%s %u %llu\n", zone->label, gained, (unsigned long long)zone->unit_nj);
    }
}

static void run(uint64_t duration_us)
{
    const uint64_t start_ns = rapl_clock_now_ns();
    uint64_t elapsed_us = 0;

    do {
        elapsed_us = (rapl_clock_now_ns() - start_ns) / 1000;
        for (uint32_t i = 0; i < play.zone_count; i++) {
            write_energy(&play.zones[i], elapsed_us);
        }
        rapl_clock_sleep_ns(PERIOD_NS);
    } while (elapsed_us <= duration_us);
    show_gains(elapsed_us);
}

int main(int argc, char **argv)
{
    int i = 1;

    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        if (strcmp(argv[i], "--mmio") == 0) {
            play.mmio = true;
        } else if (strcmp(argv[i], "--dies") == 0 && i + 1 < argc) {
            play.dies = (uint32_t)strtoul(argv[++i], NULL, 10);
        } else {
            break;
        }
    }
    if (argc - i < 2 || argc - i > 3 || play.dies == 0 || play.dies > 8) {
        (void)fprintf(stderr, "usage: powercap_play [--mmio] [--dies N] RECORDING TREE [MS]\n");
        return 2;
    }
    load(argv[i]);
    (void)snprintf(play.root, sizeof(play.root), "%s", argv[i + 1]);
    make_folder("");
    make_folder("intel-rapl");
    if (play.mmio) {
        make_folder("intel-rapl-mmio");
    }
    add_cpuinfo();
    add_machine();
    (void)printf("ready\n");
    (void)fflush(stdout);
    while (getchar() != '\n' && !feof(stdin)) {
    }
    run(argc - i == 3 ? strtoull(argv[i + 2], NULL, 10) * 1000
                      : recording_duration_us(&play.recording));
    return 0;
}
