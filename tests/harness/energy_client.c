/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of \\.\RaplEnergy.
 */
#include "tests/harness/energy_client.h"
#include "tests/harness/verifier.h"

#include <string.h>

const uint32_t energy_msr[5] = {0x611, 0x639, 0x641, 0x619, 0x64D};

bool energy_open(enum caller token, struct energy_client *client)
{
    const struct lab_open how = {.token = token, .access = LAB_GENERIC_READ, .energy = true};
    const uint32_t status = lab_open(&how, &client->file);
    if (status != LAB_SUCCESS) {
        client->file = NULL;
        verifier_report(FINDING_OPENED, "energy device, open by %s: 0x%08X", token_name(token),
                        status);
    }
    return status == LAB_SUCCESS;
}

void energy_close(struct energy_client *client)
{
    if (client->file != NULL) {
        lab_close(client->file);
        client->file = NULL;
    }
}

uint32_t energy_send(struct energy_client *client, uint32_t code, const void *in, uint32_t in_size,
                     uint32_t out_size)
{
    const struct lab_control control = {.code = code,
                                        .in = in,
                                        .in_size = in_size,
                                        .out = client->reply.bytes,
                                        .out_size = out_size};
    struct lab_answer answer;
    lab_control(client->file, &control, &answer);
    client->status = answer.status;
    client->returned = answer.returned;
    return answer.status;
}

static uint32_t send_whole(struct energy_client *client, uint32_t code,
                           const struct rapl_header *request)
{
    const uint32_t status = energy_send(client, code, request, request->size, ENERGY_REPLY_MAX);
    if (status == LAB_SUCCESS &&
        (client->reply.header.size != client->returned || client->reply.header.version != 1 ||
         client->reply.header.kind != (request->kind | 0x8000u))) {
        verifier_report(FINDING_VALUE, "reply of %u bytes: size %u, version %u, kind 0x%X",
                        client->returned, client->reply.header.size, client->reply.header.version,
                        client->reply.header.kind);
    }
    return status;
}

uint32_t energy_capabilities(struct energy_client *client)
{
    const struct rapl_get_capabilities request = {.header = {sizeof(request), 1, 1}};
    return send_whole(client, RAPL_IOCTL_GET_CAPABILITIES, &request.header);
}

uint32_t energy_topology(struct energy_client *client)
{
    const struct rapl_get_topology request = {.header = {sizeof(request), 1, 2}};
    return send_whole(client, RAPL_IOCTL_GET_TOPOLOGY, &request.header);
}

uint32_t energy_snapshot(struct energy_client *client, uint32_t domains, uint32_t scopes,
                         uint32_t options)
{
    const struct rapl_get_snapshot request = {.header = {sizeof(request), 1, 3},
                                              .domain_mask = domains,
                                              .scope_mask = scopes,
                                              .options = options};
    return send_whole(client, RAPL_IOCTL_GET_SNAPSHOT, &request.header);
}

bool energy_read_packages(struct energy_client *client)
{
    const uint32_t status =
        energy_snapshot(client, ENERGY_ALL_PACKAGE_DOMAINS, RAPL_SCOPE_PACKAGES, 0);
    if (status != LAB_SUCCESS) {
        verifier_report(FINDING_STATUS, "snapshot: 0x%08X", status);
    }
    return status == LAB_SUCCESS;
}

static const void *entry(const struct energy_client *client, const char *what, uint32_t index,
                         uint32_t count, uint32_t offset, uint32_t size)
{
    const uint64_t end = offset + (uint64_t)size * (index + 1ull);
    if (client->status != LAB_SUCCESS || index >= count || end > client->returned) {
        verifier_report(FINDING_VALUE, "the reply (0x%08X, %u bytes) has no %s %u", client->status,
                        client->returned, what, index);
        return NULL;
    }
    return client->reply.bytes + offset + (size_t)size * index;
}

const struct rapl_topology_package *energy_package(const struct energy_client *client,
                                                   uint32_t index)
{
    const struct rapl_topology *found = &client->reply.topology;
    return entry(client, "package", index, found->package_count, found->package_offset,
                 found->package_size);
}

const struct rapl_topology_core *energy_core(const struct energy_client *client, uint32_t index)
{
    const struct rapl_topology *found = &client->reply.topology;
    return entry(client, "core", index, found->core_count, found->core_offset, found->core_size);
}

const struct rapl_snapshot_item *energy_item(const struct energy_client *client, uint32_t domain,
                                             uint32_t index)
{
    const struct rapl_snapshot *found = &client->reply.snapshot;
    for (uint32_t i = 0; client->status == LAB_SUCCESS && i < found->item_count; i++) {
        const struct rapl_snapshot_item *item =
            entry(client, "item", i, found->item_count, found->item_offset, found->item_size);
        if (item != NULL && item->domain == domain && item->index == index) {
            return item;
        }
    }
    verifier_report(FINDING_VALUE, "the snapshot (0x%08X) has no domain %u of %u", client->status,
                    domain, index);
    return NULL;
}

void expect_energy(const struct energy_client *client, uint32_t domain, uint32_t index,
                   uint64_t ticks, uint32_t flags)
{
    const struct rapl_snapshot_item *item = energy_item(client, domain, index);
    if (item != NULL && (item->energy_ticks != ticks || item->flags != flags)) {
        verifier_report(FINDING_VALUE,
                        "domain %u of %u: %llu ticks, flags 0x%X, %u resets, %u gaps; expected "
                        "%llu, 0x%X",
                        domain, index, (unsigned long long)item->energy_ticks, item->flags,
                        item->reset_count, item->gap_count, (unsigned long long)ticks, flags);
    }
}
