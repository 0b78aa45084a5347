/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests of \\.\RaplEnergy: validated and answered here, whole, without an OS. The wire
 * format and its rules are in rapl/energy.h.
 */
#ifndef RAPL_CORE_ENERGY_H
#define RAPL_CORE_ENERGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/call.h"
#include "core/inventory.h"

enum rapl_energy_status {
    RAPL_ENERGY_OK,
    RAPL_ENERGY_MORE, /* does not fit: the header alone was written, its size is what is needed */
    RAPL_ENERGY_UNKNOWN_CODE,
    RAPL_ENERGY_ACCESS_DENIED, /* no read access, or not for coarse callers */
    RAPL_ENERGY_BAD_REQUEST,   /* length, kind, reserved bits or masks */
    RAPL_ENERGY_SHORT_OUTPUT,  /* not even a header fits */
    RAPL_ENERGY_BAD_VERSION,
    RAPL_ENERGY_NOT_READY, /* a snapshot while the machine is suspending */
};

/* What the requests are answered from. The caller fills it once and keeps it. */
struct rapl_energy_device {
    struct rapl_inventory *inventory;
    uint16_t driver_major, driver_minor, driver_patch;
    bool simulated;
    uint32_t access_policy; /* RAPL_ACCESS_* */
    uint32_t linger_minutes;
    char brand[RAPL_CPU_BRAND_SIZE]; /* rapl_cpu_brand */
};

/*
 * Answers one request; takes the lock of the platform itself. `*written` is the number of bytes put
 * at `out`: the whole reply on OK, the 8 bytes of a header on MORE, otherwise 0 and `out` is
 * untouched. IRQL: at most APC_LEVEL.
 */
enum rapl_energy_status rapl_energy_answer(const struct rapl_energy_device *device,
                                           const struct rapl_call *call, size_t *written);

#endif
