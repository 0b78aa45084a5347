/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the new device share: a request that has passed every check of its length and
 * version, and the reply to it.
 */
#ifndef RAPL_CORE_ENERGY_REPLY_H
#define RAPL_CORE_ENERGY_REPLY_H

#include "core/energy.h"
#include <rapl/energy.h>

struct rapl_energy_reply {
    const struct rapl_energy_device *device;
    bool coarse;
    struct rapl_get_snapshot request; /* of the other kinds only the header is filled */
    uint8_t *out;                     /* at least a header fits; may be where the request was */
    size_t out_size;
    size_t written;
};

/*
 * Puts the header of a reply of `size` bytes. False if it does not fit: then the header is all
 * there is, and the answer is RAPL_ENERGY_MORE.
 */
bool rapl_energy_begin(struct rapl_energy_reply *reply, size_t size, struct rapl_header *header);

/* Appends bytes. Whoever got true from rapl_energy_begin appends `size` bytes in all. */
void rapl_energy_put(struct rapl_energy_reply *reply, const void *bytes, size_t size);

/* The better of two states, RAPL_STATE_*. */
uint8_t rapl_energy_better_state(uint8_t a, uint8_t b);

/* Called with the lock held. */
enum rapl_energy_status rapl_energy_topology(struct rapl_energy_reply *reply);
enum rapl_energy_status rapl_energy_snapshot(struct rapl_energy_reply *reply);

#endif
