/* SPDX-License-Identifier: Apache-2.0
 *
 * What an energy meter says of itself, checked before anything in it is believed: any driver may
 * answer behind the interface.
 *
 * Source of the names: Windows 11's processor drivers as seen in the field (systeminformer issues
 * 1558 and 2599, codecarbon pull request 1263): RAPL_Package<N>_PKG, _PP0, _PP1, _DRAM, and on AMD
 * one device a physical core with RAPL_Package<N>_Core<K>_CORE.
 */
#ifndef RAPL_CORE_EMI_H
#define RAPL_CORE_EMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rapl/emi_wire.h>

#define RAPL_EMI_CHANNELS_MAX 256u /* of one device; the most seen is 4 */
#define RAPL_EMI_NAME_MAX     64u  /* characters kept of a name, NUL included */
#define RAPL_EMI_METADATA_MAX (68u + RAPL_EMI_CHANNELS_MAX * 262u)
#define RAPL_EMI_NO_NUMBER    UINT32_MAX

enum rapl_emi_result {
    RAPL_EMI_OK,
    RAPL_EMI_SHORT,   /* less than it says it has */
    RAPL_EMI_VERSION, /* neither 1 nor 2 */
    RAPL_EMI_COUNT,   /* no channel, or more than RAPL_EMI_CHANNELS_MAX */
    RAPL_EMI_NAME,    /* a name of no or half a character */
};

struct rapl_emi_channel {
    uint32_t unit;                /* RAPL_EMI_UNIT_PWH, or one nobody knows */
    char name[RAPL_EMI_NAME_MAX]; /* characters outside printable ASCII are '?' */
};

struct rapl_emi_device {
    uint16_t version;
    uint16_t revision;
    uint32_t channel_count;
    char oem[RAPL_EMI_NAME_CHARS + 1];
    char model[RAPL_EMI_NAME_CHARS + 1];
};

/*
 * The answer to GET_METADATA of a device of that version. `bytes` need not be aligned; what comes
 * after the last channel is ignored. `channels` has room for RAPL_EMI_CHANNELS_MAX. On failure both
 * outputs are untouched.
 */
enum rapl_emi_result rapl_emi_metadata(uint16_t version, const void *bytes, size_t size,
                                       struct rapl_emi_device *device,
                                       struct rapl_emi_channel *channels);

/* Measurement `i` of the answer to GET_MEASUREMENT; false if it is not in there. */
bool rapl_emi_measurement_at(const void *bytes, size_t size, uint32_t i,
                             struct rapl_emi_measurement *out);

/* What a RAPL channel counts. */
struct rapl_emi_place {
    uint32_t domain; /* enum rapl_domain */
    uint32_t package;
    uint32_t core; /* RAPL_EMI_NO_NUMBER unless RAPL_DOMAIN_CORE */
};

/* False, `*out` untouched: not a RAPL channel but some vendor's own meter. */
bool rapl_emi_place_of(const char *name, struct rapl_emi_place *out);

#endif
