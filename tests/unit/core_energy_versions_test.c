/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs and drivers of different age. A newer program's longer request is accepted if what is
 * new in it is 0; an older program reads longer replies, because it steps by the sizes they state.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

static struct desk desk;

/* What a later version of the format may add. */
struct later_snapshot {
    struct rapl_get_snapshot now;
    uint32_t package_mask_low, package_mask_high;
};

static void test_newer_program(void **state)
{
    struct later_snapshot request = {.now = snapshot_request(ALL_DOMAINS, 1, 0)};
    const uint32_t code = RAPL_IOCTL_GET_SNAPSHOT;
    struct rapl_capabilities found;

    (void)state;
    make_golden(&desk);
    request.now.header.size = sizeof(request);
    assert_int_equal(ask(&desk, code, &request, sizeof(request), false, 4096), RAPL_ENERGY_OK);
    assert_int_equal(desk.written, 264);
    /* It wants what this driver does not know. */
    request.package_mask_high = 1u << 31;
    assert_int_equal(ask(&desk, code, &request, sizeof(request), false, 4096),
                     RAPL_ENERGY_BAD_REQUEST);
    request.package_mask_high = 0;
    request.package_mask_low = 1;
    assert_int_equal(ask(&desk, code, &request, sizeof(request), false, 4096),
                     RAPL_ENERGY_BAD_REQUEST);
    /* Or a version that it does not speak: the capabilities tell which it does. */
    request.package_mask_low = 0;
    request.now.header.version = 2;
    assert_int_equal(ask(&desk, code, &request, sizeof(request), false, 4096),
                     RAPL_ENERGY_BAD_VERSION);
    assert_int_equal(capabilities(&desk, false), RAPL_ENERGY_OK);
    memcpy(&found, desk.out, sizeof(found));
    assert_int_equal(found.version_min, 1);
    assert_int_equal(found.version_max, 1);
}

/* Up to the most that a request may ever be, for each message. */
static void test_longest(void **state)
{
    static const struct {
        uint32_t code;
        uint16_t kind;
        uint32_t size;
    } messages[] = {{0x226400, 1, 16}, {0x226404, 2, 16}, {0x226408, 3, 24}};

    (void)state;
    make_golden(&desk);
    for (size_t i = 0; i < 3; i++) {
        for (uint32_t size = messages[i].size; size <= 256; size++) {
            struct {
                struct rapl_header header;
                uint32_t words[62];
            } request = {{size, 1, messages[i].kind}, {1, 1}};
            uint8_t *const last = (uint8_t *)&request + size - 1;

            if (messages[i].kind != 3) {
                request.words[0] = 0;
                request.words[1] = 0;
            }
            assert_int_equal(ask(&desk, messages[i].code, &request, size, false, 4096),
                             RAPL_ENERGY_OK);
            *last = 0x80;
            assert_int_equal(ask(&desk, messages[i].code, &request, size, false, 4096),
                             RAPL_ENERGY_BAD_REQUEST);
        }
    }
}

/* What a program written for a smaller format knows of an item: its first 24 bytes. */
struct earlier_item {
    uint8_t scope;
    uint8_t domain;
    uint16_t status;
    uint32_t index;
    uint32_t flags;
    uint32_t unit_index;
    uint64_t energy_ticks;
};

/* Sums the energy of all items of a snapshot as such a program does; false if it is malformed. */
static bool earlier_sum(const uint8_t *bytes, size_t size, uint64_t *sum, uint32_t *count)
{
    struct rapl_snapshot head;

    if (size < sizeof(head)) {
        return false;
    }
    memcpy(&head, bytes, sizeof(head));
    if (head.header.size != size || head.item_size < sizeof(struct earlier_item) ||
        head.item_offset > size || (size - head.item_offset) / head.item_size < head.item_count) {
        return false;
    }
    *sum = 0;
    *count = head.item_count;
    for (uint32_t i = 0; i < head.item_count; i++) {
        struct earlier_item item;

        memcpy(&item, bytes + head.item_offset + (size_t)i * head.item_size, sizeof(item));
        *sum += item.energy_ticks;
    }
    return true;
}

static void test_older_program(void **state)
{
    uint64_t sum;
    uint32_t count;

    (void)state;
    make_golden(&desk);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_true(earlier_sum(desk.out, desk.written, &sum, &count));
    assert_int_equal(count, 3);
    assert_int_equal(sum, 1500000 + 512);
}

/* The reply of a later driver: a longer head, longer items, and a tail nobody knows. */
static void test_program_of_today_with_later_driver(void **state)
{
    enum { HEAD = 72 + 24, ITEM = 64 + 16, TAIL = 40, SIZE = HEAD + 3 * ITEM + TAIL };
    static uint8_t later[SIZE];
    struct rapl_snapshot head;
    uint64_t sum;
    uint32_t count;

    (void)state;
    make_golden(&desk);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    memcpy(&head, desk.out, sizeof(head));
    memset(later, 0xEE, sizeof(later));
    for (uint32_t i = 0; i < 3; i++) {
        memcpy(later + HEAD + (size_t)i * ITEM, desk.out + 72 + (size_t)i * 64, 64);
    }
    head.header.size = SIZE;
    head.item_offset = HEAD;
    head.item_size = ITEM;
    memcpy(later, &head, sizeof(head));
    memcpy(desk.out, later, sizeof(later));
    assert_true(earlier_sum(desk.out, SIZE, &sum, &count));
    assert_int_equal(sum, 1500000 + 512);
    assert_int_equal(item_of(&desk, 1, 0, 3).energy_ticks, 512);
    assert_true(item_of(&desk, 1, 0, 0).throttled_us == RAPL_NO_THROTTLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_newer_program),
        cmocka_unit_test(test_longest),
        cmocka_unit_test(test_older_program),
        cmocka_unit_test(test_program_of_today_with_later_driver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
