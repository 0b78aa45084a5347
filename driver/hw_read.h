/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the production side's own files: reading registers on the processor one is on.
 */
#ifndef RAPL_DRIVER_HW_READ_H
#define RAPL_DRIVER_HW_READ_H

#include <ntddk.h>

#include "core/machine.h"

/*
 * Reads every register here, guarded: one that faults gives ok = false. The thread must not be able
 * to move: pinned, or at DISPATCH_LEVEL. IRQL: at most DISPATCH_LEVEL; a fault is handled there
 * too, since nothing on the way is pageable.
 */
void hw_read_here(struct rapl_reading *readings, ULONG count);

/* The processor could not be used: no reading is good. */
void hw_read_nothing(struct rapl_reading *readings, ULONG count);

#endif
