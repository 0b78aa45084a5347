/* SPDX-License-Identifier: Apache-2.0
 *
 * Descriptors and the access check.
 */
#include "tests/harness/security.h"

#include <string.h>

#define CONTROL_DACL_PRESENT   0x0004u
#define CONTROL_DACL_PROTECTED 0x1000u
#define CONTROL_SELF_RELATIVE  0x8000u
#define HEADER_SIZE            20u
#define ACE_ALLOWED            0u
#define ACE_DENIED             1u

#define ACCESS_READ_CONTROL 0x00020000u
#define ACCESS_WRITE_DAC    0x00040000u

const struct sid sid_everyone = {1, 1, {0, 0, 0, 0, 0, 1}, {0}};
const struct sid sid_system = {1, 1, {0, 0, 0, 0, 0, 5}, {18}};
const struct sid sid_local_service = {1, 1, {0, 0, 0, 0, 0, 5}, {19}};
const struct sid sid_administrators = {1, 2, {0, 0, 0, 0, 0, 5}, {32, 544}};
const struct sid sid_users = {1, 2, {0, 0, 0, 0, 0, 5}, {32, 545}};
const struct sid sid_performance_log_users = {1, 2, {0, 0, 0, 0, 0, 5}, {32, 559}};
const struct sid sid_all_packages = {1, 2, {0, 0, 0, 0, 0, 15}, {2, 1}};
static const struct sid sid_person = {1, 4, {0, 0, 0, 0, 0, 5}, {21, 1, 2, 1001}};
static const struct sid sid_interactive = {1, 1, {0, 0, 0, 0, 0, 5}, {4}};
static const struct sid sid_authenticated = {1, 1, {0, 0, 0, 0, 0, 5}, {11}};
static const struct sid sid_package = {1, 4, {0, 0, 0, 0, 0, 15}, {2, 11, 22, 33}};

const struct generic_mapping file_mapping = {0x00120089, 0x00120116, 0x001200A0, 0x001F01FF};

enum integrity {
    INTEGRITY_LOW,
    INTEGRITY_MEDIUM,
    INTEGRITY_HIGH,
};

#define TOKEN_SIDS_MAX 8u

struct token_sid {
    const struct sid *sid;
    bool deny_only;
};

struct token {
    const char *name;
    struct token_sid sid[TOKEN_SIDS_MAX]; /* the user first */
    const struct sid *restricting[3];     /* none: not a restricted token */
    bool app_container;
    uint8_t integrity; /* enum integrity */
};

