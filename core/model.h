/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known about each processor model: one row a model in core/models.def, with its source.
 *
 * The kernel links the facts only (model.c); names, sources and doubts are in model_text.c.
 */
#ifndef RAPL_CORE_MODEL_H
#define RAPL_CORE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/cpu.h"
#include "core/domain.h"

/* What one count of an energy counter is worth. */
enum rapl_unit_rule {
    RAPL_UNIT_ESU,       /* 2^-ESU J, ESU from the unit register */
    RAPL_UNIT_2POW16,    /* 2^-16 J whatever the unit register says (DRAM of servers) */
    RAPL_UNIT_1J,        /* 1 J (psys of Sapphire Rapids and its kin) */
    RAPL_UNIT_ESU_MICRO, /* 2^ESU uJ; power is 2^PU mW (Silvermont) */
};

enum rapl_model_flag {
    RAPL_MODEL_PER_DIE = 1u << 0,        /* counters belong to a die, not to the package */
    RAPL_MODEL_COUNTER_64 = 1u << 1,     /* AMD's own energy registers are 64 bits wide */
    RAPL_MODEL_INFO_AT_66E = 1u << 2,    /* PKG_POWER_INFO is at 0x66E (Avoton) */
    RAPL_MODEL_PSYS_LIMIT_17 = 1u << 3,  /* 0x65C has 17-bit limits (Sapphire Rapids psys) */
    RAPL_MODEL_GENERIC = 1u << 4,        /* not a known model: a family's defaults, probe all */
    RAPL_MODEL_LATER_FAMILIES = 1u << 5, /* generic row of its family and of every later one */
};

struct rapl_model {
    uint8_t vendor;      /* enum rapl_vendor */
    uint8_t domains;     /* RAPL_DOMAIN_BIT of every candidate: probe each */
    uint8_t energy_unit; /* enum rapl_unit_rule of all domains but the next two */
    uint8_t dram_unit;
    uint8_t psys_unit;
    uint8_t flags; /* enum rapl_model_flag */
    uint16_t family;
    uint16_t model; /* RAPL_MODEL_ANY in generic rows */
};

#define RAPL_MODEL_ANY 0xFFFFu

/*
 * The row of this CPU: its own if listed, else the generic row of its vendor and family, else NULL
 * (no RAPL known: AMD and Hygon without CPUID Fn8000_0007 EDX[14] are NULL too). A generic row has
 * no quirk of any model: all domains the vendor has, the plain unit, 32-bit counters. A row whose
 * `domains` is 0 has no RAPL registers at all (Diamond Rapids: TPMI only).
 */
const struct rapl_model *rapl_model_find(const struct rapl_cpu *cpu);

/* All rows, in table order. `*count` is set. */
const struct rapl_model *rapl_models(uint32_t *count);

/* The rule for one domain of a row. */
enum rapl_unit_rule rapl_model_unit_rule(const struct rapl_model *model, uint32_t domain);

/* ---- model_text.c: user programs only ------------------------------------------------------- */

struct rapl_model_text {
    const char *name;   /* "Haswell-EP/EX/E" */
    const char *source; /* where the row comes from */
    const char *doubt;  /* what sources disagree on, or NULL */
};

/* `model` must be a row that rapl_model_find or rapl_models returned. */
const struct rapl_model_text *rapl_model_text(const struct rapl_model *model);

#endif
