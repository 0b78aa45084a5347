/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps a driver image: sections, relocations, protections, unwind data. Format: Microsoft, "PE
 * Format".
 */
#include "tests/harness/image.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct image current;
static bool loaded;

#define REFUSE(...) (snprintf(why, why_size, __VA_ARGS__), false)

static const IMAGE_NT_HEADERS64 *headers_of(const uint8_t *file, size_t size)
{
    const IMAGE_DOS_HEADER *dos = (const void *)file;
    if (size < sizeof(*dos) || dos->e_magic != IMAGE_DOS_SIGNATURE || dos->e_lfanew < 0 ||
        (size_t)dos->e_lfanew > size || size - (size_t)dos->e_lfanew < sizeof(IMAGE_NT_HEADERS64)) {
        return NULL;
    }
    const IMAGE_NT_HEADERS64 *nt = (const void *)(file + dos->e_lfanew);
    if (nt->Signature != IMAGE_NT_SIGNATURE ||
        nt->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC) {
        return NULL;
    }
    return nt;
}

static uint32_t to_pages(uint32_t size)
{
    const uint32_t page = (uint32_t)HOST_PAGE_SIZE;
    return (size + page - 1) & ~(page - 1);
}

static bool check_headers(const IMAGE_NT_HEADERS64 *nt, size_t size, char *why, size_t why_size)
{
    if (nt == NULL) {
        return REFUSE("not a 64-bit PE image");
    }
    const IMAGE_OPTIONAL_HEADER64 *optional = &nt->OptionalHeader;
    if (nt->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64) {
        return REFUSE("machine 0x%04X is not x64", nt->FileHeader.Machine);
    }
    if (optional->Subsystem != IMAGE_SUBSYSTEM_NATIVE) {
        return REFUSE("subsystem %u is not native", optional->Subsystem);
    }
    if (optional->SectionAlignment < HOST_PAGE_SIZE) {
        return REFUSE("sections are not page aligned");
    }
    if (optional->SizeOfHeaders > size || optional->SizeOfImage > (64u << 20) ||
        optional->SizeOfHeaders > optional->SizeOfImage) {
        return REFUSE("header sizes contradict the file");
    }
    if (nt->FileHeader.NumberOfSections > IMAGE_SECTIONS_MAX) {
        return REFUSE("%u sections", nt->FileHeader.NumberOfSections);
    }
    if (optional->AddressOfEntryPoint == 0 ||
        optional->AddressOfEntryPoint >= optional->SizeOfImage) {
        return REFUSE("no entry point");
    }
    return true;
}

static bool map_sections(struct image *image, const uint8_t *file, size_t size,
                         const IMAGE_NT_HEADERS64 *nt, char *why, size_t why_size)
{
    const IMAGE_SECTION_HEADER *header = IMAGE_FIRST_SECTION(nt);
    const uint32_t count = nt->FileHeader.NumberOfSections;
    if ((const uint8_t *)(header + count) > file + size) {
        return REFUSE("section table is past the end of the file");
    }

    memcpy(image->base, file, nt->OptionalHeader.SizeOfHeaders);
    for (uint32_t i = 0; i < count; i++, header++) {
        struct image_section *section = &image->section[i];
        const uint32_t virtual_size =
            header->Misc.VirtualSize != 0 ? header->Misc.VirtualSize : header->SizeOfRawData;
        memcpy(section->name, header->Name, sizeof(header->Name));
        section->rva = header->VirtualAddress;
        section->size = to_pages(virtual_size);
        section->flags = header->Characteristics;
        if (section->rva % HOST_PAGE_SIZE != 0 || section->rva > image->size ||
            section->size > image->size - section->rva) {
            return REFUSE("section %s lies outside the image", section->name);
        }

        const uint32_t raw = min(header->SizeOfRawData, section->size);
        if (header->PointerToRawData > size || raw > size - header->PointerToRawData) {
            return REFUSE("section %s lies outside the file", section->name);
        }
        memcpy(image->base + section->rva, file + header->PointerToRawData, raw);
        const uint32_t forbidden = IMAGE_SCN_MEM_WRITE | IMAGE_SCN_MEM_EXECUTE;
        if ((section->flags & forbidden) == forbidden) {
            return REFUSE("section %s is writable and executable", section->name);
        }
    }
    image->section_count = count;
    return true;
}

static bool directory(const struct image *image, const IMAGE_NT_HEADERS64 *nt, uint32_t which,
                      uint32_t *rva, uint32_t *size)
{
    if (which >= nt->OptionalHeader.NumberOfRvaAndSizes) {
        return false;
    }
    *rva = nt->OptionalHeader.DataDirectory[which].VirtualAddress;
    *size = nt->OptionalHeader.DataDirectory[which].Size;
    return *rva != 0 && *size != 0 && *rva < image->size && *size <= image->size - *rva;
}

