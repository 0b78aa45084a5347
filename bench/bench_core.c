/* SPDX-License-Identifier: Apache-2.0
 *
 * What core asks of the platform, how much memory it needs, and work for a tool that counts
 * instructions. The platform is a fake that counts, so the numbers are exact, on any machine.
 *
 *   bench_core counts              per reading of everything: what the platform had to do
 *   bench_core sizes               bytes of pool, by kind of machine
 *   bench_core snapshot P N        N snapshots of P packages x 5 domains, and nothing else
 *   bench_core legacy P N          N times those P x 5 registers by legacy requests
 *   bench_core snapshot-platform P N
 *   bench_core legacy-platform P N     only what the fake platform does in those
 *
 * Exit status: 0, or 1 when an answer is not what was asked for.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/energy.h"
#include "core/legacy.h"
#include <rapl/abi.h>
#include <rapl/energy.h>

#define PROCESSORS_MAX 256u
#define DOMAIN_COUNT   ((size_t)5)
#define PACKAGES_MAX   16u
#define MEMORY_MAX     262144u

static const uint32_t energy_msr[DOMAIN_COUNT] = {0x611, 0x639, 0x641, 0x619, 0x64D};

static struct {
    struct rapl_machine machine;
    struct rapl_processor processors[PROCESSORS_MAX];
    struct rapl_inventory inventory;
    struct rapl_energy_device device;
    uint64_t memory[MEMORY_MAX / sizeof(uint64_t)];
    uint64_t clock_100ns;
    uint64_t moves;     /* of the calling thread to another processor: `read` */
    uint64_t all_calls; /* `read_all` */
    uint64_t all_jobs;  /* its jobs: one on one processor */
    uint64_t registers; /* read, by either */
} bench;

/* ---- The fake platform ---------------------------------------------------------------------- */

static void fake_one(struct rapl_reading *reading)
{
    bench.registers++;
    reading->ok = true;
    reading->value = reading->msr == 0x606 ? 0xA0E03 : 1000 + bench.clock_100ns;
    reading->time_100ns = bench.clock_100ns;
    reading->ticks = bench.clock_100ns;
}

static void fake_read(void *context, uint32_t processor, struct rapl_reading *readings,
                      uint32_t count)
{
    (void)context;
    (void)processor;
    bench.moves++;
    for (uint32_t i = 0; i < count; i++) {
        fake_one(&readings[i]);
    }
}

static void fake_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    (void)context;
    bench.all_calls++;
    bench.all_jobs += count;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < jobs[i].count; j++) {
            fake_one(&jobs[i].readings[j]);
        }
    }
}

static uint64_t fake_now(void *context, uint64_t *ticks)
{
    (void)context;
    *ticks = ++bench.clock_100ns;
    return *ticks;
}

static void fake_lock(void *context)
{
    (void)context;
}

static const struct rapl_platform_ops fake_ops = {
    .read = fake_read,
    .read_all = fake_read_all,
    .now = fake_now,
    .lock = fake_lock,
    .unlock = fake_lock,
};

/* ---- Machines ------------------------------------------------------------------------------- */

struct shape {
    const char *name;
    struct rapl_cpu cpu;
    uint32_t packages;
    uint32_t cores;   /* in each */
    uint32_t threads; /* in each core */
};

#define COFFEE_LAKE {.vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0x9E}
#define BERGAMO     {.vendor = RAPL_VENDOR_AMD, .family = 0x19, .model = 0xA0, .amd_rapl = true}

static const struct shape shapes[] = {
    {"Intel, 2 packages x 5 domains, 16 processors", COFFEE_LAKE, 2, 4, 2},
    {"Intel, 8 packages x 5 domains, 64 processors", COFFEE_LAKE, 8, 4, 2},
    {"Intel, 8 packages x 5 domains, 256 processors", COFFEE_LAKE, 8, 16, 2},
    {"AMD, 4 packages, 128 cores, 256 processors", BERGAMO, 4, 32, 2},
    {"Intel, 32 packages x 5 domains, 256 processors", COFFEE_LAKE, 32, 4, 2},
    {"AMD, 4 packages, 256 cores, 256 processors", BERGAMO, 4, 64, 1},
    {"AMD, 8 packages, 256 cores, 256 processors", BERGAMO, 8, 32, 1},
};

