/* SPDX-License-Identifier: Apache-2.0
 *
 * The library's ABI: sizes and offsets of version 1, numbers of constants, and clients that are
 * older or newer than the library. What is here is never changed, only added to.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <rapl/rapl.h>

#define ABI_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), "size")
#define ABI_AT(type, field, offset)                                                                \
    _Static_assert(offsetof(struct type, field) == (offset), "offset")

ABI_SIZE(rapl_options, 32);
ABI_AT(rapl_options, size, 0);
ABI_AT(rapl_options, flags, 4);
ABI_AT(rapl_options, source, 8);
ABI_AT(rapl_options, path, 16);
ABI_AT(rapl_options, replay_speed_milli, 24);
ABI_AT(rapl_options, reserved, 28);
ABI_SIZE(rapl_source_info, 720);
ABI_AT(rapl_source_info, size, 0);
ABI_AT(rapl_source_info, kind, 4);
ABI_AT(rapl_source_info, status, 8);
ABI_AT(rapl_source_info, system_error, 12);
ABI_AT(rapl_source_info, flags, 16);
ABI_AT(rapl_source_info, resolution_us, 20);
ABI_AT(rapl_source_info, name, 24);
ABI_AT(rapl_source_info, title, 40);
ABI_AT(rapl_source_info, reason, 200);
ABI_AT(rapl_source_info, remedy, 456);
ABI_AT(rapl_source_info, doubled_count, 712);
ABI_SIZE(rapl_machine_info, 304);
ABI_AT(rapl_machine_info, size, 0);
ABI_AT(rapl_machine_info, vendor, 4);
ABI_AT(rapl_machine_info, family, 8);
ABI_AT(rapl_machine_info, model, 12);
ABI_AT(rapl_machine_info, stepping, 16);
ABI_AT(rapl_machine_info, package_count, 20);
ABI_AT(rapl_machine_info, socket_count, 24);
ABI_AT(rapl_machine_info, die_count, 28);
ABI_AT(rapl_machine_info, core_count, 32);
ABI_AT(rapl_machine_info, processor_count, 36);
ABI_AT(rapl_machine_info, group_count, 40);
ABI_AT(rapl_machine_info, is_guest, 44);
ABI_AT(rapl_machine_info, brand, 48);
ABI_AT(rapl_machine_info, model_name, 112);
ABI_AT(rapl_machine_info, recording, 176);
ABI_SIZE(rapl_power_limit, 24);
ABI_AT(rapl_power_limit, domain, 0);
ABI_AT(rapl_power_limit, number, 4);
ABI_AT(rapl_power_limit, flags, 8);
ABI_AT(rapl_power_limit, limit_mw, 12);
ABI_AT(rapl_power_limit, window_us, 16);
ABI_AT(rapl_power_limit, reserved, 20);
ABI_SIZE(rapl_package_info, 224);
ABI_AT(rapl_package_info, size, 0);
ABI_AT(rapl_package_info, socket, 4);
ABI_AT(rapl_package_info, die, 8);
ABI_AT(rapl_package_info, processor, 12);
ABI_AT(rapl_package_info, tdp_mw, 16);
ABI_AT(rapl_package_info, min_mw, 20);
ABI_AT(rapl_package_info, max_mw, 24);
ABI_AT(rapl_package_info, limit_count, 28);
ABI_AT(rapl_package_info, limits, 32);
ABI_SIZE(rapl_domain_info, 144);
ABI_AT(rapl_domain_info, size, 0);
ABI_AT(rapl_domain_info, domain, 4);
ABI_AT(rapl_domain_info, package, 8);
ABI_AT(rapl_domain_info, core, 12);
ABI_AT(rapl_domain_info, source, 16);
ABI_AT(rapl_domain_info, status, 20);
ABI_AT(rapl_domain_info, system_error, 24);
ABI_AT(rapl_domain_info, unit_numerator, 28);
ABI_AT(rapl_domain_info, unit_denominator, 32);
ABI_AT(rapl_domain_info, reserved, 36);
ABI_AT(rapl_domain_info, range_ticks, 40);
ABI_AT(rapl_domain_info, name, 48);
ABI_AT(rapl_domain_info, label, 80);
ABI_SIZE(rapl_sample, 48);
ABI_AT(rapl_sample, size, 0);
ABI_AT(rapl_sample, status, 4);
ABI_AT(rapl_sample, system_error, 8);
ABI_AT(rapl_sample, flags, 12);
ABI_AT(rapl_sample, energy_ticks, 16);
ABI_AT(rapl_sample, energy_uj, 24);
ABI_AT(rapl_sample, raw, 32);
ABI_AT(rapl_sample, time_ns, 40);
ABI_SIZE(rapl_difference, 40);
ABI_AT(rapl_difference, size, 0);
ABI_AT(rapl_difference, flags, 4);
ABI_AT(rapl_difference, energy_ticks, 8);
ABI_AT(rapl_difference, energy_uj, 16);
ABI_AT(rapl_difference, duration_ns, 24);
ABI_AT(rapl_difference, power_uw, 32);

_Static_assert(RAPL_ERROR_ARGUMENT == 1 && RAPL_ERROR_NO_SOURCE == 3 && RAPL_ERROR_SKIPPED == 5 &&
                   RAPL_ERROR_FAULTS == 8 && RAPL_ERROR_GONE == 10 && RAPL_ERROR_FILE == 13 &&
                   RAPL_ERROR_SYSTEM == 16 && RAPL_ERROR_COUNT >= 17,
               "errors keep their numbers");
_Static_assert(RAPL_SOURCE_DRIVER == 1 && RAPL_SOURCE_EMI == 2 && RAPL_SOURCE_LEGACY == 3 &&
                   RAPL_SOURCE_POWERCAP == 4 && RAPL_SOURCE_REPLAY == 5,
               "sources keep their numbers");
_Static_assert(RAPL_DOMAIN_PACKAGE == 0 && RAPL_DOMAIN_CORE == 5 && RAPL_DOMAIN_METER == 0x100,
               "domains keep their numbers");
_Static_assert(RAPL_FLAG_SIMULATED == 1 && RAPL_FLAG_COARSE == 2 && RAPL_FLAG_RESET == 4 &&
                   RAPL_FLAG_GAP == 8,
               "flags keep their bits");

static struct rapl_session *open_session(void)
{
    const struct rapl_options options = {.size = sizeof(options),
                                         .source = "replay",
                                         .path = RAPL_SOURCE_DIR "/recordings/zen-desktop.rec"};
    struct rapl_session *session;

    assert_int_equal(rapl_session_new(&options, &session), RAPL_OK);
    assert_int_equal(rapl_session_open(session), RAPL_OK);
    return session;
}

/* An older client's struct ends where it ends. */
static void test_older_client(void **state)
{
    struct rapl_session *const session = open_session();
    struct {
        struct rapl_domain_info info;
        uint8_t after[64];
    } room;
    const uint32_t old_size = offsetof(struct rapl_domain_info, source);

    (void)state;
    memset(&room, 0xA5, sizeof(room));
    room.info.size = old_size;
    assert_int_equal(rapl_domain_get(session, 0, &room.info), RAPL_OK);
    assert_int_equal(room.info.size, old_size);
    assert_int_equal(room.info.domain, RAPL_DOMAIN_PACKAGE);
    assert_int_equal(room.info.core, RAPL_NONE);
    for (size_t i = old_size; i < sizeof(room); i++) {
        assert_int_equal(((const uint8_t *)&room)[i], 0xA5);
    }
    rapl_session_free(session);
}

