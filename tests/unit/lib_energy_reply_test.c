/* SPDX-License-Identifier: Apache-2.0
 *
 * Replies that cannot be, one field at a time, and replies of a newer driver.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/energy_reply.h"

/* A snapshot of one item, as a driver of version 1 sends it, with room for a longer entry. */
struct message {
    struct rapl_snapshot head;
    struct rapl_snapshot_item item;
    uint8_t more[16];
};

static struct message make_snapshot(void)
{
    struct message message = {
        .head =
            {
                .header = {sizeof(struct rapl_snapshot) + sizeof(struct rapl_snapshot_item), 1,
                           RAPL_KIND_SNAPSHOT | RAPL_KIND_REPLY},
                .sequence = 7,
                .ticks_per_s = 10000000,
                .item_count = 1,
                .item_offset = sizeof(struct rapl_snapshot),
                .item_size = sizeof(struct rapl_snapshot_item),
            },
        .item = {.scope = 1, .domain = 3, .energy_ticks = UINT64_C(0x123456789A)},
    };
    return message;
}

static enum rapl_reply_result check(const struct message *message, size_t size)
{
    struct rapl_snapshot out;
    struct rapl_snapshot before;

    memset(&out, 0xEE, sizeof(out));
    before = out;
    const enum rapl_reply_result result = rapl_reply_snapshot(message, size, &out);
    if (result != RAPL_REPLY_OK) {
        assert_memory_equal(&out, &before, sizeof(out)); /* untouched on failure */
    }
    return result;
}

static void test_accepted(void **state)
{
    const struct message message = make_snapshot();
    struct rapl_snapshot snapshot;
    struct rapl_snapshot_item item;

    (void)state;
    assert_int_equal(rapl_reply_snapshot(&message, message.head.header.size, &snapshot),
                     RAPL_REPLY_OK);
    assert_int_equal(rapl_reply_item(&message, &snapshot, 0, &item), RAPL_REPLY_OK);
    assert_true(item.energy_ticks == UINT64_C(0x123456789A));
    assert_int_equal(rapl_reply_item(&message, &snapshot, 1, &item), RAPL_REPLY_TABLE);
}

static void test_refused(void **state)
{
    struct message message = make_snapshot();
    const uint32_t size = message.head.header.size;

    (void)state;
    assert_int_equal(check(&message, size - 1), RAPL_REPLY_SHORT);
    assert_int_equal(check(&message, sizeof(struct rapl_snapshot) - 1), RAPL_REPLY_SHORT);
    assert_int_equal(check(&message, 0), RAPL_REPLY_SHORT);

    message.head.header.kind = RAPL_KIND_TOPOLOGY | RAPL_KIND_REPLY;
    assert_int_equal(check(&message, size), RAPL_REPLY_KIND);
    message = make_snapshot();
    message.head.header.version = RAPL_ENERGY_VERSION + 1;
    assert_int_equal(check(&message, size), RAPL_REPLY_VERSION);
    message = make_snapshot();
    message.head.item_count = 2;
    assert_int_equal(check(&message, size), RAPL_REPLY_TABLE);
    message.head.item_count = UINT32_MAX;
    assert_int_equal(check(&message, size), RAPL_REPLY_TABLE);
    message = make_snapshot();
    message.head.item_offset = sizeof(struct rapl_snapshot) - 1; /* into the fixed part */
    assert_int_equal(check(&message, size), RAPL_REPLY_TABLE);
    message.head.item_offset = UINT32_MAX;
    assert_int_equal(check(&message, size), RAPL_REPLY_TABLE);
    message = make_snapshot();
    message.head.item_size = sizeof(struct rapl_snapshot_item) - 1;
    assert_int_equal(check(&message, size), RAPL_REPLY_TABLE);
    message = make_snapshot();
    message.head.ticks_per_s = 0; /* seconds are divided by it */
    assert_int_equal(check(&message, size), RAPL_REPLY_VALUE);
}

static void test_item_values(void **state)
{
    struct message message = make_snapshot();
    struct rapl_snapshot_item item = {.energy_ticks = 1};

    (void)state;
    message.item.domain = RAPL_WIRE_DOMAINS;
    assert_int_equal(rapl_reply_item(&message, &message.head, 0, &item), RAPL_REPLY_VALUE);
    message = make_snapshot();
    message.item.unit_index = RAPL_WIRE_PACKAGES_MAX;
    assert_int_equal(rapl_reply_item(&message, &message.head, 0, &item), RAPL_REPLY_VALUE);
    assert_true(item.energy_ticks == 1); /* untouched */
}

