/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU identity from CPUID. Each leaf is read only if the CPU says it has it: Intel CPUs answer a
 * leaf above their last one with the data of the last.
 */
#include "core/cpu.h"

#include <stddef.h>

#define LEAF_VENDOR        0x00000000u
#define LEAF_FEATURES      0x00000001u
#define LEAF_EXTENDED_7    0x00000007u
#define LEAF_HYPERVISOR    0x40000000u
#define LEAF_HV_INTERFACE  0x40000001u
#define LEAF_HV_PRIVILEGES 0x40000003u
#define LEAF_EXTENDED      0x80000000u
#define LEAF_BRAND         0x80000002u
#define LEAF_BRAND_LAST    0x80000004u
#define LEAF_AMD_POWER     0x80000007u

#define HYPERVISOR_PRESENT       (1u << 31)  /* leaf 1 ECX */
#define HV_INTERFACE_SIGNATURE   0x31237648u /* "Hv#1" */
#define HV_CREATE_PARTITIONS     (1u << 0)   /* 0x40000003 EBX */
#define AMD_POWER_RAPL           (1u << 14)  /* 0x80000007 EDX */
#define ARCH_CAPABILITIES        (1u << 29)  /* leaf 7 EDX */
#define FAMILY_EXTENDED          0xFu
#define FAMILY_INTEL_MODEL_ABOVE 0x6u /* Intel extends the model of this family too */

/* The twelve letters as CPUID leaf 0 gives them: EBX, EDX, ECX. */
static const struct {
    uint32_t ebx, edx, ecx;
    uint8_t vendor;
} vendors[] = {
    {0x756E6547u, 0x49656E69u, 0x6C65746Eu, RAPL_VENDOR_INTEL}, /* Genu ineI ntel */
    {0x68747541u, 0x69746E65u, 0x444D4163u, RAPL_VENDOR_AMD},   /* Auth enti cAMD */
    {0x6F677948u, 0x6E65476Eu, 0x656E6975u, RAPL_VENDOR_HYGON}, /* Hygo nGen uine */
};

static struct rapl_cpuid_regs leaf(const struct rapl_cpuid *cpuid, uint32_t number)
{
    struct rapl_cpuid_regs regs;

    cpuid->read(cpuid->context, number, 0, &regs);
    return regs;
}

static uint8_t vendor_of(const struct rapl_cpuid_regs *regs)
{
    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (regs->ebx == vendors[i].ebx && regs->edx == vendors[i].edx &&
            regs->ecx == vendors[i].ecx) {
            return vendors[i].vendor;
        }
    }
    return RAPL_VENDOR_UNKNOWN;
}

static void decode_signature(uint32_t eax, struct rapl_cpu *cpu)
{
    const uint32_t base_family = (eax >> 8) & 0xFu;
    uint32_t family = base_family;
    uint32_t model = (eax >> 4) & 0xFu;

    if (base_family == FAMILY_EXTENDED) {
        family += (eax >> 20) & 0xFFu;
    }
    if (base_family == FAMILY_EXTENDED ||
        (base_family == FAMILY_INTEL_MODEL_ABOVE && cpu->vendor == RAPL_VENDOR_INTEL)) {
        model |= ((eax >> 16) & 0xFu) << 4;
    }
    cpu->family = (uint16_t)family;
    cpu->model = (uint16_t)model;
    cpu->stepping = (uint8_t)(eax & 0xFu);
}

static bool is_hyperv_root(const struct rapl_cpuid *cpuid)
{
    return leaf(cpuid, LEAF_HYPERVISOR).eax >= LEAF_HV_PRIVILEGES &&
           leaf(cpuid, LEAF_HV_INTERFACE).eax == HV_INTERFACE_SIGNATURE &&
           (leaf(cpuid, LEAF_HV_PRIVILEGES).ebx & HV_CREATE_PARTITIONS) != 0;
}

static bool has_amd_rapl(const struct rapl_cpuid *cpuid)
{
    return leaf(cpuid, LEAF_EXTENDED).eax >= LEAF_AMD_POWER &&
           (leaf(cpuid, LEAF_AMD_POWER).edx & AMD_POWER_RAPL) != 0;
}

void rapl_cpu_identify(const struct rapl_cpuid *cpuid, struct rapl_cpu *out)
{
    const struct rapl_cpuid_regs first = leaf(cpuid, LEAF_VENDOR);
    struct rapl_cpu cpu = {.vendor = RAPL_VENDOR_UNKNOWN};

    if (first.eax >= LEAF_FEATURES) {
        const struct rapl_cpuid_regs features = leaf(cpuid, LEAF_FEATURES);

        cpu.vendor = vendor_of(&first);
        decode_signature(features.eax, &cpu);
        cpu.hypervisor = (features.ecx & HYPERVISOR_PRESENT) != 0;
        cpu.hyperv_root = cpu.hypervisor && is_hyperv_root(cpuid);
        cpu.amd_rapl = (cpu.vendor == RAPL_VENDOR_AMD || cpu.vendor == RAPL_VENDOR_HYGON) &&
                       has_amd_rapl(cpuid);
    }
    *out = cpu;
}

static uint8_t printable(uint32_t letter)
{
    return letter >= 0x20 && letter < 0x7F ? (uint8_t)letter : '?';
}

void rapl_cpu_brand(const struct rapl_cpuid *cpuid, char brand[RAPL_CPU_BRAND_SIZE])
{
    uint32_t length = 0;
    bool ended = leaf(cpuid, LEAF_EXTENDED).eax < LEAF_BRAND_LAST;

    for (uint32_t number = LEAF_BRAND; number <= LEAF_BRAND_LAST; number++) {
        const struct rapl_cpuid_regs regs = leaf(cpuid, number);
        const uint32_t words[4] = {regs.eax, regs.ebx, regs.ecx, regs.edx};

        for (uint32_t i = 0; i < sizeof(words); i++) {
            const uint32_t letter = words[i / 4] >> (8 * (i % 4)) & 0xFFu;

            ended |= letter == 0;
            brand[length++] = (char)(ended ? 0u : printable(letter));
        }
    }
    brand[RAPL_CPU_BRAND_SIZE - 1] = 0;
}

bool rapl_cpu_has_arch_capabilities(const struct rapl_cpuid *cpuid)
{
    return leaf(cpuid, LEAF_VENDOR).eax >= LEAF_EXTENDED_7 &&
           (leaf(cpuid, LEAF_EXTENDED_7).edx & ARCH_CAPABILITIES) != 0;
}

const char *rapl_vendor_name(uint32_t vendor)
{
    switch (vendor) {
    case RAPL_VENDOR_INTEL:
        return "Intel";
    case RAPL_VENDOR_AMD:
        return "AMD";
    case RAPL_VENDOR_HYGON:
        return "Hygon";
    default:
        return "unknown";
    }
}
