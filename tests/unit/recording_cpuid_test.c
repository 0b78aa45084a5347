/* SPDX-License-Identifier: Apache-2.0
 *
 * Single CPUID leaves of a recording, against values written down from the manuals.
 */
#include "recording_machines.h"

static struct rapl_cpuid_regs leaf_of(const struct parsed *parsed, uint32_t processor,
                                      uint32_t leaf, uint32_t subleaf)
{
    struct rapl_cpuid_regs regs = {1, 1, 1, 1};

    recording_cpuid(&parsed->recording, processor, leaf, subleaf, &regs);
    return regs;
}

static void expect_regs(struct rapl_cpuid_regs regs, uint32_t eax, uint32_t ebx, uint32_t ecx,
                        uint32_t edx)
{
    assert_int_equal(regs.eax, eax);
    assert_int_equal(regs.ebx, ebx);
    assert_int_equal(regs.ecx, ecx);
    assert_int_equal(regs.edx, edx);
}

static void test_identity_leaves(void **state)
{
    const struct parsed intel = parse_text_or_fail(INTEL BARE SMALL INTEL_END);
    const struct parsed zen4 = parse_text_or_fail(ZEN4 BARE SMALL AMD_END);
    const struct parsed hygon = parse_text_or_fail(HYGON BARE SMALL AMD_END);
    const struct parsed other =
        parse_text_or_fail(HEAD "cpu other family 6 model 15 stepping 4 @k\n" BARE SMALL INTEL_END);

    /* "Genu" "ntel" "ineI"; highest leaf 0xD. */
    expect_regs(leaf_of(&intel, 0, 0, 0), 0xD, 0x756E6547, 0x6C65746E, 0x49656E69);
    expect_regs(leaf_of(&zen4, 0, 0, 0), 0x10, 0x68747541, 0x444D4163, 0x69746E65);
    expect_regs(leaf_of(&hygon, 0, 0, 0), 0xD, 0x6F677948, 0x656E6975, 0x6E65476E);
    expect_regs(leaf_of(&other, 0, 0, 0), 0xD, 0x746E6543, 0x736C7561, 0x48727561);

    /* 06_97 stepping 2; family 0x19 model 0x11 stepping 1. APIC id 0x13, 4 ids, 64-byte lines. */
    assert_int_equal(leaf_of(&intel, 3, 1, 0).eax, 0x00090672);
    assert_int_equal(leaf_of(&zen4, 3, 1, 0).eax, 0x00A10F11);
    assert_int_equal(leaf_of(&zen4, 3, 0x80000001, 0).eax, 0x00A10F11);
    assert_int_equal(leaf_of(&hygon, 3, 1, 0).eax, 0x00900F01);
    assert_int_equal(leaf_of(&intel, 3, 1, 0).ebx, 0x13040800);
    assert_int_equal(leaf_of(&intel, 3, 1, 0).ecx >> 31, 0);
    assert_int_equal(leaf_of(&intel, 3, 1, 0).edx >> 28 & 1, 1);

    assert_int_equal(leaf_of(&intel, 0, 0x80000000, 0).eax, 0x80000008);
    expect_regs(leaf_of(&intel, 0, 0x80000001, 0), 0, 0, 0, 0x20000000);
    expect_regs(leaf_of(&intel, 0, 0x80000007, 0), 0, 0, 0, 0x100);
    expect_regs(leaf_of(&zen4, 0, 0x80000000, 0), 0x80000028, 0x68747541, 0x444D4163, 0x69746E65);
    expect_regs(leaf_of(&zen4, 0, 0x80000007, 0), 0, 0, 0, 0x4100);
    assert_int_equal(leaf_of(&hygon, 0, 0x80000000, 0).eax, 0x8000001F);
    free(intel.arena);
    free(zen4.arena);
    free(hygon.arena);
    free(other.arena);
}

