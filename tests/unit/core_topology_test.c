/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a processor sits: leaf by leaf.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/topology.h"

struct row {
    uint32_t leaf, subleaf;
    struct rapl_cpuid_regs regs;
};

/* A CPU whose leaves are rows; a leaf without a row reads 0. */
struct fake {
    const struct row *rows;
    size_t count;
};

static void fake_read(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    const struct fake *const fake = context;

    *out = (struct rapl_cpuid_regs){0};
    for (size_t i = 0; i < fake->count; i++) {
        if (fake->rows[i].leaf == leaf && fake->rows[i].subleaf == subleaf) {
            *out = fake->rows[i].regs;
        }
    }
}

static struct rapl_location locate(uint8_t vendor, const struct row *rows, size_t count)
{
    struct fake fake = {rows, count};
    const struct rapl_cpuid cpuid = {&fake, fake_read};
    const struct rapl_cpu cpu = {.vendor = vendor};
    struct rapl_location location;

    rapl_topology_locate(&cpu, &cpuid, &location);
    return location;
}

#define LOCATE(vendor, rows) locate(vendor, rows, sizeof(rows) / sizeof((rows)[0]))

static void expect(struct rapl_location location, uint32_t apic_id, uint32_t package, uint32_t die,
                   uint32_t core)
{
    assert_int_equal(location.apic_id, apic_id);
    assert_int_equal(location.package, package);
    assert_int_equal(location.die, die);
    assert_int_equal(location.core, core);
}

/* ---- Intel ---------------------------------------------------------------------------------- */

/* Two sockets of Haswell-EP: one thread bit, five bits in the package. */
static void test_intel_leaf_b(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x0F, 0, 0, 0}},
        {0xB, 0, {1, 2, 0x100, 0x2B}},
        {0xB, 1, {5, 32, 0x201, 0x2B}},
        {0xB, 2, {0, 0, 0x002, 0x2B}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 0x2B, 1, 1, 0x15);
}

/* Leaf 0x1F with a die level: two dies a package, as Cascade Lake-AP reports. Composed. */
static void test_intel_leaf_1f_dies(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x1F, 0, 0, 0}},         {0x1F, 0, {1, 2, 0x100, 0xF3}},
        {0x1F, 1, {6, 48, 0x201, 0xF3}}, {0x1F, 2, {7, 96, 0x502, 0xF3}},
        {0xB, 0, {1, 2, 0x100, 0xF3}},   {0xB, 1, {6, 48, 0x201, 0xF3}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 0xF3, 1, 3, 0x79);
}

/* Modules and levels that do not exist yet only widen the package. */
static void test_intel_leaf_1f_unknown_levels(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x20, 0, 0, 0}},          {0x1F, 0, {1, 1, 0x100, 0x155}},
        {0x1F, 1, {3, 4, 0x301, 0x155}},  {0x1F, 2, {5, 24, 0x202, 0x155}},
        {0x1F, 3, {8, 24, 0x903, 0x155}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 0x155, 1, 1, 0xAA);
}

/* Leaf 0x1F is within range but says nothing: 0x0B decides. */
static void test_intel_leaf_1f_empty(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x1F, 0, 0, 0}},
        {0x1F, 0, {1, 0, 0x100, 9}}, /* a level without processors */
        {0xB, 0, {1, 2, 0x100, 9}},
        {0xB, 1, {4, 8, 0x201, 9}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 9, 0, 0, 4);
}

/* A leaf above the last one answers with other data: not to be believed. */
static void test_intel_last_leaf_counts(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x0A, 0, 0, 0}},       {1, 0, {0, 0x0D100800, 0, 1u << 28}},
        {4, 0, {0x1C000000, 0, 0, 0}}, {0xB, 0, {9, 9, 0x100, 99}},
        {0x1F, 0, {9, 9, 0x100, 99}},
    };

    (void)state;
    /* 16 ids a package, 8 cores: one thread bit. */
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 13, 0, 0, 6);
}

