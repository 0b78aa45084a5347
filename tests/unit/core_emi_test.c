/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy meters' metadata: the layouts that are out there, and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <rapl/domain.h>

#include "core/emi.h"
#include "tests/unit/emi_metadata.h"

static struct rapl_emi_channel channels[RAPL_EMI_CHANNELS_MAX];

/* A copy of exactly `size` bytes, at an odd address: reads past the end are seen. */
static enum rapl_emi_result parse(uint16_t version, const struct metadata *from, uint32_t size,
                                  struct rapl_emi_device *device)
{
    uint8_t *memory = malloc(size + 1);

    assert_non_null(memory);
    memcpy(memory + 1, from->bytes, size);
    const enum rapl_emi_result result =
        rapl_emi_metadata(version, memory + 1, size, device, channels);
    free(memory);
    return result;
}

static void intel_has_four_unaligned_channels(void **unused)
{
    struct metadata metadata;
    struct rapl_emi_device device;

    put_intel(&metadata);
    assert_int_equal(metadata.size, 492);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_OK);
    assert_int_equal(device.version, 2);
    assert_int_equal(device.revision, 7);
    assert_int_equal(device.channel_count, 4);
    assert_string_equal(device.oem, "Microsoft");
    assert_string_equal(device.model, "RAPL");
    assert_string_equal(channels[0].name, "RAPL_Package0_PKG");
    assert_string_equal(channels[1].name, "RAPL_Package0_PP0");
    assert_string_equal(channels[2].name, "RAPL_Package0_PP1");
    assert_string_equal(channels[3].name, "RAPL_Package0_DRAM");
    assert_int_equal(channels[3].unit, RAPL_EMI_UNIT_PWH);
}

static void version_1_has_one_channel(void **unused)
{
    struct metadata metadata;
    struct rapl_emi_device device;

    put_v1(&metadata, 0, "CPU rail");
    assert_int_equal(parse(1, &metadata, metadata.size, &device), RAPL_EMI_OK);
    assert_int_equal(device.version, 1);
    assert_int_equal(device.channel_count, 1);
    assert_string_equal(device.oem, "Maxim");
    assert_string_equal(device.model, "MAX34407");
    assert_string_equal(channels[0].name, "CPU rail");
    assert_int_equal(parse(1, &metadata, metadata.size - 1, &device), RAPL_EMI_SHORT);
    assert_int_equal(parse(1, &metadata, 71, &device), RAPL_EMI_SHORT);
}

static void each_shorter_message_is_refused(void **unused)
{
    struct metadata metadata;
    struct rapl_emi_device device = {.version = 99};

    put_intel(&metadata);
    for (uint32_t size = 0; size < metadata.size; size++) {
        assert_int_equal(parse(2, &metadata, size, &device), RAPL_EMI_SHORT);
        assert_int_equal(device.version, 99);
    }
}

static void impossible_metadata_is_refused(void **unused)
{
    struct metadata metadata;
    struct rapl_emi_device device = {.version = 99};

    put_intel(&metadata);
    assert_int_equal(parse(0, &metadata, metadata.size, &device), RAPL_EMI_VERSION);
    assert_int_equal(parse(3, &metadata, metadata.size, &device), RAPL_EMI_VERSION);
    put_v2(&metadata, "x", 0);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_COUNT);
    put_v2(&metadata, "x", RAPL_EMI_CHANNELS_MAX + 1);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_COUNT);
    put_v2(&metadata, "x", 65535);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_COUNT);
    put_v2(&metadata, "x", 1);
    put_channel(&metadata, 0, "", 0);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_NAME);
    put_v2(&metadata, "x", 1);
    put_channel(&metadata, 0, "abc", 7);
    put_u16(&metadata, 0);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_NAME);
    put_v2(&metadata, "x", 1);
    put_channel(&metadata, 0, "abc", 8);
    metadata.bytes[68 + 4] = 10;
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_SHORT);
    assert_int_equal(device.version, 99);
}

