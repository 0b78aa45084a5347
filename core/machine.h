/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine as the driver found it at load, and how its registers are read.
 */
#ifndef RAPL_CORE_MACHINE_H
#define RAPL_CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"
#include "core/msr.h"
#include "core/topology.h"

/* One register read: `msr` in, all else out. */
struct rapl_reading {
    uint32_t msr;
    bool ok; /* false: the register faulted, or the processor could not be used */
    uint64_t value;
    uint64_t time_100ns; /* of this very read, on the clock of `now` */
    uint64_t ticks;      /* the same moment by the performance counter */
};

/* The registers to read on one processor. */
struct rapl_job {
    uint32_t processor;
    uint32_t count;                /* at least 1 */
    struct rapl_reading *readings; /* `count`, written by whoever does the job */
};

/* What core needs from outside. One constant table, so that no pointer to code can be changed. */
struct rapl_platform_ops {
    /*
     * Reads every register on that processor, in order, and fills every reading but its msr. The
     * calling thread is moved there and back. IRQL: at most APC_LEVEL.
     */
    void (*read)(void *context, uint32_t processor, struct rapl_reading *readings, uint32_t count);

    /*
     * Does all jobs at the same time and returns when all are done; several may name the same
     * processor. Every reading is filled, as by `read`. Called with the lock held, so never twice
     * at once. IRQL: at most APC_LEVEL.
     */
    void (*read_all)(void *context, struct rapl_job *jobs, uint32_t count);

    /*
     * 100 ns units, counts sleep too, never goes back. `*ticks` is the performance counter at the
     * same moment: rapl_platform.ticks_per_s of them a second.
     */
    uint64_t (*now)(void *context, uint64_t *ticks);

    /* One mutex, guards the inventory; never taken twice. */
    void (*lock)(void *context);
    void (*unlock)(void *context);
};

struct rapl_platform {
    void *context;
    const struct rapl_platform_ops *ops;
    uint64_t ticks_per_s;
};

struct rapl_machine {
    struct rapl_platform platform;
    struct rapl_cpu cpu;
    const struct rapl_model *model;
    struct rapl_processor *processors; /* owned by whoever made the machine */
    uint32_t processor_count;          /* processors known since load */
};

enum rapl_gate {
    RAPL_GATE_OPEN,
    RAPL_GATE_UNKNOWN_CPU, /* no model row: unknown vendor or family, AMD without the RAPL bit */
    RAPL_GATE_NO_MSR,      /* a known model whose RAPL is not in MSRs (Diamond Rapids) */
    RAPL_GATE_NO_UNIT,     /* the unit register faults or reads no unit on every package */
    RAPL_GATE_GUEST,       /* a guest whose package counter faults or reads 0 */
};

/*
 * Whether this machine has RAPL at all: decided at load, before any device exists. The hypervisor
 * bit alone never closes the gate. Reads 0x606 and 0x611, or AMD's own pair, on each package lead.
 * IRQL PASSIVE_LEVEL in the kernel.
 */
enum rapl_gate rapl_machine_gate(const struct rapl_machine *machine);

/*
 * Whether the energy counter `reg`, now `value` on `processor`, has ever read other than 0 since
 * load; a value other than 0 is remembered for all processors that share the counter. Any IRQL,
 * without the lock.
 */
bool rapl_machine_is_alive(struct rapl_machine *machine, const struct rapl_register *reg,
                           uint32_t processor, uint64_t value);

#endif