static const struct token tokens[CALLER_COUNT] = {
    [CALLER_SYSTEM] = {.name = "SYSTEM",
                       .sid = {{&sid_system, false},
                               {&sid_administrators, false},
                               {&sid_everyone, false},
                               {&sid_authenticated, false}},
                       .integrity = INTEGRITY_HIGH},
    [CALLER_ADMIN] = {.name = "elevated administrator",
                      .sid = {{&sid_person, false},
                              {&sid_everyone, false},
                              {&sid_administrators, false},
                              {&sid_users, false},
                              {&sid_interactive, false},
                              {&sid_authenticated, false}},
                      .integrity = INTEGRITY_HIGH},
    [CALLER_FILTERED_ADMIN] = {.name = "administrator, not elevated",
                               .sid = {{&sid_person, false},
                                       {&sid_everyone, false},
                                       {&sid_administrators, true},
                                       {&sid_users, false},
                                       {&sid_interactive, false},
                                       {&sid_authenticated, false}},
                               .integrity = INTEGRITY_MEDIUM},
    [CALLER_PERFORMANCE_LOG_USER] = {.name = "performance log user",
                                     .sid = {{&sid_person, false},
                                             {&sid_everyone, false},
                                             {&sid_users, false},
                                             {&sid_performance_log_users, false},
                                             {&sid_interactive, false},
                                             {&sid_authenticated, false}},
                                     .integrity = INTEGRITY_MEDIUM},
    [CALLER_USER] = {.name = "user",
                     .sid = {{&sid_person, false},
                             {&sid_everyone, false},
                             {&sid_users, false},
                             {&sid_interactive, false},
                             {&sid_authenticated, false}},
                     .integrity = INTEGRITY_MEDIUM},
    [CALLER_LOCAL_SERVICE] = {.name = "LocalService",
                              .sid = {{&sid_local_service, false},
                                      {&sid_everyone, false},
                                      {&sid_users, false},
                                      {&sid_authenticated, false}},
                              .integrity = INTEGRITY_HIGH},
    [CALLER_APP_CONTAINER] = {.name = "AppContainer",
                              .sid = {{&sid_person, false},
                                      {&sid_everyone, false},
                                      {&sid_users, false},
                                      {&sid_performance_log_users, false},
                                      {&sid_authenticated, false}},
                              .app_container = true,
                              .integrity = INTEGRITY_LOW},
    [CALLER_RESTRICTED_ADMIN] = {.name = "restricted administrator",
                                 .sid = {{&sid_person, false},
                                         {&sid_everyone, false},
                                         {&sid_administrators, false},
                                         {&sid_users, false},
                                         {&sid_authenticated, false}},
                                 .restricting = {&sid_everyone, &sid_users},
                                 .integrity = INTEGRITY_HIGH},
    [CALLER_LOW_INTEGRITY] = {.name = "low-integrity user",
                              .sid = {{&sid_person, false},
                                      {&sid_everyone, false},
                                      {&sid_users, false},
                                      {&sid_authenticated, false}},
                              .integrity = INTEGRITY_LOW},
};

const char *token_name(enum caller preset)
{
    return tokens[preset].name;
}

const void *token_object(enum caller preset)
{
    return &tokens[preset];
}

enum caller token_of(const void *object)
{
    for (uint32_t i = 0; i < CALLER_COUNT; i++) {
        if (object == &tokens[i]) {
            return (enum caller)i;
        }
    }
    return CALLER_COUNT;
}

uint32_t map_generic(uint32_t access, const struct generic_mapping *mapping)
{
    const uint32_t mapped = access & 0x0FFFFFFFu;
    return mapped | ((access & 0x80000000u) != 0 ? mapping->read : 0) |
           ((access & 0x40000000u) != 0 ? mapping->write : 0) |
           ((access & 0x20000000u) != 0 ? mapping->execute : 0) |
           ((access & 0x10000000u) != 0 ? mapping->all : 0);
}

bool sid_equal(const struct sid *a, const struct sid *b)
{
    return a->revision == b->revision && a->count == b->count &&
           memcmp(a->authority, b->authority, sizeof(a->authority)) == 0 &&
           memcmp(a->sub, b->sub, a->count * sizeof(a->sub[0])) == 0;
}

/* ---- Layout --------------------------------------------------------------------------------- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)get16(at) | (uint32_t)get16(at + 2) << 16;
}

/* Bytes of a SID, 0 if it does not fit or has more sub-authorities than any in use here. */
static size_t sid_size(const uint8_t *at, size_t available)
{
    if (available < 8 || at[0] != 1 || at[1] == 0 || at[1] > 4) {
        return 0;
    }
    const size_t size = 8 + 4u * at[1];
    return size <= available ? size : 0;
}

static void sid_read(const uint8_t *at, struct sid *sid)
{
    memset(sid, 0, sizeof(*sid));
    sid->revision = at[0];
    sid->count = at[1];
    memcpy(sid->authority, at + 2, sizeof(sid->authority));
    for (uint32_t i = 0; i < sid->count; i++) {
        sid->sub[i] = get32(at + 8 + (size_t)4 * i);
    }
}

