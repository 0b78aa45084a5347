/* SPDX-License-Identifier: Apache-2.0
 *
 * What one request to the energy device costs and brings, counted: machines of 2 and 8 packages
 * with five domains, and 256 processors with an energy counter in every core.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/pool.h"
#include "tests/harness/scenario.h"

#include <stdio.h>

static struct energy_client client;

static void expect_cost(const char *what, const struct verifier_counters *before,
                        const struct verifier_counters *expected)
{
    const struct verifier_counters *now = &verifier_counters;
    const uint64_t requests = now->requests - before->requests, waits = now->waits - before->waits,
                   dpcs = now->dpcs - before->dpcs, rdmsr = now->rdmsr - before->rdmsr,
                   moves = now->moves - before->moves;
    printf("  %s: %llu requests, %llu waits, %llu DPCs, %llu moves of a thread, %llu rdmsr\n", what,
           (unsigned long long)requests, (unsigned long long)waits, (unsigned long long)dpcs,
           (unsigned long long)moves, (unsigned long long)rdmsr);
    if (requests != expected->requests || waits != expected->waits || dpcs != expected->dpcs ||
        rdmsr != expected->rdmsr || moves != expected->moves) {
        verifier_report(FINDING_CHECK, "%s does not cost that", what);
    }
}

/* machines/intel-NxM.rec: what register of domain d of package p holds. */
static uint64_t value_of(uint32_t package, uint32_t domain)
{
    return 0x10000000ull * (domain + 1) + 0x100ull * package + domain;
}

static void expect_values(uint32_t packages)
{
    check(client.reply.snapshot.item_count == packages * 5, "an item for each domain");
    for (uint32_t i = 0; i < packages * 5; i++) {
        const struct rapl_snapshot_item *item = energy_item(&client, i % 5, i / 5);
        if (item != NULL &&
            (item->raw != value_of(i / 5, i % 5) || item->status != 0 || item->flags != 0 ||
             item->energy_ticks != 0 || item->scope != 1 || item->unit_index != i / 5)) {
            verifier_report(FINDING_VALUE, "domain %u of package %u: raw 0x%llX status %u", i % 5,
                            i / 5, (unsigned long long)item->raw, item->status);
        }
    }
}

static void through_legacy(uint32_t packages, uint32_t processors_a_package)
{
    struct lab_file *file = open_as(CALLER_ADMIN);
    const struct verifier_counters before = verifier_counters;
    const struct verifier_counters expected = {
        .requests = packages * 5ull, .moves = packages * 5ull, .rdmsr = packages * 5ull};
    for (uint32_t i = 0; file != NULL && i < packages * 5; i++) {
        expect_value(file, energy_msr[i % 5], i / 5 * processors_a_package, value_of(i / 5, i % 5));
    }
    expect_cost("legacy requests", &before, &expected);
    if (file != NULL) {
        lab_close(file);
    }
}

static void expect_topology(uint32_t packages)
{
    check_status("topology", energy_topology(&client), LAB_SUCCESS);
    check(client.reply.topology.package_count == packages, "packages");
    check(client.reply.topology.core_count == packages * 4, "cores");
    for (uint32_t i = 0; i < packages; i++) {
        const struct rapl_topology_package *package = energy_package(&client, i);
        const uint32_t first = i * 8; /* machines/intel-8x5.rec: groups of 24 and 40 */
        const uint32_t group = packages == 8 && first >= 24 ? 1 : 0;
        if (package == NULL) {
            return;
        }
        check(package->index == i && package->socket == i && package->processor == first &&
                  package->group == group && package->number == first - group * 24 &&
                  package->scope == 1 && package->domains == 0x1F,
              "where the package is read");
        /* 0xA0E03: 2^-14 J; 2^32 of them are 262144 J. 0x2A8: 85 W in units of 1/8 W. */
        for (uint32_t d = 0; d < 5; d++) {
            check(package->unit_j[d].numerator == 1 && package->unit_j[d].denominator == 16384 &&
                      package->counter_range_j[d] == 262144 && package->domain_state[d] == 0,
                  "unit, range and state of the domain");
        }
        check(package->package.tdp_mw == 85000, "TDP");
        check(package->wrap_s[0] == 3084, "wrap time at TDP");
        check((package->limit[0].flags & RAPL_LIMIT_PRESENT) != 0 &&
                  package->limit[0].limit_mw != 0,
              "a power limit");
    }
}

