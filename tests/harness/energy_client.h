/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of \\.\RaplEnergy.
 */
#ifndef HARNESS_ENERGY_CLIENT_H
#define HARNESS_ENERGY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/harness/lab.h"
#include <rapl/energy.h>

#define ENERGY_REPLY_MAX 32768u

#define ENERGY_ALL_PACKAGE_DOMAINS 0x1Fu
#define ENERGY_CORE_DOMAIN         0x20u

struct energy_client {
    struct lab_file *file;
    uint32_t status; /* of the last request */
    uint32_t returned;
    union {
        uint8_t bytes[ENERGY_REPLY_MAX];
        struct rapl_header header;
        struct rapl_capabilities capabilities;
        struct rapl_topology topology;
        struct rapl_snapshot snapshot;
    } reply;
};

/* False, and reported, if it cannot be opened. GENERIC_READ only. */
bool energy_open(enum caller token, struct energy_client *client);
void energy_close(struct energy_client *client);

/* Any bytes; the status. `out_size` at most ENERGY_REPLY_MAX. */
uint32_t energy_send(struct energy_client *client, uint32_t code, const void *in, uint32_t in_size,
                     uint32_t out_size);

/* Well-formed requests with room for the reply; the status. */
uint32_t energy_capabilities(struct energy_client *client);
uint32_t energy_topology(struct energy_client *client);
uint32_t energy_snapshot(struct energy_client *client, uint32_t domains, uint32_t scopes,
                         uint32_t options);

/* All package domains; anything but success is reported. */
bool energy_read_packages(struct energy_client *client);

/* Entries of the last reply; NULL, and reported, if there is no such one. */
const struct rapl_topology_package *energy_package(const struct energy_client *client,
                                                   uint32_t index);
const struct rapl_topology_core *energy_core(const struct energy_client *client, uint32_t index);
const struct rapl_snapshot_item *energy_item(const struct energy_client *client, uint32_t domain,
                                             uint32_t index);

/* The register of a package domain on Intel, by RAPL_WIRE_DOMAIN_*. */
extern const uint32_t energy_msr[5];

/* Reports an item that is not so many ticks with these flags. */
void expect_energy(const struct energy_client *client, uint32_t domain, uint32_t index,
                   uint64_t ticks, uint32_t flags);

#endif