/* A later version of the same format: longer entries, and a longer fixed part before them. */
static void test_newer_driver(void **state)
{
    struct message message = make_snapshot();
    struct rapl_snapshot snapshot;
    struct rapl_snapshot_item item;

    (void)state;
    message.head.item_size += sizeof(message.more);
    message.head.header.size += sizeof(message.more);
    memset(message.more, 0xFF, sizeof(message.more));
    assert_int_equal(rapl_reply_snapshot(&message, message.head.header.size, &snapshot),
                     RAPL_REPLY_OK);
    assert_int_equal(rapl_reply_item(&message, &snapshot, 0, &item), RAPL_REPLY_OK);
    assert_true(item.energy_ticks == UINT64_C(0x123456789A));
}

static void test_topology(void **state)
{
    struct {
        struct rapl_topology head;
        struct rapl_topology_package package;
        struct rapl_topology_core core;
    } message = {
        .head = {.header = {sizeof(message), 1, RAPL_KIND_TOPOLOGY | RAPL_KIND_REPLY},
                 .package_count = 1,
                 .package_offset = sizeof(struct rapl_topology),
                 .package_size = sizeof(struct rapl_topology_package),
                 .core_count = 1,
                 .core_offset = sizeof(struct rapl_topology) + sizeof(struct rapl_topology_package),
                 .core_size = sizeof(struct rapl_topology_core)},
        .core = {.unit_j = {1, 65536}},
    };
    struct rapl_topology topology;
    struct rapl_topology_package package;
    struct rapl_topology_core core;

    (void)state;
    for (uint32_t i = 0; i < RAPL_WIRE_DOMAINS; i++) {
        message.package.unit_j[i] = (struct rapl_wire_fraction){1, 16384};
    }
    assert_int_equal(rapl_reply_topology(&message, sizeof(message), &topology), RAPL_REPLY_OK);
    assert_int_equal(rapl_reply_package(&message, &topology, 0, &package), RAPL_REPLY_OK);
    assert_int_equal(rapl_reply_core(&message, &topology, 0, &core), RAPL_REPLY_OK);
    assert_int_equal(rapl_reply_core(&message, &topology, 1, &core), RAPL_REPLY_TABLE);

    message.core.package_index = 1;
    assert_int_equal(rapl_reply_core(&message, &topology, 0, &core), RAPL_REPLY_VALUE);
    message.package.unit_j[4].denominator = 0;
    assert_int_equal(rapl_reply_package(&message, &topology, 0, &package), RAPL_REPLY_VALUE);
    message.head.core_offset = message.head.header.size;
    assert_int_equal(rapl_reply_topology(&message, sizeof(message), &topology), RAPL_REPLY_TABLE);
    message.head.core_count = 0; /* an empty table may begin at the end */
    assert_int_equal(rapl_reply_topology(&message, sizeof(message), &topology), RAPL_REPLY_OK);
}

static void test_capabilities(void **state)
{
    struct rapl_capabilities message = {
        .header = {sizeof(message), 1, RAPL_KIND_CAPABILITIES | RAPL_KIND_REPLY}};
    struct rapl_capabilities out;

    (void)state;
    memset(message.brand, 'x', sizeof(message.brand)); /* not terminated */
    assert_int_equal(rapl_reply_capabilities(&message, sizeof(message), &out), RAPL_REPLY_OK);
    assert_int_equal(strlen(out.brand), sizeof(out.brand) - 1);
    assert_int_equal(rapl_reply_capabilities(&message, sizeof(message) - 1, &out),
                     RAPL_REPLY_SHORT);
}

static void test_needed(void **state)
{
    struct rapl_header header = {5000, 1, RAPL_KIND_SNAPSHOT | RAPL_KIND_REPLY};

    (void)state;
    assert_int_equal(rapl_reply_needed(&header, sizeof(header), RAPL_KIND_SNAPSHOT), 5000);
    assert_int_equal(rapl_reply_needed(&header, sizeof(header), RAPL_KIND_TOPOLOGY), 0);
    assert_int_equal(rapl_reply_needed(&header, sizeof(header) - 1, RAPL_KIND_SNAPSHOT), 0);
    header.size = sizeof(header);
    assert_int_equal(rapl_reply_needed(&header, sizeof(header), RAPL_KIND_SNAPSHOT), 0);
    header.size = UINT32_MAX;
    assert_int_equal(rapl_reply_needed(&header, sizeof(header), RAPL_KIND_SNAPSHOT), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_item_values), cmocka_unit_test(test_newer_driver),
        cmocka_unit_test(test_topology),    cmocka_unit_test(test_capabilities),
        cmocka_unit_test(test_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
