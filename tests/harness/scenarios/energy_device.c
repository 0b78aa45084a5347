/* SPDX-License-Identifier: Apache-2.0
 *
 * The energy device itself: its name, its descriptor, clients older and newer than it, and
 * processors that are numbered as they come.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/scenario.h"

#include <string.h>

static struct energy_client client;

/* ---- Its name ------------------------------------------------------------------------------- */

/* Somebody owns \Device\RaplEnergy: nothing of ours stays, the legacy device included. */
static void name_is_taken(void)
{
    bool reaches;
    for (uint32_t with_link = 0; with_link < 2; with_link++) {
        machine_select("intel-2x5");
        lab_foreign_energy_device(with_link != 0);
        check_status("load", lab_load(), LAB_OBJECT_NAME_COLLISION);
        check(lab_state() == LAB_STOPPED && lab_device_count() == 0, "no device of ours");
        check(!lab_link_exists(&reaches), "no legacy link");
        check(lab_energy_link_exists(&reaches) == (with_link != 0), "the other's link as it was");
        lab_reset();
    }
    if (load_on("intel-2x5", POLICY_USERS)) {
        check(lab_device_count() == 2, "both devices, once nobody has the name");
    }
}

static void stale_link(void)
{
    bool reaches = false;
    lab_stale_energy_link();
    if (load_on("intel-2x5", POLICY_USERS)) {
        check(lab_energy_link_exists(&reaches) && reaches, "the link leads to the device");
        check(energy_open(CALLER_ADMIN, &client) && energy_read_packages(&client), "it answers");
        energy_close(&client);
        lab_stop();
        check(!lab_energy_link_exists(&reaches), "the link is gone after the stop");
    }
}

/* ---- Its descriptor ------------------------------------------------------------------------- */

/* SE_SELF_RELATIVE, SE_DACL_PROTECTED, SE_DACL_PRESENT; the DACL follows at 20. */
#define HEADER(acl_size_, count_)                                                                  \
    1, 0, 0x04, 0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, (acl_size_), 0,       \
        (count_), 0, 0, 0
#define ALL           0xFF, 0x01, 0x1F, 0x00 /* FILE_ALL_ACCESS */
#define READ_WRITE    0x9F, 0x01, 0x12, 0x00 /* FILE_GENERIC_READ and FILE_GENERIC_WRITE */
#define ACE_1(size_)  0, 0, (size_), 0
#define SYSTEM        1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0
#define EVERYONE      1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0
#define BUILTIN(rid_) 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, (rid_) & 0xFF, (rid_) >> 8, 0, 0

static const uint8_t admins[] = {HEADER(52, 2), ACE_1(20), ALL,         SYSTEM,
                                 ACE_1(24),     ALL,       BUILTIN(544)};
static const uint8_t users[] = {HEADER(76, 3), ACE_1(20),    ALL,       SYSTEM,     ACE_1(24),
                                ALL,           BUILTIN(544), ACE_1(24), READ_WRITE, BUILTIN(545)};
static const uint8_t unrestricted[] = {HEADER(72, 3), ACE_1(20), ALL,          SYSTEM,
                                       ACE_1(24),     ALL,       BUILTIN(544), ACE_1(20),
                                       READ_WRITE,    EVERYONE};

static void descriptor(void)
{
    static const struct {
        uint32_t policy;
        const uint8_t *bytes;
        size_t size;
    } rows[] = {{POLICY_ADMINS, admins, sizeof(admins)},
                {POLICY_USERS, users, sizeof(users)},
                {POLICY_UNRESTRICTED, unrestricted, sizeof(unrestricted)},
                {POLICY_NONE, admins, sizeof(admins)},
                {3, admins, sizeof(admins)}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t size = 0;
        if (!load_on("intel-2x5", rows[i].policy)) {
            return;
        }
        const uint8_t *found = lab_energy_descriptor(&size);
        if (found == NULL || size != rows[i].size || memcmp(found, rows[i].bytes, size) != 0) {
            verifier_report(FINDING_NO_DESCRIPTOR, "policy %u: not the descriptor, %zu bytes",
                            rows[i].policy, size);
        }
        lab_stop();
    }
}

/* ---- Older and newer clients ---------------------------------------------------------------- */

static const struct {
    uint32_t code;
    uint32_t size;
    uint32_t word[4]; /* after `size` */
} messages[] = {{RAPL_IOCTL_GET_CAPABILITIES, 16, {1 | 1u << 16}},
                {RAPL_IOCTL_GET_TOPOLOGY, 16, {1 | 2u << 16}},
                {RAPL_IOCTL_GET_SNAPSHOT, 24, {1 | 3u << 16, 0x1F, 1}}};

