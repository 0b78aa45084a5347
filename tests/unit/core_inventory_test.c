/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory: what it finds, how it reads, how often it must.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_fake_machine.h"

#include <rapl/energy.h>

#define S_100NS 10000000ull
#define BOTH    (RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES)

/* Model 55 with two dies a package: Cascade Lake-AP where the row says so. */
static const struct rapl_cpu cascade_lake = {
    .vendor = RAPL_VENDOR_INTEL, .family = 0x06, .model = 0x55};

static void probe_with(struct tested *tested, bool has_arch_capabilities)
{
    const struct rapl_inventory_settings settings = {
        .coarse_ms = 50, .has_arch_capabilities = has_arch_capabilities};

    rapl_inventory_init(&tested->inventory, &tested->fake.machine, tested->memory, &settings);
    rapl_inventory_probe(&tested->inventory);
}

static void read_now(struct tested *tested, uint32_t scopes, bool throttle)
{
    tested->fake.locked = true;
    rapl_inventory_read(&tested->inventory, scopes, throttle);
    tested->fake.locked = false;
}

static void test_who_is_who(void **state)
{
    static struct tested tested;
    const struct rapl_inventory *const inventory = &tested.inventory;
    const struct rapl_model *row;
    struct rapl_model per_die;

    (void)state;
    fake_init(&tested.fake, &cascade_lake, 4, 0);
    row = tested.fake.machine.model;
    per_die = *row;
    per_die.flags |= RAPL_MODEL_PER_DIE;
    /* Packages 0 and 1 of the fake are two dies of one socket here, so are 2 and 3. */
    for (uint32_t i = 0; i < 16; i++) {
        tested.fake.processors[i].location.package = i >> 3;
        tested.fake.processors[i].group = (uint16_t)(i >> 2);
    }
    tested.fake.machine.model = &per_die;
    rapl_topology_link(tested.fake.processors, 16, true);
    fake_add(&tested.fake, FAKE_ANY, 0x606, 0xA0E03);
    start_inventory(&tested, 50);
    assert_int_equal(inventory->package_count, 4);
    assert_int_equal(inventory->socket_count, 2);
    assert_int_equal(inventory->die_count, 4);
    assert_int_equal(inventory->physical_core_count, 8);
    assert_int_equal(inventory->core_count, 0);
    assert_int_equal(inventory->group_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(inventory->packages[i].lead, i * 4);
        assert_int_equal(inventory->packages[i].socket, i / 2);
        assert_int_equal(inventory->packages[i].die, i);
        assert_ptr_equal(rapl_inventory_find_package(inventory, i * 4), &inventory->packages[i]);
    }
    assert_null(rapl_inventory_find_package(inventory, 1));
    /* The same machine with counters per package: two dies each, the first is the entry's. */
    tested.fake.machine.model = row;
    rapl_topology_link(tested.fake.processors, 16, false);
    start_inventory(&tested, 50);
    assert_int_equal(inventory->package_count, 2);
    assert_int_equal(inventory->socket_count, 2);
    assert_int_equal(inventory->die_count, 4);
    assert_int_equal(inventory->packages[1].lead, 8);
    assert_int_equal(inventory->packages[1].die, 2);
}

/* 256 processors: what it takes, and that one reading of all is one call with one job each. */
static void test_256_processors(void **state)
{
    static struct tested tested;
    struct fake *const fake = &tested.fake;

    (void)state;
    for (uint32_t threads = 1; threads <= 2; threads++) {
        const uint32_t cores = 256 / threads;

        fake_init(fake, &fake_raphael, 64, 0);
        for (uint32_t i = 0; i < 256; i++) {
            fake->processors[i].location = (struct rapl_location){i, i / 32, i / 32, i / threads};
        }
        rapl_topology_link(fake->processors, 256, false);
        fake_add(fake, FAKE_ANY, 0xC0010299, 0xA1003);
        fake_add(fake, FAKE_ANY, 0xC001029A, 5);
        fake_add(fake, FAKE_ANY, 0xC001029B, 6);
        /* Eight packages: the whole driver has 64 KiB, its processors take 9, its DPCs 17. */
        assert_int_equal(rapl_inventory_size(&fake->machine), threads == 1 ? 37504 : 23168);
        assert_int_equal(sizeof(struct rapl_processor) * 256, 9216);
        assert_int_equal(rapl_inventory_jobs_max(&fake->machine), 8 + cores);
        start_inventory(&tested, 50);
        assert_int_equal(tested.inventory.package_count, 8);
        assert_int_equal(tested.inventory.core_count, cores);
        assert_int_equal(tested.inventory.physical_core_count, cores);
        assert_int_equal(tested.inventory.group_count, 4);
        assert_int_equal(tested.inventory.cores[cores - 1].package, 7);
        read_now(&tested, RAPL_SCOPE_PACKAGES, true); /* AMD has no throttled time */
        assert_int_equal(fake->all_calls, 1);
        assert_int_equal(fake->jobs, 8);
        assert_int_equal(fake->reads, 8);
        read_now(&tested, BOTH, false);
        assert_int_equal(fake->all_calls, 2);
        assert_int_equal(fake->jobs, 8 + cores);
        assert_int_equal(fake->jobs_most, 1);
        assert_int_equal(fake->reads, 8 + 8 + cores);
        read_now(&tested, RAPL_SCOPE_CORES, false);
        assert_int_equal(fake->jobs, cores);
        assert_int_equal(fake->read_calls, 0);
    }
}

