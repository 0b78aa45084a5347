/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux powercap as a source of energy. One tick is 1 uJ, as the kernel has it.
 *
 * Limits
 * - The kernel rounds its unit: to whole nanojoules (2^-14 J is 61.035 uJ, 0.0003 % low), and
 *   2^-16 J of servers' memory to 15.3 uJ (0.27 % high; intel_rapl_common.c). This backend passes
 *   on what the kernel says.
 * - A 32-bit count wraps within a minute at 1 kW in the finest unit: read_interval_ms.
 * - What AMD and Hygon call "core" is one core of the package: listed only with RAPL_OPEN_CORES.
 * - A tree that is not in sysfs is some machine's copy: its numbers are flagged as simulated. It
 *   may have a copy of that machine's /proc/cpuinfo in a file `cpuinfo`.
 */
#ifndef RAPL_LIB_POWERCAP_H
#define RAPL_LIB_POWERCAP_H

#include "lib/backend/backend.h"
#include "lib/backend/powercap_files.h"

#define POWERCAP_ROOT "/sys/class/powercap"

extern const struct backend backend_powercap;

/*
 * backend_powercap.open over any files; `root` is what they are called in texts. Owns the files
 * from here on: they are released after a failure too.
 */
int powercap_open_files(const struct powercap_files *files, const char *root, uint32_t flags,
                        struct backend_report *report, void **out);

#endif
