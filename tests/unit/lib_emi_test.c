/* SPDX-License-Identifier: Apache-2.0
 *
 * Energy meters with the habits and faults that are out there: each counter once, none made up.
 */
#include "tests/unit/lib_emi_fixture.h"

static void expect_domain(struct opened *opened, uint32_t index, const char *label, uint32_t domain,
                          uint32_t package, uint32_t core)
{
    struct backend_domain found;

    assert_true(index < backend.domain_count(opened->state));
    backend.domain(opened->state, index, &found);
    assert_string_equal(found.label, label);
    assert_int_equal(found.domain, domain);
    assert_int_equal(found.package, package);
    assert_int_equal(found.core, core);
    assert_int_equal(found.unit_numerator, 9);
    assert_int_equal(found.unit_denominator, 2500000000);
    assert_int_equal(found.range_ticks, 0);
}

static void intel_is_four_domains(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_intel(system);
    struct opened *opened = open_meters(system);

    assert_int_equal(opened->status, RAPL_OK);
    assert_int_equal(backend.domain_count(opened->state), 4);
    expect_domain(opened, 0, "RAPL_Package0_PKG", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 3, "RAPL_Package0_DRAM", RAPL_DOMAIN_DRAM, 0, RAPL_NONE);
    meter->energy[0] += 2500;
    const struct backend_reading *readings = sample(opened, 100);
    assert_int_equal(readings[0].status, RAPL_OK);
    assert_int_equal(readings[0].energy_ticks, 2500);
    assert_int_equal(readings[0].raw, meter->energy[0]);
    assert_int_equal(readings[1].energy_ticks, 0);
    close_meters(opened);
}

/* Sixteen devices, the first with the package too. Cores only when asked for, never summed. */
static void amd_is_a_device_a_core(void **unused)
{
    for (uint32_t cores = 0; cores < 2; cores++) {
        struct fake_system *system = new_system();
        for (uint32_t i = 0; i < 16; i++) {
            char name[40];
            (void)snprintf(name, sizeof(name), "RAPL_Package0_Core%u_CORE", 15 - i);
            struct fake_meter *meter = add_named(system, name);
            if (i == 0) {
                put_v2(&meter->metadata, "RAPL", 2);
                put_channel(&meter->metadata, 0, "RAPL_Package0_PKG", INBOX_NAME_SIZE);
                put_channel(&meter->metadata, 0, name, INBOX_NAME_SIZE);
            }
        }
        struct opened *opened = open_flags(system, cores != 0 ? RAPL_OPEN_CORES : 0);
        assert_int_equal(backend.domain_count(opened->state), 1 + 16 * cores);
        expect_domain(opened, 0, "RAPL_Package0_PKG", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
        if (cores != 0) {
            expect_domain(opened, 1, "RAPL_Package0_Core0_CORE", RAPL_DOMAIN_CORE, 0, 0);
            expect_domain(opened, 16, "RAPL_Package0_Core15_CORE", RAPL_DOMAIN_CORE, 0, 15);
        }
        (void)sample(opened, 100);
        assert_int_equal(system->meters[0].measured, 2);
        assert_int_equal(system->meters[7].measured, 2 * cores);
        close_meters(opened);
    }
}

static void mirrored_packages_count_once(void **unused)
{
    struct fake_system *system = new_system();
    add_named(system, "RAPL_Package0_PKG");
    add_named(system, "RAPL_Package0_PKG");
    struct opened *opened = open_meters(system);
    assert_int_equal(backend.domain_count(opened->state), 1);
    assert_int_equal(opened->report.doubled_count, 1);
    close_meters(opened);

    system = new_system();
    for (uint32_t i = 0; i < 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "RAPL_Package%u_PKG", i);
        add_named(system, name)->energy[0] = i < 2 ? 123456789 : 923456789;
    }
    opened = open_meters(system);
    assert_int_equal(backend.domain_count(opened->state), 2);
    assert_int_equal(opened->report.doubled_count, 1);
    expect_domain(opened, 0, "RAPL_Package0_PKG", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 1, "RAPL_Package2_PKG", RAPL_DOMAIN_PACKAGE, 1, RAPL_NONE);
    system->meters[1].measure_error = 1167; /* nobody reads it any more */
    assert_int_equal(backend.read(opened->state, opened->readings), RAPL_OK);
    struct rapl_package_info package = {.size = sizeof(package)};
    assert_int_equal(backend.package(opened->state, 1, &package), RAPL_OK);
    assert_int_equal(package.socket, 2);
    close_meters(opened);
}

/* Two sockets that are both at 0 are not one. */
static void zero_is_no_mirror(void **unused)
{
    struct fake_system *system = new_system();
    add_named(system, "RAPL_Package0_PKG")->energy[0] = 0;
    add_named(system, "RAPL_Package1_PKG")->energy[0] = 0;
    add_named(system, "RAPL_Package0_DRAM");
    struct opened *opened = open_meters(system);

    assert_int_equal(backend.domain_count(opened->state), 3);
    close_meters(opened);
}

