/* SPDX-License-Identifier: Apache-2.0
 *
 * The few fields of a PE image that are of interest. Everything is looked at through spans, whose
 * bounds each step checks.
 */
#include "lib/driver_image.h"

#include <stdio.h>
#include <string.h>

#include "lib/utf.h"

#define PE_OFFSET_AT        0x3Cu
#define FILE_HEADER_SIZE    24u /* with the signature "PE\0\0" */
#define MACHINE_AT          4u
#define SECTION_COUNT_AT    6u
#define OPTIONAL_SIZE_AT    20u
#define OPTIONAL_SIZE_MIN   112u
#define OPTIONAL_MAGIC_PE64 0x20Bu
#define SUBSYSTEM_AT        68u /* in the optional header */
#define DIRECTORY_COUNT_AT  108u
#define RESOURCES_AT        128u /* the third directory */
#define SECTION_SIZE        40u
#define RVA_AT              12u /* in a section header */
#define RAW_SIZE_AT         16u
#define RAW_OFFSET_AT       20u

#define MACHINE_X64      0x8664u
#define SUBSYSTEM_NATIVE 1u

#define RESOURCE_VERSION   16u
#define RESOURCE_HEADER    16u /* of a directory; its entries follow */
#define RESOURCE_ENTRY     8u
#define RESOURCE_SUBFOLDER 0x80000000u

#define BLOCK_HEADER        6u
#define BLOCK_IS_TEXT       1u
#define FIXED_SIZE          52u
#define FIXED_SIGNATURE     0xFEEF04BDu
#define FIXED_VERSION_AT    8u
#define FIXED_FLAGS_MASK_AT 24u
#define FIXED_FLAGS_AT      28u
#define SPECIAL_BUILD       0x20u /* VS_FF_SPECIALBUILD */

struct span {
    const uint8_t *bytes;
    size_t size;
};

struct image {
    struct span whole;
    struct span header;   /* and all that follows it; has at least OPTIONAL_SIZE_MIN after it */
    struct span optional; /* filled by open_sections, as the next */
    struct span sections; /* a whole number of them */
};

static uint32_t read_u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read_u32(const uint8_t *at)
{
    return read_u16(at) | read_u16(at + 2) << 16;
}

/* False, `*out` untouched: not inside. */
static bool part(struct span of, size_t offset, size_t size, struct span *out)
{
    if (offset > of.size || size > of.size - offset) {
        return false;
    }
    *out = (struct span){of.bytes + offset, size};
    return true;
}

/* What follows `offset`; nothing if that is outside. */
static struct span rest(struct span of, size_t offset)
{
    return offset < of.size ? (struct span){of.bytes + offset, of.size - offset}
                            : (struct span){of.bytes, 0};
}

/* ---- The image ------------------------------------------------------------------------------ */

static bool sections_are_whole(const struct image *image)
{
    for (size_t at = 0; at < image->sections.size; at += SECTION_SIZE) {
        const uint8_t *section = image->sections.bytes + at;
        struct span raw;

        if (!part(image->whole, read_u32(section + RAW_OFFSET_AT), read_u32(section + RAW_SIZE_AT),
                  &raw)) {
            return false;
        }
    }
    return true;
}

/* NULL, or what is wrong with it as an image for x64. */
static const char *open_header(struct span whole, struct image *out)
{
    static const char no_program[] = "is not a Windows program or driver";
    struct span header;

    if (whole.size < PE_OFFSET_AT + 4 || memcmp(whole.bytes, "MZ", 2) != 0) {
        return no_program;
    }
    header = rest(whole, read_u32(whole.bytes + PE_OFFSET_AT));
    if (header.size < FILE_HEADER_SIZE + OPTIONAL_SIZE_MIN ||
        memcmp(header.bytes, "PE\0\0", 4) != 0) {
        return no_program;
    }
    if (read_u16(header.bytes + MACHINE_AT) != MACHINE_X64 ||
        read_u16(header.bytes + OPTIONAL_SIZE_AT) < OPTIONAL_SIZE_MIN ||
        read_u16(header.bytes + FILE_HEADER_SIZE) != OPTIONAL_MAGIC_PE64) {
        return "is not for 64-bit x86 (x64)";
    }
    *out = (struct image){.whole = whole, .header = header};
    return NULL;
}