/* Bytes of an ACL whose ACEs are all of the two plain kinds, 0 if it is malformed. */
static size_t acl_size(const uint8_t *acl, size_t available)
{
    if (available < 8 || acl[0] < 2 || acl[0] > 4) {
        return 0;
    }
    const size_t size = get16(acl + 2);
    const uint32_t count = get16(acl + 4);
    size_t at = 8;
    if (size < 8 || size > available) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (size - at < 16) {
            return 0;
        }
        const size_t ace_size = get16(acl + at + 2);
        if (ace_size < 16 || ace_size > size - at || ace_size % 4 != 0 ||
            (acl[at] != ACE_ALLOWED && acl[at] != ACE_DENIED) ||
            sid_size(acl + at + 8, ace_size - 8) == 0) {
            return 0;
        }
        at += ace_size;
    }
    return size;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t descriptor_size(const uint8_t *descriptor, size_t available)
{
    if (available < HEADER_SIZE || descriptor[0] != 1) {
        return 0;
    }
    const uint16_t control = get16(descriptor + 2);
    if ((control & CONTROL_SELF_RELATIVE) == 0) {
        return 0;
    }
    size_t end = HEADER_SIZE;
    for (uint32_t offset = 4; offset <= 8; offset += 4) { /* owner, group */
        const uint32_t at = get32(descriptor + offset);
        if (at == 0) {
            continue;
        }
        const size_t size = at < available ? sid_size(descriptor + at, available - at) : 0;
        if (size == 0) {
            return 0;
        }
        end = larger(end, at + size);
    }
    const uint32_t dacl = get32(descriptor + 16);
    if ((control & CONTROL_DACL_PRESENT) != 0 && dacl != 0) {
        const size_t size = dacl < available ? acl_size(descriptor + dacl, available - dacl) : 0;
        if (size == 0) {
            return 0;
        }
        end = larger(end, dacl + size);
    }
    return end;
}

static const uint8_t *dacl_of(const uint8_t *descriptor)
{
    const uint32_t at = get32(descriptor + 16);
    return (get16(descriptor + 2) & CONTROL_DACL_PRESENT) == 0 || at == 0 ? NULL : descriptor + at;
}

void descriptor_map_generic(uint8_t *descriptor, const struct generic_mapping *mapping)
{
    const uint8_t *dacl = dacl_of(descriptor);
    if (dacl == NULL) {
        return;
    }
    uint8_t *ace = descriptor + (dacl - descriptor) + 8;
    for (uint32_t i = 0; i < get16(dacl + 4); i++, ace += get16(ace + 2)) {
        const uint32_t mask = map_generic(get32(ace + 4), mapping);
        for (uint32_t byte = 0; byte < 4; byte++) {
            ace[4 + byte] = (uint8_t)(mask >> 8 * byte);
        }
    }
}

bool descriptor_ace(const uint8_t *descriptor, size_t size, uint32_t index, struct sid *sid,
                    uint32_t *mask)
{
    const uint8_t *dacl = dacl_of(descriptor);
    if (descriptor_size(descriptor, size) == 0 || dacl == NULL || index >= get16(dacl + 4)) {
        return false;
    }
    const uint8_t *ace = dacl + 8;
    while (index-- > 0) {
        ace += get16(ace + 2);
    }
    if (ace[0] != ACE_ALLOWED) {
        return false;
    }
    *mask = get32(ace + 4);
    sid_read(ace + 8, sid);
    return true;
}

bool descriptor_is_protected(const uint8_t *descriptor)
{
    return (get16(descriptor + 2) & CONTROL_DACL_PROTECTED) != 0;
}

/* ---- The check ------------------------------------------------------------------------------ */

enum pass {
    PASS_TOKEN,
    PASS_RESTRICTING,
    PASS_PACKAGE,
};

