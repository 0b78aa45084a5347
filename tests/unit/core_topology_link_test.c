/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a processor sits when CPUID answers anything at all, and the links between processors.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/topology.h"

/* ---- Hostile answers ------------------------------------------------------------------------ */

struct hostile {
    uint64_t seed;
    uint32_t reads;
};

static uint32_t noise(struct hostile *hostile)
{
    hostile->seed = hostile->seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(hostile->seed >> 32);
}

static void hostile_read(void *context, uint32_t leaf, uint32_t subleaf,
                         struct rapl_cpuid_regs *out)
{
    struct hostile *const hostile = context;

    (void)leaf;
    (void)subleaf;
    hostile->reads++;
    out->eax = noise(hostile);
    out->ebx = noise(hostile);
    out->ecx = noise(hostile);
    out->edx = noise(hostile);
}

static void ones_read(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    struct hostile *const hostile = context;

    (void)leaf;
    (void)subleaf;
    hostile->reads++;
    *out = (struct rapl_cpuid_regs){UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
}

/* Random and all-ones answers end after a bounded number of reads; the sanitizer watches shifts. */
static void test_hostile_cpuid(void **state)
{
    const uint8_t vendors[] = {RAPL_VENDOR_UNKNOWN, RAPL_VENDOR_INTEL, RAPL_VENDOR_AMD,
                               RAPL_VENDOR_HYGON};
    struct hostile hostile = {.seed = 1};

    (void)state;
    for (uint32_t i = 0; i < 400000; i++) {
        const struct rapl_cpu cpu = {.vendor = vendors[i % 4]};
        const struct rapl_cpuid cpuid = {&hostile, i % 100 < 4 ? ones_read : hostile_read};
        struct rapl_location location;

        hostile.reads = 0;
        rapl_topology_locate(&cpu, &cpuid, &location);
        assert_in_range(hostile.reads, 1, 32);
        /* A package holds its dies and cores. */
        assert_true(location.package <= location.core);
    }
}

/* Levels without end: eight are read, after the number of the last leaf. */
static void test_endless_levels(void **state)
{
    struct hostile hostile = {0};
    const struct rapl_cpuid cpuid = {&hostile, ones_read};
    const struct rapl_cpu intel = {.vendor = RAPL_VENDOR_INTEL};
    const struct rapl_cpu amd = {.vendor = RAPL_VENDOR_AMD};
    struct rapl_location location;

    (void)state;
    rapl_topology_locate(&intel, &cpuid, &location);
    assert_int_equal(hostile.reads, 9);
    assert_int_equal(location.apic_id, UINT32_MAX);
    assert_int_equal(location.package, 1); /* the largest shift there is: 31 */
    hostile.reads = 0;
    rapl_topology_locate(&amd, &cpuid, &location);
    assert_int_equal(hostile.reads, 9);
}

/* ---- Links ---------------------------------------------------------------------------------- */

/* First processor for which every id that counts is equal. */
static void check_links(const struct rapl_processor *processors, uint32_t count, bool per_die)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct rapl_location *const mine = &processors[i].location;
        uint32_t package = UINT32_MAX;
        uint32_t core = UINT32_MAX;

        for (uint32_t j = count; j-- > 0;) {
            const struct rapl_location *const other = &processors[j].location;

            if (per_die ? other->die == mine->die : other->package == mine->package) {
                package = j;
            }
            if (other->core == mine->core) {
                core = j;
            }
        }
        assert_int_equal(processors[i].package_lead, package);
        assert_int_equal(processors[i].core_lead, core);
    }
}

/* Two packages of two dies of eight cores of two threads, in four different orders. */
static void test_links(void **state)
{
    enum { COUNT = 64 };
    static const uint32_t strides[] = {1, 5, 17, 63};

    (void)state;
    for (size_t s = 0; s < sizeof(strides) / sizeof(strides[0]); s++) {
        struct rapl_processor processors[COUNT];

        memset(processors, 0, sizeof(processors));
        for (uint32_t i = 0; i < COUNT; i++) {
            const uint32_t apic_id = i * strides[s] % COUNT;

            processors[i].location =
                (struct rapl_location){apic_id, apic_id >> 5, apic_id >> 4, apic_id >> 1};
        }
        rapl_topology_link(processors, COUNT, false);
        check_links(processors, COUNT, false);
        rapl_topology_link(processors, COUNT, true);
        check_links(processors, COUNT, true);
    }
}

/* Written out: four processors, threads of a core not next to each other. */
static void test_links_by_hand(void **state)
{
    struct rapl_processor processors[] = {
        {.location = {0, 7, 70, 700}},
        {.location = {2, 7, 71, 701}},
        {.location = {4, 8, 80, 800}},
        {.location = {1, 7, 70, 700}},
    };

    (void)state;
    rapl_topology_link(processors, 4, false);
    assert_int_equal(processors[0].package_lead, 0);
    assert_int_equal(processors[1].package_lead, 0);
    assert_int_equal(processors[2].package_lead, 2);
    assert_int_equal(processors[3].package_lead, 0);
    assert_int_equal(processors[0].core_lead, 0);
    assert_int_equal(processors[1].core_lead, 1);
    assert_int_equal(processors[2].core_lead, 2);
    assert_int_equal(processors[3].core_lead, 0);

    rapl_topology_link(processors, 4, true);
    assert_int_equal(processors[1].package_lead, 1);
    assert_int_equal(processors[3].package_lead, 0);

    rapl_topology_link(processors, 0, true); /* none: nothing happens */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hostile_cpuid),
        cmocka_unit_test(test_endless_levels),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_links_by_hand),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