/* More packages, or cores, than the wire format can number. */
static void test_too_large(void **state)
{
    static struct rapl_processor processors[2049];
    static struct tested tested;

    (void)state;
    fake_init(&tested.fake, &fake_raphael, 1, 0);
    tested.fake.machine.processors = processors;
    for (uint32_t i = 0; i < 2049; i++) {
        processors[i].location = (struct rapl_location){i, i / 2048, i / 2048, i};
        processors[i].package_lead = i < 2048 ? 0 : 2048;
        processors[i].core_lead = i;
    }
    tested.fake.machine.processor_count = 2048;
    assert_int_not_equal(rapl_inventory_size(&tested.fake.machine), 0);
    tested.fake.machine.processor_count = 2049;
    assert_int_equal(rapl_inventory_size(&tested.fake.machine), 0);
    for (uint32_t i = 0; i < 257; i++) {
        processors[i].package_lead = i;
    }
    tested.fake.machine.processor_count = 256;
    assert_int_not_equal(rapl_inventory_size(&tested.fake.machine), 0);
    tested.fake.machine.processor_count = 257;
    assert_int_equal(rapl_inventory_size(&tested.fake.machine), 0);
}

/* Every domain of Intel: each read once, throttled times only when asked for. */
static void test_intel_reads(void **state)
{
    static struct tested tested;
    struct fake *const fake = &tested.fake;
    static const uint32_t msrs[] = {0x611, 0x639, 0x641, 0x619, 0x64D, 0x613, 0x61B, 0x63B};

    (void)state;
    fake_init(fake, &fake_coffee_lake, 2, 0);
    fake_add(fake, FAKE_ANY, 0x606, 0xA0E03);
    for (uint32_t i = 0; i < 8; i++) {
        fake_add(fake, FAKE_ANY, msrs[i], 1024ull * (i + 1));
    }
    start_inventory(&tested, 50);
    assert_int_equal(tested.inventory.packages[1].tally[RAPL_DOMAIN_PSYS].raw, 5 * 1024);
    read_now(&tested, BOTH, false);
    assert_int_equal(fake->jobs, 2);
    assert_int_equal(fake->reads, 10);
    assert_int_equal(tested.inventory.packages[0].throttled_us[0], RAPL_NO_THROTTLE);
    read_now(&tested, RAPL_SCOPE_PACKAGES, true);
    assert_int_equal(fake->jobs_most, 8);
    assert_int_equal(fake->reads, 10 + 16);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_PACKAGE], 6000000);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_DRAM], 7000000);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_PP0], 8000000);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_PP1], RAPL_NO_THROTTLE);
    /* Once it cannot be read it is not the old number. */
    fake_find(fake, 4, 0x613)->faults = true;
    read_now(&tested, RAPL_SCOPE_PACKAGES, true);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_PACKAGE],
                     RAPL_NO_THROTTLE);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_DRAM], 7000000);
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    assert_int_equal(tested.inventory.packages[1].throttled_us[RAPL_DOMAIN_DRAM], RAPL_NO_THROTTLE);
    assert_int_equal(tested.inventory.span.sequence, 4);
}

