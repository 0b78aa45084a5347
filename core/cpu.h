/* SPDX-License-Identifier: Apache-2.0
 *
 * Which processor this is, from CPUID.
 *
 * Sources: Intel SDM volume 2A "CPUID" (leaves 0, 1: display family and model), AMD APM volume 3
 * appendix E (Fn0000_0001, Fn8000_0007 EDX[14] = RAPL), Microsoft "Hypervisor Top Level Functional
 * Specification" (0x40000000, 0x40000001 "Hv#1", 0x40000003 EBX[0] CreatePartitions: only the root
 * partition holds it).
 */
#ifndef RAPL_CORE_CPU_H
#define RAPL_CORE_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct rapl_cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

/* Executes CPUID on the processor the caller has in mind. `read` always fills `*out`. */
struct rapl_cpuid {
    void *context;
    void (*read)(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out);
};

enum rapl_vendor {
    RAPL_VENDOR_UNKNOWN,
    RAPL_VENDOR_INTEL, /* "GenuineIntel" */
    RAPL_VENDOR_AMD,   /* "AuthenticAMD" */
    RAPL_VENDOR_HYGON, /* "HygonGenuine" */
};

struct rapl_cpu {
    uint8_t vendor; /* enum rapl_vendor */
    uint8_t stepping;
    uint16_t family;  /* display family: base, plus extended when base is 0xF */
    uint16_t model;   /* display model: extended model in bits 7:4 where the vendor defines it */
    bool hypervisor;  /* CPUID.1 ECX[31]; Windows with VBS sets it on bare metal too */
    bool hyperv_root; /* runs on Hyper-V and is its root partition: the hardware is ours */
    bool amd_rapl;    /* Fn8000_0007 EDX[14] */
};

#define RAPL_CPU_BRAND_SIZE 48u

/* Never fails: what cannot be told is RAPL_VENDOR_UNKNOWN. Any IRQL the reader allows. */
void rapl_cpu_identify(const struct rapl_cpuid *cpuid, struct rapl_cpu *out);

/*
 * The brand string of leaves 0x80000002 to 4, NUL-terminated and filled up with 0; empty if there
 * is none. Bytes outside printable ASCII become '?'. Never fails.
 */
void rapl_cpu_brand(const struct rapl_cpuid *cpuid, char brand[RAPL_CPU_BRAND_SIZE]);

/* IA32_ARCH_CAPABILITIES (0x10A) exists: leaf 7 EDX[29], SDM volume 2A. */
bool rapl_cpu_has_arch_capabilities(const struct rapl_cpuid *cpuid);

/* "Intel", "AMD", "Hygon", "unknown". */
const char *rapl_vendor_name(uint32_t vendor);

#endif
