/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated machine: a recording, which processors are active, and what a scenario changed in
 * it. One machine at a time. All functions may be called from any thread.
 */
#ifndef HARNESS_MACHINE_H
#define HARNESS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/cpu.h"

#define MACHINE_ANY_PACKAGE 0xFFFFFFFFu

/*
 * Makes `text`, a recording, the machine; all its processors are active, nothing is overridden and
 * the clock of its series starts now. Ends the program when the text is refused: it is part of the
 * harness.
 */
void machine_use(const char *name, const char *text, size_t size);
const char *machine_name(void);

/* Only the first `count` processors are active from now on: the rest is added later. */
void machine_activate(uint32_t count);

uint32_t machine_active(void);
uint32_t machine_maximum(void);
uint32_t machine_groups(void);
uint32_t machine_packages(void);

/* Processors of one group as a mask by number; 0 for a group there is not. */
uint64_t machine_group_mask(uint32_t group, bool active_only);

/* Where processor `index` is. False: there is none, active or not. */
bool machine_number(uint32_t index, uint16_t *group, uint8_t *number);
uint32_t machine_package(uint32_t index);
uint32_t machine_core(uint32_t index); /* within its package */

/* False: the register faults on that processor. */
bool machine_rdmsr(uint32_t index, uint32_t msr, uint64_t *value);
void machine_cpuid(uint32_t index, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out);

/* A scenario's own value for one register, instead of the recording's. */
void machine_set(uint32_t package, uint32_t msr, uint64_t value);
void machine_set_faulting(uint32_t package, uint32_t msr);
void machine_clear_overrides(void);

/* ---- The clock ------------------------------------------------------------------------------ */

/* 100 ns units since boot, sleep included: what the shared page shows. It moves only when told. */
uint64_t clock_now_100ns(void);
void clock_advance_us(uint64_t us);
/* The same without timers: the machine sleeps. What has become due fires with the next advance. */
void clock_sleep_us(uint64_t us);
/* At least there; never back. */
void clock_raise_to(uint64_t to_100ns);

/*
 * The eight bytes at `offset` of the page at 0xFFFFF780_00000000 as the kernel keeps them. False:
 * not a field the harness knows.
 */
bool clock_shared_page(uint32_t offset, uint64_t *value);

#endif
