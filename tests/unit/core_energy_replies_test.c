/* SPDX-License-Identifier: Apache-2.0
 *
 * What the replies of the new device say, machine by machine: topology, capabilities, snapshots.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_energy_fixture.h"

static struct desk desk;

static struct rapl_capabilities capabilities_of(bool coarse)
{
    struct rapl_capabilities found;

    assert_int_equal(capabilities(&desk, coarse), RAPL_ENERGY_OK);
    memcpy(&found, desk.out, sizeof(found));
    return found;
}

static void test_flags(void **state)
{
    static const struct rapl_cpu unknown = {
        .vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0xFE};

    (void)state;
    make_golden(&desk);
    assert_int_equal(capabilities_of(true).flags,
                     RAPL_CAP_COARSE | RAPL_CAP_HYPERVISOR | RAPL_CAP_HYPERV_ROOT);
    desk.device.simulated = true;
    desk.tested.inventory.filter_flags = RAPL_CAP_FILTER_KNOWN | RAPL_CAP_FILTER_EXISTS;
    fake_init(&desk.tested.fake, &unknown, 1, 0);
    assert_int_equal(capabilities_of(false).flags, RAPL_CAP_SIMULATED | RAPL_CAP_GENERIC_MODEL |
                                                       RAPL_CAP_FILTER_KNOWN |
                                                       RAPL_CAP_FILTER_EXISTS);
    /* A brand that fills all its room is cut off before the last byte. */
    memset(desk.device.brand, 'x', sizeof(desk.device.brand));
    assert_int_equal(capabilities_of(false).brand[46], 'x');
    assert_int_equal(capabilities_of(false).brand[47], 0);
}

static void test_amd(void **state)
{
    static const uint8_t states[] = {RAPL_STATE_DEAD, RAPL_STATE_PRESENT, RAPL_STATE_PRESENT,
                                     RAPL_STATE_FAULTS};
    struct rapl_topology_package package;
    struct rapl_snapshot_item item;
    struct rapl_capabilities found;

    (void)state;
    make_amd(&desk);
    found = capabilities_of(false);
    assert_int_equal(found.vendor, 2);
    assert_int_equal(found.domain_state[0], RAPL_STATE_PRESENT);
    assert_int_equal(found.domain_state[3], RAPL_STATE_NO_MODEL);
    assert_int_equal(found.domain_state[5], RAPL_STATE_PRESENT);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    for (uint32_t i = 0; i < 4; i++) {
        const struct rapl_topology_core core = core_of(&desk, i);

        assert_int_equal(core.index, i);
        assert_int_equal(core.package_index, i / 2);
        assert_int_equal(core.processor, 2 * i);
        assert_int_equal(core.die, i / 2); /* no dies are reported: one a package */
        assert_int_equal(core.state, states[i]);
        assert_int_equal(core.unit_j.denominator, i < 2 ? 65536 : 16384);
    }
    package = package_of(&desk, 1);
    assert_int_equal(package.domains, 1 << RAPL_WIRE_DOMAIN_CORE); /* package counter: dead */
    assert_int_equal(package.domain_state[0], RAPL_STATE_DEAD);
    assert_int_equal(package.domain_state[5], RAPL_STATE_PRESENT);
    assert_int_equal(package.unit_j[5].denominator, 16384);
    assert_int_equal(package.counter_range_j[0], 262144);
    assert_int_equal(package.limit[0].flags, 0);
    /* 64 bits of raw, followed in the low 32; core 3 faulted at the probe and is not listed. */
    fake_find(&desk.tested.fake, 0, 0xC001029B)->value = 0x500000003;
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 3, 1, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->item_count, 2 + 3);
    item = item_of(&desk, RAPL_UNIT_SCOPE_PACKAGE, 0, 0);
    assert_true(item.raw == 0x500000003 && item.energy_ticks == 3);
    assert_true(item.throttled_us == RAPL_NO_THROTTLE);
    item = item_of(&desk, RAPL_UNIT_SCOPE_CORE, 2, 5);
    assert_int_equal(item.unit_index, 1);
    assert_int_equal(item.raw, 2);
    assert_int_equal(item_of(&desk, RAPL_UNIT_SCOPE_CORE, 0, 5).status, RAPL_ITEM_DEAD);
    /* Only what is asked for. */
    assert_int_equal(snapshot(&desk, 0x20, 2, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->item_count, 3);
    assert_int_equal(snapshot(&desk, 0x01, 3, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->item_count, 2);
    assert_int_equal(desk.tested.fake.jobs, 2);
}

/* One socket of two dies, four processors each. `model` must outlive the desk. */
static void make_dies(struct rapl_model *model, bool per_die)
{
    static const struct rapl_cpu cpu = {.vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0x55};
    struct fake *const fake = &desk.tested.fake;

    fake_init(fake, &cpu, 2, 0);
    *model = *fake->machine.model;
    model->flags &= ~RAPL_MODEL_PER_DIE;
    model->flags |= per_die ? RAPL_MODEL_PER_DIE : 0;
    fake->machine.model = model;
    for (uint32_t i = 0; i < 8; i++) {
        fake->processors[i].location.package = 0;
        fake->processors[i].group = (uint16_t)(i / 4);
        fake->processors[i].number = (uint8_t)(i % 4 + 3);
    }
    rapl_topology_link(fake->processors, 8, per_die);
    fake_add(fake, FAKE_ANY, 0x606, 0xA0E03);
    fake_add(fake, FAKE_ANY, 0x611, 1);
    fake_add(fake, FAKE_ANY, 0x619, 1);
    fake_add(fake, FAKE_ANY, 0x61C, 0x50); /* 10 W */
    open_desk(&desk);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
}

/* Where the counters are the package's, its cores tell the dies. */
static void test_dies_of_a_package(void **state)
{
    struct rapl_model model;
    struct rapl_topology_package package;

    (void)state;
    make_dies(&model, false);
    package = package_of(&desk, 0);
    assert_int_equal(package.die, 0);
    assert_int_equal(package.scope, RAPL_UNIT_SCOPE_PACKAGE);
    assert_int_equal(capabilities_of(false).package_count, 1);
    assert_int_equal(capabilities_of(false).die_count, 2);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(core_of(&desk, i).package_index, 0);
        assert_int_equal(core_of(&desk, i).die, core_of(&desk, i).processor / 4);
    }
}

