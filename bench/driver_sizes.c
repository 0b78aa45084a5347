/* SPDX-License-Identifier: Apache-2.0
 *
 * Sizes of the driver's own structures, from its own headers and compiler: bench_client prints
 * them. Kernel headers and those of programs do not go into one file.
 */
#include "driver/driver.h"

#include "bench/driver_sizes.h"

const unsigned bench_driver_bytes = sizeof(struct driver);

/* driver/hw_parallel.c: a DPC for a job, and DPCS_MAX. */
const unsigned bench_slot_bytes = sizeof(KDPC);
const unsigned bench_slots_max = 64;
