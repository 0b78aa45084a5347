/* SPDX-License-Identifier: Apache-2.0
 *
 * The CPUID leaves that say how processors share cores, dies and packages.
 *
 * Sources: Intel SDM volume 2A "CPUID" (leaves 4, 0xB, 0x1F), AMD APM volume 3 appendix E
 * (Fn8000_001E, Fn8000_0026), Linux arch/x86/kernel/cpu/amd.c (which models are Zen 4).
 */
#include "recording/cpuid.h"

/* Level types of leaves 0xB and 0x1F, and of Fn8000_0026. */
enum { LEVEL_THREAD = 1, LEVEL_CORE = 2, INTEL_LEVEL_DIE = 5 };
enum { AMD_LEVEL_CORE = 1, AMD_LEVEL_DIE = 3, AMD_LEVEL_SOCKET = 4 };

bool recording_cpu_is_amd(const struct rapl_cpu *cpu)
{
    return cpu->vendor == RAPL_VENDOR_AMD || cpu->vendor == RAPL_VENDOR_HYGON;
}

bool recording_cpu_has_leaf_b(const struct rapl_cpu *cpu)
{
    if (cpu->vendor == RAPL_VENDOR_AMD) {
        return cpu->family > 0x17 || (cpu->family == 0x17 && cpu->model >= 0x30);
    }
    return cpu->vendor == RAPL_VENDOR_INTEL;
}

/* The models of family 0x19 that Linux calls Zen 4; all of later families. */
bool recording_cpu_has_levels(const struct rapl_cpu *cpu)
{
    if (cpu->vendor != RAPL_VENDOR_AMD) {
        return false;
    }
    return cpu->family > 0x19 ||
           (cpu->family == 0x19 && ((cpu->model >= 0x10 && cpu->model <= 0x1F) ||
                                    (cpu->model >= 0x60 && cpu->model <= 0xAF)));
}

/* Two caches: a core's first-level data cache and the package's third-level one. */
void recording_leaf_4(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording_apic_layout *apic = &query->recording->apic;
    uint32_t cores = (1u << (apic->package_bits - apic->thread_bits)) - 1u;
    uint32_t sharing = (1u << (query->subleaf == 0 ? apic->thread_bits : apic->package_bits)) - 1u;

    if (query->recording->cpu.vendor != RAPL_VENDOR_INTEL || query->subleaf > 1) {
        return;
    }
    if (cores > 63) {
        cores = 63;
    }
    if (sharing > 0xFFF) {
        sharing = 0xFFF;
    }
    out->eax = cores << 26 | sharing << 14 | (query->subleaf == 0 ? 1u << 5 | 1u : 3u << 5 | 3u);
    out->ebx = 7u << 22 | 63u;
    out->ecx = 63;
}

static void put_level(struct rapl_cpuid_regs *out, uint32_t type, uint32_t bits, uint32_t count)
{
    out->eax = bits;
    out->ebx = count;
    out->ecx |= type << 8;
}

void recording_leaf_b(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording_apic_layout *apic = &query->recording->apic;

    if (!recording_cpu_has_leaf_b(&query->recording->cpu)) {
        return;
    }
    out->ecx = query->subleaf & 0xFFu;
    out->edx = query->at->apic_id;
    if (query->subleaf == 0) {
        put_level(out, LEVEL_THREAD, apic->thread_bits, query->threads);
    } else if (query->subleaf == 1) {
        put_level(out, LEVEL_CORE, apic->package_bits, query->package_processors);
    }
}

/* As 0xB, with the die between core and package where there is one. */
void recording_leaf_1f(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording_apic_layout *apic = &query->recording->apic;

    recording_leaf_b(query, out);
    if (!apic->dies || query->subleaf == 0 || query->subleaf > 2) {
        return;
    }
    out->ecx = query->subleaf;
    if (query->subleaf == 1) {
        put_level(out, LEVEL_CORE, apic->die_bits, query->die_processors);
    } else {
        put_level(out, INTEL_LEVEL_DIE, apic->package_bits, query->package_processors);
    }
}

/* A node is a die: what Zen reports where a package has several. All packages have as many. */
void recording_leaf_amd_nodes(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording_apic_layout *apic = &query->recording->apic;
    uint32_t nodes = 1, core;

    if (!recording_cpu_is_amd(&query->recording->cpu)) {
        return;
    }
    for (uint32_t i = 0; i < query->recording->processor_count; i++) {
        if (query->recording->processors[i].die >= nodes) {
            nodes = query->recording->processors[i].die + 1u;
        }
    }
    core = (query->at->apic_id & ((1u << apic->package_bits) - 1u)) >> apic->thread_bits;
    out->eax = query->at->apic_id;
    out->ebx = (core & 0xFFu) | ((1u << apic->thread_bits) - 1u) << 8;
    out->ecx = ((query->at->package * nodes + query->at->die) & 0xFFu) |
               (nodes < 8 ? nodes - 1u : 7u) << 8;
}

void recording_leaf_amd_levels(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording_apic_layout *apic = &query->recording->apic;
    uint32_t socket_level = apic->dies ? 2 : 1;

    if (!recording_cpu_has_levels(&query->recording->cpu)) {
        return;
    }
    out->ecx = query->subleaf & 0xFFu;
    out->edx = query->at->apic_id;
    if (query->subleaf == 0) {
        put_level(out, AMD_LEVEL_CORE, apic->thread_bits, query->threads);
    } else if (query->subleaf == socket_level) {
        put_level(out, AMD_LEVEL_SOCKET, apic->package_bits, query->package_processors);
    } else if (query->subleaf == 1) {
        put_level(out, AMD_LEVEL_DIE, apic->die_bits, query->die_processors);
    }
}
