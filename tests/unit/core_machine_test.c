/* SPDX-License-Identifier: Apache-2.0
 *
 * The gate: on which machines the driver refuses to load.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_fake_machine.h"

/* Two packages of a client Intel on bare metal, everything as it should be. */
static void good_intel(struct fake *fake)
{
    fake_init(fake, &fake_coffee_lake, 2, 0);
    fake_add(fake, 0, 0x606, 0xA0E03);
    fake_add(fake, 0, 0x611, 0x1234);
    fake_add(fake, 1, 0x606, 0xA0E03);
    fake_add(fake, 1, 0x611, 0x5678);
}

static void good_amd(struct fake *fake)
{
    fake_init(fake, &fake_raphael, 1, 0);
    fake_add(fake, 0, 0xC0010299, 0xA1000);
    fake_add(fake, 0, 0xC001029B, 0x100000000);
}

static void test_open(void **state)
{
    struct fake fake;

    (void)state;
    good_intel(&fake);
    fake.processors[8].package_lead = 8; /* not one of the machine's: not read */
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_OPEN);
    assert_int_equal(fake.read_calls, 2); /* once a package, on its lead */
    assert_int_equal(fake.reads, 4);
    assert_int_equal(fake.last_processor, 4);

    good_amd(&fake);
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_OPEN);
}

static void test_unknown_cpu(void **state)
{
    const struct rapl_cpu pentium_4 = {.vendor = RAPL_VENDOR_INTEL, .family = 0x0F, .model = 2};
    const struct rapl_cpu no_bit = {.vendor = RAPL_VENDOR_AMD, .family = 0x17, .model = 0x71};
    const struct rapl_cpu nobody = {.family = 6, .model = 0x9E};
    const struct rapl_cpu *const cpus[] = {&pentium_4, &no_bit, &nobody};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fake fake;

        fake_init(&fake, cpus[i], 1, 0);
        assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_UNKNOWN_CPU);
        assert_int_equal(fake.reads, 0);
    }
}

/* Diamond Rapids: known to have no RAPL register, so none is read. */
static void test_no_msr(void **state)
{
    const struct rapl_cpu diamond = {.vendor = RAPL_VENDOR_INTEL, .family = 0x13, .model = 1};
    struct fake fake;

    (void)state;
    fake_init(&fake, &diamond, 1, 0);
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_NO_MSR);
    assert_int_equal(fake.reads, 0);
}

static void test_no_unit(void **state)
{
    struct fake fake;

    (void)state;
    good_intel(&fake);
    fake.registers[0].faults = true;
    fake.registers[2].faults = true;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_NO_UNIT);
    /* One package with a unit is enough. */
    fake.registers[2].faults = false;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_OPEN);
    fake.registers[2].value = 0;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_NO_UNIT);
    fake.registers[2].value = 0xA0003; /* ESU 0 */
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_NO_UNIT);
    /* No processor at all: nothing to read a unit from. */
    fake.machine.processor_count = 0;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_NO_UNIT);
}

/* The hypervisor bit alone never closes the gate. */
static void test_hypervisors(void **state)
{
    static const struct {
        bool hypervisor, hyperv_root, moves;
        enum rapl_gate gate;
    } rows[] = {
        {false, false, true, RAPL_GATE_OPEN}, {false, false, false, RAPL_GATE_OPEN},
        {true, true, true, RAPL_GATE_OPEN},   {true, true, false, RAPL_GATE_OPEN},
        {true, false, true, RAPL_GATE_OPEN},  {true, false, false, RAPL_GATE_GUEST},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake fake;

        good_intel(&fake);
        fake.machine.cpu.hypervisor = rows[i].hypervisor;
        fake.machine.cpu.hyperv_root = rows[i].hyperv_root;
        if (!rows[i].moves) {
            fake.registers[1].value = 0;
            fake.registers[3].faults = true;
        }
        assert_int_equal(rapl_machine_gate(&fake.machine), rows[i].gate);
    }
}

/* bhyve and others: a sane unit, energies 0. Only the counter's own bits count. */
static void test_guest_counter_width(void **state)
{
    struct fake fake;

    (void)state;
    good_intel(&fake);
    fake.machine.cpu.hypervisor = true;
    fake.registers[1].value = 0xFFFFFFFF00000000;
    fake.registers[3].value = 0;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_GUEST);
    fake.registers[3].value = 1;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_OPEN);

    good_amd(&fake);
    fake.machine.cpu.hypervisor = true;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_OPEN); /* 64 bits wide */
    fake.registers[1].value = 0;
    assert_int_equal(rapl_machine_gate(&fake.machine), RAPL_GATE_GUEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),        cmocka_unit_test(test_unknown_cpu),
        cmocka_unit_test(test_no_msr),      cmocka_unit_test(test_no_unit),
        cmocka_unit_test(test_hypervisors), cmocka_unit_test(test_guest_counter_width),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
