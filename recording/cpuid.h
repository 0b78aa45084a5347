/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that answer CPUID share. Internal to recording/.
 */
#ifndef RAPL_RECORDING_CPUID_H
#define RAPL_RECORDING_CPUID_H

#include "recording/recording.h"

/* What the leaves need to know of the processor they are executed on. */
struct recording_query {
    const struct recording *recording;
    const struct recording_processor *at;
    uint32_t leaf;
    uint32_t subleaf;
    uint32_t threads;        /* processors in this core */
    uint32_t die_processors; /* in this die */
    uint32_t package_processors;
};

/* AMD, or Hygon, whose processors are AMD's design. */
bool recording_cpu_is_amd(const struct rapl_cpu *cpu);

/* Zen and Zen+ (and Hygon, which is Zen) have no leaf 0xB. */
bool recording_cpu_has_leaf_b(const struct rapl_cpu *cpu);

/* Zen 4 and later have Fn8000_0026. */
bool recording_cpu_has_levels(const struct rapl_cpu *cpu);

/* One leaf each; `*out` holds zeros before. Nothing is put where the CPU has no such leaf. */
void recording_leaf_4(const struct recording_query *query, struct rapl_cpuid_regs *out);
void recording_leaf_b(const struct recording_query *query, struct rapl_cpuid_regs *out);
void recording_leaf_1f(const struct recording_query *query, struct rapl_cpuid_regs *out);
void recording_leaf_amd_nodes(const struct recording_query *query, struct rapl_cpuid_regs *out);
void recording_leaf_amd_levels(const struct recording_query *query, struct rapl_cpuid_regs *out);

#endif