static void names_are_cut_and_cleaned(void **unused)
{
    struct metadata metadata;
    struct rapl_emi_device device;
    char longest[101];

    memset(longest, 'x', 100);
    longest[100] = '\0';
    put_v2(&metadata, "0123456789abcdefgh", 3);
    put_channel(&metadata, 5, longest, 200);
    put_channel(&metadata, 0, "no NUL", 12);
    put_channel(&metadata, 0, "\x1b[2J\t", 12);
    assert_int_equal(parse(2, &metadata, metadata.size, &device), RAPL_EMI_OK);
    assert_string_equal(device.model, "0123456789abcdef");
    assert_int_equal(strlen(channels[0].name), RAPL_EMI_NAME_MAX - 1);
    assert_int_equal(channels[0].unit, 5);
    assert_string_equal(channels[1].name, "no NUL");
    assert_string_equal(channels[2].name, "?[2J?");
}

static void measurements_are_sixteen_bytes(void **unused)
{
    const uint8_t bytes[] = {1, 2,    0, 0, 0, 0, 0, 0,  3, 0, 0, 0, 0, 0, 0, 0x80, /* [0] */
                             4, 0,    0, 0, 0, 0, 0, 5,  6, 0, 0, 0, 0, 0, 0, 0,    /* [1] */
                             7, 0xFF, 0, 0, 0, 0, 0, 0xF};
    struct rapl_emi_measurement found;

    assert_true(rapl_emi_measurement_at(bytes, sizeof(bytes), 0, &found));
    assert_int_equal(found.energy, 0x201);
    assert_int_equal(found.time_100ns, 0x8000000000000003);
    assert_true(rapl_emi_measurement_at(bytes, sizeof(bytes), 1, &found));
    assert_int_equal(found.energy, 0x0500000000000004);
    assert_false(rapl_emi_measurement_at(bytes, sizeof(bytes), 2, &found));
    assert_false(rapl_emi_measurement_at(bytes, 15, 0, &found));
    assert_int_equal(found.time_100ns, 6);
}

static void expect_place(const char *name, uint32_t domain, uint32_t package, uint32_t core)
{
    struct rapl_emi_place place;

    assert_true(rapl_emi_place_of(name, &place));
    assert_int_equal(place.domain, domain);
    assert_int_equal(place.package, package);
    assert_int_equal(place.core, core);
}

static void names_say_what_is_counted(void **unused)
{
    static const char *const others[] = {
        "",
        "RAPL",
        "RAPL_Package_PKG",
        "RAPL_Package0",
        "RAPL_Package0_",
        "RAPL_Package0_PKGX",
        "RAPL_Package0_PKG ",
        "RAPL_Package65536_PKG",
        "RAPL_Package0_Core_CORE",
        "RAPL_Package0_Core1",
        "RAPL_Package0_Core1_CORES",
        "RAPL_Package0_Core4294967296_CORE",
        "RAPL_Package-1_PKG",
        "rapl_package0_pkg",
        "Current Socket Energy",
        "VDDCR_VDD Energy",
    };

    expect_place("RAPL_Package0_PKG", RAPL_DOMAIN_PACKAGE, 0, RAPL_EMI_NO_NUMBER);
    expect_place("RAPL_Package1_PP0", RAPL_DOMAIN_PP0, 1, RAPL_EMI_NO_NUMBER);
    expect_place("RAPL_Package12_PP1", RAPL_DOMAIN_PP1, 12, RAPL_EMI_NO_NUMBER);
    expect_place("RAPL_Package0_DRAM", RAPL_DOMAIN_DRAM, 0, RAPL_EMI_NO_NUMBER);
    expect_place("RAPL_Package0_PSYS", RAPL_DOMAIN_PSYS, 0, RAPL_EMI_NO_NUMBER);
    expect_place("RAPL_Package0_Core15_CORE", RAPL_DOMAIN_CORE, 0, 15);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct rapl_emi_place place = {.domain = 99};
        assert_false(rapl_emi_place_of(others[i], &place));
        assert_int_equal(place.domain, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intel_has_four_unaligned_channels),
        cmocka_unit_test(version_1_has_one_channel),
        cmocka_unit_test(each_shorter_message_is_refused),
        cmocka_unit_test(impossible_metadata_is_refused),
        cmocka_unit_test(names_are_cut_and_cleaned),
        cmocka_unit_test(measurements_are_sixteen_bytes),
        cmocka_unit_test(names_say_what_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
