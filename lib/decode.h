/* SPDX-License-Identifier: Apache-2.0
 *
 * One register, decoded into named fields: what `rapl decode` and `rapl info` print.
 *
 * A field's value is `value * scale` in its unit, exact: nothing is rounded before it is printed.
 */
#ifndef RAPL_LIB_DECODE_H
#define RAPL_LIB_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/model.h"
#include "core/msr.h"
#include "core/units.h"

enum rapl_field_state {
    RAPL_FIELD_BITS,       /* raw bits only: the unit is not known, or the field has none */
    RAPL_FIELD_VALUE,      /* value and scale are set */
    RAPL_FIELD_FLAG,       /* one bit: raw is 0 or 1 */
    RAPL_FIELD_NOT_STATED, /* 0 in a field where the manual takes 0 for "not stated" */
};

struct rapl_field {
    const char *key;   /* for JSON, with the unit last: "tdp_w" */
    const char *label; /* for people: "thermal design power" */
    const char *unit;  /* "W", "J", "uJ", "s", "us"; NULL: a plain number */
    uint8_t state;     /* enum rapl_field_state */
    uint8_t low_bit;   /* where the field is; width 0: computed, no bits of its own */
    uint8_t width;
    uint64_t raw;   /* the bits as they are */
    uint64_t value; /* times scale: the value in `unit` */
    struct rapl_fraction scale;
};

enum rapl_decode_result {
    RAPL_DECODE_OK,
    RAPL_DECODE_UNKNOWN,    /* not a register of msr.h: nothing decoded */
    RAPL_DECODE_NOT_LISTED, /* known, but not on this CPU's list: nothing decoded */
    RAPL_DECODE_NO_UNIT,    /* needs units and none are given: raw fields only */
    RAPL_DECODE_BAD_UNIT,   /* a unit register that real hardware cannot hold: raw fields only */
};

#define RAPL_DECODE_FIELDS_MAX 12u

struct rapl_decoded {
    uint32_t msr;
    uint64_t raw;
    const struct rapl_register *reg; /* NULL when unknown */
    uint8_t result;                  /* enum rapl_decode_result */
    uint32_t count;
    struct rapl_field field[RAPL_DECODE_FIELDS_MAX];
};

/* What decoding needs to know besides the register itself. */
struct rapl_decode_context {
    const struct rapl_model *model; /* not NULL */
    const struct rapl_units *units; /* NULL: not known, and no default is assumed */
    uint64_t package_tdp_mw;        /* for "how long until it wraps"; 0: not known */
    uint64_t dram_tdp_mw;
};

/* Fills `*out`, whose pointers are to constants. */
void rapl_decode(const struct rapl_decode_context *context, uint32_t msr, uint64_t raw,
                 struct rapl_decoded *out);

/*
 * How long a 32-bit counter of that domain lasts at TDP, in seconds; 0: not known (psys feeds more
 * than the package: no register states its power).
 */
uint64_t rapl_decode_lasts_s(const struct rapl_decode_context *context, uint32_t domain);

#endif
