/* SPDX-License-Identifier: Apache-2.0
 *
 * What is taken for a driver file, and what it says of itself: images made here by hand, and
 * everything that is wrong with them in turn.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lib/driver_image.h"

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
    put_u16(bytes, 0x5A4D); /* MZ */
    put_u32(bytes + 0x3C, HEADER);
    put_u32(bytes + HEADER, 0x4550); /* PE */
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
    assert_null(rapl_image_fault(bytes, SIZE));
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
        assert_string_equal(rapl_image_fault(bytes, SIZE), rows[i].fault);
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
        assert_non_null(rapl_image_fault(start, size));
        free(bytes);
    }
}

/* ---- Version resources ---------------------------------------------------------------------- */

#define RVA        0x3000u /* where the section is in memory: another place than in the file */
#define RESOURCES  0x200u  /* the section, in the file */
#define VERSION_AT 0x100u  /* the version resource, in the section */

struct builder {
    uint8_t bytes[SIZE];
    size_t at;
};

static size_t begin_block(struct builder *builder, unsigned value_length, unsigned type,
                          const char *key)
{
    const size_t start = builder->at;

    put_u16(builder->bytes + start + 2, value_length);
    put_u16(builder->bytes + start + 4, type);
    builder->at += 6;
    for (; *key != '\0'; key++, builder->at += 2) {
        put_u16(builder->bytes + builder->at, (unsigned char)*key);
    }
    builder->at = (builder->at + 2 + 3) & ~(size_t)3;
    return start;
}

static void end_block(struct builder *builder, size_t start)
{
    put_u16(builder->bytes + start, (unsigned)(builder->at - start));
    builder->at = (builder->at + 3) & ~(size_t)3;
}

static void add_string(struct builder *builder, const char *key, const char *value)
{
    const size_t block = begin_block(builder, (unsigned)strlen(value) + 1, 1, key);

    for (; *value != '\0'; value++, builder->at += 2) {
        put_u16(builder->bytes + builder->at, (unsigned char)*value);
    }
    builder->at += 2;
    end_block(builder, block);
}

/* A driver with a version resource as a resource compiler writes it. */
static void make_versioned(struct builder *builder, uint32_t flags, const char *special_build)
{
    uint8_t *const resources = builder->bytes + RESOURCES;
    uint8_t *fixed;
    size_t root;
    size_t info;
    size_t table;

    make_driver(builder->bytes);
    put_u32(builder->bytes + SECTIONS + 12, RVA);
    put_u32(builder->bytes + OPTIONAL + 108, 16);
    put_u32(builder->bytes + OPTIONAL + 128, RVA);
    put_u32(builder->bytes + OPTIONAL + 132, 0x200);
    put_u16(resources + 14, 2); /* two types: 3 and 16 */
    put_u32(resources + 16, 3);
    put_u32(resources + 20, 0x80000000 | 0x60);
    put_u32(resources + 24, 16);
    put_u32(resources + 28, 0x80000000 | 0x20);
    put_u16(resources + 0x20 + 14, 1);
    put_u32(resources + 0x30, 1);
    put_u32(resources + 0x34, 0x80000000 | 0x40);
    put_u16(resources + 0x40 + 14, 1);
    put_u32(resources + 0x50, 0x409);
    put_u32(resources + 0x54, 0x58);
    put_u32(resources + 0x58, RVA + VERSION_AT);

    builder->at = RESOURCES + VERSION_AT;
    root = begin_block(builder, 52, 0, "VS_VERSION_INFO");
    fixed = builder->bytes + builder->at;
    put_u32(fixed, 0xFEEF04BD);
    put_u32(fixed + 8, 0x00010002);
    put_u32(fixed + 12, 0x00030004);
    put_u32(fixed + 24, 0x3F);
    put_u32(fixed + 28, flags);
    builder->at += 52;
    info = begin_block(builder, 0, 1, "StringFileInfo");
    table = begin_block(builder, 0, 1, "040904B0");
    add_string(builder, "A", "b");
    if (special_build != NULL) {
        add_string(builder, "SpecialBuild", special_build);
    }
    end_block(builder, table);
    end_block(builder, info);
    end_block(builder, root);
    put_u32(resources + 0x5C, (uint32_t)(builder->at - RESOURCES - VERSION_AT));
    assert_true(builder->at <= SIZE);
}