static void make_machine(const struct shape *shape)
{
    const uint32_t in_package = shape->cores * shape->threads;
    struct rapl_machine *const machine = &bench.machine;

    memset(&bench, 0, sizeof(bench));
    machine->platform = (struct rapl_platform){.ops = &fake_ops, .ticks_per_s = 10000000};
    machine->cpu = shape->cpu;
    machine->model = rapl_model_find(&shape->cpu);
    machine->processors = bench.processors;
    machine->processor_count = shape->packages * in_package;
    for (uint32_t i = 0; i < machine->processor_count; i++) {
        bench.processors[i].location = (struct rapl_location){.apic_id = i,
                                                              .package = i / in_package,
                                                              .die = i / in_package,
                                                              .core = i / shape->threads};
        bench.processors[i].group = (uint16_t)(i / 64);
        bench.processors[i].number = (uint8_t)(i % 64);
    }
    rapl_topology_link(bench.processors, machine->processor_count, false);
}

static bool load(uint32_t packages)
{
    const struct shape shape = {"", shapes[0].cpu, packages, 4, 2};
    const struct rapl_inventory_settings settings = {.coarse_ms = RAPL_COARSE_MS_DEFAULT};

    if (packages == 0 || packages > PACKAGES_MAX) {
        return false;
    }
    make_machine(&shape);
    rapl_inventory_init(&bench.inventory, &bench.machine, bench.memory, &settings);
    rapl_inventory_probe(&bench.inventory);
    bench.device = (struct rapl_energy_device){.inventory = &bench.inventory};
    bench.moves = bench.all_calls = bench.all_jobs = bench.registers = 0;
    return true;
}

/* ---- Work ----------------------------------------------------------------------------------- */

static bool read_snapshot(void)
{
    static const struct rapl_get_snapshot request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_SNAPSHOT},
        .domain_mask = (1u << DOMAIN_COUNT) - 1,
        .scope_mask = RAPL_SCOPE_PACKAGES,
    };
    static uint8_t out[65536];
    const struct rapl_call call = {
        .control_code = RAPL_IOCTL_GET_SNAPSHOT,
        .in = &request,
        .in_size = sizeof(request),
        .out = out,
        .out_size = sizeof(out),
        .can_read = true,
    };
    size_t written;

    return rapl_energy_answer(&bench.device, &call, &written) == RAPL_ENERGY_OK &&
           written == sizeof(struct rapl_snapshot) + bench.inventory.package_count * DOMAIN_COUNT *
                                                         sizeof(struct rapl_snapshot_item);
}

static bool read_legacy(void)
{
    bool good = true;

    for (uint32_t i = 0; i < bench.inventory.package_count; i++) {
        for (uint32_t j = 0; j < DOMAIN_COUNT; j++) {
            const struct rapl_legacy_request request = {energy_msr[j],
                                                        bench.inventory.packages[i].lead};
            uint64_t out;
            const struct rapl_call call = {
                .in = &request,
                .in_size = sizeof(request),
                .out = &out,
                .out_size = sizeof(out),
                .can_read = true,
                .processors_active = bench.machine.processor_count,
            };
            size_t written;

            good &= rapl_legacy_answer(&bench.inventory, &call, &written) == RAPL_LEGACY_OK;
        }
    }
    return good;
}

/* What core asks of the platform for one snapshot, in its order; `jobs` are of the last one. */
static bool platform_snapshot(void)
{
    const struct rapl_platform *const platform = &bench.machine.platform;
    uint64_t ticks;

    platform->ops->lock(platform->context);
    (void)platform->ops->now(platform->context, &ticks);
    platform->ops->read_all(platform->context, bench.inventory.jobs, bench.inventory.package_count);
    (void)platform->ops->now(platform->context, &ticks);
    platform->ops->unlock(platform->context);
    return true;
}

