/* SPDX-License-Identifier: Apache-2.0
 *
 * Every malformed request of the new device, and what each tier is told.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

#define BAD    RAPL_ENERGY_BAD_REQUEST
#define DENIED RAPL_ENERGY_ACCESS_DENIED

static struct desk desk;

/* A request that is refused leaves the output and the hardware alone. */
static void refused(uint32_t code, const void *in, size_t in_size, bool coarse, size_t out_size,
                    enum rapl_energy_status wanted)
{
    const uint32_t calls = desk.tested.fake.all_calls;

    memset(desk.out, 0xA5, sizeof(desk.out));
    assert_int_equal(ask(&desk, code, in, in_size, coarse, out_size), wanted);
    assert_int_equal(desk.written, 0);
    for (size_t i = 0; i < 4096; i++) {
        assert_int_equal(desk.out[i], 0xA5);
    }
    assert_int_equal(desk.tested.fake.all_calls, calls);
}

static const struct {
    uint32_t code;
    uint16_t kind;
    uint16_t size;
} messages[] = {{0x226400, 1, 16}, {0x226404, 2, 16}, {0x226408, 3, 24}};

/* The smallest good request of each kind. */
static void make_request(size_t i, uint8_t bytes[512])
{
    const struct rapl_header header = {messages[i].size, 1, messages[i].kind};

    memset(bytes, 0, 512);
    memcpy(bytes, &header, sizeof(header));
    if (messages[i].kind == 3) {
        bytes[8] = 1;
        bytes[12] = 1;
    }
}

static void test_codes(void **state)
{
    static const uint32_t codes[] = {0,        0x226401, 0x226402, 0x226403,  0x22640C,
                                     0x2263FC, 0x222400, 0x22D818, UINT32_MAX};
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    make_request(0, bytes);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        refused(codes[i], bytes, 16, false, 4096, RAPL_ENERGY_UNKNOWN_CODE);
    }
    assert_int_equal(desk.tested.fake.lock_count, 0);
}

static void test_no_read_access(void **state)
{
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        const struct rapl_call call = {
            messages[i].code, bytes, messages[i].size, desk.out, 4096, false, false, 0};
        size_t written = 99;

        make_request(i, bytes);
        assert_int_equal(rapl_energy_answer(&desk.device, &call, &written), DENIED);
        assert_int_equal(written, 0);
    }
}

static void test_headers(void **state)
{
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        const uint32_t code = messages[i].code;
        const size_t size = messages[i].size;

        refused(code, NULL, 0, false, 4096, BAD);
        for (size_t wrong = 1; wrong < 400; wrong++) { /* the length and the field disagree */
            make_request(i, bytes);
            if (wrong != size) {
                refused(code, bytes, wrong, false, 4096, BAD);
            }
        }
        for (uint32_t wrong = 0; wrong < 400; wrong++) { /* both agree, and are too short or long */
            make_request(i, bytes);
            memcpy(bytes, &wrong, sizeof(wrong));
            if (wrong < size || wrong > 256) {
                refused(code, bytes, wrong, false, 4096, BAD);
            }
        }
        for (uint32_t kind = 0; kind < 0x10000; kind += kind < 8 ? 1 : 0x1FF) {
            make_request(i, bytes);
            bytes[6] = (uint8_t)kind;
            bytes[7] = (uint8_t)(kind >> 8);
            if (kind != messages[i].kind) {
                refused(code, bytes, size, false, 4096, BAD);
            }
        }
        for (uint32_t version = 0; version < 0x10000; version += version < 8 ? 1 : 0x1FF) {
            make_request(i, bytes);
            bytes[4] = (uint8_t)version;
            bytes[5] = (uint8_t)(version >> 8);
            if (version != 1) {
                refused(code, bytes, size, false, 4096, RAPL_ENERGY_BAD_VERSION);
            }
        }
    }
}

static void test_reserved(void **state)
{
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        const size_t from = messages[i].kind == 3 ? 20 : 8;

        for (size_t bit = from * 8; bit < (size_t)messages[i].size * 8; bit++) {
            make_request(i, bytes);
            bytes[bit / 8] |= (uint8_t)(1u << bit % 8);
            refused(messages[i].code, bytes, messages[i].size, false, 4096, BAD);
        }
    }
}

static void test_short_outputs(void **state)
{
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        make_request(i, bytes);
        for (size_t size = 0; size < 8; size++) {
            refused(messages[i].code, bytes, messages[i].size, false, size,
                    RAPL_ENERGY_SHORT_OUTPUT);
        }
    }
}

/* Any size from a header on: the header that says what is needed, and then exactly that. */
static void test_more(void **state)
{
    static const size_t needed[] = {136, 432, 72 + 64};
    uint8_t bytes[512];

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        make_request(i, bytes);
        for (size_t size = 8; size < needed[i]; size++) {
            const struct rapl_header wanted = {(uint32_t)needed[i], 1,
                                               (uint16_t)(messages[i].kind | 0x8000)};

            memset(desk.out, 0xA5, sizeof(desk.out));
            assert_int_equal(ask(&desk, messages[i].code, bytes, messages[i].size, false, size),
                             RAPL_ENERGY_MORE);
            assert_int_equal(desk.written, 8);
            assert_memory_equal(desk.out, &wanted, 8);
            assert_int_equal(desk.out[8], 0xA5);
        }
        assert_int_equal(desk.tested.fake.all_calls, 0);
        assert_int_equal(ask(&desk, messages[i].code, bytes, messages[i].size, false, needed[i]),
                         RAPL_ENERGY_OK);
        assert_int_equal(desk.written, needed[i]);
    }
}