/* False: the file is cut short. */
static bool open_sections(struct image *image)
{
    const size_t optional_size = read_u16(image->header.bytes + OPTIONAL_SIZE_AT);
    const size_t section_count = read_u16(image->header.bytes + SECTION_COUNT_AT);

    return part(image->header, FILE_HEADER_SIZE, optional_size, &image->optional) &&
           part(image->header, FILE_HEADER_SIZE + optional_size, section_count * SECTION_SIZE,
                &image->sections) &&
           sections_are_whole(image);
}

const char *rapl_image_fault(const uint8_t *bytes, size_t size)
{
    struct image image;
    const char *fault = open_header((struct span){bytes, size}, &image);

    if (fault != NULL) {
        return fault;
    }
    if (read_u16(image.header.bytes + FILE_HEADER_SIZE + SUBSYSTEM_AT) != SUBSYSTEM_NATIVE) {
        return "is a program, not a driver";
    }
    return open_sections(&image) ? NULL : "is cut short";
}

/* The bytes at a relative virtual address, as far as the file has them. */
static struct span at_rva(const struct image *image, uint32_t rva)
{
    for (size_t at = 0; at < image->sections.size; at += SECTION_SIZE) {
        const uint8_t *section = image->sections.bytes + at;
        const uint32_t start = read_u32(section + RVA_AT);
        struct span raw;

        if (rva >= start && rva - start < read_u32(section + RAW_SIZE_AT) &&
            part(image->whole, read_u32(section + RAW_OFFSET_AT), read_u32(section + RAW_SIZE_AT),
                 &raw)) {
            return rest(raw, rva - start);
        }
    }
    return (struct span){image->whole.bytes, 0};
}

/* ---- Resources ------------------------------------------------------------------------------ */

/* The entry of that id, or the first one (`id` 0): where it leads, in `*offset`. */
static bool find_entry(struct span resources, uint32_t folder_at, uint32_t id, uint32_t *offset)
{
    struct span folder = rest(resources, folder_at);
    uint32_t count;

    if (folder.size < RESOURCE_HEADER) {
        return false;
    }
    count = read_u16(folder.bytes + 12) + read_u16(folder.bytes + 14);
    for (uint32_t i = 0; i < count; i++) {
        struct span entry;

        if (!part(folder, RESOURCE_HEADER + (size_t)i * RESOURCE_ENTRY, RESOURCE_ENTRY, &entry)) {
            return false;
        }
        if (id == 0 || read_u32(entry.bytes) == id) {
            *offset = read_u32(entry.bytes + 4);
            return true;
        }
    }
    return false;
}

/* Type, name, language: three levels of folders, then where the data is. */
static bool find_version(const struct image *image, struct span *out)
{
    struct span resources;
    struct span data;
    uint32_t at = 0;

    if (image->optional.size < RESOURCES_AT + 8 ||
        read_u32(image->optional.bytes + DIRECTORY_COUNT_AT) < 3) {
        return false;
    }
    resources = at_rva(image, read_u32(image->optional.bytes + RESOURCES_AT));
    for (int level = 0; level < 3; level++) {
        if (!find_entry(resources, at, level == 0 ? RESOURCE_VERSION : 0, &at) ||
            ((at & RESOURCE_SUBFOLDER) != 0) != (level < 2)) {
            return false;
        }
        at &= ~RESOURCE_SUBFOLDER;
    }
    return part(resources, at, 8, &data) &&
           part(at_rva(image, read_u32(data.bytes)), 0, read_u32(data.bytes + 4), out);
}

/* ---- The version resource: blocks in blocks ------------------------------------------------- */

struct block {
    struct span key; /* UTF-16, without its end */
    struct span value;
    struct span children;
};

static size_t align_4(size_t offset)
{
    return (offset + 3) & ~(size_t)3;
}

static bool is_wide_end(const uint8_t *at)
{
    return at[0] == 0 && at[1] == 0;
}

