/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes of the driver's own structures, from its own headers and compiler: bench_client prints
 * them. Kernel headers and those of programs do not go into one file.
 */
#include "driver/driver.h"

#include "bench/driver_sizes.h"

/* Behind it lies the path of the service's key, as driver/main.c keeps it: without a NUL. */
#define SERVICE_PATH L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\ScaphandreDrv"

const unsigned bench_driver_bytes = sizeof(struct driver) + sizeof(SERVICE_PATH) - sizeof(WCHAR);

/* driver/hw_parallel.c: a DPC for a job, and DPCS_MAX. */
const unsigned bench_slot_bytes = sizeof(KDPC);
const unsigned bench_slots_max = 64;