static void test_intel_legacy(void **state)
{
    /* Counts that are no power of two are rounded up: 6 threads take 8 ids, 3 cores take 4. */
    const struct row uneven[] = {
        {0, 0, {4, 0, 0, 0}},
        {1, 0, {0, 0x0B060000, 0, 1u << 28}},
        {4, 0, {2u << 26, 0, 0, 0}},
    };
    /* Without leaf 4 there is one core a package. */
    const struct row no_leaf_4[] = {
        {0, 0, {3, 0, 0, 0}},
        {1, 0, {0, 0x03020000, 0, 1u << 28}},
    };
    /* Without the flag the count is not valid: one processor a package. */
    const struct row single[] = {
        {0, 0, {4, 0, 0, 0}},
        {1, 0, {0, 0x05100000, 0, 0}},
    };
    /* More cores than processors: nonsense, but no shift below 0. */
    const struct row absurd[] = {
        {0, 0, {4, 0, 0, 0}},
        {1, 0, {0, 0x05020000, 0, 1u << 28}},
        {4, 0, {0xFC000000, 0, 0, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, uneven), 11, 1, 1, 5);
    expect(LOCATE(RAPL_VENDOR_INTEL, no_leaf_4), 3, 1, 1, 1);
    expect(LOCATE(RAPL_VENDOR_INTEL, single), 5, 5, 5, 5);
    expect(LOCATE(RAPL_VENDOR_INTEL, absurd), 5, 2, 2, 5);
}

/* Two threads a core but no shift: seen in the wild by Linux. */
static void test_thread_level_without_shift(void **state)
{
    const struct row rows[] = {
        {0, 0, {0xB, 0, 0, 0}},
        {0xB, 0, {0, 2, 0x100, 5}},
        {0xB, 1, {3, 8, 0x201, 5}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, rows), 5, 0, 0, 2);
}

/* ---- AMD and Hygon -------------------------------------------------------------------------- */

#define HAS_TOPOLOGY {0x80000001, 0, {0, 0, 1u << 22, 0}}

/* Zen 4 and later: core, complex, die, socket. Composed after AMD's definition of the levels. */
static void test_amd_80000026(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x10, 0, 0, 0}},
        {0x80000000, 0, {0x80000028, 0, 0, 0}},
        {0x80000026, 0, {1, 2, 0x100, 0x1B7}},
        {0x80000026, 1, {4, 16, 0x201, 0x1B7}},
        {0x80000026, 2, {5, 16, 0x302, 0x1B7}},
        {0x80000026, 3, {8, 192, 0x403, 0x1B7}},
        {0xB, 0, {1, 2, 0x100, 0x1B7}},
        {0xB, 1, {9, 192, 0x201, 0x1B7}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, rows), 0x1B7, 1, 0xD, 0xDB);
}

