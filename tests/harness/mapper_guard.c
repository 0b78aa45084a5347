/* SPDX-License-Identifier: Apache-2.0
 *
 * Control Flow Guard: what the kernel does with it, done here, so that a call that would stop a
 * guarded kernel is found.
 */
#include "tests/harness/image.h"
#include "tests/harness/imports.h"
#include "tests/harness/verifier.h"

#include <windows.h>
#include <stdio.h>
#include <string.h>

/* IMAGE_LOAD_CONFIG_DIRECTORY64, as in the PE format's documentation. */
enum load_config_offset {
    GUARD_CHECK_POINTER = 0x70,
    GUARD_DISPATCH_POINTER = 0x78,
    GUARD_FUNCTION_TABLE = 0x80,
    GUARD_FUNCTION_COUNT = 0x88,
    GUARD_FLAGS = 0x90,
    GUARD_END = 0x94,
};

#define GUARD_CF_INSTRUMENTED     0x00000100u
#define GUARD_FUNCTION_TABLE_HERE 0x00000400u

/* guard_gate.S */
void guard_check_gate(void);
void guard_dispatch_gate(void);
void guard_verify(uint64_t target, uint64_t return_address);

#define REFUSE(...) (snprintf(why, why_size, __VA_ARGS__), false)

static uint64_t field(const uint8_t *config, uint32_t offset)
{
    uint64_t value;
    memcpy(&value, config + offset, sizeof(value));
    return value;
}

static bool redirect(struct image *image, uint64_t pointer_va, void (*gate)(void))
{
    const uint64_t target = (uint64_t)(uintptr_t)gate;
    uint32_t rva;
    if (pointer_va == 0) {
        return true;
    }
    if (!image_contains(image, pointer_va, &rva) || rva > image->size - sizeof(target)) {
        return false;
    }
    memcpy(image->base + rva, &target, sizeof(target));
    return true;
}

static bool read_table(struct image *image, const uint8_t *config, uint32_t flags, char *why,
                       size_t why_size)
{
    const uint64_t table = field(config, GUARD_FUNCTION_TABLE);
    const uint64_t count = field(config, GUARD_FUNCTION_COUNT);
    uint32_t rva;
    image->guard_stride = 4 + (flags >> 28);
    if ((flags & GUARD_FUNCTION_TABLE_HERE) == 0 || count == 0) {
        return REFUSE("GUARD_CF is set but there is no table of functions");
    }
    if (!image_contains(image, table, &rva) || count > (image->size - rva) / image->guard_stride) {
        return REFUSE("the guard's function table lies outside the image");
    }
    image->guard_table = image->base + rva;
    image->guard_count = (uint32_t)count;
    image->guarded = true;
    return true;
}

bool image_guard_prepare(struct image *image, char *why, size_t why_size)
{
    const IMAGE_DOS_HEADER *dos = (const void *)image->base;
    const IMAGE_NT_HEADERS64 *nt = (const void *)(image->base + dos->e_lfanew);
    const bool wanted =
        (nt->OptionalHeader.DllCharacteristics & IMAGE_DLLCHARACTERISTICS_GUARD_CF) != 0;
    const IMAGE_DATA_DIRECTORY *entry =
        &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_LOAD_CONFIG];
    if (entry->VirtualAddress == 0) {
        return wanted ? REFUSE("GUARD_CF is set but there is no load configuration") : true;
    }
    if (entry->VirtualAddress > image->size || image->size - entry->VirtualAddress < GUARD_END) {
        return REFUSE("the load configuration lies outside the image");
    }

    const uint8_t *config = image->base + entry->VirtualAddress;
    uint32_t size, flags;
    memcpy(&size, config, sizeof(size));
    if (!wanted) {
        return true;
    }
    if (size < GUARD_END) {
        return REFUSE("GUARD_CF is set but the load configuration ends before its fields");
    }
    memcpy(&flags, config + GUARD_FLAGS, sizeof(flags));
    if ((flags & GUARD_CF_INSTRUMENTED) == 0) {
        return REFUSE("GUARD_CF is set but the load configuration says not instrumented");
    }
    if (!redirect(image, field(config, GUARD_CHECK_POINTER), guard_check_gate) ||
        !redirect(image, field(config, GUARD_DISPATCH_POINTER), guard_dispatch_gate)) {
        return REFUSE("the guard's pointers lie outside the image");
    }
    return read_table(image, config, flags, why, why_size);
}

bool image_guard_allows(const struct image *image, uint64_t address)
{
    uint32_t rva;
    if (!image->guarded) {
        return true;
    }
    if (!image_contains(image, address, &rva)) {
        return import_is_gate(address);
    }
    for (uint32_t i = 0; i < image->guard_count; i++) {
        uint32_t listed;
        memcpy(&listed, image->guard_table + (size_t)i * image->guard_stride, sizeof(listed));
        if (listed == rva) {
            return true;
        }
    }
    return false;
}

void guard_verify(uint64_t target, uint64_t return_address)
{
    const struct image *image = image_current();
    uint32_t rva;
    verifier_add(&verifier_counters.guard_checks);
    if (image == NULL || image_guard_allows(image, target)) {
        return;
    }
    verifier_report(FINDING_GUARD, "indirect call from +0x%X to %p, which is not in the table",
                    image_contains(image, return_address, &rva) ? rva : 0, (void *)target);
}
