/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiler's intrinsic around CPUID.
 */
#include "lib/cpuid_here.h"

#if RAPL_HAS_CPUID

#ifdef _MSC_VER
#include <intrin.h>
#else
#include <cpuid.h>
#endif

static void read_here(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    (void)context;
#ifdef _MSC_VER
    int registers[4];
    __cpuidex(registers, (int)leaf, (int)subleaf);
    *out = (struct rapl_cpuid_regs){(uint32_t)registers[0], (uint32_t)registers[1],
                                    (uint32_t)registers[2], (uint32_t)registers[3]};
#else
    __cpuid_count(leaf, subleaf, out->eax, out->ebx, out->ecx, out->edx);
#endif
}

struct rapl_cpuid rapl_cpuid_here(void)
{
    return (struct rapl_cpuid){.read = read_here};
}

#endif
