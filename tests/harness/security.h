/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens, security descriptors and the access check.
 *
 * Sources: Microsoft, "Access Control" ([MS-DTYP] 2.4 and 2.5.3: layouts and the algorithm),
 * "Mandatory Integrity Control", "AppContainer isolation".
 */
#ifndef HARNESS_SECURITY_H
#define HARNESS_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Binary layout of a SID with up to 4 sub-authorities. */
struct sid {
    uint8_t revision;
    uint8_t count;
    uint8_t authority[6];
    uint32_t sub[4];
};

extern const struct sid sid_everyone;              /* S-1-1-0 */
extern const struct sid sid_system;                /* S-1-5-18 */
extern const struct sid sid_local_service;         /* S-1-5-19 */
extern const struct sid sid_administrators;        /* S-1-5-32-544 */
extern const struct sid sid_users;                 /* S-1-5-32-545 */
extern const struct sid sid_performance_log_users; /* S-1-5-32-559 */
extern const struct sid sid_all_packages;          /* S-1-15-2-1 */

enum caller {
    CALLER_SYSTEM,
    CALLER_ADMIN,          /* elevated */
    CALLER_FILTERED_ADMIN, /* not elevated: Administrators is there for denying only */
    CALLER_PERFORMANCE_LOG_USER,
    CALLER_USER,
    CALLER_LOCAL_SERVICE,
    CALLER_APP_CONTAINER,    /* of a plain user */
    CALLER_RESTRICTED_ADMIN, /* elevated, with Everyone and Users as its only restricting SIDs */
    CALLER_LOW_INTEGRITY,    /* of a plain user */
    CALLER_COUNT,
};

const char *token_name(enum caller preset);

/* The token object of a preset: an address the driver can only pass on. */
const void *token_object(enum caller preset);
/* The reverse; CALLER_COUNT for an address that is no token. */
enum caller token_of(const void *object);

/* What the four generic rights mean for the object: read, write, execute, all. */
struct generic_mapping {
    uint32_t read, write, execute, all;
};

extern const struct generic_mapping file_mapping; /* FILE_GENERIC_*, FILE_ALL_ACCESS */

uint32_t map_generic(uint32_t access, const struct generic_mapping *mapping);

/*
 * Size in bytes of a self-relative descriptor, 0 if it is malformed: revision, control bits,
 * offsets, ACL and ACE sizes, SIDs. Reads at most `available` bytes.
 */
size_t descriptor_size(const uint8_t *descriptor, size_t available);

/*
 * True if the descriptor grants all of `desired` (no generic bits left in it) to the token. Bits
 * in ACEs are taken as they are: GENERIC_* in a descriptor that was not put on an object grants
 * nothing here, as in the kernel's own check.
 */
bool descriptor_grants(const uint8_t *descriptor, size_t size, enum caller preset,
                       uint32_t desired);

/* Replaces generic rights in the ACEs, which is what putting a descriptor on an object does. */
void descriptor_map_generic(uint8_t *descriptor, const struct generic_mapping *mapping);

/* One access-allowed ACE; false when `index` is past the last or the ACE is of another kind. */
bool descriptor_ace(const uint8_t *descriptor, size_t size, uint32_t index, struct sid *sid,
                    uint32_t *mask);

bool descriptor_is_protected(const uint8_t *descriptor);
bool sid_equal(const struct sid *a, const struct sid *b);

/* What the I/O manager gives a device nobody protected: everyone may read and write. */
const uint8_t *descriptor_default_device(size_t *size);

#endif
