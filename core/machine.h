/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine as the driver found it at load, and how its registers are read.
 */
#ifndef RAPL_CORE_MACHINE_H
#define RAPL_CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"
#include "core/topology.h"

/* One register read: `msr` in, `ok` and `value` out. */
struct rapl_reading {
    uint32_t msr;
    bool ok; /* false: the register faulted, or the processor could not be used */
    uint64_t value;
};

/* What core needs from outside. */
struct rapl_platform {
    void *context;

    /* Reads every register on that processor, in order, and fills ok and value of each. */
    void (*read)(void *context, uint32_t processor, struct rapl_reading *readings, uint32_t count);

    /* 100 ns units, counts sleep too, never goes back. */
    uint64_t (*now_100ns)(void *context);

    /* One mutex, taken around the coarse copy only; never taken twice. */
    void (*lock)(void *context);
    void (*unlock)(void *context);
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

#endif