/* A register that faulted at the probe is left alone until the next one. */
static void test_faulting_is_left_alone(void **state)
{
    static struct tested tested;
    struct fake *const fake = &tested.fake;
    struct rapl_tally *tally;

    (void)state;
    fake_init(fake, &fake_coffee_lake, 2, 0);
    fake_add(fake, FAKE_ANY, 0x606, 0xA0E03);
    fake_add(fake, 0, 0x611, 100);
    fake_add(fake, 1, 0x611, 100)->faults = true;
    start_inventory(&tested, 50);
    tally = &tested.inventory.packages[1].tally[RAPL_DOMAIN_PACKAGE];
    assert_int_equal(tally->state, RAPL_STATE_FAULTS);
    fake_find(fake, 4, 0x611)->faults = false;
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    assert_int_equal(fake->jobs, 1); /* nothing to read there */
    assert_int_equal(tally->state, RAPL_STATE_FAULTS);
    rapl_inventory_probe(&tested.inventory);
    assert_int_equal(tally->state, RAPL_STATE_PRESENT);
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    assert_int_equal(fake->jobs, 2);
    /* Nothing at all to read: no call. */
    fake_find(fake, 0, 0x611)->faults = true;
    fake_find(fake, 4, 0x611)->faults = true;
    rapl_inventory_probe(&tested.inventory);
    fake->all_calls = 0;
    read_now(&tested, BOTH, false);
    assert_int_equal(fake->all_calls, 0);
}

/* A processor that is gone: its values stay, the others' go on. */
static void test_processor_gone(void **state)
{
    static struct tested tested;
    struct fake *const fake = &tested.fake;
    const struct rapl_inventory_package *packages;

    (void)state;
    fake_init(fake, &fake_coffee_lake, 2, 0);
    fake_add(fake, FAKE_ANY, 0x606, 0xA0E03);
    fake_add(fake, FAKE_ANY, 0x611, 100);
    start_inventory(&tested, 50);
    packages = tested.inventory.packages;
    fake_find(fake, 0, 0x611)->value = 150;
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    fake->gone = 4;
    fake_find(fake, 0, 0x611)->value = 250;
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    assert_int_equal(packages[0].tally[0].counter.total, 150);
    assert_int_equal(packages[1].tally[0].counter.total, 50);
    assert_true(packages[1].tally[0].read_failed);
    assert_int_equal(packages[1].tally[0].raw, 150);
    fake->gone = FAKE_ANY;
    read_now(&tested, RAPL_SCOPE_PACKAGES, false);
    assert_int_equal(packages[1].tally[0].counter.total, 150);
    assert_false(packages[1].tally[0].read_failed);
}

/* The unit is the package's own, else another package's, and stays what it was. */
static void test_units(void **state)
{
    static struct tested tested;
    struct fake *const fake = &tested.fake;
    const struct rapl_inventory_package *packages;

    (void)state;
    fake_init(fake, &fake_coffee_lake, 3, 0);
    fake_add(fake, 0, 0x606, 0xA0E03)->faults = true;
    fake_add(fake, 1, 0x606, 0xA1003);
    fake_add(fake, 2, 0x606, 0xA0E03);
    fake_add(fake, FAKE_ANY, 0x611, 100);
    fake_add(fake, FAKE_ANY, 0x613, 100);
    start_inventory(&tested, 50);
    packages = tested.inventory.packages;
    assert_int_equal(packages[0].units.energy_exponent, 16);
    assert_int_equal(packages[1].units.energy_exponent, 16);
    assert_int_equal(packages[2].units.energy_exponent, 14);
    fake_find(fake, 8, 0x606)->value = 0xA0A03;
    rapl_inventory_probe(&tested.inventory);
    assert_int_equal(packages[2].units.energy_exponent, 14);
    /* None at all, which the gate does not let pass: nothing is read. */
    fake_find(fake, 4, 0x606)->faults = true;
    fake_find(fake, 8, 0x606)->value = 0;
    start_inventory(&tested, 50);
    assert_false(packages[0].has_units);
    assert_int_equal(packages[0].tally[0].state, RAPL_STATE_FAULTS);
    assert_int_equal(packages[0].throttle_domains, 0);
    assert_int_equal(rapl_inventory_period_ms(&tested.inventory), RAPL_PERIOD_MAX_MS);
}

