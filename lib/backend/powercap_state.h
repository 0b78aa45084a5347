/* SPDX-License-Identifier: Apache-2.0
 *
 * What an open powercap source holds. Private to the powercap_*.c files.
 */
#ifndef RAPL_LIB_POWERCAP_STATE_H
#define RAPL_LIB_POWERCAP_STATE_H

#include "lib/backend/backend.h"
#include "lib/backend/cpuinfo.h"
#include "lib/backend/follow.h"
#include "lib/backend/powercap_tree.h"

struct powercap_counter {
    int handle; /* of energy_uj; negative: the errno it could not be opened with */
    struct follow follow;
    struct follow_limit limit;
};

struct powercap_state {
    struct powercap_files files;
    struct cpuinfo cpu; /* zeroed: not known */
    struct powercap_tree tree;
    struct powercap_counter counters[POWERCAP_ZONES_MAX];
};

/* RAPL_ERROR_* of a negative errno that a zone's file answered with. */
int powercap_error_of(int error);

/* powercap_machine.c: backend.machine and backend.package, and the machine's /proc/cpuinfo */
void powercap_load_cpu(struct powercap_state *state);
int powercap_machine(void *context, struct rapl_machine_info *out);
int powercap_package(void *context, uint32_t index, struct rapl_package_info *out);

/* powercap_explain.c: reason and remedy, for one who wants energy and has no zone */
int powercap_explain_root(const char *root, int error, bool guest, struct backend_report *report);
int powercap_explain_zones(const char *root, const struct powercap_problem *problem, bool guest,
                           struct backend_report *report);
int powercap_explain_reading(const char *root, const struct powercap_zone *zone, int error,
                             uint32_t system_error, struct backend_report *report);

#endif