static void test_topology_leaves(void **state)
{
    const struct parsed intel = parse_text_or_fail(INTEL BARE SMALL INTEL_END);
    const struct parsed dies = parse_text_or_fail(INTEL BARE TWO_DIES INTEL_END);
    const struct parsed zen1 = parse_text_or_fail(ZEN1 BARE TWO_DIES AMD_END);
    const struct parsed zen4 = parse_text_or_fail(ZEN4 BARE TWO_DIES AMD_END);

    /* Level type in ECX[15:8]: 1 threads, 2 cores, then none. */
    expect_regs(leaf_of(&intel, 3, 0xB, 0), 1, 2, 0x100, 0x13);
    expect_regs(leaf_of(&intel, 3, 0xB, 1), 2, 4, 0x201, 0x13);
    expect_regs(leaf_of(&intel, 3, 0xB, 2), 0, 0, 2, 0x13);
    /* First-level cache: 2 ids share it, 2 core ids; third level: 4 ids. Then no more caches. */
    assert_int_equal(leaf_of(&intel, 0, 4, 0).eax, 1u << 26 | 1u << 14 | 0x21);
    assert_int_equal(leaf_of(&intel, 0, 4, 1).eax, 1u << 26 | 3u << 14 | 0x63);
    expect_regs(leaf_of(&intel, 0, 4, 2), 0, 0, 0, 0);

    assert_int_equal(leaf_of(&dies, 0, 0, 0).eax, 0x1F);
    expect_regs(leaf_of(&dies, 13, 0x1F, 0), 1, 2, 0x100, 0x29);
    expect_regs(leaf_of(&dies, 13, 0x1F, 1), 2, 4, 0x201, 0x29);
    expect_regs(leaf_of(&dies, 13, 0x1F, 2), 4, 8, 0x502, 0x29);
    expect_regs(leaf_of(&dies, 13, 0x1F, 3), 0, 0, 3, 0x29);
    expect_regs(leaf_of(&dies, 13, 0xB, 1), 4, 8, 0x201, 0x29);

    /* 0x1E: core 6 of 2 threads; node 3 of 2 a package. 0x08: 8 threads, 4 bits. */
    expect_regs(leaf_of(&zen1, 13, 0x8000001E, 0), 0x29, 0x104, 0x103, 0);
    assert_int_equal(leaf_of(&zen1, 13, 0x80000008, 0).ecx, 4u << 12 | 7u);
    expect_regs(leaf_of(&zen1, 13, 0xB, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&zen1, 13, 0x80000026, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&zen4, 13, 0x80000026, 0), 1, 2, 0x100, 0x29);
    expect_regs(leaf_of(&zen4, 13, 0x80000026, 1), 2, 4, 0x301, 0x29);
    expect_regs(leaf_of(&zen4, 13, 0x80000026, 2), 4, 8, 0x402, 0x29);
    expect_regs(leaf_of(&zen4, 13, 0x80000026, 3), 0, 0, 3, 0x29);
    expect_regs(leaf_of(&zen4, 13, 4, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&intel, 0, 0x8000001E, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&intel, 0, 0x80000026, 0), 0, 0, 0, 0);
    free(intel.arena);
    free(dies.arena);
    free(zen1.arena);
    free(zen4.arena);
}

/* Counts that do not fit in their fields are the largest the fields hold. */
static void test_large_counts(void **state)
{
    const struct parsed far =
        parse_text_or_fail(INTEL BARE "topology packages 1 processors 2 groups 2 @k\n"
                                      "cores 0-1 package 0 threads 1 group 0 apic 0 step 0x1000 "
                                      "@k\n" INTEL_END);
    const struct parsed dies = parse_text_or_fail(
        ZEN1 BARE "topology packages 1 processors 2 groups 2 @k\n"
                  "cores 0 package 0 die 0 threads 1 group 0 apic 0 @k\n"
                  "cores 1 package 0 die 15 threads 1 group 0 apic 1 @k\n" AMD_END);

    assert_int_equal(leaf_of(&far, 1, 1, 0).ebx >> 16, 255);
    assert_int_equal(leaf_of(&far, 1, 4, 0).eax, 63u << 26 | 0x21);
    assert_int_equal(leaf_of(&far, 1, 4, 1).eax, 63u << 26 | 0xFFFu << 14 | 0x63);
    expect_regs(leaf_of(&far, 1, 0xB, 1), 13, 2, 0x201, 0x1000);
    assert_int_equal(leaf_of(&dies, 1, 0x8000001E, 0).ecx, 0x70F);
    free(far.arena);
    free(dies.arena);
}

