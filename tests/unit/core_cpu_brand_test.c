/* SPDX-License-Identifier: Apache-2.0
 *
 * The brand string, and whether IA32_ARCH_CAPABILITIES exists.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/cpu.h"

struct fake {
    uint32_t last_basic, last_extended;
    uint32_t leaf_7_edx;
    char brand[49];
};

/* Like Intel: a leaf above the last gives something all the same. */
static void fake_read(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    const struct fake *const fake = context;

    assert_int_equal(subleaf, 0);
    *out = (struct rapl_cpuid_regs){0x41414141, 0x41414141, 0x41414141, 0x41414141};
    if (leaf == 0) {
        out->eax = fake->last_basic;
    } else if (leaf == 7) {
        out->edx = fake->leaf_7_edx;
    } else if (leaf == 0x80000000) {
        out->eax = fake->last_extended;
    } else {
        assert_in_range(leaf, 0x80000002, 0x80000004);
        memcpy(out, fake->brand + (size_t)(leaf - 0x80000002) * 16, 16);
    }
}

static void expect_brand(const struct fake *fake, const char *wanted)
{
    const struct rapl_cpuid cpuid = {(void *)(uintptr_t)fake, fake_read};
    char brand[48];
    char all[48] = {0};

    memset(brand, 'z', sizeof(brand));
    for (size_t i = 0; wanted[i] != 0; i++) {
        all[i] = wanted[i];
    }
    rapl_cpu_brand(&cpuid, brand);
    assert_memory_equal(brand, all, sizeof(brand));
}

static void test_brand(void **state)
{
    struct fake fake = {.last_extended = 0x80000004,
                        .brand = "Intel(R) Core(TM) i7-9700K CPU @ 3.60GHz"};

    (void)state;
    expect_brand(&fake, "Intel(R) Core(TM) i7-9700K CPU @ 3.60GHz");
    fake.last_extended = 0x80000003;
    expect_brand(&fake, "");
    fake.last_extended = 0x80000008;
    memcpy(fake.brand, "A\0hidden", 8);
    expect_brand(&fake, "A");
    memcpy(fake.brand, "\x7F\x80\n~ ", 6);
    expect_brand(&fake, "???~ ");
    memset(fake.brand, 'x', 48); /* no end: cut off before the last byte */
    expect_brand(&fake, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void test_arch_capabilities(void **state)
{
    struct fake fake = {.last_basic = 7, .leaf_7_edx = 1u << 29};
    const struct rapl_cpuid cpuid = {&fake, fake_read};

    (void)state;
    assert_true(rapl_cpu_has_arch_capabilities(&cpuid));
    fake.leaf_7_edx = ~(1u << 29);
    assert_false(rapl_cpu_has_arch_capabilities(&cpuid));
    fake.leaf_7_edx = UINT32_MAX;
    fake.last_basic = 6;
    assert_false(rapl_cpu_has_arch_capabilities(&cpuid));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_brand),
        cmocka_unit_test(test_arch_capabilities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