static bool holds(const struct token *token, enum pass pass, const struct sid *sid, bool for_deny)
{
    if (pass == PASS_PACKAGE) {
        return sid_equal(sid, &sid_package) || sid_equal(sid, &sid_all_packages);
    }
    if (pass == PASS_RESTRICTING) {
        for (uint32_t i = 0; i < 3 && token->restricting[i] != NULL; i++) {
            if (sid_equal(sid, token->restricting[i])) {
                return true;
            }
        }
        return false;
    }
    for (uint32_t i = 0; i < TOKEN_SIDS_MAX && token->sid[i].sid != NULL; i++) {
        if (sid_equal(sid, token->sid[i].sid) && (for_deny || !token->sid[i].deny_only)) {
            return true;
        }
    }
    return false;
}

static bool grants(const uint8_t *descriptor, const struct token *token, enum pass pass,
                   uint32_t desired)
{
    const uint8_t *dacl = dacl_of(descriptor);
    const uint32_t owner_at = get32(descriptor + 4);
    uint32_t remaining = desired;
    struct sid sid;
    if (dacl == NULL) {
        return true;
    }
    if (owner_at != 0) {
        sid_read(descriptor + owner_at, &sid);
        if (holds(token, pass, &sid, false)) {
            remaining &= ~(ACCESS_READ_CONTROL | ACCESS_WRITE_DAC);
        }
    }
    const uint8_t *ace = dacl + 8;
    for (uint32_t i = 0; i < get16(dacl + 4) && remaining != 0; i++, ace += get16(ace + 2)) {
        const uint32_t mask = get32(ace + 4);
        const bool deny = ace[0] == ACE_DENIED;
        sid_read(ace + 8, &sid);
        if (!holds(token, pass, &sid, deny)) {
            continue;
        }
        if (deny && (mask & remaining) != 0) {
            return false;
        }
        remaining &= ~mask;
    }
    return remaining == 0;
}

/*
 * An object without a label is Medium, no write up: a caller below may read and execute what the
 * DACL lets it, and nothing else.
 */
static bool integrity_allows(const struct token *token, uint32_t desired)
{
    const uint32_t write_up = file_mapping.write & ~(file_mapping.read | file_mapping.execute);
    return token->integrity >= INTEGRITY_MEDIUM || (desired & write_up) == 0;
}

bool descriptor_grants(const uint8_t *descriptor, size_t size, enum caller preset, uint32_t desired)
{
    const struct token *token = &tokens[preset];
    if (descriptor_size(descriptor, size) == 0 || !integrity_allows(token, desired)) {
        return false;
    }
    return grants(descriptor, token, PASS_TOKEN, desired) &&
           (token->restricting[0] == NULL ||
            grants(descriptor, token, PASS_RESTRICTING, desired)) &&
           (!token->app_container || grants(descriptor, token, PASS_PACKAGE, desired));
}

/* ---- The I/O manager's default -------------------------------------------------------------- */

/* D:(A;;FRFWFX;;;WD)(A;;FA;;;SY)(A;;FA;;;BA): Microsoft, "Controlling Device Access". */
static const uint8_t default_device[] = {
    1, 0, 0x04, 0x80, 0, 0, 0, 0,  0,  0, 0, 0,  0,    0,    0,    0,    20,   0,    0,
    0, 2, 0,    72,   0, 3, 0, 0,  0,  0, 0, 20, 0,    0xBF, 0x01, 0x12, 0x00, 1,    1,
    0, 0, 0,    0,    0, 1, 0, 0,  0,  0, 0, 0,  20,   0,    0xFF, 0x01, 0x1F, 0x00, 1,
    1, 0, 0,    0,    0, 0, 5, 18, 0,  0, 0, 0,  0,    24,   0,    0xFF, 0x01, 0x1F, 0x00,
    1, 2, 0,    0,    0, 0, 0, 5,  32, 0, 0, 0,  0x20, 2,    0,    0,
};

const uint8_t *descriptor_default_device(size_t *size)
{
    *size = sizeof(default_device);
    return default_device;
}
