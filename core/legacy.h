/* SPDX-License-Identifier: Apache-2.0
 *
 * The legacy device's one request: validated and answered here, whole, without an OS.
 * The wire format and its rules are in rapl/abi.h.
 */
#ifndef RAPL_CORE_LEGACY_H
#define RAPL_CORE_LEGACY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/call.h"
#include "core/inventory.h"

enum rapl_legacy_status {
    RAPL_LEGACY_OK,
    RAPL_LEGACY_NOT_BUFFERED,  /* method bits are not METHOD_BUFFERED */
    RAPL_LEGACY_ACCESS_DENIED, /* no read access, or not for coarse callers */
    RAPL_LEGACY_BAD_INPUT,     /* input is not 8 bytes */
    RAPL_LEGACY_SHORT_OUTPUT,  /* output is shorter than 4 bytes */
    RAPL_LEGACY_NOT_ALLOWED,   /* register not on this CPU's list */
    RAPL_LEGACY_IO_ERROR,      /* the register faults, or a counter that has never moved from 0 */
};

/*
 * Answers one request. `inventory` is the machine's: coarse callers get its copy, under the
 * platform's lock; fresh callers' registers are read directly, without it.
 * On RAPL_LEGACY_OK `*written` is the number of bytes put at `out` (4 to 8, never more than
 * out_size); otherwise it is 0 and `out` is untouched.
 * IRQL: at most APC_LEVEL in the kernel (reads move the thread to the processor).
 */
enum rapl_legacy_status rapl_legacy_answer(struct rapl_inventory *inventory,
                                           const struct rapl_call *call, size_t *written);

#endif
