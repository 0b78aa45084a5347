/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine for the tests of core: registers per package and per core, a clock that the test moves,
 * and a mutex that knows when it is misused. Include after cmocka.h.
 */
#ifndef RAPL_TESTS_CORE_FAKE_MACHINE_H
#define RAPL_TESTS_CORE_FAKE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/inventory.h"
#include "core/legacy.h"
#include "core/machine.h"

#define FAKE_PROCESSORS_MAX 256u
#define FAKE_REGISTERS_MAX  512u
#define FAKE_MEMORY_MAX     65536u /* of an inventory */
#define FAKE_TICKS_PER_S    30000000ull
#define FAKE_ANY            UINT32_MAX

/* What a register that is not in the fake, or faults, leaves behind: never to be believed. */
#define FAKE_POISON 0xDEADDEADDEADDEADull

struct fake_register {
    uint32_t package; /* of the location, or FAKE_ANY */
    uint32_t core;    /* of the location, or FAKE_ANY */
    uint32_t msr;
    bool faults;
    uint64_t value;
    uint64_t step_100ns; /* 0: constant; else one count is added each time so much has passed */
};

struct fake {
    struct rapl_machine machine;
    struct rapl_processor processors[FAKE_PROCESSORS_MAX];
    struct fake_register registers[FAKE_REGISTERS_MAX];
    uint32_t register_count;
    uint32_t processors_active; /* with those added since load */
    uint64_t now_100ns;
    uint64_t read_delay_100ns; /* each call of read or read_all waits this long first */
    uint64_t read_time_100ns;  /* and each register takes this long */
    uint32_t gone;             /* this processor cannot be used; FAKE_ANY: none such */
    bool locked;
    uint32_t lock_count;
    uint32_t read_calls;
    uint32_t all_calls; /* of read_all */
    uint32_t jobs;      /* of the last read_all */
    uint32_t jobs_most; /* readings of its longest job */
    uint32_t reads;     /* registers, over all calls */
    uint32_t last_processor;
};

static inline struct fake_register *fake_find(struct fake *fake, uint32_t processor, uint32_t msr)
{
    const struct rapl_location *const location = &fake->processors[processor].location;

    for (uint32_t i = 0; i < fake->register_count; i++) {
        struct fake_register *const reg = &fake->registers[i];

        if (reg->msr == msr && (reg->package == FAKE_ANY || reg->package == location->package) &&
            (reg->core == FAKE_ANY || reg->core == location->core)) {
            return reg;
        }
    }
    return NULL;
}

static inline void fake_read_one(struct fake *fake, uint32_t processor,
                                 struct rapl_reading *reading)
{
    const struct fake_register *const reg = fake_find(fake, processor, reading->msr);

    fake->reads++;
    fake->now_100ns += fake->read_time_100ns;
    reading->ok = reg != NULL && !reg->faults && processor != fake->gone;
    reading->value = FAKE_POISON;
    reading->time_100ns = fake->now_100ns;
    reading->ticks = fake->now_100ns * 3;
    if (reading->ok) {
        reading->value = reg->value;
        if (reg->step_100ns != 0) {
            reading->value += fake->now_100ns / reg->step_100ns;
        }
    }
}

static inline void fake_read(void *context, uint32_t processor, struct rapl_reading *readings,
                             uint32_t count)
{
    struct fake *const fake = context;

    assert_in_range(processor, 0, fake->processors_active - 1);
    fake->read_calls++;
    fake->last_processor = processor;
    fake->now_100ns += fake->read_delay_100ns;
    for (uint32_t i = 0; i < count; i++) {
        fake_read_one(fake, processor, &readings[i]);
    }
}

static inline void fake_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    struct fake *const fake = context;

    assert_true(fake->locked);
    fake->all_calls++;
    fake->jobs = count;
    fake->jobs_most = 0;
    fake->now_100ns += fake->read_delay_100ns;
    for (uint32_t i = 0; i < count; i++) {
        assert_in_range(jobs[i].processor, 0, fake->processors_active - 1);
        assert_in_range(jobs[i].count, 1, 12);
        fake->jobs_most = jobs[i].count > fake->jobs_most ? jobs[i].count : fake->jobs_most;
        for (uint32_t j = 0; j < jobs[i].count; j++) {
            fake_read_one(fake, jobs[i].processor, &jobs[i].readings[j]);
        }
    }
}

