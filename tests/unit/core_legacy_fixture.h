/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines for the tests of the legacy request. Include after cmocka.h.
 */
#ifndef RAPL_TESTS_CORE_LEGACY_FIXTURE_H
#define RAPL_TESTS_CORE_LEGACY_FIXTURE_H

#include "core_fake_machine.h"

/* Two packages: what is not added faults. The upper halves show what is masked and what is not. */
static inline void make_intel(struct tested *tested)
{
    struct fake *const fake = &tested->fake;

    fake_init(fake, &fake_coffee_lake, 2, 0);
    for (uint32_t package = 0; package < 2; package++) {
        fake_add(fake, package, 0x606, 0x5A5A5A5A000A0E03);
        fake_add(fake, package, 0x610, 0x0042816000DD8160 + package);
        fake_add(fake, package, 0x611, 0xFFFFFFFF12345678 + package);
        fake_add(fake, package, 0x613, 0xAAAAAAAA00000000);
        fake_add(fake, package, 0x614, 0x0010000000C00118);
        fake_add(fake, package, 0x63A, 0);
        fake_add(fake, package, 0x641, 0xFFFFFFFF00000000); /* dead in its 32 bits */
        fake_add(fake, package, 0x64D, 0);
    }
    start_inventory(tested, 50);
}

static inline void make_amd(struct tested *tested, const struct rapl_cpu *cpu)
{
    struct fake *const fake = &tested->fake;

    fake_init(fake, cpu, 2, 0);
    for (uint32_t package = 0; package < 2; package++) {
        fake_add(fake, package, 0xC0010299, 0x00000000000A1003);
        fake_add(fake, package, 0xC001029A, 0x1111111122222222 + package);
        fake_add(fake, package, 0xC001029B, 0x3333333344444444 + package);
    }
    start_inventory(tested, 50);
}

static inline void put_u32(uint8_t *bytes, uint32_t value)
{
    for (uint32_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

#endif
