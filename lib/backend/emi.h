/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' energy meters as a source of energy. One tick is 1 pWh, which is 3.6 nJ.
 *
 * Limits
 * - RAPL channels: Windows 11 on bare metal. No psys, no limits, no model-specific units.
 * - A meter's time of measurement is not this library's clock: readings carry the time of the
 *   request.
 * - The meter's driver samples when somebody asks, so a counter that wraps while nobody does may
 *   lose energy before it gets here; it looks like little energy and cannot be told.
 * - AMD has a device for every core: listed only with RAPL_OPEN_CORES. A package that several
 *   devices show is counted once, by name, and by value where the names differ.
 * - Channels that are not RAPL are RAPL_DOMAIN_METER, whatever they are called.
 * - A meter whose model says SIMULATED is flagged so.
 */
#ifndef RAPL_LIB_EMI_H
#define RAPL_LIB_EMI_H

#include "lib/backend/backend.h"

/* The meters of a system. Functions give 0 or a Windows error code. */
struct emi_system {
    void *context;

    /* Looks once which devices there are. */
    uint32_t (*enumerate)(void *context, uint32_t *count);
    uint32_t (*open)(void *context, uint32_t device, void **handle);
    /* `*got`: bytes that came back, at most `size`. */
    uint32_t (*control)(void *context, void *handle, uint32_t code, void *out, uint32_t size,
                        uint32_t *got);
    void (*close)(void *context, void *handle);
    void (*release)(void *context);

    /* Of a clock that runs while the system sleeps. */
    uint64_t (*time_ns)(void *context);
    int (*machine)(void *context, struct rapl_machine_info *out); /* NULL: not known */
};

/*
 * backend_emi.open over any meters. Owns the system from here on: it is released after a failure
 * too.
 */
int emi_open_system(const struct emi_system *system, uint32_t flags, struct backend_report *report,
                    void **out);

/* Everything but `open`, which belongs to the system: emi_win32.c. */
void emi_close(void *context);
uint32_t emi_domain_count(void *context);
void emi_domain(void *context, uint32_t index, struct backend_domain *out);
int emi_read(void *context, struct backend_reading *readings);
int emi_machine(void *context, struct rapl_machine_info *out);
int emi_package(void *context, uint32_t index, struct rapl_package_info *out);

#define BACKEND_EMI(open_function)                                                                 \
    {                                                                                              \
        .name = "emi",                                                                             \
        .kind = RAPL_SOURCE_EMI,                                                                   \
        .open = (open_function),                                                                   \
        .close = emi_close,                                                                        \
        .domain_count = emi_domain_count,                                                          \
        .domain = emi_domain,                                                                      \
        .read = emi_read,                                                                          \
        .machine = emi_machine,                                                                    \
        .package = emi_package,                                                                    \
    }

extern const struct backend backend_emi; /* Windows only */

#endif
