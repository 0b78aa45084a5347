/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of the energy requests (rapl/energy.h): what \\.\RaplEnergy answers, turned into domains
 * and readings. Whoever answers may be hostile: every reply passes lib/energy_reply.h, and what it
 * says must agree with what it said before.
 *
 * The driver backend talks to the driver; replay and legacy answer the same requests in this
 * process, from registers (registers.h). So all three count alike.
 *
 * Limits: domains are those of the topology at open. A machine that changes while it runs shows as
 * domains that fail. Ticks and times are the answerer's own; both are checked to go forward only,
 * and no time may lie in the future.
 */
#ifndef RAPL_LIB_ENERGY_CLIENT_H
#define RAPL_LIB_ENERGY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rapl/energy.h>

#include "lib/backend/backend.h"

/* How requests reach whoever answers them. */
struct energy_channel {
    void *context;

    /*
     * 0, or a Windows error code. `*written` is what was put at `out`: on 0 and on ERROR_MORE_DATA
     * at most out_size, else it is not looked at.
     */
    uint32_t (*call)(void *context, uint32_t control_code, const void *in, size_t in_size,
                     void *out, size_t out_size, size_t *written);

    /* The clock that the answers' performance counter values belong to. */
    uint64_t (*now_ns)(void *context);
};

struct energy_domain;

/* The state of a backend over this begins with it. */
struct energy_client {
    struct energy_channel channel;
    struct rapl_capabilities capabilities;
    uint32_t package_count;
    struct rapl_topology_package *packages;
    uint32_t domain_count;
    struct energy_domain *domains;
    uint32_t *package_slots; /* by package and domain: number of the domain + 1, or 0 */
    uint32_t core_slot_count;
    uint32_t *core_slots;            /* by core of the topology, likewise */
    bool cores;                      /* are asked for */
    bool answered;                   /* some request was */
    struct backend_reading *scratch; /* one a domain */
    void *buffer;                    /* for snapshots */
    size_t buffer_size;
    uint32_t system_error; /* of the last failure; 0: it was an answer that cannot be */
};

/*
 * Asks what there is, and reads it once: energy counts from here. `flags`: RAPL_OPEN_*. RAPL_OK, or
 * an error with `system_error` set and nothing held.
 */
int energy_client_open(struct energy_client *client, const struct energy_channel *channel,
                       uint32_t flags);
void energy_client_close(struct energy_client *client);

/* What every backend over this says of itself: flags, resolution; not its texts. */
void energy_client_report(const struct energy_client *client, struct backend_report *report);

/* Functions of struct backend; `state` begins with a client. */
uint32_t energy_client_domain_count(void *state);
void energy_client_domain(void *state, uint32_t index, struct backend_domain *out);
int energy_client_read(void *state, struct backend_reading *readings);
int energy_client_peek(void *state, uint32_t index, struct backend_reading *reading);
int energy_client_machine(void *state, struct rapl_machine_info *out);
int energy_client_package(void *state, uint32_t index, struct rapl_package_info *out);

/* ---- For energy_client_*.c only ------------------------------------------------------------- */

struct energy_domain {
    uint8_t domain; /* enum rapl_domain */
    bool denied;    /* a core, for a coarse caller */
    bool based;     /* the base is set */
    uint32_t package;
    uint32_t core; /* within the package, or RAPL_NONE */
    struct rapl_wire_fraction unit_j;
    uint64_t base_ticks; /* at open, as are the next two */
    uint32_t base_resets;
    uint32_t base_gaps;
    uint64_t last_ticks; /* of the last good item, as is the next */
    uint64_t last_ns;
    bool seen; /* the snapshot being taken had an item for it */
};

/* One request; grows `*buffer`, which free() gives back. RAPL_OK and the reply's size, or error. */
int energy_client_request(struct energy_client *client, uint32_t control_code, const void *request,
                          size_t request_size, void **buffer, size_t *buffer_size, size_t *size);

/* enum rapl_reply_result as an error. */
int energy_client_reply_error(uint32_t result);

/* Topology to domains; energy_client_domains.c. */
int energy_client_list(struct energy_client *client, const void *bytes,
                       const struct rapl_topology *topology, uint32_t flags);

#endif
