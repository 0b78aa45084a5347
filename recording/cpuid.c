/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUID as the processors of a recording answer it.
 *
 * Sources: Intel SDM volume 2A "CPUID" (leaves 0, 1, 4, 7, 0xB, 0x1F; a basic leaf beyond the
 * highest answers as the highest one does), AMD APM volume 3 appendix E (Fn8000_0001, _0007, _0008,
 * _001E, _0026; unknown functions answer zeros), Microsoft "Hypervisor Top Level Functional
 * Specification" (0x40000000 to 0x40000003), Linux Documentation/virt/kvm/x86/cpuid.rst.
 */
#include "recording/cpuid.h"

#include <string.h>

static struct recording_query make_query(const struct recording *recording, uint32_t processor,
                                         uint32_t leaf, uint32_t subleaf)
{
    struct recording_query query = {.recording = recording,
                                    .at = &recording->processors[processor],
                                    .leaf = leaf,
                                    .subleaf = subleaf};

    for (uint32_t i = 0; i < recording->processor_count; i++) {
        const struct recording_processor *other = &recording->processors[i];

        if (other->package != query.at->package) {
            continue;
        }
        query.package_processors++;
        query.die_processors += other->die == query.at->die;
        query.threads += other->core == query.at->core;
    }
    return query;
}

static bool is_hybrid(const struct recording *recording)
{
    uint32_t narrow = 0, wide = 0;

    for (uint32_t i = 0; i < recording->processor_count; i++) {
        const struct recording_processor *at = &recording->processors[i];

        if (at->thread == 1) {
            wide++;
        }
        if (at->thread == 0) {
            narrow++;
        }
    }
    return wide > 0 && wide < narrow;
}

static uint32_t leaf_max(const struct recording *recording)
{
    if (recording_cpu_is_amd(&recording->cpu)) {
        return recording_cpu_has_leaf_b(&recording->cpu) ? 0x10 : 0xD;
    }
    return recording->apic.dies || is_hybrid(recording) ? 0x1F : 0xD;
}

static void put_text(struct rapl_cpuid_regs *out, const char *text, bool in_order)
{
    uint32_t words[3];

    memcpy(words, text, sizeof(words));
    out->ebx = words[0];
    out->ecx = in_order ? words[1] : words[2];
    out->edx = in_order ? words[2] : words[1];
}

static void put_vendor(const struct recording *recording, struct rapl_cpuid_regs *out)
{
    static const char *const names[] = {
        [RAPL_VENDOR_UNKNOWN] = "CentaurHauls",
        [RAPL_VENDOR_INTEL] = "GenuineIntel",
        [RAPL_VENDOR_AMD] = "AuthenticAMD",
        [RAPL_VENDOR_HYGON] = "HygonGenuine",
    };

    put_text(out, names[recording->cpu.vendor], false);
}

static uint32_t signature(const struct rapl_cpu *cpu)
{
    uint32_t base = cpu->family < 0xF ? cpu->family : 0xFu;
    uint32_t extended = cpu->family - base;

    return extended << 20 | (uint32_t)cpu->model >> 4 << 16 | base << 8 | (cpu->model & 0xFu) << 4 |
           cpu->stepping;
}

static void leaf_0(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    out->eax = leaf_max(query->recording);
    put_vendor(query->recording, out);
}

/* EDX: FPU, TSC, MSR, APIC, SSE, SSE2. ECX: SSE3, x2APIC. Nothing here reads more of them. */
static void leaf_1(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    uint32_t ids = 1u << query->recording->apic.package_bits;

    if (ids > 255) {
        ids = 255;
    }
    out->eax = signature(&query->recording->cpu);
    out->ebx = (query->at->apic_id & 0xFFu) << 24 | ids << 16 | 8u << 8;
    out->ecx = 1u | 1u << 21 | (query->recording->cpu.hypervisor ? 1u << 31 : 0u);
    out->edx = 1u | 1u << 4 | 1u << 5 | 1u << 9 | 1u << 25 | 1u << 26;
    if (query->package_processors > 1) {
        out->edx |= 1u << 28;
    }
}

/* EDX[15]: hybrid. EDX[29]: IA32_ARCH_CAPABILITIES exists, which is where it can be read. */
static void leaf_7(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    const struct recording *recording = query->recording;
    const uint32_t processor = (uint32_t)(query->at - recording->processors);
    uint64_t unused;

    if (query->subleaf != 0 || recording->cpu.vendor != RAPL_VENDOR_INTEL) {
        return;
    }
    out->edx = (is_hybrid(recording) ? 1u << 15 : 0u) |
               (recording_read(recording, processor, 0x10A, 0, &unused) ? 1u << 29 : 0u);
}