static void vendors_meters_stay_apart(void **unused)
{
    struct fake_system *system = new_system();
    add_named(system, "Current Socket Energy");
    add_named(system, "RAPL_Package0_PKG");
    add_named(system, "Current Socket Energy");
    struct fake_meter *v1 = add_meter(system);
    v1->version = 1;
    put_v1(&v1->metadata, 0, "CPU rail");
    struct opened *opened = open_meters(system);

    assert_int_equal(backend.domain_count(opened->state), 4);
    expect_domain(opened, 0, "RAPL_Package0_PKG", RAPL_DOMAIN_PACKAGE, 0, RAPL_NONE);
    expect_domain(opened, 1, "Current Socket Energy", RAPL_DOMAIN_METER, RAPL_NONE, RAPL_NONE);
    expect_domain(opened, 3, "CPU rail", RAPL_DOMAIN_METER, RAPL_NONE, RAPL_NONE);
    close_meters(opened);
}

static void zero_channels_are_dead(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_intel(system);
    meter->energy[2] = meter->energy[3] = 0;
    struct opened *opened = open_meters(system);

    const struct backend_reading *readings = sample(opened, 100);
    assert_int_equal(readings[0].status, RAPL_OK);
    assert_int_equal(readings[2].status, RAPL_ERROR_DEAD);
    meter->energy[3] = 17;
    assert_int_equal(sample(opened, 100)[3].status, RAPL_OK);
    assert_int_equal(opened->readings[3].energy_ticks, 17);
    close_meters(opened);
}

static void unknown_units_have_no_energy(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_meter(system);
    struct backend_domain domain;
    put_v2(&meter->metadata, "RAPL", 2);
    put_channel(&meter->metadata, 0, "RAPL_Package0_PKG", INBOX_NAME_SIZE);
    put_channel(&meter->metadata, 1, "RAPL_Package0_PP0", INBOX_NAME_SIZE);
    struct opened *opened = open_meters(system);

    assert_int_equal(sample(opened, 100)[1].status, RAPL_ERROR_UNSUPPORTED);
    backend.domain(opened->state, 1, &domain);
    assert_int_equal(domain.unit_numerator, 0);
    assert_int_equal(domain.unit_denominator, 1);
    close_meters(opened);
}

/* 1 kW for 1.1 s, a sample's lateness included, is 305.6 G pWh: more is nobody's energy. */
static void steps_must_be_possible(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_intel(system);
    meter->energy[0] = 900000000000000;
    struct opened *opened = open_meters(system);

    meter->energy[0] += 305000000000;
    assert_int_equal(sample(opened, 100)->energy_ticks, 305000000000);
    meter->energy[0] += 306000000000;
    assert_int_equal(sample(opened, 100)->energy_ticks, 305000000000);
    assert_int_equal(opened->readings[0].reset_count, 1);
    meter->energy[0] -= 1;
    assert_int_equal(sample(opened, 100)->energy_ticks, 305000000000);
    assert_int_equal(opened->readings[0].reset_count, 2);
    meter->energy[0] = 5;
    assert_int_equal(sample(opened, 100)->energy_ticks, 305000000005);
    assert_int_equal(opened->readings[0].reset_count, 3);
    close_meters(opened);
}

/* A meter whose own time stands still measures nothing: that is not 0 W. */
static void standing_time_is_garbage(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_intel(system);
    meter->time_stands = true;
    struct opened *opened = open_meters(system);

    assert_int_equal(sample(opened, 2999)->status, RAPL_OK);
    assert_int_equal(sample(opened, 1)->status, RAPL_ERROR_GARBAGE);
    meter->energy[0] += 10;
    assert_int_equal(sample(opened, 100)->status, RAPL_OK);
    assert_int_equal(opened->readings[0].energy_ticks, 10);
    assert_int_equal(opened->readings[1].status, RAPL_ERROR_GARBAGE);
    meter->time_stands = false;
    assert_int_equal(sample(opened, 9000)[1].status, RAPL_OK);
    close_meters(opened);
}

static void devices_go_and_answer_garbage(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *first = add_named(system, "RAPL_Package0_PKG");
    struct fake_meter *second = add_named(system, "RAPL_Package1_PKG");
    struct opened *opened = open_meters(system);

    second->measured_size = 8;
    assert_int_equal(sample(opened, 100)[1].status, RAPL_ERROR_GARBAGE);
    assert_int_equal(opened->readings[0].status, RAPL_OK);
    second->measured_size = 0;
    first->measure_error = 1167; /* ERROR_DEVICE_NOT_CONNECTED */
    assert_int_equal(sample(opened, 100)[0].status, RAPL_ERROR_GONE);
    assert_int_equal(opened->readings[0].system_error, 1167);
    assert_int_equal(opened->readings[1].status, RAPL_OK);
    second->measure_error = 433;
    assert_int_equal(backend.read(opened->state, opened->readings), RAPL_ERROR_GONE);
    close_meters(opened);
}

