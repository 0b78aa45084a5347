/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines that are unlike the others: a single processor, counters that belong to dies. And what
 * only some processors say: throttled times, energy filtering.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#include <string.h>

static struct energy_client client;

static bool begin(const char *machine)
{
    return load_on(machine, POLICY_USERS) && energy_open(CALLER_ADMIN, &client);
}

/* One wait for all, a DPC a package, one read a domain. */
static void read_and_count(uint32_t packages, uint32_t domains)
{
    const struct verifier_counters before = verifier_counters;
    energy_read_packages(&client);
    check(verifier_counters.waits - before.waits == 1 &&
              verifier_counters.dpcs - before.dpcs == packages &&
              verifier_counters.rdmsr - before.rdmsr == domains,
          "what a reading costs");
}

static void one_processor(void)
{
    if (!begin("single")) {
        return;
    }
    check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
    const struct rapl_capabilities *found = &client.reply.capabilities;
    check(found->socket_count == 1 && found->die_count == 1 && found->core_count == 1 &&
              found->processor_count == 1 && found->group_count == 1 && found->package_count == 1,
          "one of each");
    read_and_count(1, 3);
    for (uint32_t domain = 0; domain < 5; domain++) {
        if (domain == RAPL_WIRE_DOMAIN_PP1 || domain == RAPL_WIRE_DOMAIN_PSYS) {
            continue;
        }
        const struct rapl_snapshot_item *item = energy_item(&client, domain, 0);
        check(item != NULL && item->status == RAPL_ITEM_OK &&
                  item->raw == 0x10000000u * (domain + 1) + domain,
              "the domain's own register");
    }
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    if (legacy != NULL) {
        expect_value(legacy, 0x611, 0, 0x10000000);
        expect_value(legacy, 0x611, 255, 0x10000000); /* too large: the last one */
        lab_close(legacy);
    }
    energy_close(&client);
}

/* 0xA0E03: times in 1/1024 s. */
static void throttled_times(void)
{
    static const uint64_t wanted_us[5] = {1000000, 976, RAPL_NO_THROTTLE, 4194303999023,
                                          RAPL_NO_THROTTLE};
    if (!begin("single")) {
        return;
    }
    for (uint32_t asked = 0; asked < 2; asked++) {
        check_status("snapshot", energy_snapshot(&client, 0x1F, 1, asked), LAB_SUCCESS);
        for (uint32_t i = 0; i < client.reply.snapshot.item_count; i++) {
            struct rapl_snapshot_item item;
            memcpy(&item,
                   client.reply.bytes + client.reply.snapshot.item_offset +
                       (size_t)i * client.reply.snapshot.item_size,
                   sizeof(item));
            if (item.throttled_us != (asked != 0 ? wanted_us[item.domain] : RAPL_NO_THROTTLE)) {
                verifier_report(FINDING_VALUE, "domain %u was throttled for %llu us", item.domain,
                                (unsigned long long)item.throttled_us);
            }
        }
    }
    energy_close(&client);
}

static void filtering(void)
{
    static const struct {
        uint32_t exists, on; /* of 0x10A and 0xBC */
        bool exists_faults, on_faults;
        uint32_t flags;
    } rows[] = {
        {0xC00, 1, false, false,
         RAPL_CAP_FILTER_KNOWN | RAPL_CAP_FILTER_EXISTS | RAPL_CAP_FILTER_ON},
        {0xC00, 0, false, false, RAPL_CAP_FILTER_KNOWN | RAPL_CAP_FILTER_EXISTS},
        {0xC00, 0, false, true, RAPL_CAP_FILTER_EXISTS},
        {0x400, 1, false, false, RAPL_CAP_FILTER_KNOWN},
        {0x800, 1, false, false, RAPL_CAP_FILTER_KNOWN},
        {0, 0, true, false, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        machine_select("single");
        registry_reset();
        machine_set(0, 0x10A, rows[i].exists);
        machine_set(0, 0xBC, rows[i].on);
        if (rows[i].exists_faults) {
            machine_set_faulting(0, 0x10A);
        }
        if (rows[i].on_faults) {
            machine_set_faulting(0, 0xBC);
        }
        check_status("load", lab_load(), LAB_SUCCESS);
        if (energy_open(CALLER_ADMIN, &client)) {
            check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
            check(client.reply.capabilities.flags == rows[i].flags, "what is known of filtering");
            energy_close(&client);
        }
        lab_stop();
    }
}

static void counters_of_dies(void)
{
    if (!begin("dies")) {
        return;
    }
    check_status("capabilities", energy_capabilities(&client), LAB_SUCCESS);
    check(client.reply.capabilities.socket_count == 1 && client.reply.capabilities.die_count == 2 &&
              client.reply.capabilities.package_count == 2,
          "two packages of one socket");
    check_status("topology", energy_topology(&client), LAB_SUCCESS);
    for (uint32_t i = 0; i < 2; i++) {
        const struct rapl_topology_package *package = energy_package(&client, i);
        check(package != NULL && package->socket == 0 && package->die == i &&
                  package->scope == RAPL_UNIT_SCOPE_DIE && package->processor == i * 4,
              "the die's place");
    }
    for (uint32_t i = 0; i < 4; i++) {
        const struct rapl_topology_core *core = energy_core(&client, i);
        check(core != NULL && core->die == i / 2 && core->package_index == i / 2, "the core's die");
    }
    read_and_count(2, 4);
    struct lab_file *legacy = open_as(CALLER_ADMIN);
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t wanted = 0x10000000u + i * 0x1000000u;
        const struct rapl_snapshot_item *item = energy_item(&client, RAPL_WIRE_DOMAIN_PACKAGE, i);
        check(item != NULL && item->scope == RAPL_UNIT_SCOPE_DIE && item->raw == wanted &&
                  item->unit_index == i,
              "the die's own counter");
        if (legacy != NULL) {
            expect_value(legacy, 0x611, i * 4 + 3, wanted);
        }
    }
    if (legacy != NULL) {
        lab_close(legacy);
    }
    energy_close(&client);
}

const struct scenario scenarios_energy_machines[] = {
    {"energy-one-processor", one_processor},
    {"energy-throttled-times", throttled_times},
    {"energy-filtering", filtering},
    {"energy-counters-of-dies", counters_of_dies},
    {NULL, NULL},
};
