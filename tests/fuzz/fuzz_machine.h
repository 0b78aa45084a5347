/* SPDX-License-Identifier: Apache-2.0
 *
 * For the fuzzers of core: the input as a stream of numbers, and a machine of two packages whose
 * registers, clock and faults come from it. What core may never do ends the program.
 */
#ifndef RAPL_TESTS_FUZZ_MACHINE_H
#define RAPL_TESTS_FUZZ_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/allow.h"
#include "core/energy.h"
#include "core/legacy.h"

#define FUZZ_PROCESSORS 8u
#define FUZZ_REGISTERS  32u

static inline void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

struct input {
    const uint8_t *data;
    size_t size;
};

/* The next number of `size` bytes; 0s when the input is at its end. */
static inline uint64_t take(struct input *input, size_t size)
{
    uint64_t value = 0;

    for (size_t i = 0; i < size && input->size != 0; i++) {
        value |= (uint64_t)*input->data << (8 * i);
        input->data++;
        input->size--;
    }
    return value;
}

struct fuzz_register {
    uint32_t msr;
    bool faults;
    uint64_t value[2]; /* by package */
};

struct fuzz_machine {
    struct rapl_machine machine;
    struct rapl_processor processors[FUZZ_PROCESSORS];
    struct rapl_inventory inventory;
    struct fuzz_register registers[FUZZ_REGISTERS];
    uint32_t register_count;
    uint64_t now_100ns;
    bool locked;
    bool probing; /* the two registers about filtering may be read too */
    void *memory;
};

/* Nothing is ever read that this CPU's list has not. */
static inline void fuzz_read_one(struct fuzz_machine *fuzz, uint32_t processor,
                                 struct rapl_reading *reading)
{
    const bool filter = fuzz->probing && (reading->msr == 0x10A || reading->msr == 0xBC);

    require(processor < FUZZ_PROCESSORS);
    require(filter || rapl_allow(fuzz->machine.model, reading->msr) != NULL);
    reading->ok = false;
    reading->value = 0xDEADDEADDEADDEAD;
    reading->time_100ns = fuzz->now_100ns++;
    reading->ticks = reading->time_100ns;
    for (uint32_t i = 0; i < fuzz->register_count; i++) {
        const struct fuzz_register *const reg = &fuzz->registers[i];

        if (reg->msr == reading->msr && !reg->faults) {
            reading->ok = true;
            reading->value = reg->value[processor / (FUZZ_PROCESSORS / 2)];
        }
    }
}

static inline void fuzz_read(void *context, uint32_t processor, struct rapl_reading *readings,
                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        fuzz_read_one(context, processor, &readings[i]);
    }
}

static inline void fuzz_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    struct fuzz_machine *const fuzz = context;

    require(fuzz->locked && count != 0);
    require(count <= rapl_inventory_jobs_max(&fuzz->machine));
    for (uint32_t i = 0; i < count; i++) {
        require(jobs[i].count >= 1 && jobs[i].count <= 12);
        fuzz_read(context, jobs[i].processor, jobs[i].readings, jobs[i].count);
    }
}

static inline uint64_t fuzz_now(void *context, uint64_t *ticks)
{
    *ticks = ((struct fuzz_machine *)context)->now_100ns;
    return *ticks;
}

static inline void fuzz_lock(void *context)
{
    struct fuzz_machine *const fuzz = context;

    require(!fuzz->locked);
    fuzz->locked = true;
}

static inline void fuzz_unlock(void *context)
{
    struct fuzz_machine *const fuzz = context;

    require(fuzz->locked);
    fuzz->locked = false;
}

static const struct rapl_platform_ops fuzz_ops = {
    .read = fuzz_read,
    .read_all = fuzz_read_all,
    .now = fuzz_now,
    .lock = fuzz_lock,
    .unlock = fuzz_unlock,
};

/* A machine of any model of the table, with registers of any value. */
static inline void fuzz_start(struct fuzz_machine *fuzz, struct input *input)
{
    const struct rapl_inventory_settings settings = {.coarse_ms = 10,
                                                     .has_arch_capabilities = true};
    uint32_t count;
    const struct rapl_register *const registers = rapl_registers(&count);
    uint32_t model_count;
    const struct rapl_model *const models = rapl_models(&model_count);

    *fuzz = (struct fuzz_machine){.now_100ns = take(input, 2)};
    fuzz->machine = (struct rapl_machine){
        .platform = {fuzz, &fuzz_ops, 10000000},
        .model = &models[take(input, 1) % model_count],
        .processors = fuzz->processors,
        .processor_count = FUZZ_PROCESSORS,
    };
    for (uint32_t i = 0; i < FUZZ_PROCESSORS; i++) {
        fuzz->processors[i].location = (struct rapl_location){i, i / 4, i / 4, i / 2};
    }
    rapl_topology_link(fuzz->processors, FUZZ_PROCESSORS, false);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t kind = take(input, 1);
        const bool unit = registers[i].kind == RAPL_REGISTER_UNIT;

        fuzz->registers[fuzz->register_count++] = (struct fuzz_register){
            .msr = registers[i].msr,
            .faults = (kind & 1) != 0,
            .value = {unit ? 0xA0003 | (kind & 0x1F) << 8 : take(input, 4), take(input, 2) << 16},
        };
    }
    fuzz->memory = malloc(rapl_inventory_size(&fuzz->machine));
    require(fuzz->memory != NULL);
    rapl_inventory_init(&fuzz->inventory, &fuzz->machine, fuzz->memory, &settings);
    fuzz->probing = true;
    rapl_inventory_probe(&fuzz->inventory);
    fuzz->probing = false;
}

static inline void fuzz_end(struct fuzz_machine *fuzz)
{
    require(!fuzz->locked);
    free(fuzz->memory);
}

/* Time goes on, and one register changes. */
static inline void fuzz_change(struct fuzz_machine *fuzz, struct input *input)
{
    struct fuzz_register *const reg = &fuzz->registers[take(input, 1) % fuzz->register_count];
    const uint64_t how = take(input, 1);

    fuzz->now_100ns += take(input, 2) << (how >> 4);
    reg->faults = (how & 1) != 0;
    reg->value[how >> 1 & 1] += take(input, 4) << (how & 4);
    if ((how & 8) != 0) {
        reg->value[how >> 1 & 1] = take(input, 2);
    }
}

#endif