static void simulated_meters_say_so(void **unused)
{
    struct fake_system *system = new_system();
    struct fake_meter *meter = add_meter(system);
    put_v2(&meter->metadata, "RAPL SIMULATED", 1);
    put_channel(&meter->metadata, 0, "RAPL_Package0_PKG", 36);
    struct opened *opened = open_meters(system);

    assert_int_equal(opened->report.flags, RAPL_FLAG_SIMULATED);
    assert_int_equal(sample(opened, 1)->flags, RAPL_FLAG_SIMULATED);
    close_meters(opened);
}

static void expect_refusal(struct fake_system *system, int status, const char *reason)
{
    struct opened *opened = open_meters(system);

    if (opened->status != status || strstr(opened->report.reason, reason) == NULL) {
        fail_msg("status %d, reason: %s", opened->status, opened->report.reason);
    }
    assert_string_not_equal(opened->report.remedy, "");
    close_meters(opened);
}

static void no_meter_says_so(void **unused)
{
    expect_refusal(new_system(), RAPL_ERROR_NOT_HERE, "this machine has no energy meter");

    struct fake_system *system = new_system();
    add_named(system, "RAPL_Package0_Core0_CORE");
    expect_refusal(system, RAPL_ERROR_NOT_HERE, "none has a channel");
}

static void refusing_meters_say_why(void **unused)
{
    static const struct {
        size_t offset;
        uint32_t error;
        int status;
        const char *reason;
    } cases[] = {
        {offsetof(struct fake_meter, version_error), 50, RAPL_ERROR_UNSUPPORTED,
         "refuses GET_VERSION: Windows error 50"},
        {offsetof(struct fake_meter, open_error), 5, RAPL_ERROR_DENIED, "cannot be opened"},
        {offsetof(struct fake_meter, size_error), 31, RAPL_ERROR_FAULTS, "GET_METADATA_SIZE"},
        {offsetof(struct fake_meter, metadata_error), 21, RAPL_ERROR_SYSTEM, "GET_METADATA: "},
        {offsetof(struct fake_meter, measure_error), 1167, RAPL_ERROR_GONE, "GET_MEASUREMENT"},
        {offsetof(struct fake_meter, measured_size), 8, RAPL_ERROR_GARBAGE, "with garbage"},
        {offsetof(struct fake_meter, said_size), 0xFFFFFFFF, RAPL_ERROR_GARBAGE, "impossible size"},
        {offsetof(struct fake_meter, said_size), 67, RAPL_ERROR_GARBAGE, "impossible size"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_system *system = new_system();
        struct fake_meter *meter = add_intel(system);
        memcpy((uint8_t *)meter + cases[i].offset, &cases[i].error, sizeof(cases[i].error));
        expect_refusal(system, cases[i].status, cases[i].reason);
    }
}

static void garbage_and_dead_meters_are_refused(void **unused)
{
    struct fake_system *system = new_system();
    add_intel(system)->version = 3;
    expect_refusal(system, RAPL_ERROR_VERSION, "neither 1 nor 2");

    system = new_system();
    put_v2(&add_meter(system)->metadata, "RAPL", 65535);
    expect_refusal(system, RAPL_ERROR_GARBAGE, "describes itself with garbage");

    system = new_system();
    memset(add_intel(system)->energy, 0, 4 * sizeof(uint64_t));
    expect_refusal(system, RAPL_ERROR_DEAD, "all its channels read 0");
}

/* One that says too small a size is asked again; one bad meter does not spoil the others. */
static void bad_meters_do_not_hide_good_ones(void **unused)
{
    struct fake_system *system = new_system();
    add_intel(system)->version_error = 50;
    add_intel(system)->open_error = 5;
    struct fake_meter *liar = add_named(system, "RAPL_Package0_PKG");
    liar->said_size = 70;
    struct opened *opened = open_meters(system);

    assert_int_equal(opened->status, RAPL_OK);
    assert_int_equal(backend.domain_count(opened->state), 1);
    assert_int_equal(sample(opened, 1)->status, RAPL_OK);
    close_meters(opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intel_is_four_domains),
        cmocka_unit_test(amd_is_a_device_a_core),
        cmocka_unit_test(mirrored_packages_count_once),
        cmocka_unit_test(zero_is_no_mirror),
        cmocka_unit_test(vendors_meters_stay_apart),
        cmocka_unit_test(zero_channels_are_dead),
        cmocka_unit_test(unknown_units_have_no_energy),
        cmocka_unit_test(steps_must_be_possible),
        cmocka_unit_test(standing_time_is_garbage),
        cmocka_unit_test(devices_go_and_answer_garbage),
        cmocka_unit_test(simulated_meters_say_so),
        cmocka_unit_test(no_meter_says_so),
        cmocka_unit_test(refusing_meters_say_why),
        cmocka_unit_test(garbage_and_dead_meters_are_refused),
        cmocka_unit_test(bad_meters_do_not_hide_good_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
