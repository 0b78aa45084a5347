/* SPDX-License-Identifier: Apache-2.0
 *
 * Recordings of small machines, and CPUID executed on their processors, for the tests of CPUID.
 */
#ifndef RAPL_TESTS_RECORDING_MACHINES_H
#define RAPL_TESTS_RECORDING_MACHINES_H

#include "recording_support.h"

#include "core/cpu.h"

#define HEAD                                                                                       \
    "rapl-recording 1\n"                                                                           \
    "source k composed \"made up\"\n"                                                              \
    "title \"t\" @k\n"
#define INTEL     HEAD "cpu intel family 6 model 0x97 stepping 2 @k\n"
#define ZEN1      HEAD "cpu amd family 0x17 model 0x1 stepping 2 @k\namd-rapl yes @k\n"
#define ZEN2      HEAD "cpu amd family 0x17 model 0x31 stepping 0 @k\namd-rapl yes @k\n"
#define ZEN4      HEAD "cpu amd family 0x19 model 0x11 stepping 1 @k\namd-rapl yes @k\n"
#define HYGON     HEAD "cpu hygon family 0x18 model 0x0 stepping 1 @k\namd-rapl yes @k\n"
#define BARE      "hypervisor none @k\n"
#define INTEL_END "register 0x606 package all value 0xA0E03 @k\nend\n"
#define AMD_END   "register 0xC0010299 package all value 0xA1003 @k\nend\n"

#define TWO_DIES                                                                                   \
    "topology packages 2 processors 16 groups 16 @k\n"                                             \
    "cores 0-1 package 0 die 0 threads 2 group 0 apic 0x00 step 2 @k\n"                            \
    "cores 2-3 package 0 die 1 threads 2 group 0 apic 0x08 step 2 @k\n"                            \
    "cores 0-1 package 1 die 0 threads 2 group 0 apic 0x20 step 2 @k\n"                            \
    "cores 2-3 package 1 die 1 threads 2 group 0 apic 0x28 step 2 @k\n"

#define SMALL                                                                                      \
    "topology packages 1 processors 4 groups 4 @k\n"                                               \
    "cores 0-1 package 0 threads 2 group 0 apic 0x10 step 2 @k\n"

/* One processor of a recording. */
struct executing {
    const struct recording *recording;
    uint32_t processor;
};

static inline void execute(void *context, uint32_t leaf, uint32_t subleaf,
                           struct rapl_cpuid_regs *out)
{
    const struct executing *const at = context;

    recording_cpuid(at->recording, at->processor, leaf, subleaf, out);
}

static inline void expect_identity(const struct recording *recording)
{
    for (uint32_t i = 0; i < recording->processor_count; i++) {
        struct executing at = {recording, i};
        const struct rapl_cpuid cpuid = {&at, execute};
        struct rapl_cpu cpu;

        rapl_cpu_identify(&cpuid, &cpu);
        assert_int_equal(cpu.vendor, recording->cpu.vendor);
        assert_int_equal(cpu.family, recording->cpu.family);
        assert_int_equal(cpu.model, recording->cpu.model);
        assert_int_equal(cpu.stepping, recording->cpu.stepping);
        assert_int_equal(cpu.hypervisor, recording->cpu.hypervisor);
        assert_int_equal(cpu.hyperv_root, recording->cpu.hyperv_root);
        assert_int_equal(cpu.amd_rapl, recording->cpu.amd_rapl);
    }
}

#endif