static void everything_once(const char *machine, uint32_t packages)
{
    if (!load_on(machine, POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    struct verifier_counters before = verifier_counters;
    const struct verifier_counters nothing = {.requests = 1};
    check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
    const struct rapl_capabilities *found = &client.reply.capabilities;
    check(found->socket_count == packages && found->package_count == packages &&
              found->core_count == packages * 4 && found->processor_count == packages * 8 &&
              found->group_count == (packages == 8 ? 2u : 1u),
          "the machine's size");
    check(found->vendor == 1 && found->family == 6 && found->model == 0x9E &&
              found->stepping == 10 && found->flags == 0 && found->access_policy == 1 &&
              found->coarse_ms == 50 && found->linger_minutes == 10,
          "the machine's identity and the settings");
    for (uint32_t i = 0; i < 8; i++) {
        check(found->domain_state[i] == (i < 5 ? RAPL_STATE_PRESENT : RAPL_STATE_NO_MODEL),
              "state of the domain");
    }
    expect_cost("capabilities", &before, &nothing);
    before = verifier_counters;
    expect_topology(packages);
    expect_cost("topology", &before, &nothing);
    before = verifier_counters;
    check(energy_read_packages(&client), "snapshot");
    const struct verifier_counters snapshot = {
        .requests = 1, .waits = 1, .dpcs = packages, .rdmsr = packages * 5ull};
    expect_cost("snapshot", &before, &snapshot);
    expect_values(packages);
    through_legacy(packages, 8);
    energy_close(&client);
}

static void two_by_five(void)
{
    everything_once("intel-2x5", 2);
}

static void eight_by_five(void)
{
    everything_once("intel-8x5", 8);
}

/* machines/amd-256.rec: 4 packages of 32 cores, a value of its own in each. */
static void cores_of_256(void)
{
    if (!load_on("amd-256", POLICY_ADMINS)) {
        return;
    }
    const size_t bytes = pool_in_use();
    printf("  pool in use at 256 processors: %zu bytes\n", bytes);
    check(bytes <= 65536, "at most 64 KiB of pool");
    if (!energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    const struct verifier_counters before = verifier_counters;
    const struct verifier_counters expected = {
        .requests = 1, .waits = 1, .dpcs = 4 + 128, .rdmsr = 4 + 128};
    check_status("snapshot with cores", energy_snapshot(&client, 0x3F, 3, 0), LAB_SUCCESS);
    expect_cost("snapshot of 4 packages and 128 cores", &before, &expected);
    check(client.reply.snapshot.item_count == 132, "an item a package and a core");
    for (uint32_t i = 0; i < 128; i++) {
        const struct rapl_snapshot_item *item = energy_item(&client, 5, i);
        const uint64_t mine = 0x40A00000u + i / 32 * 0x1000u + i % 32;
        if (item == NULL || item->raw != mine || item->unit_index != i / 32 || item->scope != 3) {
            verifier_report(FINDING_WRONG_CPU, "core %u: raw 0x%llX", i,
                            item != NULL ? (unsigned long long)item->raw : 0);
        }
    }
    for (uint32_t i = 0; i < 4; i++) {
        const struct rapl_snapshot_item *item = energy_item(&client, 0, i);
        check(item != NULL && item->raw == 0x40B00000u + i * 0x100, "each package its own");
    }
    check_status("topology", energy_topology(&client), LAB_SUCCESS);
    for (uint32_t i = 0; i < 128; i++) {
        const struct rapl_topology_core *core = energy_core(&client, i);
        check(core != NULL && core->processor == i * 2 && core->group == i / 32 &&
                  core->number == i % 32 * 2 && core->package_index == i / 32 && core->state == 0,
              "where the core is read");
    }
    energy_close(&client);
}

/*
 * machines/amd-256-cores.rec: 4 packages of 64 cores with one thread, so that every processor has a
 * counter of its own. More jobs than the driver has DPCs, still one wait.
 */
static void pool_of_256_cores(void)
{
    pool_peak_reset();
    if (!load_on("amd-256-cores", POLICY_ADMINS)) {
        return;
    }
    for (uint32_t round = 0; energy_open(CALLER_ADMIN, &client) && round < 3; round++) {
        const struct verifier_counters before = verifier_counters;
        const struct verifier_counters expected = {
            .requests = 1, .waits = 1, .dpcs = 4 + 256, .rdmsr = 4 + 256};
        check_status("snapshot with cores", energy_snapshot(&client, 0x3F, 3, 0), LAB_SUCCESS);
        expect_cost("snapshot of 4 packages and 256 cores", &before, &expected);
        check(client.reply.snapshot.item_count == 260, "an item a package and a core");
        for (uint32_t i = 0; i < 256; i++) {
            const struct rapl_snapshot_item *item = energy_item(&client, 5, i);
            const uint64_t mine = 0x40A00000u + i / 64 * 0x1000u + i % 64;
            if (item == NULL || item->raw != mine || item->unit_index != i / 64) {
                verifier_report(FINDING_WRONG_CPU, "core %u: raw 0x%llX", i,
                                item != NULL ? (unsigned long long)item->raw : 0);
            }
        }
        check_status("topology", energy_topology(&client), LAB_SUCCESS);
        energy_close(&client);
    }
    energy_close(&client);
    printf("  most pool ever in use with 256 cores: %zu bytes\n", pool_peak());
    check(pool_peak() <= 65536, "at most 64 KiB of pool");
}

const struct scenario scenarios_energy_cost[] = {
    {"energy-cost-2-by-5", two_by_five},
    {"energy-cost-8-by-5", eight_by_five},
    {"energy-cores-of-256", cores_of_256},
    {"energy-pool-of-256-cores", pool_of_256_cores},
    {NULL, NULL},
};
