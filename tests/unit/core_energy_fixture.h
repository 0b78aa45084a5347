/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines and requests for the tests of the new device. Include after cmocka.h.
 */
#ifndef RAPL_TESTS_CORE_ENERGY_FIXTURE_H
#define RAPL_TESTS_CORE_ENERGY_FIXTURE_H

#include "core_fake_machine.h"

#include "core/energy.h"
#include <rapl/abi.h>
#include <rapl/energy.h>

#define S_100NS      10000000ull
#define ALL_DOMAINS  0x3Fu
#define OUT_SIZE_MAX 32768u

struct desk {
    struct tested tested;
    struct rapl_energy_device device;
    uint8_t out[OUT_SIZE_MAX];
    size_t written;
};

static inline void open_desk(struct desk *desk)
{
    start_inventory(&desk->tested, 50);
    desk->device = (struct rapl_energy_device){
        .inventory = &desk->tested.inventory,
        .driver_major = 1,
        .driver_minor = 2,
        .driver_patch = 3,
        .access_policy = RAPL_ACCESS_USERS,
        .linger_minutes = 10,
        .brand = "A Processor @ 3.00GHz",
    };
}

/* One Intel package that has about everything that can happen to a domain. */
static inline void make_golden(struct desk *desk)
{
    struct fake *const fake = &desk->tested.fake;

    fake_init(fake, &fake_coffee_lake, 1, 0);
    fake->machine.cpu.stepping = 10;
    fake->machine.cpu.hypervisor = true;
    fake->machine.cpu.hyperv_root = true;
    fake->now_100ns = 1000 * S_100NS;
    fake->read_time_100ns = 10;
    fake_add(fake, 0, 0x606, 0xA0E03);
    fake_add(fake, 0, 0x610, 0x0042816000DD8160);
    fake_add(fake, 0, 0x614, 0x0010000000C00118);
    fake_add(fake, 0, 0x613, 2048);
    fake_add(fake, 0, 0x611, 1000);
    fake_add(fake, 0, 0x641, 0);
    fake_add(fake, 0, 0x619, 0xFFFFFFFFFFFFFF00); /* the upper half is reserved */
    open_desk(desk);
    fake->now_100ns = 1100 * S_100NS;
    fake_find(fake, 0, 0x611)->value = 1501000;
    fake_find(fake, 0, 0x619)->value = 0x100;
}

/* AMD: two packages, each with its own unit, of two cores. */
static inline void make_amd(struct desk *desk)
{
    struct fake *const fake = &desk->tested.fake;

    fake_init(fake, &fake_raphael, 2, 0);
    fake_add(fake, 0, 0xC0010299, 0xA1003);
    fake_add(fake, 1, 0xC0010299, 0xA0E00);
    fake_add(fake, 0, 0xC001029B, 0x500000000);
    fake_add(fake, 1, 0xC001029B, 0);
    for (uint32_t core = 0; core < 4; core++) {
        fake_add(fake, FAKE_ANY, 0xC001029A, core)->core = core;
    }
    fake_find(fake, 6, 0xC001029A)->faults = true;
    open_desk(desk);
}

static inline enum rapl_energy_status ask(struct desk *desk, uint32_t code, const void *in,
                                          size_t in_size, bool coarse, size_t out_size)
{
    const struct rapl_call call = {
        .control_code = code,
        .in = in,
        .in_size = in_size,
        .out = desk->out,
        .out_size = out_size,
        .can_read = true,
        .coarse = coarse,
    };
    const enum rapl_energy_status status = rapl_energy_answer(&desk->device, &call, &desk->written);

    assert_false(desk->tested.fake.locked);
    return status;
}

static inline struct rapl_get_snapshot snapshot_request(uint32_t domains, uint32_t scopes,
                                                        uint32_t options)
{
    return (struct rapl_get_snapshot){
        .header = {sizeof(struct rapl_get_snapshot), 1, RAPL_KIND_SNAPSHOT},
        .domain_mask = domains,
        .scope_mask = scopes,
        .options = options,
    };
}

static inline enum rapl_energy_status snapshot(struct desk *desk, uint32_t domains, uint32_t scopes,
                                               uint32_t options, bool coarse)
{
    const struct rapl_get_snapshot request = snapshot_request(domains, scopes, options);

    return ask(desk, RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request), coarse, OUT_SIZE_MAX);
}

static inline const struct rapl_snapshot *snapshot_of(const struct desk *desk)
{
    return (const void *)desk->out;
}

/* The item of that scope, entry and domain; fails the test if there is none, or two. */
static inline struct rapl_snapshot_item item_of(const struct desk *desk, uint32_t scope,
                                                uint32_t index, uint32_t domain)
{
    const struct rapl_snapshot *const head = snapshot_of(desk);
    struct rapl_snapshot_item found = {0};
    uint32_t count = 0;

    for (uint32_t i = 0; i < head->item_count; i++) {
        struct rapl_snapshot_item item;

        memcpy(&item, desk->out + head->item_offset + (size_t)i * head->item_size, sizeof(item));
        if (item.scope == scope && item.index == index && item.domain == domain) {
            found = item;
            count++;
        }
    }
    assert_int_equal(count, 1);
    return found;
}

static inline enum rapl_energy_status topology(struct desk *desk, bool coarse)
{
    const struct rapl_get_topology request = {.header = {sizeof(request), 1, RAPL_KIND_TOPOLOGY}};

    return ask(desk, RAPL_IOCTL_GET_TOPOLOGY, &request, sizeof(request), coarse, OUT_SIZE_MAX);
}

static inline struct rapl_topology_package package_of(const struct desk *desk, uint32_t index)
{
    const struct rapl_topology *const head = (const void *)desk->out;
    struct rapl_topology_package package;

    assert_in_range(index, 0, head->package_count - 1);
    memcpy(&package, desk->out + head->package_offset + (size_t)index * head->package_size,
           sizeof(package));
    return package;
}

static inline struct rapl_topology_core core_of(const struct desk *desk, uint32_t index)
{
    const struct rapl_topology *const head = (const void *)desk->out;
    struct rapl_topology_core core;

    assert_in_range(index, 0, head->core_count - 1);
    memcpy(&core, desk->out + head->core_offset + (size_t)index * head->core_size, sizeof(core));
    return core;
}

static inline enum rapl_energy_status capabilities(struct desk *desk, bool coarse)
{
    const struct rapl_get_capabilities request = {
        .header = {sizeof(request), 1, RAPL_KIND_CAPABILITIES}};

    return ask(desk, RAPL_IOCTL_GET_CAPABILITIES, &request, sizeof(request), coarse, OUT_SIZE_MAX);
}

#endif