/* Takes the first block of `*list` and moves that past it. False: there is no whole one. */
static bool take_block(struct span *list, struct block *out)
{
    struct span all;
    size_t key_end = BLOCK_HEADER;

    if (list->size < BLOCK_HEADER || read_u16(list->bytes) < BLOCK_HEADER ||
        !part(*list, 0, read_u16(list->bytes), &all)) {
        return false;
    }
    while (all.size - key_end >= 2 && !is_wide_end(all.bytes + key_end)) {
        key_end += 2;
    }
    if (all.size - key_end < 2) {
        return false;
    }

    const bool text = read_u16(all.bytes + 4) == BLOCK_IS_TEXT;
    const size_t value_size = (size_t)read_u16(all.bytes + 2) * (text ? 2 : 1);
    const struct span after_key = rest(all, align_4(key_end + 2));

    out->key = (struct span){all.bytes + BLOCK_HEADER, key_end - BLOCK_HEADER};
    /* Some tools count text in bytes: what is there is taken. */
    out->value =
        (struct span){after_key.bytes, value_size < after_key.size ? value_size : after_key.size};
    out->children = rest(after_key, align_4(value_size));
    *list = rest(*list, align_4(all.size));
    return true;
}

static bool key_is(const struct block *block, const char *key)
{
    const size_t length = strlen(key);

    if (block->key.size != length * 2) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (read_u16(block->key.bytes + i * 2) != (unsigned char)key[i]) {
            return false;
        }
    }
    return true;
}

static void copy_wide(struct span text, char *out, size_t size)
{
    wchar_t wide[64];
    size_t length = 0;

    while (length < sizeof(wide) / sizeof(wide[0]) - 1 && text.size >= (length + 1) * 2) {
        wide[length] = (wchar_t)read_u16(text.bytes + length * 2);
        length++;
    }
    wide[length] = L'\0';
    (void)rapl_utf8_from_wide(wide, out, size);
}

/* Of any language: the marks of the simulated driver count wherever they are. */
static void read_strings(struct span tables, struct rapl_image_version *out)
{
    struct block table;
    struct block string;

    while (take_block(&tables, &table)) {
        while (take_block(&table.children, &string)) {
            if (key_is(&string, "SpecialBuild") && out->special_build[0] == '\0') {
                copy_wide(string.value, out->special_build, sizeof(out->special_build));
            }
        }
    }
}

static void read_fixed(struct span fixed, struct rapl_image_version *out)
{
    if (fixed.size < FIXED_SIZE || read_u32(fixed.bytes) != FIXED_SIGNATURE) {
        return;
    }
    const uint8_t *const version = fixed.bytes + FIXED_VERSION_AT;

    snprintf(out->file_version, sizeof(out->file_version), "%u.%u.%u.%u",
             (unsigned)read_u16(version + 2), (unsigned)read_u16(version),
             (unsigned)read_u16(version + 6), (unsigned)read_u16(version + 4));
    out->special_flag = (read_u32(fixed.bytes + FIXED_FLAGS_AT) &
                         read_u32(fixed.bytes + FIXED_FLAGS_MASK_AT) & SPECIAL_BUILD) != 0;
}

bool rapl_image_version(const uint8_t *bytes, size_t size, struct rapl_image_version *out)
{
    struct image image;
    struct span resource;
    struct block root;
    struct block info;

    if (open_header((struct span){bytes, size}, &image) != NULL || !open_sections(&image)) {
        return false;
    }
    *out = (struct rapl_image_version){.file_version = ""};
    if (!find_version(&image, &resource) || !take_block(&resource, &root) ||
        !key_is(&root, "VS_VERSION_INFO")) {
        return true;
    }
    read_fixed(root.value, out);
    while (take_block(&root.children, &info)) {
        if (key_is(&info, "StringFileInfo")) {
            read_strings(info.children, out);
        }
    }
    return true;
}

enum rapl_image_kind rapl_image_kind(const struct rapl_image_version *version)
{
    const bool named = strcmp(version->special_build, "SIMULATED") == 0;

    if (version->file_version[0] == '\0' || version->special_flag != named) {
        return RAPL_IMAGE_UNCLEAR;
    }
    if (named) {
        return RAPL_IMAGE_SIMULATED;
    }
    return version->special_build[0] == '\0' ? RAPL_IMAGE_PRODUCTION : RAPL_IMAGE_UNCLEAR;
}
