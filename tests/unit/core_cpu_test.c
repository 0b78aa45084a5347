/* SPDX-License-Identifier: Apache-2.0
 *
 * CPU identity: published leaf-1 values, vendor strings, and which leaves may be believed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/cpu.h"

/* A CPU that answers these leaves; asking for any other fails the test. */
struct fake {
    struct rapl_cpuid_regs vendor, features, hypervisor, interface, privileges, extended, power;
};

static void fake_read(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    const struct fake *const fake = context;

    assert_int_equal(subleaf, 0);
    switch (leaf) {
    case 0:
        *out = fake->vendor;
        break;
    case 1:
        *out = fake->features;
        break;
    case 0x40000000:
        *out = fake->hypervisor;
        break;
    case 0x40000001:
        *out = fake->interface;
        break;
    case 0x40000003:
        *out = fake->privileges;
        break;
    case 0x80000000:
        *out = fake->extended;
        break;
    case 0x80000007:
        *out = fake->power;
        break;
    default:
        fail_msg("leaf %08x has no business here", leaf);
    }
}

static struct rapl_cpu identify(struct fake *fake)
{
    const struct rapl_cpuid cpuid = {fake, fake_read};
    struct rapl_cpu cpu;

    rapl_cpu_identify(&cpuid, &cpu);
    return cpu;
}

/* Twelve letters in the order of the manual: EBX, EDX, ECX. */
static void name_vendor(struct fake *fake, const char *letters)
{
    uint32_t words[3] = {0};

    for (uint32_t i = 0; i < 12; i++) {
        words[i / 4] |= (uint32_t)(uint8_t)letters[i] << (8 * (i % 4));
    }
    fake->vendor.ebx = words[0];
    fake->vendor.edx = words[1];
    fake->vendor.ecx = words[2];
}

static struct fake make(const char *letters, uint32_t signature)
{
    struct fake fake = {
        .vendor = {.eax = 0x16},
        .features = {.eax = signature},
        .extended = {.eax = 0x80000008},
    };

    name_vendor(&fake, letters);
    return fake;
}

#define INTEL "GenuineIntel"
#define AMD   "AuthenticAMD"
#define HYGON "HygonGenuine"

/*
 * Leaf 1 EAX as published in CPUID dumps, Intel's specification updates and AMD's revision guides;
 * "composed" ones follow the field definitions.
 */
