/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine whose registers are read: its CPU, its model row and where each processor sits.
 * Built from CPUID as every processor answers it; where those answers come from (this machine, or
 * the recording that a simulated driver plays) is the reader's business.
 */
#ifndef RAPL_LIB_HOST_H
#define RAPL_LIB_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cpu.h"
#include "core/model.h"
#include "core/topology.h"
#include "recording/recording.h"

/* A host without processors (count 0) is one that could not be told. */
struct rapl_host {
    struct rapl_cpu cpu;            /* as processor 0 says */
    const struct rapl_model *model; /* NULL: no RAPL known for this CPU */
    struct rapl_processor *processors;
    uint32_t processor_count;   /* the index is the system-wide processor number */
    bool has_arch_capabilities; /* rapl_cpu_has_arch_capabilities */
    char brand[RAPL_CPU_BRAND_SIZE];
};

struct rapl_host_reader {
    void *context;
    uint32_t processor_count;

    /*
     * Makes `*cpuid` execute on `processor` until the next call. False if that processor cannot be
     * used.
     */
    bool (*visit)(void *context, uint32_t processor, struct rapl_cpuid *cpuid);
};

/*
 * Fills `*out`, which rapl_host_free gives back. False, `*out` untouched, when there is no
 * processor, no memory, or a processor cannot be visited.
 */
bool rapl_host_build(const struct rapl_host_reader *reader, struct rapl_host *out);

/* The host that a recording describes; as rapl_host_build. */
bool rapl_host_from_recording(const struct recording *recording, struct rapl_host *out);

/* Safe on a zeroed host; leaves it zeroed. */
void rapl_host_free(struct rapl_host *host);

/*
 * The first processor of each RAPL package (of each die where counters belong to dies), ascending.
 * Writes at most `max` of them and returns how many there are.
 */
uint32_t rapl_host_package_leads(const struct rapl_host *host, uint32_t *leads, uint32_t max);

#endif
