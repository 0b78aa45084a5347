/* SPDX-License-Identifier: Apache-2.0
 *
 * What scenarios have in common: selecting a machine and a policy, and reading registers the way
 * the programs in use do.
 */
#ifndef HARNESS_CLIENTS_H
#define HARNESS_CLIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/harness/lab.h"

/* AccessPolicy values, as a service's Parameters key holds them. */
#define POLICY_ADMINS       0u
#define POLICY_USERS        1u
#define POLICY_UNRESTRICTED 2u
#define POLICY_NONE         0xFFFFFFFFu /* no value in the key */

/* The control code most programs send: function 0x611, read and write access. */
#define CODE_USUAL 0x22D844u

/* Green Metrics Tool's: any access, so that a handle for reading alone gets through. */
#define CODE_ANY_ACCESS 0x222000u

/* Selects the machine, writes the policy, loads. False, and reported, if the load fails. */
bool load_on(const char *machine, uint32_t policy);

/* Opens with read and write; NULL, and reported, if that fails. */
struct lab_file *open_as(enum caller token);

/* The control code of every read from now on; load_on sets CODE_USUAL. */
void use_code(uint32_t code);

/* One register, 8 bytes of output. The status; `*value` is set on success only. */
uint32_t read_register(struct lab_file *file, uint32_t msr, uint32_t cpu, uint64_t *value);

/* Reads and reports anything but success with that value. */
void expect_value(struct lab_file *file, uint32_t msr, uint32_t cpu, uint64_t value);

/* Reads and reports any other status. */
void expect_status(struct lab_file *file, uint32_t msr, uint32_t cpu, uint32_t status);

/* Reports FINDING_STATUS when they differ. */
void check_status(const char *what, uint32_t status, uint32_t expected);

/* Reports FINDING_CHECK when it does not hold. */
void check(bool holds, const char *what);

#endif