static void versions_are_read(void **state)
{
    static const struct {
        uint32_t flags;
        const char *special_build;
        enum rapl_image_kind kind;
    } rows[] = {
        {0, NULL, RAPL_IMAGE_PRODUCTION},
        {0x20, "SIMULATED", RAPL_IMAGE_SIMULATED},
        {0x20, NULL, RAPL_IMAGE_UNCLEAR},
        {0, "SIMULATED", RAPL_IMAGE_UNCLEAR},
        {0x20, "SIMULATED 2", RAPL_IMAGE_UNCLEAR},
        {0x20, "private", RAPL_IMAGE_UNCLEAR},
        {0, "private", RAPL_IMAGE_UNCLEAR},
        {0x1F, NULL, RAPL_IMAGE_PRODUCTION}, /* debug, prerelease and so on */
        {0x60, NULL, RAPL_IMAGE_UNCLEAR},
        {0x40, NULL, RAPL_IMAGE_PRODUCTION}, /* not under the mask */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct builder builder;
        struct rapl_image_version version;

        make_versioned(&builder, rows[i].flags, rows[i].special_build);
        assert_null(rapl_image_fault(builder.bytes, SIZE));
        assert_true(rapl_image_version(builder.bytes, SIZE, &version));
        assert_string_equal(version.file_version, "1.2.3.4");
        assert_string_equal(version.special_build,
                            rows[i].special_build != NULL ? rows[i].special_build : "");
        assert_int_equal(rapl_image_kind(&version), rows[i].kind);
    }
}

static void without_a_version(void **state)
{
    struct builder builder;
    struct rapl_image_version version = {.file_version = "9"};

    make_driver(builder.bytes);
    assert_true(rapl_image_version(builder.bytes, SIZE, &version));
    assert_string_equal(version.file_version, "");
    assert_string_equal(version.special_build, "");
    assert_int_equal(rapl_image_kind(&version), RAPL_IMAGE_UNCLEAR);

    make_versioned(&builder, 0, NULL);
    put_u32(builder.bytes + RESOURCES + 24, 17); /* another type of resource */
    assert_true(rapl_image_version(builder.bytes, SIZE, &version));
    assert_string_equal(version.file_version, "");

    make_versioned(&builder, 0, NULL);
    builder.bytes[RESOURCES + VERSION_AT + 40] ^= 1; /* the signature of the fixed part */
    assert_true(rapl_image_version(builder.bytes, SIZE, &version));
    assert_string_equal(version.file_version, "");
}

static void no_version_of_what_is_no_image(void **state)
{
    struct builder builder;
    struct rapl_image_version version = {.file_version = "9"};

    make_versioned(&builder, 0, NULL);
    assert_false(rapl_image_version(builder.bytes, SIZE - 1, &version));
    assert_false(rapl_image_version(builder.bytes, 0, &version));
    builder.bytes[0] = 'X';
    assert_false(rapl_image_version(builder.bytes, SIZE, &version));
    assert_string_equal(version.file_version, "9");
}

/* Every byte of the headers and resources set to extremes: never a read outside the file. */
static void damaged_in_any_byte(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    struct builder builder;
    uint8_t *const bytes = malloc(SIZE);
    uint32_t told = 0;

    assert_non_null(bytes);
    make_versioned(&builder, 0x20, "SIMULATED");
    for (size_t at = 0; at < SIZE; at++) {
        for (size_t i = 0; i < sizeof(values); i++) {
            struct rapl_image_version version;

            memcpy(bytes, builder.bytes, SIZE);
            bytes[at] = values[i];
            told += rapl_image_version(bytes, SIZE, &version) ? 1 : 0;
        }
    }
    free(bytes);
    assert_in_range(told, SIZE * 4, SIZE * sizeof(values));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_driver_is_one),         cmocka_unit_test(faults),
        cmocka_unit_test(every_prefix_is_refused), cmocka_unit_test(versions_are_read),
        cmocka_unit_test(without_a_version),       cmocka_unit_test(no_version_of_what_is_no_image),
        cmocka_unit_test(damaged_in_any_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