/* A newer client's further fields are 0. */
static void test_newer_client(void **state)
{
    struct rapl_session *const session = open_session();
    struct {
        struct rapl_machine_info info;
        uint8_t more[40];
        uint8_t after[24];
    } room;

    (void)state;
    memset(&room, 0xA5, sizeof(room));
    room.info.size = offsetof(__typeof__(room), after);
    assert_int_equal(rapl_machine_get(session, &room.info), RAPL_OK);
    assert_int_equal(room.info.size, offsetof(__typeof__(room), after));
    assert_int_equal(room.info.processor_count, 32);
    for (size_t i = 0; i < sizeof(room.more); i++) {
        assert_int_equal(room.more[i], 0);
    }
    for (size_t i = 0; i < sizeof(room.after); i++) {
        assert_int_equal(room.after[i], 0xA5);
    }
    rapl_session_free(session);
}

/* What is no size at all leaves everything alone. */
static void test_sizes_that_cannot_be(void **state)
{
    static const uint32_t sizes[] = {0, 1, 4, 7, 65537, UINT32_MAX};
    struct rapl_session *const session = open_session();

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct rapl_source_info info;

        memset(&info, 0xA5, sizeof(info));
        info.size = sizes[i];
        assert_int_equal(rapl_source_get(session, 0, &info), RAPL_ERROR_ARGUMENT);
        assert_int_equal(info.kind, 0xA5A5A5A5);
    }
    rapl_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_older_client),
        cmocka_unit_test(test_newer_client),
        cmocka_unit_test(test_sizes_that_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
