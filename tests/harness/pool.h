/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory handed to the driver: every allocation at the end of its own pages, with pages nothing can
 * touch after it, gone for good when freed.
 */
#ifndef HARNESS_POOL_H
#define HARNESS_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/verifier.h"

enum pool_owner {
    POOL_DRIVER, /* ExAllocatePoolWithTag: must be freed by the driver */
    POOL_IRP,    /* an IRP and its stack locations */
    POOL_BUFFER, /* a request's system buffer: to the byte, alignment given up for it */
    POOL_OBJECT, /* device, driver and file objects */
};

/* Zeroed for POOL_IRP and POOL_OBJECT, filled with rubbish otherwise. Never NULL. */
void *pool_allocate(enum pool_owner owner, size_t size, uint32_t tag);

/*
 * Checks the bytes around the allocation and takes its pages away. `tag` is compared for
 * POOL_DRIVER. A pointer that is not a live allocation is reported.
 */
void pool_free(void *address, enum pool_owner owner, uint32_t tag);

/* It lies in memory that was freed and has not been handed out again. */
bool pool_was_freed(const void *address);

/* Bytes of a live allocation of the driver, 0 if it is none. */
size_t pool_size_of(const void *address);

/* Bytes the driver holds, and what each allocation takes in Windows' pool: a header of 16 bytes and
 * steps of 16, whole pages from a page on. */
size_t pool_in_use(void);

/* The most of that since pool_peak_reset. */
size_t pool_peak(void);
void pool_peak_reset(void);

/* Driver allocations not freed yet; each is reported as FINDING_POOL_LEFT and freed. */
uint32_t pool_report_left(void);

/* What lies at an address that faulted, and the rule its use broke. */
enum finding pool_describe(uint64_t address, char *text, size_t text_size);

#endif