static bool relocate_block(struct image *image, const IMAGE_BASE_RELOCATION *block, int64_t delta)
{
    const uint16_t *entry = (const uint16_t *)(block + 1);
    const uint32_t count = (uint32_t)((block->SizeOfBlock - sizeof(*block)) / sizeof(*entry));
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t rva = block->VirtualAddress + (entry[i] & 0xFFF);
        if (entry[i] >> 12 == IMAGE_REL_BASED_ABSOLUTE) {
            continue;
        }
        if (entry[i] >> 12 != IMAGE_REL_BASED_DIR64 || rva > image->size - sizeof(uint64_t)) {
            return false;
        }
        uint64_t value;
        memcpy(&value, image->base + rva, sizeof(value));
        value += (uint64_t)delta;
        memcpy(image->base + rva, &value, sizeof(value));
    }
    return true;
}

static bool relocate(struct image *image, const IMAGE_NT_HEADERS64 *nt, char *why, size_t why_size)
{
    uint32_t rva, size;
    const int64_t delta = (int64_t)((uint64_t)(uintptr_t)image->base - image->preferred_base);
    if (!directory(image, nt, IMAGE_DIRECTORY_ENTRY_BASERELOC, &rva, &size)) {
        if ((nt->FileHeader.Characteristics & IMAGE_FILE_RELOCS_STRIPPED) != 0) {
            return REFUSE("relocations are stripped: the kernel could not load it anywhere else");
        }
        return true;
    }
    while (size >= sizeof(IMAGE_BASE_RELOCATION)) {
        const IMAGE_BASE_RELOCATION *block = (const void *)(image->base + rva);
        if (block->SizeOfBlock < sizeof(*block) || block->SizeOfBlock > size ||
            !relocate_block(image, block, delta)) {
            return REFUSE("malformed relocations at 0x%X", rva);
        }
        rva += block->SizeOfBlock;
        size -= block->SizeOfBlock;
    }
    return true;
}

static bool bind_dll(struct image *image, const IMAGE_IMPORT_DESCRIPTOR *descriptor, char *why,
                     size_t why_size)
{
    const char *dll = (const char *)image->base + descriptor->Name;
    const uint32_t names_rva = descriptor->OriginalFirstThunk != 0 ? descriptor->OriginalFirstThunk
                                                                   : descriptor->FirstThunk;
    const uint64_t *name = (const uint64_t *)(uintptr_t)(image->base + names_rva);
    uint64_t *slot = (uint64_t *)(uintptr_t)(image->base + descriptor->FirstThunk);
    for (; *name != 0; name++, slot++) {
        if ((*name & IMAGE_ORDINAL_FLAG64) != 0) {
            return REFUSE("imports ordinal %llu of %s", *name & 0xFFFF, dll);
        }
        const IMAGE_IMPORT_BY_NAME *by_name = (const void *)(image->base + (uint32_t)*name);
        const void *target = import_resolve(dll, by_name->Name, why, why_size);
        if (target == NULL) {
            return false;
        }
        *slot = (uint64_t)(uintptr_t)target;
    }
    return true;
}

static bool bind_imports(struct image *image, const IMAGE_NT_HEADERS64 *nt, char *why,
                         size_t why_size)
{
    uint32_t rva, size;
    if (!directory(image, nt, IMAGE_DIRECTORY_ENTRY_IMPORT, &rva, &size)) {
        return true;
    }
    const IMAGE_IMPORT_DESCRIPTOR *descriptor = (const void *)(image->base + rva);
    for (; descriptor->Name != 0; descriptor++) {
        if (!bind_dll(image, descriptor, why, why_size)) {
            return false;
        }
    }
    return true;
}

/*
 * cpuid (0F A2) cannot be trapped, so its bytes become ud2 (0F 0B). Exactly one pair of these bytes
 * may occur in all code: then there is nothing to confuse it with, and the run shows that it was an
 * instruction, because the illegal instruction is only accepted at this address.
 */
static bool patch_cpuid(struct image *image, char *why, size_t why_size)
{
    for (uint32_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->section[i];
        uint8_t *bytes = image->base + section->rva;
        if ((section->flags & IMAGE_SCN_MEM_EXECUTE) == 0) {
            continue;
        }
        for (uint32_t at = 0; at + 1 < section->size; at++) {
            if (bytes[at] != 0x0F || bytes[at + 1] != 0xA2) {
                continue;
            }
            if (image->cpuid_rva != 0) {
                return REFUSE("two places hold 0F A2 (cpuid): +0x%X and +0x%X; one can be answered",
                              image->cpuid_rva, section->rva + at);
            }
            image->cpuid_rva = section->rva + at;
        }
    }
    if (image->cpuid_rva != 0) {
        image->base[image->cpuid_rva + 1] = 0x0B;
    }
    return true;
}

