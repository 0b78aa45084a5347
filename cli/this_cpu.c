/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPU the numbers are of.
 */
#include "cli/this_cpu.h"

#include "lib/cpuid_here.h"

void this_cpu_of(struct rapl_session *session, struct rapl_cpu *out)
{
    const struct rapl_cpuid cpuid = rapl_cpuid_here();
    struct rapl_machine_info machine = {.size = sizeof(machine)};

    if (session == NULL || rapl_machine_get(session, &machine) != RAPL_OK || machine.vendor == 0) {
        rapl_cpu_identify(&cpuid, out);
        return;
    }
    *out = (struct rapl_cpu){
        .vendor = (uint8_t)machine.vendor,
        .family = (uint16_t)machine.family,
        .model = (uint16_t)machine.model,
        .stepping = (uint8_t)machine.stepping,
        .hypervisor = machine.is_guest != 0,
        .amd_rapl = true,
    };
}