static const struct {
    const char *letters;
    uint32_t signature;
    uint8_t vendor;
    uint16_t family, model;
    uint8_t stepping;
} signatures[] = {
    {INTEL, 0x000206A7, RAPL_VENDOR_INTEL, 0x06, 0x2A, 7},   /* Sandy Bridge */
    {INTEL, 0x000306A9, RAPL_VENDOR_INTEL, 0x06, 0x3A, 9},   /* Ivy Bridge */
    {INTEL, 0x000306C3, RAPL_VENDOR_INTEL, 0x06, 0x3C, 3},   /* Haswell */
    {INTEL, 0x000306F2, RAPL_VENDOR_INTEL, 0x06, 0x3F, 2},   /* Haswell-EP */
    {INTEL, 0x00050654, RAPL_VENDOR_INTEL, 0x06, 0x55, 4},   /* Skylake-SP */
    {INTEL, 0x00050657, RAPL_VENDOR_INTEL, 0x06, 0x55, 7},   /* Cascade Lake */
    {INTEL, 0x000806EA, RAPL_VENDOR_INTEL, 0x06, 0x8E, 10},  /* Kaby Lake-R */
    {INTEL, 0x000906EA, RAPL_VENDOR_INTEL, 0x06, 0x9E, 10},  /* Coffee Lake */
    {INTEL, 0x000806F8, RAPL_VENDOR_INTEL, 0x06, 0x8F, 8},   /* Sapphire Rapids */
    {INTEL, 0x00090672, RAPL_VENDOR_INTEL, 0x06, 0x97, 2},   /* Alder Lake-S */
    {INTEL, 0x000B0671, RAPL_VENDOR_INTEL, 0x06, 0xB7, 1},   /* Raptor Lake-S */
    {INTEL, 0x000A06A4, RAPL_VENDOR_INTEL, 0x06, 0xAA, 4},   /* Meteor Lake */
    {INTEL, 0x000C0662, RAPL_VENDOR_INTEL, 0x06, 0xC6, 2},   /* Arrow Lake-S */
    {INTEL, 0x00030678, RAPL_VENDOR_INTEL, 0x06, 0x37, 8},   /* Bay Trail */
    {INTEL, 0x000406D8, RAPL_VENDOR_INTEL, 0x06, 0x4D, 8},   /* Avoton */
    {INTEL, 0x00050671, RAPL_VENDOR_INTEL, 0x06, 0x57, 1},   /* Knights Landing */
    {INTEL, 0x00000F29, RAPL_VENDOR_INTEL, 0x0F, 0x02, 9},   /* Pentium 4 */
    {INTEL, 0x0000052C, RAPL_VENDOR_INTEL, 0x05, 0x02, 12},  /* Pentium: type bits are not model */
    {INTEL, 0x000F0520, RAPL_VENDOR_INTEL, 0x05, 0x02, 0},   /* composed: no extension there */
    {INTEL, 0x00300F10, RAPL_VENDOR_INTEL, 0x12, 0x01, 0},   /* composed: Nova Lake */
    {INTEL, 0x00400F10, RAPL_VENDOR_INTEL, 0x13, 0x01, 0},   /* composed: Diamond Rapids */
    {INTEL, 0x0FFF0FFF, RAPL_VENDOR_INTEL, 0x10E, 0xFF, 15}, /* composed: every bit */
    {AMD, 0x00800F11, RAPL_VENDOR_AMD, 0x17, 0x01, 1},       /* Summit Ridge */
    {AMD, 0x00800F82, RAPL_VENDOR_AMD, 0x17, 0x08, 2},       /* Pinnacle Ridge */
    {AMD, 0x00830F10, RAPL_VENDOR_AMD, 0x17, 0x31, 0},       /* Rome */
    {AMD, 0x00870F10, RAPL_VENDOR_AMD, 0x17, 0x71, 0},       /* Matisse */
    {AMD, 0x00A20F10, RAPL_VENDOR_AMD, 0x19, 0x21, 0},       /* Vermeer */
    {AMD, 0x00A00F11, RAPL_VENDOR_AMD, 0x19, 0x01, 1},       /* Milan */
    {AMD, 0x00A60F12, RAPL_VENDOR_AMD, 0x19, 0x61, 2},       /* Raphael */
    {AMD, 0x00A10F11, RAPL_VENDOR_AMD, 0x19, 0x11, 1},       /* Genoa */
    {AMD, 0x00A70F41, RAPL_VENDOR_AMD, 0x19, 0x74, 1},       /* Phoenix */
    {AMD, 0x00B00F21, RAPL_VENDOR_AMD, 0x1A, 0x02, 1},       /* Turin */
    {AMD, 0x00B40F40, RAPL_VENDOR_AMD, 0x1A, 0x44, 0},       /* Granite Ridge */
    {AMD, 0x000F0661, RAPL_VENDOR_AMD, 0x06, 0x06, 1},       /* composed: AMD extends 0xF only */
    {HYGON, 0x00900F01, RAPL_VENDOR_HYGON, 0x18, 0x00, 1},   /* Dhyana */
    {"CentaurHauls", 0x000006F2, RAPL_VENDOR_UNKNOWN, 0x06, 0x0F, 2},
};

static void test_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        struct fake fake = make(signatures[i].letters, signatures[i].signature);
        const struct rapl_cpu cpu = identify(&fake);

        assert_int_equal(cpu.vendor, signatures[i].vendor);
        assert_int_equal(cpu.family, signatures[i].family);
        assert_int_equal(cpu.model, signatures[i].model);
        assert_int_equal(cpu.stepping, signatures[i].stepping);
        assert_false(cpu.hypervisor);
        assert_false(cpu.hyperv_root);
        assert_false(cpu.amd_rapl);
    }
}

