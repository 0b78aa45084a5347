/* SPDX-License-Identifier: Apache-2.0
 *
 * Register numbers, and what each register is for.
 *
 * Sources: Intel SDM volume 4 (MSR tables) and volume 3B chapter "Power and Thermal Management",
 * Linux arch/x86/include/asm/msr-index.h, AMD PPR 54945 and 57238 (MSRC001_0299 to _029B).
 * Not listed means never read.
 */
#ifndef RAPL_CORE_MSR_H
#define RAPL_CORE_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/domain.h"

#define RAPL_MSR_POWER_UNIT            0x606u
#define RAPL_MSR_PKG_POWER_LIMIT       0x610u
#define RAPL_MSR_PKG_ENERGY            0x611u
#define RAPL_MSR_PKG_PERF              0x613u
#define RAPL_MSR_PKG_POWER_INFO        0x614u
#define RAPL_MSR_DRAM_POWER_LIMIT      0x618u
#define RAPL_MSR_DRAM_ENERGY           0x619u
#define RAPL_MSR_DRAM_PERF             0x61Bu
#define RAPL_MSR_DRAM_POWER_INFO       0x61Cu
#define RAPL_MSR_PP0_POWER_LIMIT       0x638u
#define RAPL_MSR_PP0_ENERGY            0x639u
#define RAPL_MSR_PP0_POLICY            0x63Au
#define RAPL_MSR_PP0_PERF              0x63Bu
#define RAPL_MSR_PP1_POWER_LIMIT       0x640u
#define RAPL_MSR_PP1_ENERGY            0x641u
#define RAPL_MSR_PP1_POLICY            0x642u
#define RAPL_MSR_PSYS_ENERGY           0x64Du
#define RAPL_MSR_PSYS_POWER_LIMIT      0x65Cu
#define RAPL_MSR_AVOTON_PKG_POWER_INFO 0x66Eu

#define RAPL_MSR_AMD_POWER_UNIT  0xC0010299u
#define RAPL_MSR_AMD_CORE_ENERGY 0xC001029Au
#define RAPL_MSR_AMD_PKG_ENERGY  0xC001029Bu

enum rapl_register_kind {
    RAPL_REGISTER_UNIT,
    RAPL_REGISTER_ENERGY,
    RAPL_REGISTER_PERF, /* accumulated throttled time */
    RAPL_REGISTER_POWER_INFO,
    RAPL_REGISTER_POWER_LIMIT,
    RAPL_REGISTER_POLICY,
};

struct rapl_register {
    uint32_t msr;
    uint8_t kind;   /* enum rapl_register_kind */
    uint8_t domain; /* enum rapl_domain; RAPL_DOMAIN_PACKAGE for the unit registers */
    bool amd;       /* one of AMD's and Hygon's own numbers; otherwise Intel's */
    const char *name;
};

/* Every register this project knows, ordered by number. `*count` is set. */
const struct rapl_register *rapl_registers(uint32_t *count);

/* The row of one register, NULL for a number that is not known. */
const struct rapl_register *rapl_register_find(uint32_t msr);

#endif
