/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver image in this process: mapped from its file as the kernel would map it, not by
 * LoadLibrary, so that protections, imports and discarded sections are ours to decide.
 */
#ifndef HARNESS_IMAGE_H
#define HARNESS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_SECTIONS_MAX 32u

struct image_section {
    char name[9];
    uint32_t rva;
    uint32_t size; /* rounded up to pages */
    uint32_t flags;
};

struct image {
    uint8_t *base;
    size_t size;
    uint64_t preferred_base;
    uint32_t entry_rva;
    uint32_t section_count;
    struct image_section section[IMAGE_SECTIONS_MAX];
    void *function_table; /* .pdata, registered for unwinding */
    uint32_t function_count;
    uint32_t cpuid_rva; /* of the one cpuid, rewritten to ud2; 0: the image has none */
    bool init_discarded;
    bool guarded; /* Control Flow Guard: targets are checked */
    const uint8_t *guard_table;
    uint32_t guard_count;
    uint32_t guard_stride;
};

/*
 * Maps `file`, a whole .sys. NULL and a reason in `why` when the image is not one that can run
 * here: malformed, an import the harness has not (named), more than one cpuid, a section that is
 * both writable and executable. One image at a time.
 */
struct image *image_load(const uint8_t *file, size_t size, char *why, size_t why_size);

/* Discardable sections go, as after DriverEntry: any access faults. */
void image_discard_init(struct image *image);

/* Unregisters and frees; whoever still runs in it faults. */
void image_unload(struct image *image);

/* The image that is loaded, NULL if none. */
const struct image *image_current(void);

/* True if `address` is inside; `*rva` is its offset. */
bool image_contains(const struct image *image, uint64_t address, uint32_t *rva);

/* Bytes from `rva` to the end of its section of code; 0 in data and in a discarded section. */
size_t image_code_left(const struct image *image, uint32_t rva);

/* ---- mapper_guard.c ------------------------------------------------------------------------- */

/* Reads the load configuration and points the guard's pointers at the harness. */
bool image_guard_prepare(struct image *image, char *why, size_t why_size);

/* False: Control Flow Guard would not let a call through to `address`. */
bool image_guard_allows(const struct image *image, uint64_t address);

#endif
