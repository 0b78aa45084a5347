/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' Energy Meter Interface (EMI) as bytes on the wire: what emi.h of the Windows SDK
 * declares, restated because MinGW-w64 10 lacks it.
 *
 * Sources: learn.microsoft.com "Energy Metering Interface" and the pages of emi.h (IOCTL_EMI_*,
 * EMI_METADATA_V1 and _V2, EMI_CHANNEL_V2, EMI_CHANNEL_MEASUREMENT_DATA); MinGW-w64's later emi.h.
 * All integers are little-endian. Channels of version 2 follow each other without padding, so all
 * but the first may be unaligned: copy out of the message, never cast into it.
 */
#ifndef RAPL_EMI_WIRE_H
#define RAPL_EMI_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* GUID_DEVICE_ENERGY_METER, a device interface class. */
#define RAPL_EMI_GUID {0x45BD8344, 0x7ED6, 0x49CF, {0xA4, 0x40, 0xC2, 0x76, 0xC9, 0x33, 0xB0, 0x53}}

/* FILE_DEVICE_UNKNOWN, functions 0 to 3, METHOD_BUFFERED, FILE_READ_ACCESS; no input. */
#define RAPL_IOCTL_EMI_GET_VERSION       0x224000u /* struct rapl_emi_version */
#define RAPL_IOCTL_EMI_GET_METADATA_SIZE 0x224004u /* struct rapl_emi_metadata_size */
#define RAPL_IOCTL_EMI_GET_METADATA      0x224008u /* struct rapl_emi_metadata_v1 or _v2, and on */
#define RAPL_IOCTL_EMI_GET_MEASUREMENT   0x22400Cu /* struct rapl_emi_measurement, one a channel */

#define RAPL_EMI_VERSION_1 1u /* Windows 10: one channel */
#define RAPL_EMI_VERSION_2 2u /* Windows 10 1809: several */

#define RAPL_EMI_NAME_CHARS 16u /* UTF-16 units of OEM and model; NUL-terminated if shorter */

#define RAPL_EMI_UNIT_PWH 0u /* picowatt-hours, the only unit there is */

/* 1 pWh = 3600 s * 10^-12 W = 3.6 nJ, exactly. */
#define RAPL_EMI_PWH_NUMERATOR   9u
#define RAPL_EMI_PWH_DENOMINATOR 2500000000u

struct rapl_emi_version {
    uint16_t version;
};
_Static_assert(sizeof(struct rapl_emi_version) == 2, "wire format");

struct rapl_emi_metadata_size {
    uint32_t size;
};
_Static_assert(sizeof(struct rapl_emi_metadata_size) == 4, "wire format");

struct rapl_emi_measurement {
    uint64_t energy;     /* in the channel's unit, since some moment */
    uint64_t time_100ns; /* when it was measured */
};
_Static_assert(sizeof(struct rapl_emi_measurement) == 16, "wire format");
_Static_assert(offsetof(struct rapl_emi_measurement, time_100ns) == 8, "wire format");

/* name_size bytes of UTF-16 follow, from offset 72. */
struct rapl_emi_metadata_v1 {
    uint32_t unit;
    uint16_t oem[RAPL_EMI_NAME_CHARS];
    uint16_t model[RAPL_EMI_NAME_CHARS];
    uint16_t revision;
    uint16_t name_size; /* bytes, its NUL included */
};
_Static_assert(sizeof(struct rapl_emi_metadata_v1) == 72, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v1, oem) == 4, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v1, model) == 36, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v1, revision) == 68, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v1, name_size) == 70, "wire format");

/* channel_count channels follow, from offset 68. */
struct rapl_emi_metadata_v2 {
    uint16_t oem[RAPL_EMI_NAME_CHARS];
    uint16_t model[RAPL_EMI_NAME_CHARS];
    uint16_t revision;
    uint16_t channel_count;
};
_Static_assert(sizeof(struct rapl_emi_metadata_v2) == 68, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v2, model) == 32, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v2, revision) == 64, "wire format");
_Static_assert(offsetof(struct rapl_emi_metadata_v2, channel_count) == 66, "wire format");

/*
 * The fixed part of a channel: uint32_t unit, uint16_t name_size. name_size bytes of UTF-16 follow,
 * and right after them the next channel: 106 bytes on for Windows 11's processor driver, which
 * always says 100.
 */
#define RAPL_EMI_CHANNEL_UNIT_AT      0u
#define RAPL_EMI_CHANNEL_NAME_SIZE_AT 4u
#define RAPL_EMI_CHANNEL_NAME_AT      6u

#endif