/* Which family 0x19 models have Fn8000_0026, at the edges of the ranges. */
static void test_zen4_models(void **state)
{
    static const struct {
        uint32_t family, model, has;
    } rows[] = {{0x17, 0x71, 0}, {0x19, 0x0F, 0}, {0x19, 0x10, 1}, {0x19, 0x1F, 1},
                {0x19, 0x20, 0}, {0x19, 0x5F, 0}, {0x19, 0x60, 1}, {0x19, 0xAF, 1},
                {0x19, 0xB0, 0}, {0x1A, 0x02, 1}, {0x1B, 0x00, 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        struct parsed parsed;

        snprintf(
            text, sizeof(text),
            HEAD
            "cpu amd family 0x%X model 0x%X stepping 0 @k\namd-rapl no @k\n" BARE SMALL AMD_END,
            rows[i].family, rows[i].model);
        parsed = parse_text_or_fail(text);
        assert_int_equal(leaf_of(&parsed, 0, 0x80000026, 0).ebx != 0, rows[i].has);
        assert_int_equal(leaf_of(&parsed, 0, 0x80000007, 0).edx, 0x100);
        free(parsed.arena);
    }
}

/* Beyond the highest leaf Intel answers as the highest does, AMD with zeros. */
static void test_leaves_that_are_not_there(void **state)
{
    const struct parsed intel = parse_text_or_fail(INTEL BARE SMALL INTEL_END);
    const struct parsed dies = parse_text_or_fail(INTEL BARE TWO_DIES INTEL_END);
    const struct parsed zen4 = parse_text_or_fail(ZEN4 BARE SMALL AMD_END);

    expect_regs(leaf_of(&intel, 0, 0x1F, 0), 7, 0x340, 0x340, 0);
    expect_regs(leaf_of(&intel, 0, 0x40000000, 0), 7, 0x340, 0x340, 0);
    expect_regs(leaf_of(&intel, 0, 0xD, 1), 0, 0, 0, 0);
    expect_regs(leaf_of(&dies, 13, 0x20, 0), 1, 2, 0x100, 0x29);
    expect_regs(leaf_of(&zen4, 0, 0x1F, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&zen4, 0, 0x40000000, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&zen4, 0, 0x80000030, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&intel, 0, 7, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&intel, 4, 0, 0), 0, 0, 0, 0); /* no such processor */
    free(intel.arena);
    free(dies.arena);
    free(zen4.arena);
}

static void test_hybrid_flag(void **state)
{
    const struct parsed parsed = load_shipped("vbs-client.rec");

    expect_regs(leaf_of(&parsed, 0, 7, 0), 0, 0, 0, 0x8000);
    expect_regs(leaf_of(&parsed, 0, 7, 1), 0, 0, 0, 0);
    /* A core of one thread says so; the shift is the machine's. */
    expect_regs(leaf_of(&parsed, 12, 0x1F, 0), 1, 1, 0x100, 0x40);
    expect_regs(leaf_of(&parsed, 12, 0x1F, 1), 7, 20, 0x201, 0x40);
    free(parsed.arena);
}

static void test_hypervisors(void **state)
{
    const struct parsed root =
        parse_text_or_fail(INTEL "hypervisor hyperv-root @k\n" SMALL INTEL_END);
    const struct parsed guest =
        parse_text_or_fail(INTEL "hypervisor hyperv-guest @k\n" SMALL INTEL_END);
    const struct parsed kvm = parse_text_or_fail(ZEN4 "hypervisor other-guest @k\n" SMALL AMD_END);

    expect_identity(&root.recording);
    expect_identity(&guest.recording);
    expect_identity(&kvm.recording);
    assert_true(root.recording.cpu.hyperv_root);
    assert_false(guest.recording.cpu.hyperv_root);

    assert_int_equal(leaf_of(&root, 2, 1, 0).ecx >> 31, 1);
    /* "Micr" "osof" "t Hv" in EBX, ECX, EDX; "Hv#1"; CreatePartitions is EBX[0]. */
    expect_regs(leaf_of(&root, 2, 0x40000000, 0), 0x4000000C, 0x7263694D, 0x666F736F, 0x76482074);
    expect_regs(leaf_of(&root, 2, 0x40000001, 0), 0x31237648, 0, 0, 0);
    expect_regs(leaf_of(&root, 2, 0x40000002, 0), 22621, 0xA0000, 0, 0);
    expect_regs(leaf_of(&root, 2, 0x40000003, 0), 0x3FFF, 0x2BB9FF, 0, 0);
    assert_int_equal(leaf_of(&guest, 2, 0x40000000, 0).eax, 0x4000000B);
    assert_int_equal(leaf_of(&guest, 2, 0x40000001, 0).eax, 0x31237648);
    assert_int_equal(leaf_of(&guest, 2, 0x40000003, 0).ebx & 1, 0);
    /* "KVMK" "VMKV" "M"; no Hyper-V interface. */
    expect_regs(leaf_of(&kvm, 2, 0x40000000, 0), 0x40000001, 0x4B4D564B, 0x564B4D56, 0x4D);
    expect_regs(leaf_of(&kvm, 2, 0x40000001, 0), 0, 0, 0, 0);
    expect_regs(leaf_of(&kvm, 2, 0x40000003, 0), 0, 0, 0, 0);
    free(root.arena);
    free(guest.arena);
    free(kvm.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_counts),
        cmocka_unit_test(test_identity_leaves),
        cmocka_unit_test(test_topology_leaves),
        cmocka_unit_test(test_zen4_models),
        cmocka_unit_test(test_leaves_that_are_not_there),
        cmocka_unit_test(test_hybrid_flag),
        cmocka_unit_test(test_hypervisors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
