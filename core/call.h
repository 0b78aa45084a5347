/* SPDX-License-Identifier: Apache-2.0
 *
 * One device control request, to either device, without its IRP.
 */
#ifndef RAPL_CORE_CALL_H
#define RAPL_CORE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As the I/O manager delivered it. `in` and `out` may be the same memory. */
struct rapl_call {
    uint32_t control_code;
    const void *in;
    size_t in_size;
    void *out;
    size_t out_size;
    bool can_read;              /* the handle was opened with FILE_READ_DATA */
    bool coarse;                /* tier of the caller, decided at open */
    uint32_t processors_active; /* now; at least 1. Processors may have been added since load */
};

#endif
