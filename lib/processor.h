/* SPDX-License-Identifier: Apache-2.0
 *
 * System-wide processor numbers, as Windows' threads understand them. Win32 only.
 */
#ifndef RAPL_LIB_PROCESSOR_H
#define RAPL_LIB_PROCESSOR_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

/*
 * Where a thread must be to run on that processor, which is counted over all groups. False, `*out`
 * untouched, if there is none.
 */
bool rapl_processor_affinity(uint32_t processor, GROUP_AFFINITY *out);

#endif