/* A machine whose counters are per die says so. */
static void test_dies(void **state)
{
    struct rapl_model model;

    (void)state;
    make_dies(&model, true);
    for (uint32_t i = 0; i < 2; i++) {
        const struct rapl_topology_package package = package_of(&desk, i);

        assert_int_equal(package.socket, 0);
        assert_int_equal(package.die, i);
        assert_int_equal(package.processor, 4 * i);
        assert_int_equal(package.group, i);
        assert_int_equal(package.number, 3);
        assert_int_equal(package.scope, RAPL_UNIT_SCOPE_DIE);
        assert_int_equal(package.unit_j[3].denominator, 65536);
        assert_int_equal(package.wrap_s[3], 6553); /* 65536 J at 10 W */
        assert_int_equal(package.wrap_s[0], 0);
    }
    assert_int_equal(capabilities_of(false).socket_count, 1);
    assert_int_equal(capabilities_of(false).die_count, 2);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 1, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(item_of(&desk, RAPL_UNIT_SCOPE_DIE, 1, 3).unit_index, 1);
}

/* Coarse callers learn that there are limits, not what they are. */
static void test_limits_withheld(void **state)
{
    static const struct rapl_wire_limit zero;
    struct rapl_topology_package fresh;
    struct rapl_topology_package coarse;

    (void)state;
    make_golden(&desk);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    fresh = package_of(&desk, 0);
    assert_int_equal(topology(&desk, true), RAPL_ENERGY_OK);
    coarse = package_of(&desk, 0);
    for (uint32_t i = 0; i < RAPL_LIMITS; i++) {
        const uint32_t wanted = i < 2 ? RAPL_LIMIT_PRESENT | RAPL_LIMIT_WITHHELD : 0;

        assert_int_equal(coarse.limit[i].flags, wanted);
        assert_int_equal(coarse.limit[i].limit_mw | coarse.limit[i].window_us, 0);
        fresh.limit[i] = zero;
        coarse.limit[i] = zero;
    }
    assert_memory_equal(&fresh, &coarse, sizeof(fresh));
}

/* No unit could be read: no domain has one, nothing is listed, no division by zero. */
static void test_no_units(void **state)
{
    struct rapl_topology_package package;

    (void)state;
    make_amd(&desk);
    fake_find(&desk.tested.fake, 0, 0xC0010299)->faults = true;
    fake_find(&desk.tested.fake, 4, 0xC0010299)->faults = true;
    open_desk(&desk);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    package = package_of(&desk, 1);
    for (uint32_t i = 0; i < RAPL_WIRE_DOMAINS; i++) {
        assert_int_equal(package.unit_j[i].numerator, 0);
        assert_int_equal(package.unit_j[i].denominator, 1);
        assert_int_not_equal(package.domain_state[i], RAPL_STATE_PRESENT);
    }
    assert_int_equal(core_of(&desk, 0).unit_j.denominator, 1);
    assert_int_equal(core_of(&desk, 0).state, RAPL_STATE_FAULTS);
    assert_int_equal(snapshot(&desk, ALL_DOMAINS, 3, 0, false), RAPL_ENERGY_OK);
    assert_int_equal(snapshot_of(&desk)->item_count, 0);
}

/* Register values at the ends of their ranges. */
static void test_extremes(void **state)
{
    static const struct rapl_cpu avoton = {
        .vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0x37};
    struct rapl_topology_package package;

    (void)state;
    fake_init(&desk.tested.fake, &avoton, 1, 0); /* Silvermont: 2^PU mW, 2^ESU uJ */
    fake_add(&desk.tested.fake, 0, 0x606, 0xF1F0F);
    fake_add(&desk.tested.fake, 0, 0x614, UINT64_MAX);
    fake_add(&desk.tested.fake, 0, 0x610, UINT64_MAX);
    fake_add(&desk.tested.fake, 0, 0x611, 1);
    open_desk(&desk);
    assert_int_equal(topology(&desk, false), RAPL_ENERGY_OK);
    package = package_of(&desk, 0);
    assert_int_equal(package.unit_j[0].numerator, 33554432); /* 2^31 / 10^6, by 64 */
    assert_int_equal(package.unit_j[0].denominator, 15625);
    assert_true(package.counter_range_j[0] == 9223372036854); /* 2^63 / 10^6 */
    assert_int_equal(package.package.tdp_mw, 32767u << 15);   /* 15 bits of 2^15 mW */
    assert_int_equal(package.limit[1].limit_mw, 32767u << 15);
    assert_int_equal(package.limit[1].flags, 15);
    assert_int_equal(package.wrap_s[0], 8590196);          /* 9223372036854775 mJ / 1073709056 mW */
    assert_int_equal(package.package.max_window_us, 1922); /* 63 / 2^15 s */
    assert_true(package.limit[1].window_us == UINT32_MAX); /* 114688 s do not fit */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_amd),
        cmocka_unit_test(test_dies),
        cmocka_unit_test(test_dies_of_a_package),
        cmocka_unit_test(test_limits_withheld),
        cmocka_unit_test(test_no_units),
        cmocka_unit_test(test_extremes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
