/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device's problem code means and what to do about it. The table is pure C.
 */
#ifndef RAPL_LOADER_DEVICE_PROBLEM_H
#define RAPL_LOADER_DEVICE_PROBLEM_H

#include <stdint.h>

struct device_problem {
    uint32_t code; /* CM_PROB_*, "Code" in Device Manager */
    const char *meaning;
    const char *action;
};

#define DEVICE_PROBLEM_DISABLED 22u

/* NULL for 0 and for a code that this device cannot well have. */
const struct device_problem *device_problem_find(uint32_t code);

/* Row `index` of the table, NULL past the end: for the tests. */
const struct device_problem *device_problem_row(uint32_t index);

#endif
