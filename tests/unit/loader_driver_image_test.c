/* SPDX-License-Identifier: Apache-2.0
 *
 * What DriverLoader takes for a driver file: one image made here by hand, and everything that is
 * wrong with it in turn.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "loader/driver_image.h"

#define HEADER   0x80u             /* e_lfanew */
#define OPTIONAL (HEADER + 24u)    /* optional header */
#define SECTIONS (OPTIONAL + 240u) /* two of them, 40 bytes each */
#define SIZE     0x400u

static void put_u16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value & 0xFFFFu);
    put_u16(at + 2, value >> 16);
}

/* An x64 driver with a section of 0x200 bytes at 0x200 and one without bytes in the file. */
static void make_driver(uint8_t *bytes)
{
    memset(bytes, 0, SIZE);
    memcpy(bytes, "MZ", 2);
    put_u32(bytes + 0x3C, HEADER);
    memcpy(bytes + HEADER, "PE\0\0", 4);
    put_u16(bytes + HEADER + 4, 0x8664);
    put_u16(bytes + HEADER + 6, 2);
    put_u16(bytes + HEADER + 20, 240);
    put_u16(bytes + OPTIONAL, 0x20B);
    put_u16(bytes + OPTIONAL + 68, 1);
    put_u32(bytes + SECTIONS + 16, 0x200);
    put_u32(bytes + SECTIONS + 20, 0x200);
}

static void a_driver_is_one(void **state)
{
    uint8_t bytes[SIZE];

    make_driver(bytes);
    assert_null(driver_image_fault(bytes, SIZE));
}

static void faults(void **state)
{
    static const struct {
        size_t at;
        unsigned value; /* 16 bits */
        const char *fault;
    } rows[] = {
        {0, 0x4D5A, "is not a Windows program or driver"},
        {0x3C, 0x3FF, "is not a Windows program or driver"},
        {0x3E, 0xFFFF, "is not a Windows program or driver"},
        {HEADER, 0x4550 + 1, "is not a Windows program or driver"},
        {HEADER + 4, 0x014C, "is not for 64-bit x86 (x64)"},
        {HEADER + 4, 0xAA64, "is not for 64-bit x86 (x64)"},
        {HEADER + 20, 96, "is not for 64-bit x86 (x64)"},
        {OPTIONAL, 0x10B, "is not for 64-bit x86 (x64)"},
        {OPTIONAL + 68, 2, "is a program, not a driver"},
        {OPTIONAL + 68, 3, "is a program, not a driver"},
        {HEADER + 6, 0xFFFF, "is cut short"},
        {HEADER + 20, 0xFFFF, "is cut short"},
        {SECTIONS + 16, 0x201, "is cut short"},
        {SECTIONS + 22, 0xFFFF, "is cut short"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t bytes[SIZE];

        make_driver(bytes);
        put_u16(bytes + rows[i].at, rows[i].value);
        assert_string_equal(driver_image_fault(bytes, SIZE), rows[i].fault);
    }
}

/* Every prefix is refused, without reading past its end (the address sanitizer watches). */
static void every_prefix_is_refused(void **state)
{
    uint8_t whole[SIZE];

    make_driver(whole);
    for (size_t size = 0; size < SIZE; size++) {
        uint8_t *bytes = malloc(size + 1);
        uint8_t *start = bytes + 1; /* the end of the block is the end of the file */

        assert_non_null(bytes);
        memcpy(start, whole, size);
        assert_non_null(driver_image_fault(start, size));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_is_one),
        cmocka_unit_test(faults),
        cmocka_unit_test(every_prefix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