static void test_filter(void **state)
{
    static const struct {
        bool exists;
        uint64_t capabilities;
        bool faults;
        uint64_t control;
        bool control_faults;
        uint32_t wanted;
    } rows[] = {
        {false, 0xC00, false, 1, false, 0},
        {true, 0xC00, true, 1, false, 0},
        {true, 0x400, false, 1, false, RAPL_CAP_FILTER_KNOWN},
        {true, 0x800, false, 1, false, RAPL_CAP_FILTER_KNOWN},
        {true, 0xC00, false, 2, false, RAPL_CAP_FILTER_KNOWN | RAPL_CAP_FILTER_EXISTS},
        {true, 0xC00, false, 1, false,
         RAPL_CAP_FILTER_KNOWN | RAPL_CAP_FILTER_EXISTS | RAPL_CAP_FILTER_ON},
        {true, 0xC00, false, 1, true, RAPL_CAP_FILTER_EXISTS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct tested tested;

        fake_init(&tested.fake, &fake_coffee_lake, 1, 0);
        fake_add(&tested.fake, 0, 0x606, 0xA0E03);
        fake_add(&tested.fake, 0, 0x10A, rows[i].capabilities)->faults = rows[i].faults;
        fake_add(&tested.fake, 0, 0xBC, rows[i].control)->faults = rows[i].control_faults;
        probe_with(&tested, rows[i].exists);
        assert_int_equal(tested.inventory.filter_flags, rows[i].wanted);
    }
}

/* Times a third of the wrap at the safe maximum, whatever is present. */
static void test_period(void **state)
{
    static const struct {
        uint64_t unit;
        uint32_t msr;
        uint32_t wanted_ms;
    } rows[] = {
        {0xA1003, 0x611, 21845},   /* 65536 J / 1 kW / 3 */
        {0xA0E03, 0x619, 87381},   /* 262144 J */
        {0xA0E03, 0x64D, 20000},   /* at 10 kW it would be 8738 */
        {0xA0A03, 0x64D, 139810},  /* 4194304 J */
        {0xA0103, 0x611, 3600000}, /* 2^31 J: never slower than once an hour */
    };
    static struct tested tested;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fake_init(&tested.fake, &fake_coffee_lake, 1, 0);
        fake_add(&tested.fake, 0, 0x606, rows[i].unit);
        fake_add(&tested.fake, 0, rows[i].msr, 1);
        start_inventory(&tested, 50);
        assert_int_equal(rapl_inventory_period_ms(&tested.inventory), rows[i].wanted_ms);
    }
}

/* Cores wrap in 327680 ms at 200 W: due before a third of it, once somebody asked for them. */
static void test_tick(void **state)
{
    static struct tested tested;
    uint64_t now;

    (void)state;
    fake_init(&tested.fake, &fake_raphael, 1, 0);
    fake_add(&tested.fake, 0, 0xC0010299, 0xA1003);
    fake_add(&tested.fake, 0, 0xC001029A, 1);
    fake_add(&tested.fake, 0, 0xC001029B, 1);
    tested.fake.now_100ns = 500 * S_100NS;
    start_inventory(&tested, 50);
    now = 500 * S_100NS + 1000 * S_100NS;
    assert_int_equal(rapl_inventory_period_ms(&tested.inventory), 21845);
    assert_int_equal(rapl_inventory_tick(&tested.inventory, now), RAPL_SCOPE_PACKAGES);
    tested.inventory.settings.cores_always = true; /* nobody has asked, and yet */
    assert_int_equal(rapl_inventory_tick(&tested.inventory, now), BOTH);
    tested.inventory.settings.cores_always = false;
    tested.fake.now_100ns = now;
    read_now(&tested, RAPL_SCOPE_CORES, false);
    /* 109226 - 21845 = 87381 ms later waiting on would exceed the cores' period. */
    assert_int_equal(rapl_inventory_tick(&tested.inventory, now + 87381 * 10000ull),
                     RAPL_SCOPE_PACKAGES);
    assert_int_equal(rapl_inventory_tick(&tested.inventory, now + 87382 * 10000ull), BOTH);
    assert_int_equal(rapl_inventory_tick(&tested.inventory, now + 1000 * S_100NS), BOTH);
    /* Without a package counter the cores' own period rules. */
    fake_find(&tested.fake, 0, 0xC001029B)->faults = true;
    rapl_inventory_probe(&tested.inventory);
    assert_int_equal(rapl_inventory_period_ms(&tested.inventory), 109226);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_who),
        cmocka_unit_test(test_256_processors),
        cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_intel_reads),
        cmocka_unit_test(test_faulting_is_left_alone),
        cmocka_unit_test(test_processor_gone),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_period),
        cmocka_unit_test(test_tick),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