/* A newer client's request is longer: fine while what it adds is 0. */
static void newer_clients(void)
{
    if (!load_on("intel-2x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t word[65] = {0};
        memcpy(word + 1, messages[i].word, sizeof(messages[i].word));
        for (uint32_t size = messages[i].size - 1; size <= 257; size++) {
            const bool right = size >= messages[i].size && size <= 256;
            word[0] = size;
            energy_send(&client, messages[i].code, word, size, 4096);
            check_status("longer", client.status, right ? LAB_SUCCESS : LAB_INVALID_PARAMETER);
            if (!right || size == messages[i].size) {
                continue;
            }
            ((uint8_t *)word)[size - 1] = 1;
            energy_send(&client, messages[i].code, word, size, 4096);
            check_status("wants more", client.status, LAB_INVALID_PARAMETER);
            ((uint8_t *)word)[size - 1] = 0;
        }
        word[0] = messages[i].size;
        for (uint32_t version = 0; version < 4; version++) {
            word[1] = (messages[i].word[0] & 0xFFFF0000) | version;
            energy_send(&client, messages[i].code, word, messages[i].size, 4096);
            check_status("a version", client.status,
                         version == 1 ? LAB_SUCCESS : LAB_REVISION_MISMATCH);
        }
    }
    energy_close(&client);
}

/*
 * An older client's room is for a shorter reply: it is told the size, and gets all or nothing. With
 * room enough it steps by the sizes the reply states, which lead exactly to its end.
 */
static void older_clients(void)
{
    if (!load_on("intel-2x5", POLICY_USERS) || !energy_open(CALLER_ADMIN, &client)) {
        return;
    }
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t word[6] = {messages[i].size};
        memcpy(word + 1, messages[i].word, sizeof(messages[i].word));
        energy_send(&client, messages[i].code, word, messages[i].size, ENERGY_REPLY_MAX);
        const uint32_t whole = client.returned;
        check(client.status == LAB_SUCCESS && client.reply.header.size == whole, "whole");
        for (uint32_t room = 0; room < whole; room++) {
            energy_send(&client, messages[i].code, word, messages[i].size, room);
            check_status("too little room", client.status,
                         room < 8 ? LAB_BUFFER_TOO_SMALL : LAB_BUFFER_OVERFLOW);
            check(room < 8 || (client.returned == 8 && client.reply.header.size == whole),
                  "the size that is needed");
        }
    }
    energy_read_packages(&client);
    const struct rapl_snapshot *snapshot = &client.reply.snapshot;
    check(snapshot->item_offset + snapshot->item_count * snapshot->item_size == client.returned,
          "items lead to the end");
    energy_topology(&client);
    const struct rapl_topology *topology = &client.reply.topology;
    check(topology->package_offset + topology->package_count * topology->package_size <=
                  topology->core_offset &&
              topology->core_offset + topology->core_count * topology->core_size == client.returned,
          "packages and cores lead to the end");
    energy_close(&client);
}

/* ---- Processors as they come ---------------------------------------------------------------- */

static void expect_place(uint32_t processor, uint32_t group, uint32_t number)
{
    uint16_t found_group = 0;
    uint8_t found_number = 0;
    check(machine_number(processor, &found_group, &found_number) && found_group == group &&
              found_number == number,
          "group and number of the processor");
}

/* Each package and core once, read on a processor of its own; values are the register's there. */
static void expect_whole_machine(uint32_t packages, uint32_t cores, bool metered_cores)
{
    static struct energy_client snapshot;
    uint32_t seen[2] = {0};
    uint64_t raw = 0;
    snapshot.file = client.file;
    check_status("topology", energy_topology(&client), LAB_SUCCESS);
    check_status("snapshot", energy_snapshot(&snapshot, 0x3F, 3, 0), LAB_SUCCESS);
    check(client.reply.topology.package_count == packages, "packages");
    check(client.reply.topology.core_count == cores, "cores");
    for (uint32_t i = 0; i < packages; i++) {
        const struct rapl_topology_package *package = energy_package(&client, i);
        const struct rapl_snapshot_item *item = energy_item(&snapshot, 0, i);
        if (package == NULL || item == NULL) {
            return;
        }
        expect_place(package->processor, package->group, package->number);
        check(machine_rdmsr(package->processor, metered_cores ? 0xC001029B : 0x611, &raw) &&
                  raw == item->raw,
              "the package's own value");
    }
    for (uint32_t i = 0; i < cores; i++) {
        const struct rapl_topology_core *core = energy_core(&client, i);
        if (core == NULL) {
            return;
        }
        const uint32_t package = machine_package(core->processor) & 1;
        const uint32_t bit = 1u << machine_core(core->processor);
        expect_place(core->processor, core->group, core->number);
        check((seen[package] & bit) == 0, "each core once");
        seen[package] |= bit;
        const struct rapl_topology_package *its = energy_package(&client, core->package_index);
        check(its != NULL && machine_package(its->processor) == machine_package(core->processor),
              "the core's package");
        if (metered_cores) {
            const struct rapl_snapshot_item *item = energy_item(&snapshot, 5, i);
            check(item != NULL && machine_rdmsr(core->processor, 0xC001029A, &raw) &&
                      raw == item->raw,
                  "the core's own value");
        }
    }
    check((uint32_t)(__builtin_popcount(seen[0]) + __builtin_popcount(seen[1])) == cores,
          "no core is missing");
}

static void scattered(void)
{
    if (load_on("scattered", POLICY_USERS) && energy_open(CALLER_ADMIN, &client)) {
        expect_whole_machine(2, 9, true);
    }
    energy_close(&client);
}

static void hybrid(void)
{
    if (load_on("vbs-client", POLICY_USERS) && energy_open(CALLER_ADMIN, &client)) {
        expect_whole_machine(1, 14, false);
    }
    energy_close(&client);
}

const struct scenario scenarios_energy_device[] = {
    {"energy-name-is-taken", name_is_taken}, {"energy-stale-link", stale_link},
    {"energy-descriptor", descriptor},       {"energy-newer-clients", newer_clients},
    {"energy-older-clients", older_clients}, {"energy-scattered-processors", scattered},
    {"energy-hybrid-processors", hybrid},    {NULL, NULL},
};
