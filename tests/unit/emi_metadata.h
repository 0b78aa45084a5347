/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the metadata that meters answer with, byte by byte.
 */
#ifndef RAPL_TESTS_EMI_METADATA_H
#define RAPL_TESTS_EMI_METADATA_H

#include <stdint.h>
#include <string.h>

#define INBOX_NAME_SIZE 100u /* Windows 11's processor driver: every name has so many bytes */

struct metadata {
    uint8_t bytes[16384];
    uint32_t size;
};

static inline void put_u16(struct metadata *to, uint32_t value)
{
    to->bytes[to->size++] = (uint8_t)value;
    to->bytes[to->size++] = (uint8_t)(value >> 8);
}

static inline void put_u32(struct metadata *to, uint32_t value)
{
    put_u16(to, value & 0xFFFF);
    put_u16(to, value >> 16);
}

/* ASCII as UTF-16, filled up with 0 to `size` bytes. */
static inline void put_text(struct metadata *to, const char *text, uint32_t size)
{
    for (uint32_t i = 0; i < size / 2; i++) {
        put_u16(to, *text != '\0' ? (uint8_t)*text++ : 0);
    }
}

static inline void put_v2(struct metadata *to, const char *model, uint32_t channel_count)
{
    to->size = 0;
    put_text(to, "Microsoft", 32);
    put_text(to, model, 32);
    put_u16(to, 7);
    put_u16(to, channel_count);
}

static inline void put_channel(struct metadata *to, uint32_t unit, const char *name, uint32_t size)
{
    put_u32(to, unit);
    put_u16(to, size);
    put_text(to, name, size);
}

static inline void put_v1(struct metadata *to, uint32_t unit, const char *name)
{
    to->size = 0;
    put_u32(to, unit);
    put_text(to, "Maxim", 32);
    put_text(to, "MAX34407", 32);
    put_u16(to, 1);
    put_u16(to, (uint32_t)(strlen(name) + 1) * 2);
    put_text(to, name, (uint32_t)(strlen(name) + 1) * 2);
}

/* What Intel machines with Windows 11 have: 68 + 4 * 106 = 492 bytes. */
static inline void put_intel(struct metadata *to)
{
    put_v2(to, "RAPL", 4);
    put_channel(to, 0, "RAPL_Package0_PKG", INBOX_NAME_SIZE);
    put_channel(to, 0, "RAPL_Package0_PP0", INBOX_NAME_SIZE);
    put_channel(to, 0, "RAPL_Package0_PP1", INBOX_NAME_SIZE);
    put_channel(to, 0, "RAPL_Package0_DRAM", INBOX_NAME_SIZE);
}

#endif