/* The sizes of the processor state; older processors' highest leaf, so it answers for more. */
static void leaf_d(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    if (query->subleaf == 0) {
        *out = (struct rapl_cpuid_regs){.eax = 7, .ebx = 0x340, .ecx = 0x340};
    }
}

static void leaf_extended_max(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    out->eax = 0x80000008;
    if (!recording_cpu_is_amd(&query->recording->cpu)) {
        return;
    }
    out->eax = recording_cpu_has_levels(&query->recording->cpu) ? 0x80000028 : 0x8000001F;
    put_vendor(query->recording, out);
}

/* EDX[29]: 64-bit mode. AMD, ECX[22]: Fn8000_001E exists. */
static void leaf_extended_1(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    out->edx = 1u << 29;
    if (!recording_cpu_is_amd(&query->recording->cpu)) {
        return;
    }
    out->eax = signature(&query->recording->cpu);
    out->ecx = 1u << 22;
}

/* EDX[8]: the TSC is invariant. */
static void leaf_power(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    out->edx = 1u << 8;
    if (recording_cpu_is_amd(&query->recording->cpu) && query->recording->cpu.amd_rapl) {
        out->edx |= 1u << 14;
    }
}

static void leaf_sizes(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    out->eax = 48u << 8 | 48u;
    if (recording_cpu_is_amd(&query->recording->cpu)) {
        out->ecx = (uint32_t)query->recording->apic.package_bits << 12 |
                   ((query->package_processors - 1u) & 0xFFu);
    }
}

/* The hypervisor's highest leaf and name. */
static void leaf_hypervisor(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    if (query->recording->hypervisor == RECORDING_OTHER_GUEST) {
        out->eax = 0x40000001;
        put_text(out, "KVMKVMKVM\0\0", true);
        return;
    }
    out->eax = query->recording->hypervisor == RECORDING_HYPERV_ROOT ? 0x4000000C : 0x4000000B;
    put_text(out, "Microsoft Hv", true);
}

/*
 * 1: the interface, "Hv#1". 2: the version, here that of Windows 11 22H2. 3: the partition's
 * privileges as published for Windows: a root has EBX[0], CreatePartitions, a guest has not
 * (Quarkslab, "A virtual journey: From hardware virtualization to Hyper-V's Virtual Trust Levels").
 */
static void leaf_hyperv(const struct recording_query *query, struct rapl_cpuid_regs *out)
{
    bool root = query->recording->hypervisor == RECORDING_HYPERV_ROOT;

    if (query->recording->hypervisor == RECORDING_OTHER_GUEST) {
        return;
    }
    if (query->leaf == 0x40000001) {
        out->eax = 0x31237648;
    } else if (query->leaf == 0x40000002) {
        out->eax = 22621;
        out->ebx = 10u << 16;
    } else {
        out->eax = root ? 0x00003FFF : 0x00002E7F;
        out->ebx = root ? 0x002BB9FF : 0x00388030;
    }
}

static const struct leaf {
    uint32_t leaf;
    void (*answer)(const struct recording_query *query, struct rapl_cpuid_regs *out);
} leaves[] = {
    {0x0, leaf_0},
    {0x1, leaf_1},
    {0x4, recording_leaf_4},
    {0x7, leaf_7},
    {0xB, recording_leaf_b},
    {0xD, leaf_d},
    {0x1F, recording_leaf_1f},
    {0x40000000, leaf_hypervisor},
    {0x40000001, leaf_hyperv},
    {0x40000002, leaf_hyperv},
    {0x40000003, leaf_hyperv},
    {0x80000000, leaf_extended_max},
    {0x80000001, leaf_extended_1},
    {0x80000007, leaf_power},
    {0x80000008, leaf_sizes},
    {0x8000001E, recording_leaf_amd_nodes},
    {0x80000026, recording_leaf_amd_levels},
};

/* The leaf that answers for this one; UINT32_MAX: none does. */
static uint32_t effective_leaf(const struct recording *recording, uint32_t leaf)
{
    uint32_t highest = leaf_max(recording);

    if (leaf >= 0x80000000) {
        return leaf;
    }
    if (leaf >= 0x40000000 && recording->hypervisor != RECORDING_BARE) {
        return leaf;
    }
    if (leaf <= highest) {
        return leaf;
    }
    return recording_cpu_is_amd(&recording->cpu) ? UINT32_MAX : highest;
}

void recording_cpuid(const struct recording *recording, uint32_t processor, uint32_t leaf,
                     uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    struct rapl_cpuid_regs answer = {0};
    struct recording_query query;
    uint32_t effective;

    *out = answer;
    if (processor >= recording->processor_count) {
        return;
    }
    effective = effective_leaf(recording, leaf);
    query = make_query(recording, processor, effective, subleaf);
    for (uint32_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        if (leaves[i].leaf == effective) {
            leaves[i].answer(&query, &answer);
        }
    }
    *out = answer;
}