static void protect_sections(const struct image *image, const IMAGE_NT_HEADERS64 *nt)
{
    host_protect(image->base, image->size, HOST_NO_ACCESS);
    host_protect(image->base, to_pages(nt->OptionalHeader.SizeOfHeaders), HOST_READ);
    for (uint32_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->section[i];
        enum host_access access = HOST_NO_ACCESS;
        if ((section->flags & IMAGE_SCN_MEM_EXECUTE) != 0) {
            access = HOST_READ_EXECUTE;
        } else if ((section->flags & IMAGE_SCN_MEM_WRITE) != 0) {
            access = HOST_READ_WRITE;
        } else if ((section->flags & IMAGE_SCN_MEM_READ) != 0) {
            access = HOST_READ;
        }
        if (section->size != 0) {
            host_protect(image->base + section->rva, section->size, access);
        }
    }
}

static bool register_unwind(struct image *image, const IMAGE_NT_HEADERS64 *nt, char *why,
                            size_t why_size)
{
    uint32_t rva, size;
    if (!directory(image, nt, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &rva, &size)) {
        return REFUSE("no .pdata: a fault in it could not be handled");
    }
    image->function_table = image->base + rva;
    image->function_count = size / (uint32_t)sizeof(RUNTIME_FUNCTION);
    if (!RtlAddFunctionTable(image->function_table, image->function_count,
                             (uintptr_t)image->base)) {
        return REFUSE("RtlAddFunctionTable refused its .pdata");
    }
    return true;
}

static bool build(struct image *image, const uint8_t *file, size_t size, char *why, size_t why_size)
{
    const IMAGE_NT_HEADERS64 *nt = headers_of(file, size);
    if (!check_headers(nt, size, why, why_size)) {
        return false;
    }
    image->size = to_pages(nt->OptionalHeader.SizeOfImage);
    image->preferred_base = nt->OptionalHeader.ImageBase;
    image->entry_rva = nt->OptionalHeader.AddressOfEntryPoint;
    image->base = host_reserve(image->size);
    if (image->base == NULL) {
        return REFUSE("no address space for %zu bytes", image->size);
    }
    host_commit(image->base, image->size);
    if (!map_sections(image, file, size, nt, why, why_size) ||
        !relocate(image, nt, why, why_size) || !bind_imports(image, nt, why, why_size) ||
        !patch_cpuid(image, why, why_size) || !image_guard_prepare(image, why, why_size)) {
        return false;
    }
    protect_sections(image, nt);
    return register_unwind(image, nt, why, why_size);
}

struct image *image_load(const uint8_t *file, size_t size, char *why, size_t why_size)
{
    if (loaded) {
        host_fatal("a driver is loaded already");
    }
    memset(&current, 0, sizeof(current));
    if (!build(&current, file, size, why, why_size)) {
        if (current.base != NULL) {
            host_release(current.base);
        }
        return NULL;
    }
    loaded = true;
    return &current;
}

void image_discard_init(struct image *image)
{
    for (uint32_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->section[i];
        if ((section->flags & IMAGE_SCN_MEM_DISCARDABLE) != 0 && section->size != 0) {
            host_protect(image->base + section->rva, section->size, HOST_NO_ACCESS);
        }
    }
    image->init_discarded = true;
}

size_t image_code_left(const struct image *image, uint32_t rva)
{
    for (uint32_t i = 0; i < image->section_count; i++) {
        const struct image_section *section = &image->section[i];
        if (rva < section->rva || rva - section->rva >= section->size) {
            continue;
        }
        if ((section->flags & IMAGE_SCN_MEM_EXECUTE) == 0 ||
            (image->init_discarded && (section->flags & IMAGE_SCN_MEM_DISCARDABLE) != 0)) {
            return 0;
        }
        return section->size - (rva - section->rva);
    }
    return 0;
}

void image_unload(struct image *image)
{
    RtlDeleteFunctionTable(image->function_table);
    host_release(image->base);
    loaded = false;
}

const struct image *image_current(void)
{
    return loaded ? &current : NULL;
}

bool image_contains(const struct image *image, uint64_t address, uint32_t *rva)
{
    const uint64_t base = (uint64_t)(uintptr_t)image->base;
    if (address < base || address - base >= image->size) {
        return false;
    }
    *rva = (uint32_t)(address - base);
    return true;
}
