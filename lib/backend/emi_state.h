/* SPDX-License-Identifier: Apache-2.0
 *
 * What open meters are. Private to the emi*.c files.
 */
#ifndef RAPL_LIB_EMI_STATE_H
#define RAPL_LIB_EMI_STATE_H

#include "core/emi.h"
#include "lib/backend/emi.h"
#include "lib/backend/follow.h"

#define EMI_DEVICES_MAX 1024u
#define EMI_DOMAINS_MAX 4096u
#define EMI_LABEL_MAX   RAPL_EMI_NAME_MAX

struct emi_device {
    void *handle;
    uint32_t channel_count;
    uint32_t first; /* of its domains in emi_state.domains; they follow each other */
    uint32_t domain_count;
};

struct emi_domain {
    char label[EMI_LABEL_MAX];
    uint32_t device; /* index into emi_state.devices */
    uint32_t channel;
    uint32_t domain;  /* enum rapl_domain or RAPL_DOMAIN_METER */
    uint32_t number;  /* the package's own; RAPL_NONE: none */
    uint32_t package; /* index */
    uint32_t core;
    uint32_t unit;
    struct follow follow;
    struct follow_limit limit;
    uint64_t measured_100ns; /* as the meter last said */
    uint64_t renewed_ns;     /* when the meter last said anything new */
};

struct emi_state {
    struct emi_system system;
    bool simulated;
    uint32_t meter_count; /* devices found, whether they serve or not */
    struct emi_device *devices;
    uint32_t device_count;
    struct emi_domain *domains;
    uint32_t domain_count;
    uint32_t doubled_count; /* channels left out: each is another one's counter */
    uint32_t *order;        /* domains as they are numbered outside */
    uint32_t *packages;     /* the packages' own numbers, ascending */
    uint32_t package_count;
    struct rapl_emi_channel channels[RAPL_EMI_CHANNELS_MAX]; /* of the device being opened */
    uint8_t buffer[RAPL_EMI_METADATA_MAX];
};

/* Why a device does not serve: the first one's is told if none does. */
struct emi_trouble {
    int status; /* RAPL_ERROR_*; 0: none so far */
    uint32_t system_error;
    const char *step; /* "cannot be opened", ... */
};

int emi_error_of(uint32_t system_error);

/* emi_devices.c: opens every meter and lists its domains, each counted once. */
int emi_find(struct emi_state *state, uint32_t count, bool cores, struct emi_trouble *trouble);

/* One device's measurements into state->buffer; RAPL_ERROR_* and `*system_error` */
int emi_measure(struct emi_state *state, const struct emi_device *device, uint32_t *system_error);

#endif
