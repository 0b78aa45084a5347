/* SPDX-License-Identifier: Apache-2.0
 *
 * The few header fields that tell a driver from anything else. Offsets: Microsoft, "PE Format".
 */
#include "loader/driver_image.h"

#include <stdbool.h>
#include <string.h>

#define PE_OFFSET_AT        0x3Cu
#define FILE_HEADER_SIZE    24u /* with the signature "PE\0\0" */
#define MACHINE_AT          4u
#define SECTION_COUNT_AT    6u
#define OPTIONAL_SIZE_AT    20u
#define OPTIONAL_SIZE_MIN   112u
#define OPTIONAL_MAGIC_PE64 0x20Bu
#define SUBSYSTEM_AT        68u /* in the optional header */
#define SECTION_SIZE        40u
#define RAW_SIZE_AT         16u /* in a section header */
#define RAW_OFFSET_AT       20u

#define MACHINE_X64      0x8664u
#define SUBSYSTEM_NATIVE 1u

static uint32_t read_u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t read_u32(const uint8_t *at)
{
    return read_u16(at) | read_u16(at + 2) << 16;
}

static bool sections_are_whole(const uint8_t *sections, uint32_t count, size_t size)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *section = sections + (size_t)i * SECTION_SIZE;
        const uint64_t end =
            (uint64_t)read_u32(section + RAW_OFFSET_AT) + read_u32(section + RAW_SIZE_AT);
        if (end > size) {
            return false;
        }
    }
    return true;
}

const char *driver_image_fault(const uint8_t *bytes, size_t size)
{
    static const char no_program[] = "is not a Windows program or driver";

    if (size < PE_OFFSET_AT + 4 || bytes[0] != 'M' || bytes[1] != 'Z') {
        return no_program;
    }
    const size_t header = read_u32(bytes + PE_OFFSET_AT);
    if (header > size || size - header < FILE_HEADER_SIZE + OPTIONAL_SIZE_MIN ||
        memcmp(bytes + header, "PE\0\0", 4) != 0) {
        return no_program;
    }

    const uint8_t *file_header = bytes + header;
    const uint8_t *optional = file_header + FILE_HEADER_SIZE;
    const size_t optional_size = read_u16(file_header + OPTIONAL_SIZE_AT);
    if (read_u16(file_header + MACHINE_AT) != MACHINE_X64 || optional_size < OPTIONAL_SIZE_MIN ||
        read_u16(optional) != OPTIONAL_MAGIC_PE64) {
        return "is not for 64-bit x86 (x64)";
    }
    if (read_u16(optional + SUBSYSTEM_AT) != SUBSYSTEM_NATIVE) {
        return "is a program, not a driver";
    }

    const uint32_t section_count = read_u16(file_header + SECTION_COUNT_AT);
    const size_t sections = header + FILE_HEADER_SIZE + optional_size;
    if (sections > size || (size - sections) / SECTION_SIZE < section_count ||
        !sections_are_whole(bytes + sections, section_count, size)) {
        return "is cut short";
    }
    return NULL;
}
