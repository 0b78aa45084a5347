/* SPDX-License-Identifier: Apache-2.0
 *
 * The system's monotonic clock: QueryPerformanceCounter on Windows, CLOCK_MONOTONIC on Linux. All
 * backends without a time of their own stamp their readings with it.
 */
#ifndef RAPL_LIB_CLOCK_H
#define RAPL_LIB_CLOCK_H

#include <stdint.h>

uint64_t rapl_clock_now_ns(void);

/* At least this long; a signal does not cut it short. */
void rapl_clock_sleep_ns(uint64_t duration_ns);

#endif