static void test_masks(void **state)
{
    static const struct {
        uint32_t domains, scopes, options;
        enum rapl_energy_status fresh, coarse;
    } rows[] = {
        {0, 1, 0, BAD, BAD},
        {1, 0, 0, BAD, BAD},
        {0, 0, 0, BAD, BAD},
        {0x40, 1, 0, BAD, BAD},
        {0x80000001, 1, 0, BAD, BAD},
        {1, 4, 0, BAD, BAD},
        {1, 0x80000001, 0, BAD, BAD},
        {1, 1, 2, BAD, BAD},
        {1, 1, 0x80000000, BAD, BAD},
        {0x20, 1, 0, BAD, BAD}, /* packages have no core domain */
        {0x1F, 2, 0, BAD, BAD}, /* cores have no other */
        {0x3F, 1, 0, RAPL_ENERGY_OK, RAPL_ENERGY_OK},
        {0x3F, 1, 1, RAPL_ENERGY_OK, DENIED},
        {0x3F, 2, 0, RAPL_ENERGY_OK, DENIED},
        {0x3F, 3, 0, RAPL_ENERGY_OK, DENIED},
        {0x01, 3, 0, RAPL_ENERGY_OK, DENIED},
        {0x20, 2, 1, RAPL_ENERGY_OK, DENIED},
        {0x20, 3, 0, RAPL_ENERGY_OK, DENIED},
    };

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct rapl_get_snapshot request =
            snapshot_request(rows[i].domains, rows[i].scopes, rows[i].options);

        for (uint32_t coarse = 0; coarse < 2; coarse++) {
            const enum rapl_energy_status wanted = coarse != 0 ? rows[i].coarse : rows[i].fresh;

            if (wanted != RAPL_ENERGY_OK) {
                refused(RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request), coarse != 0, 4096,
                        wanted);
            } else {
                assert_int_equal(
                    snapshot(&desk, rows[i].domains, rows[i].scopes, rows[i].options, coarse != 0),
                    RAPL_ENERGY_OK);
            }
        }
    }
}

/* While the machine suspends only snapshots are refused. */
static void test_suspending(void **state)
{
    struct rapl_get_snapshot request = snapshot_request(ALL_DOMAINS, 1, 0);

    (void)state;
    make_golden(&desk);
    desk.tested.fake.locked = true;
    rapl_inventory_suspending(&desk.tested.inventory, false);
    desk.tested.fake.locked = false;
    refused(RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request), false, 4096, RAPL_ENERGY_NOT_READY);
    refused(RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request), true, 4096, RAPL_ENERGY_NOT_READY);
    request.domain_mask = 0;
    refused(RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request), false, 4096, BAD);
    assert_int_equal(capabilities(&desk, false), RAPL_ENERGY_OK);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    rapl_inventory_resumed(&desk.tested.inventory);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, true), RAPL_ENERGY_OK);
}

/* Coarse callers of both devices share one copy; its energy, not its registers, is theirs. */
static void test_one_copy_for_both(void **state)
{
    const uint32_t legacy[2] = {0x611, 0};
    uint64_t value;
    size_t written;
    const struct rapl_call call = {.in = legacy,
                                   .in_size = 8,
                                   .out = &value,
                                   .out_size = 8,
                                   .can_read = true,
                                   .coarse = true,
                                   .processors_active = 4};
    struct rapl_snapshot_item item;
    uint64_t sequence;

    (void)state;
    make_golden(&desk);
    assert_int_equal(snapshot(&desk, 1, 1, 0, true), RAPL_ENERGY_OK);
    sequence = snapshot_of(&desk)->sequence;
    assert_int_equal(desk.tested.fake.all_calls, 1);
    fake_find(&desk.tested.fake, 0, 0x611)->value = 9000000;
    /* A fresh caller in between sees the new value and renews no copy. */
    assert_int_equal(snapshot(&desk, 1, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->sequence, sequence + 1);
    assert_int_equal(item_of(&desk, 1, 0, 0).energy_ticks, 8999000);
    assert_int_equal(rapl_legacy_answer(&desk.tested.inventory, &call, &written), RAPL_LEGACY_OK);
    assert_int_equal(value, 1501000);
    assert_int_equal(snapshot(&desk, 1, 1, 0, true), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->sequence, sequence);
    item = item_of(&desk, 1, 0, 0);
    assert_int_equal(item.energy_ticks, 1500000);
    assert_int_equal(item.raw, 0);
    assert_int_equal(item.flags, RAPL_ITEM_COARSE);
    assert_int_equal(desk.tested.fake.all_calls, 2);
    /* 50 ms after the end of the renewal, by whichever device. */
    desk.tested.fake.now_100ns += 500000;
    assert_int_equal(rapl_legacy_answer(&desk.tested.inventory, &call, &written), RAPL_LEGACY_OK);
    assert_int_equal(value, 9000000);
    assert_int_equal(snapshot(&desk, 1, 1, 0, true), RAPL_ENERGY_OK);
    /* Coarse callers count copies: how often fresh ones read is not theirs to know. */
    assert_int_equal(snapshot_of(&desk)->sequence, sequence + 1);
    assert_int_equal(desk.tested.fake.all_calls, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_no_read_access),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_short_outputs),
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_suspending),
        cmocka_unit_test(test_one_copy_for_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
