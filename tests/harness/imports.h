/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel functions the harness offers to a driver: one row a function, with the documented
 * rules every call is held to.
 */
#ifndef HARNESS_IMPORTS_H
#define HARNESS_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The oldest Windows the driver promises to run on: 10.0.14393 (1607, Server 2016). */
#define IMPORT_OLDEST_BUILD 14393u

struct import {
    const char *name;
    const char *dll;
    const void *function; /* NULL: known, but not offered here */
    const void *failing;  /* stands in when the call is made to fail; NULL: it cannot fail */
    uint32_t first_build; /* of Windows that exports it from that DLL */
    uint8_t irql_min;
    uint8_t irql_max; /* documented on its page of the driver reference */
    bool data;        /* the driver imports an address, not a function */
};

/* A part of the table; each imports_*.c has one. */
struct import_part {
    const struct import *row;
    uint32_t count;
};

extern const struct import_part imports_io;
extern const struct import_part imports_ob;
extern const struct import_part imports_ex;
extern const struct import_part imports_ke;
extern const struct import_part imports_dpc;
extern const struct import_part imports_event;
extern const struct import_part imports_timer;
extern const struct import_part imports_workitem;
extern const struct import_part imports_callback;
extern const struct import_part imports_pnp;
extern const struct import_part imports_zw;
extern const struct import_part imports_se;
extern const struct import_part imports_rtl;
extern const struct import_part imports_crt;

/*
 * What goes into the driver's import table for `name` of `dll`: a gate that checks and counts, or
 * the address of data. NULL, and why, when the table does not have it, has it from another DLL, or
 * Windows has had it only since after IMPORT_OLDEST_BUILD.
 */
const void *import_resolve(const char *dll, const char *name, char *why, size_t why_size);

/* True for the address of a gate: a driver may keep pointers to imports. */
bool import_is_gate(uint64_t address);

/* Rows, numbered through all parts; NULL past the end. */
const struct import *import_row(uint32_t number);

/* Where control goes next for a call of import `number`; called by gates.S. */
const void *import_enter(uint32_t number, const uint64_t *return_address);

/* ---- Failing on purpose --------------------------------------------------------------------- */

/* From now on the `nth` call (from 1) of import `number` fails, once. */
void import_fail_arm(uint32_t number, uint32_t nth);
void import_fail_disarm(void);
/* True if the armed failure has happened. */
bool import_fail_fired(void);

#endif
