/* SPDX-License-Identifier: Apache-2.0
 *
 * CPUID of the processor that happens to run this thread; x86 only.
 */
#ifndef RAPL_LIB_CPUID_HERE_H
#define RAPL_LIB_CPUID_HERE_H

#include "core/cpu.h"

#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64)
#define RAPL_HAS_CPUID 1

struct rapl_cpuid rapl_cpuid_here(void);
#else
#define RAPL_HAS_CPUID 0
#endif

#endif
