/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine whose registers can be read, one by one, from this process: answers the energy requests
 * as the driver does, with the driver's own code (core/energy.h), for an energy_client.
 *
 * Limits: nobody reads between two requests, so the caller must come back within
 * registers_period_ms for no wrap to go unseen; registers are read one after the other.
 */
#ifndef RAPL_LIB_REGISTERS_H
#define RAPL_LIB_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/energy.h"
#include "core/inventory.h"
#include "core/machine.h"
#include "lib/backend/energy_client.h"
#include "lib/host.h"

struct register_reader {
    void *context;

    /* Reads one register: true, the value and when, on now_ns's clock; or false if it faults. */
    bool (*read)(void *context, uint32_t processor, uint32_t msr, uint64_t *value,
                 uint64_t *time_ns);
    uint64_t (*now_ns)(void *context);
};

struct registers_settings {
    bool simulated;
    bool coarse; /* answers as to a coarse caller */
};

/* Must stay where it is while it is open. */
struct registers {
    struct register_reader reader;
    struct rapl_machine machine;
    struct rapl_inventory inventory;
    struct rapl_energy_device device;
    bool coarse;
    void *memory;
};

/*
 * Probes the machine. `host`'s processors must outlive it. RAPL_OK; RAPL_ERROR_UNSUPPORTED with
 * `*gate` saying why (a machine too large has an open gate); RAPL_ERROR_MEMORY. Nothing is held
 * after a failure.
 */
int registers_open(struct registers *registers, const struct rapl_host *host,
                   const struct register_reader *reader, const struct registers_settings *settings,
                   enum rapl_gate *gate);
void registers_close(struct registers *registers);

struct energy_channel registers_channel(struct registers *registers);

uint32_t registers_period_ms(const struct registers *registers);

/* Why a gate is closed, for a report's reason: one clause. */
const char *registers_gate_text(enum rapl_gate gate);

#endif