/* Zen 2: leaf 0x0B for the package, one node a package. */
static void test_amd_leaf_b(void **state)
{
    const struct row rows[] = {
        {0, 0, {0x10, 0, 0, 0}},
        {1, 0, {0, 0x85800800, 0, 1u << 28}},
        {0xB, 0, {1, 2, 0x100, 0x85}},
        {0xB, 1, {7, 128, 0x201, 0x85}},
        {0x80000000, 0, {0x80000020, 0, 0, 0}},
        HAS_TOPOLOGY,
        {0x80000008, 0, {0, 0, 0x707F, 0}},
        {0x8000001E, 0, {0x85, 0x0102, 0x0001, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, rows), 0x85, 1, 1, 0x42);
}

/* Naples: no leaf 0x0B, four nodes a package, eight in the machine. */
static void test_amd_nodes(void **state)
{
    const struct row rows[] = {
        {0, 0, {0xD, 0, 0, 0}},
        {1, 0, {0, 0x55400800, 0, 1u << 28}},
        {0x80000000, 0, {0x8000001F, 0, 0, 0}},
        HAS_TOPOLOGY,
        {0x80000008, 0, {0, 0, 0x603F, 0}},
        {0x8000001E, 0, {0x55, 0x0104, 0x0305, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, rows), 0x55, 1, 5, 0x2A);
    expect(LOCATE(RAPL_VENDOR_HYGON, rows), 0x55, 1, 5, 0x2A);
}

/* 0x80000026 within range but empty: the older leaves decide. */
static void test_amd_80000026_empty(void **state)
{
    const struct row rows[] = {
        {0, 0, {0xD, 0, 0, 0}},
        {1, 0, {0, 0x1F000000, 0, 0}},
        {0x80000000, 0, {0x80000026, 0, 0, 0}},
        {0x80000008, 0, {0, 0, 0x400F, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, rows), 0x1F, 1, 1, 0x1F);
}

static void test_amd_sizes(void **state)
{
    /* ApicIdSize 0: the number of threads, rounded up. Without the topology flag no thread bit. */
    const struct row count_only[] = {
        {0, 0, {0xA, 0, 0, 0}},
        {1, 0, {0, 0x0B000000, 0, 0}},
        {0x80000000, 0, {0x8000001E, 0, 0, 0}},
        {0x80000008, 0, {0, 0, 0x0005, 0}},
        {0x8000001E, 0, {0x99, 0x0101, 0x0707, 0}},
    };
    /* Nothing but leaf 1. */
    const struct row bare[] = {
        {0, 0, {1, 0, 0, 0}},
        {1, 0, {0, 0x07000000, 0, 0}},
        {0x80000000, 0, {0x80000007, 0, 0, 0}},
        {0x80000008, 0, {0, 0, 0x4000, 0}},
    };
    /* More threads in a core than in the package: a core is no larger than its package. */
    const struct row absurd[] = {
        {0, 0, {1, 0, 0, 0}},
        {0x80000000, 0, {0x8000001E, 0, 0, 0}},
        HAS_TOPOLOGY,
        {0x80000008, 0, {0, 0, 0x1000, 0}},
        {0x8000001E, 0, {0x13, 0xFF00, 0, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, count_only), 0x0B, 1, 1, 0x0B);
    expect(LOCATE(RAPL_VENDOR_AMD, bare), 7, 7, 7, 7);
    expect(LOCATE(RAPL_VENDOR_AMD, absurd), 0x13, 9, 9, 9);
}

/* ---- Ends of fields and ranges -------------------------------------------------------------- */

static void test_widest_fields(void **state)
{
    /* Level type 0x80 is one that does not exist yet, not the end. */
    const struct row level_type[] = {
        {0, 0, {0xB, 0, 0, 0}},
        {0xB, 0, {1, 2, 0x100, 0x47}},
        {0xB, 1, {6, 64, 0x8001, 0x47}},
    };
    /* 128 and more ids, 64 cores, an 8-bit APIC id. */
    const struct row intel[] = {
        {0, 0, {4, 0, 0, 0}},
        {1, 0, {0, 0xFFFF0000, 0, 1u << 28}},
        {4, 0, {0xFC000000, 0, 0, 0}},
    };
    /* ApicIdSize 15; 256 threads a core. */
    const struct row amd[] = {
        {0, 0, {1, 0, 0, 0}},
        {0x80000000, 0, {0x8000001E, 0, 0, 0}},
        HAS_TOPOLOGY,
        {0x80000008, 0, {0, 0, 0xF000, 0}},
        {0x8000001E, 0, {0x18A00, 0xFF00, 0, 0}},
    };
    /* 256 processors by their number. */
    const struct row amd_count[] = {
        {0, 0, {1, 0, 0, 0}},
        {0x80000000, 0, {0x80000008, 0, 0, 0}},
        {1, 0, {0, 0xFE000000, 0, 0}},
        {0x80000008, 0, {0, 0, 0x00FF, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_INTEL, level_type), 0x47, 1, 1, 0x23);
    expect(LOCATE(RAPL_VENDOR_INTEL, intel), 0xFF, 0, 0, 0x3F);
    expect(LOCATE(RAPL_VENDOR_AMD, amd), 0x18A00, 3, 3, 0x18A);
    expect(LOCATE(RAPL_VENDOR_AMD, amd_count), 0xFE, 0, 0, 0xFE);
}

/* The last leaf that a CPU says it has is one it has. */
static void test_last_leaves(void **state)
{
    const struct row leaf_b[] = {
        {0, 0, {0xB, 0, 0, 0}},
        {0xB, 0, {1, 2, 0x100, 0x15}},
        {0xB, 1, {4, 16, 0x201, 0x15}},
        {0x80000000, 0, {0x80000007, 0, 0, 0}},
    };
    const struct row leaf_26[] = {
        {0, 0, {1, 0, 0, 0}},
        {0x80000000, 0, {0x80000026, 0, 0, 0}},
        {0x80000026, 0, {1, 2, 0x100, 0x15}},
        {0x80000026, 1, {3, 8, 0x401, 0x15}},
    };
    const struct row leaf_26_absent[] = {
        {0, 0, {1, 0, 0, 0}},
        {1, 0, {0, 0x09000000, 0, 0}},
        {0x80000000, 0, {0x80000025, 0, 0, 0}},
        {0x80000026, 0, {1, 2, 0x100, 0x15}},
    };
    /* Two nodes a package: the lowest bit of the count. */
    const struct row two_nodes[] = {
        {0, 0, {1, 0, 0, 0}},
        {0x80000000, 0, {0x8000001E, 0, 0, 0}},
        HAS_TOPOLOGY,
        {0x80000008, 0, {0, 0, 0x4000, 0}},
        {0x8000001E, 0, {0x1C, 0x0100, 0x0103, 0}},
    };

    (void)state;
    expect(LOCATE(RAPL_VENDOR_AMD, leaf_b), 0x15, 1, 1, 0xA);
    expect(LOCATE(RAPL_VENDOR_AMD, leaf_26), 0x15, 2, 2, 0xA);
    expect(LOCATE(RAPL_VENDOR_AMD, leaf_26_absent), 9, 9, 9, 9);
    expect(LOCATE(RAPL_VENDOR_AMD, two_nodes), 0x1C, 1, 3, 0xE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intel_leaf_b),
        cmocka_unit_test(test_intel_leaf_1f_dies),
        cmocka_unit_test(test_intel_leaf_1f_unknown_levels),
        cmocka_unit_test(test_intel_leaf_1f_empty),
        cmocka_unit_test(test_intel_last_leaf_counts),
        cmocka_unit_test(test_intel_legacy),
        cmocka_unit_test(test_thread_level_without_shift),
        cmocka_unit_test(test_amd_80000026),
        cmocka_unit_test(test_amd_leaf_b),
        cmocka_unit_test(test_amd_nodes),
        cmocka_unit_test(test_amd_80000026_empty),
        cmocka_unit_test(test_amd_sizes),
        cmocka_unit_test(test_widest_fields),
        cmocka_unit_test(test_last_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
