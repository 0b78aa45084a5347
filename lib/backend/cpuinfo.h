/* SPDX-License-Identifier: Apache-2.0
 *
 * /proc/cpuinfo of an x86 Linux: "key : value" lines, a block a processor (proc_pid_cpuinfo(5),
 * Linux arch/x86/kernel/cpu/proc.c). What is not there stays 0 or "".
 */
#ifndef RAPL_LIB_CPUINFO_H
#define RAPL_LIB_CPUINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CPUINFO_SOCKETS_MAX 256u

struct cpuinfo {
    uint32_t vendor; /* enum rapl_vendor */
    uint32_t family, model, stepping;
    uint32_t processor_count;
    uint32_t core_count;   /* physical ones, of all sockets */
    uint32_t socket_count; /* that have a processor online */
    bool hypervisor;       /* runs under one */
    char brand[64];
};

/* Any bytes. Never fails. */
void cpuinfo_parse(const char *text, size_t size, struct cpuinfo *out);

#endif
