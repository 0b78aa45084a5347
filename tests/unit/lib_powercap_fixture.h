/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines as powercap trees, and what tests ask of an open source.
 */
#ifndef RAPL_TESTS_LIB_POWERCAP_FIXTURE_H
#define RAPL_TESTS_LIB_POWERCAP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/cpu.h"
#include "lib/backend/powercap.h"
#include "lib/backend/powercap_tree.h"
#include "tests/unit/powercap_memory.h"

#define INTEL_CPUINFO                                                                              \
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 142\n"                 \
    "model name\t: Intel(R) Core(TM) i7-8565U CPU @ 1.80GHz\nstepping\t: 11\nphysical id\t: 0\n"   \
    "cpu cores\t: 4\nflags\t\t: fpu vme rapl\n\n"
#define AMD_CPUINFO                                                                                \
    "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 97\n"                 \
    "model name\t: AMD Ryzen 9 7950X 16-Core Processor\nstepping\t: 2\nphysical id\t: 0\n"         \
    "cpu cores\t: 16\nflags\t\t: fpu\n\n"

struct opened {
    struct memory_tree *tree;
    struct backend_report report;
    void *state;
    int status;
    struct backend_reading readings[POWERCAP_ZONES_MAX];
};

static inline struct memory_tree *new_tree(const char *cpuinfo)
{
    struct memory_tree *tree = calloc(1, sizeof(*tree));

    assert_non_null(tree);
    tree->time_ns = 5000000000u;
    if (cpuinfo != NULL) {
        memory_put(tree, "cpuinfo", cpuinfo, strlen(cpuinfo));
    }
    return tree;
}

/* A notebook: package with cores, graphics and memory, psys, and the package's MMIO double. */
static inline struct memory_tree *client_tree(void)
{
    struct memory_tree *tree = new_tree(INTEL_CPUINFO);

    memory_set(tree, "intel-rapl", "enabled", "1");
    memory_zone(tree, "intel-rapl:1", "psys", "900", RANGE_2POW14);
    memory_zone(tree, "intel-rapl-mmio:0", "package-0", "100", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:2", "dram", "400", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0", "package-0", "100", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:0", "core", "200", RANGE_2POW14);
    memory_zone(tree, "intel-rapl:0:1", "uncore", "0", RANGE_2POW14);
    memory_constraint(tree, "intel-rapl:0", 0, "long_term", "25000000", "27983872", "15000000");
    memory_constraint(tree, "intel-rapl:0", 1, "short_term", "51000000", "2440", "0");
    memory_constraint(tree, "intel-rapl:0", 2, "peak_power", "105000000", NULL, "0");
    return tree;
}

static inline struct opened *open_flags(struct memory_tree *tree, uint32_t flags)
{
    struct opened *opened = calloc(1, sizeof(*opened));
    const struct powercap_files files = memory_files(tree);

    assert_non_null(opened);
    opened->tree = tree;
    opened->status = powercap_open_files(&files, "/t", flags, &opened->report, &opened->state);
    assert_int_equal(tree->released, opened->status == RAPL_OK ? 0 : 1);
    return opened;
}

static inline struct opened *open_tree(struct memory_tree *tree)
{
    return open_flags(tree, 0);
}

/* The domain's line: "label domain package core". */
static inline void expect_domain(struct opened *opened, uint32_t index, const char *label,
                                 uint32_t domain, uint32_t package, uint32_t core)
{
    struct backend_domain found;

    assert_true(index < backend_powercap.domain_count(opened->state));
    backend_powercap.domain(opened->state, index, &found);
    assert_string_equal(found.label, label);
    assert_int_equal(found.domain, domain);
    assert_int_equal(found.package, package);
    assert_int_equal(found.core, core);
    assert_int_equal(found.unit_numerator, 1);
    assert_int_equal(found.unit_denominator, 1000000);
}

/* Reads all domains, `after_ms` later. */
static inline const struct backend_reading *sample(struct opened *opened, uint64_t after_ms)
{
    opened->tree->time_ns += after_ms * 1000000u;
    (void)backend_powercap.read(opened->state, opened->readings);
    return opened->readings;
}

static inline void close_tree(struct opened *opened)
{
    if (opened->status == RAPL_OK) {
        backend_powercap.close(opened->state);
    }
    assert_int_equal(opened->tree->open_handles, 0);
    assert_int_equal(opened->tree->released, 1);
    free(opened->tree);
    free(opened);
}

#endif