static inline uint64_t fake_now(void *context, uint64_t *ticks)
{
    const struct fake *const fake = context;

    *ticks = fake->now_100ns * 3;
    return fake->now_100ns;
}

static inline void fake_lock(void *context)
{
    struct fake *const fake = context;

    assert_false(fake->locked);
    fake->locked = true;
    fake->lock_count++;
}

static inline void fake_unlock(void *context)
{
    struct fake *const fake = context;

    assert_true(fake->locked);
    fake->locked = false;
}

static const struct rapl_platform_ops fake_ops = {
    .read = fake_read,
    .read_all = fake_read_all,
    .now = fake_now,
    .lock = fake_lock,
    .unlock = fake_unlock,
};

/*
 * `packages` packages of two cores of two threads: processor p has APIC id p. The processors of
 * `hot_added` more packages are active, but were not there at load.
 */
static inline void fake_init(struct fake *fake, const struct rapl_cpu *cpu, uint32_t packages,
                             uint32_t hot_added)
{
    memset(fake, 0, sizeof(*fake));
    fake->gone = FAKE_ANY;
    fake->processors_active = (packages + hot_added) * 4;
    for (uint32_t i = 0; i < fake->processors_active; i++) {
        fake->processors[i].location = (struct rapl_location){i, i >> 2, i >> 2, i >> 1};
        fake->processors[i].group = (uint16_t)(i / 64);
        fake->processors[i].number = (uint8_t)(i % 64);
    }
    rapl_topology_link(fake->processors, packages * 4, false);
    fake->machine = (struct rapl_machine){
        .platform = {fake, &fake_ops, FAKE_TICKS_PER_S},
        .cpu = *cpu,
        .model = rapl_model_find(cpu),
        .processors = fake->processors,
        .processor_count = packages * 4,
    };
}

static inline struct fake_register *fake_add(struct fake *fake, uint32_t package, uint32_t msr,
                                             uint64_t value)
{
    struct fake_register *const reg = &fake->registers[fake->register_count++];

    assert_in_range(fake->register_count, 1, FAKE_REGISTERS_MAX);
    *reg = (struct fake_register){.package = package, .core = FAKE_ANY, .msr = msr, .value = value};
    return reg;
}

static const struct rapl_cpu fake_coffee_lake = {
    .vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0x9E};
static const struct rapl_cpu fake_raphael = {
    .vendor = RAPL_VENDOR_AMD, .family = 0x19, .model = 0x61, .amd_rapl = true};
static const struct rapl_cpu fake_dhyana = {
    .vendor = RAPL_VENDOR_HYGON, .family = 0x18, .model = 0x00, .amd_rapl = true};

/* A machine and its inventory, probed. */
struct tested {
    struct fake fake;
    struct rapl_inventory inventory;
    uint64_t memory[FAKE_MEMORY_MAX / sizeof(uint64_t)];
};

/* As if no counter had been read yet. */
static inline void forget_alive(struct fake *fake)
{
    for (uint32_t i = 0; i < FAKE_PROCESSORS_MAX; i++) {
        memset(fake->processors[i].alive, 0, sizeof(fake->processors[i].alive));
    }
}

/* The books of the fake begin anew after the probe. */
static inline void start_inventory(struct tested *tested, uint32_t coarse_ms)
{
    struct fake *const fake = &tested->fake;
    const struct rapl_inventory_settings settings = {.coarse_ms = coarse_ms};

    fake->reads = 0;
    fake->all_calls = 0;
    assert_in_range(rapl_inventory_size(&fake->machine), 1, FAKE_MEMORY_MAX);
    rapl_inventory_init(&tested->inventory, &fake->machine, tested->memory, &settings);
    assert_int_equal(fake->reads, 0); /* making it reads nothing */
    rapl_inventory_probe(&tested->inventory);
    assert_int_equal(fake->all_calls, 0);
    fake->read_calls = 0;
    fake->reads = 0;
}

#endif