static void test_vendor_needs_all_letters(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 12; i++) {
        char letters[] = INTEL;

        letters[i] ^= 1;

        struct fake fake = make(letters, 0x000906EA);

        assert_int_equal(identify(&fake).vendor, RAPL_VENDOR_UNKNOWN);
    }
}

static void test_no_leaf_1(void **state)
{
    struct fake fake = make(INTEL, 0x000906EA);
    struct rapl_cpu cpu;

    (void)state;
    fake.vendor.eax = 0;
    fake.features.ecx = 1u << 31;
    cpu = identify(&fake);
    assert_int_equal(cpu.vendor, RAPL_VENDOR_UNKNOWN);
    assert_int_equal(cpu.family, 0);
    assert_false(cpu.hypervisor);
    fake.vendor.eax = 1; /* the last leaf is a leaf */
    assert_int_equal(identify(&fake).vendor, RAPL_VENDOR_INTEL);
    assert_int_equal(identify(&fake).family, 6);
}

static void test_amd_rapl(void **state)
{
    (void)state;

    struct fake amd = make(AMD, 0x00870F10);

    amd.power.edx = 1u << 14;
    assert_true(identify(&amd).amd_rapl);
    amd.extended.eax = 0x80000007;
    assert_true(identify(&amd).amd_rapl);
    amd.extended.eax = 0x80000006;
    assert_false(identify(&amd).amd_rapl);
    amd.extended.eax = 0x80000008;
    amd.power.edx = ~(1u << 14);
    assert_false(identify(&amd).amd_rapl);

    struct fake hygon = make(HYGON, 0x00900F01);

    hygon.power.edx = 1u << 14;
    assert_true(identify(&hygon).amd_rapl);

    /* Intel defines no such bit. */
    struct fake intel = make(INTEL, 0x000906EA);

    intel.power.edx = 1u << 14;
    assert_false(identify(&intel).amd_rapl);
}

static void test_hypervisor(void **state)
{
    (void)state;

    /* Hyper-V's root partition: what Windows with VBS shows. */
    struct fake root = make(INTEL, 0x000906EA);

    root.features.ecx = 1u << 31;
    root.hypervisor.eax = 0x4000000B;
    root.interface.eax = 0x31237648;
    root.privileges.ebx = 0x00000001;
    assert_true(identify(&root).hypervisor);
    assert_true(identify(&root).hyperv_root);

    struct fake guest = root;

    guest.privileges.ebx = 0xFFFFFFFE;
    assert_true(identify(&guest).hypervisor);
    assert_false(identify(&guest).hyperv_root);

    /* KVM has leaves of its own there. */
    struct fake kvm = root;

    kvm.interface.eax = 0x01007AFB;
    assert_true(identify(&kvm).hypervisor);
    assert_false(identify(&kvm).hyperv_root);

    struct fake no_privileges = root;

    no_privileges.hypervisor.eax = 0x40000002;
    assert_false(identify(&no_privileges).hyperv_root);
    no_privileges.hypervisor.eax = 0x40000003;
    assert_true(identify(&no_privileges).hyperv_root);

    /* Without the bit the hypervisor's leaves mean nothing. */
    struct fake bare = root;

    bare.features.ecx = 0x7FFFFFFF;
    assert_false(identify(&bare).hypervisor);
    assert_false(identify(&bare).hyperv_root);
}

static void test_vendor_names(void **state)
{
    (void)state;
    assert_string_equal(rapl_vendor_name(RAPL_VENDOR_INTEL), "Intel");
    assert_string_equal(rapl_vendor_name(RAPL_VENDOR_AMD), "AMD");
    assert_string_equal(rapl_vendor_name(RAPL_VENDOR_HYGON), "Hygon");
    assert_string_equal(rapl_vendor_name(RAPL_VENDOR_UNKNOWN), "unknown");
    assert_string_equal(rapl_vendor_name(UINT32_MAX), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures), cmocka_unit_test(test_vendor_needs_all_letters),
        cmocka_unit_test(test_no_leaf_1),  cmocka_unit_test(test_amd_rapl),
        cmocka_unit_test(test_hypervisor), cmocka_unit_test(test_vendor_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
