/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of nonpaged pool that the driver takes beside core's.
 */
#ifndef RAPL_BENCH_DRIVER_SIZES_H
#define RAPL_BENCH_DRIVER_SIZES_H

extern const unsigned bench_driver_bytes; /* once */
extern const unsigned bench_slot_bytes;   /* for each of rapl_inventory_jobs_max, */
extern const unsigned bench_slots_max;    /* but for no more than this */

#endif
