/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine this program runs on, asked processor by processor. Win32 only.
 */
#ifndef RAPL_LIB_MACHINE_H
#define RAPL_LIB_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/host.h"

/*
 * Runs CPUID on every active processor of every group, in the order of the system-wide processor
 * number (by group, then by number within it). The calling thread's affinity is as before
 * afterwards. False, `*error` a Windows code and `*out` untouched, on failure.
 */
bool rapl_machine_host(struct rapl_host *out, uint32_t *error);

#endif