static bool platform_legacy(void)
{
    const struct rapl_platform *const platform = &bench.machine.platform;

    for (uint32_t i = 0; i < bench.inventory.package_count; i++) {
        for (uint32_t j = 0; j < DOMAIN_COUNT; j++) {
            struct rapl_reading reading = {.msr = energy_msr[j]};

            platform->ops->read(platform->context, bench.inventory.packages[i].lead, &reading, 1);
        }
    }
    return true;
}

/* What is measured, and what of it is the fake platform's. */
struct work {
    const char *name;
    bool (*all)(void);
    bool (*platform)(void);
};

static const struct work works[] = {
    {"snapshot", read_snapshot, platform_snapshot},
    {"legacy", read_legacy, platform_legacy},
};

#define WORK_COUNT (sizeof(works) / sizeof(works[0]))

struct counted {
    uint64_t moves, all_calls, all_jobs, registers, clock;
};

/* What one call of `work` asks of the platform. */
static bool count(bool (*work)(void), struct counted *out)
{
    const uint64_t clock = bench.clock_100ns;

    bench.moves = bench.all_calls = bench.all_jobs = bench.registers = 0;
    const bool good = work();
    *out = (struct counted){bench.moves, bench.all_calls, bench.all_jobs, bench.registers,
                            bench.clock_100ns - clock};
    return good;
}

/* ---- Verbs ---------------------------------------------------------------------------------- */

/* A move is a wait of its own: the thread has to get its turn on the other processor. */
static bool print_counts(void)
{
    for (uint32_t packages = 2; packages <= 8; packages *= 4) {
        for (size_t i = 0; i < WORK_COUNT; i++) {
            struct counted found;

            if (!load(packages) || !count(works[i].all, &found)) {
                return false;
            }
            printf("counts packages=%u domains=%u way=%s waits=%llu cross_calls=%llu rdmsr=%llu\n",
                   packages, (unsigned)DOMAIN_COUNT, works[i].name,
                   (unsigned long long)found.moves + found.all_calls,
                   (unsigned long long)found.moves + found.all_jobs,
                   (unsigned long long)found.registers);
        }
    }
    return true;
}

/* The driver's own structures, outside core, are bench_client's to say. */
static void print_sizes(void)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        make_machine(&shapes[i]);
        printf("pool inventory=%zu processors=%zu jobs=%u name=%s\n",
               rapl_inventory_size(&bench.machine),
               bench.machine.processor_count * sizeof(struct rapl_processor),
               rapl_inventory_jobs_max(&bench.machine), shapes[i].name);
    }
}

/* The platform alone must do exactly what core had it do, or its instructions say nothing. */
static bool is_same_work(const struct work *work)
{
    struct counted all, platform;

    return count(work->all, &all) && count(work->platform, &platform) &&
           memcmp(&all, &platform, sizeof(all)) == 0;
}

static bool repeat(const char *name, uint32_t packages, uint32_t times)
{
    for (size_t i = 0; i < WORK_COUNT; i++) {
        const size_t length = strlen(works[i].name);

        if (strncmp(name, works[i].name, length) == 0 &&
            (name[length] == '\0' || strcmp(name + length, "-platform") == 0)) {
            bool (*const work)(void) = name[length] == '\0' ? works[i].all : works[i].platform;
            bool good = load(packages) && is_same_work(&works[i]);

            for (uint32_t j = 0; good && j < times; j++) {
                good = work();
            }
            return good;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    const char *const verb = argc > 1 ? argv[1] : "";
    bool good = false;

    if (argc == 2 && strcmp(verb, "counts") == 0) {
        good = print_counts();
    } else if (argc == 2 && strcmp(verb, "sizes") == 0) {
        print_sizes();
        good = true;
    } else if (argc == 4) {
        good = repeat(verb, (uint32_t)strtoul(argv[2], NULL, 10),
                      (uint32_t)strtoul(argv[3], NULL, 10));
    }
    if (!good) {
        fputs("bench_core: wrong usage, or core did not answer as asked\n", stderr);
    }
    return good ? 0 : 1;
}
