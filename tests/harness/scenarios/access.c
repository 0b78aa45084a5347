/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may open the device under each policy, and who gets fresh values.
 */
#include "tests/harness/scenario.h"

#include <string.h>

#define ALL        0x001F01FFu /* GENERIC_ALL on a file */
#define READ_WRITE 0x0012019Fu /* GENERIC_READ and GENERIC_WRITE on a file */

struct expected_ace {
    const struct sid *sid;
    uint32_t mask;
};

static const struct expected_ace admins_aces[] = {
    {&sid_system, ALL}, {&sid_administrators, ALL}, {NULL, 0}};
static const struct expected_ace users_aces[] = {
    {&sid_system, ALL}, {&sid_administrators, ALL}, {&sid_users, READ_WRITE}, {NULL, 0}};
static const struct expected_ace unrestricted_aces[] = {
    {&sid_system, ALL}, {&sid_administrators, ALL}, {&sid_everyone, READ_WRITE}, {NULL, 0}};

static void check_descriptor(const struct expected_ace *expected)
{
    size_t size = 0;
    const uint8_t *descriptor = lab_descriptor(&size);
    struct sid sid;
    uint32_t mask, count = 0;
    if (descriptor == NULL) {
        verifier_report(FINDING_NO_DESCRIPTOR, "no descriptor was set");
        return;
    }
    check(descriptor_is_protected(descriptor), "the DACL inherits nothing");
    for (; descriptor_ace(descriptor, size, count, &sid, &mask); count++) {
        if (expected[count].sid == NULL || !sid_equal(&sid, expected[count].sid) ||
            mask != expected[count].mask) {
            verifier_report(FINDING_CHECK, "ACE %u has mask 0x%X or a SID that is not expected",
                            count, mask);
            return;
        }
    }
    check(expected[count].sid == NULL, "every expected ACE is there");
}

static void load_and_check(const char *what, const struct expected_ace *expected)
{
    const uint32_t status = lab_load();
    check_status(what, status, LAB_SUCCESS);
    if (status != LAB_SUCCESS) {
        return;
    }
    const uint32_t before = verifier_total();
    check_descriptor(expected);
    if (verifier_total() != before) {
        verifier_report(FINDING_CHECK, "the descriptor above is that of: %s", what);
    }
    lab_stop();
}

static void descriptors(void)
{
    static const uint8_t short_dword[2] = {1, 0};
    static const uint64_t quad = 1;
    static const uint16_t text[] = u"users";
    static const uint32_t two_dwords[2] = {1, 1};
    machine_select("intel-2s");

    registry_reset();
    load_and_check("no AccessPolicy", admins_aces);
    registry_remove_parameters();
    load_and_check("no Parameters key", admins_aces);
    registry_set_dword("AccessPolicy", POLICY_ADMINS);
    load_and_check("AccessPolicy 0", admins_aces);
    registry_set_dword("AccessPolicy", POLICY_USERS);
    load_and_check("AccessPolicy 1", users_aces);
    registry_set_dword("AccessPolicy", POLICY_UNRESTRICTED);
    load_and_check("AccessPolicy 2", unrestricted_aces);

    /* Whatever is not one of the three fails closed. */
    registry_set_dword("AccessPolicy", 3);
    load_and_check("AccessPolicy 3", admins_aces);
    registry_set_dword("AccessPolicy", 0xFFFFFFFF);
    load_and_check("AccessPolicy 0xFFFFFFFF", admins_aces);
    registry_set_dword("AccessPolicy", 0x101);
    load_and_check("AccessPolicy 0x101", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_DWORD, short_dword, sizeof(short_dword));
    load_and_check("a DWORD of 2 bytes", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_DWORD, two_dwords, sizeof(two_dwords));
    load_and_check("a DWORD of 8 bytes", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_DWORD, two_dwords, 0);
    load_and_check("a DWORD of no bytes", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_QWORD, &quad, sizeof(quad));
    load_and_check("a QWORD", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_BINARY, two_dwords, 4);
    load_and_check("four bytes of REG_BINARY", admins_aces);
    registry_set("AccessPolicy", REGISTRY_TYPE_SZ, text, sizeof(text));
    load_and_check("a string", admins_aces);
}

/* ---- Opening and tiers ---------------------------------------------------------------------- */

enum tier {
    DENIED,
    COARSE,
    FRESH,
};

static const char *const tier_names[] = {"denied", "coarse", "fresh"};

/* What a caller gets that asks for reading and writing, as every program in use does. */
static const uint8_t tiers[CALLER_COUNT][3] = {
    /*                               admins  users   unrestricted */
    [CALLER_SYSTEM] = {FRESH, FRESH, FRESH},
    [CALLER_ADMIN] = {FRESH, FRESH, FRESH},
    [CALLER_FILTERED_ADMIN] = {DENIED, COARSE, FRESH},
    [CALLER_PERFORMANCE_LOG_USER] = {DENIED, FRESH, FRESH},
    [CALLER_USER] = {DENIED, COARSE, FRESH},
    [CALLER_LOCAL_SERVICE] = {DENIED, COARSE, FRESH},
    [CALLER_APP_CONTAINER] = {DENIED, DENIED, DENIED},
    [CALLER_RESTRICTED_ADMIN] = {DENIED, COARSE, FRESH},
    [CALLER_LOW_INTEGRITY] = {DENIED, DENIED, DENIED},
};

/* A power limit is for fresh callers only: it tells the tiers apart. */
static enum tier tier_of(const struct lab_open *how)
{
    struct lab_file *file = NULL;
    uint64_t value = 0;
    const uint32_t status = lab_open(how, &file);
    if (status == LAB_ACCESS_DENIED) {
        return DENIED;
    }
    if (status != LAB_SUCCESS) {
        verifier_report(FINDING_STATUS, "open: 0x%08X", status);
        return DENIED;
    }
    const uint32_t limit = read_register(file, 0x610, 0, &value);
    if (limit != LAB_SUCCESS) {
        check_status("power limit by a coarse caller", limit, LAB_ACCESS_DENIED);
    }
    expect_value(file, 0x611, 0, 0x1100611A);
    lab_close(file);
    return limit == LAB_SUCCESS ? FRESH : COARSE;
}

static void expect_tier(const char *who, const struct lab_open *how, enum tier expected)
{
    const enum tier got = tier_of(how);
    if (got != expected) {
        verifier_report(FINDING_OPENED, "%s: %s, expected %s", who, tier_names[got],
                        tier_names[expected]);
    }
}

static void callers_by_policy(void)
{
    static const char *const policies[] = {"admins", "users", "unrestricted"};
    for (uint32_t policy = 0; policy < 3; policy++) {
        if (!load_on("intel-2s", policy)) {
            continue;
        }
        for (uint32_t caller = 0; caller < CALLER_COUNT; caller++) {
            const struct lab_open how = {.token = (enum caller)caller,
                                         .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE};
            const uint32_t before = verifier_total();
            expect_tier(token_name((enum caller)caller), &how, (enum tier)tiers[caller][policy]);
            if (verifier_total() != before) {
                verifier_report(FINDING_CHECK, "the caller above was under policy %s",
                                policies[policy]);
            }
        }
        lab_stop();
    }
}

/* Reading alone: integrity does not forbid it. */
static void low_integrity_reads(void)
{
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    const struct lab_open how = {.token = CALLER_LOW_INTEGRITY, .access = LAB_GENERIC_READ};
    use_code(CODE_ANY_ACCESS);
    expect_tier("low-integrity user, reading only", &how, COARSE);
}

static void impersonation(void)
{
    const uint32_t access = LAB_GENERIC_READ | LAB_GENERIC_WRITE;
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    struct lab_open how = {
        .token = CALLER_SYSTEM, .impersonating = true, .client = CALLER_USER, .access = access};
    expect_tier("SYSTEM impersonating a user", &how, COARSE);
    how.token = CALLER_LOCAL_SERVICE;
    how.client = CALLER_ADMIN;
    expect_tier("LocalService impersonating an elevated administrator", &how, FRESH);
    how.token = CALLER_SYSTEM;
    how.client = CALLER_APP_CONTAINER;
    expect_tier("SYSTEM impersonating an AppContainer", &how, DENIED);
    how.client = CALLER_ADMIN;
    how.identification_only = true;
    expect_tier("impersonation for identification only", &how, DENIED);
}

static void kernel_callers(void)
{
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    struct lab_open how = {.token = CALLER_USER, .kernel = true, .access = LAB_GENERIC_READ};
    use_code(CODE_ANY_ACCESS);
    expect_tier("kernel code", &how, FRESH);
    how.force_access_check = true;
    expect_tier("kernel code opening for a user", &how, COARSE);
    how.token = CALLER_ADMIN;
    expect_tier("kernel code opening for an administrator", &how, FRESH);
}

/* The policy is read at load; the tier is decided at open and stays with the handle. */
static void policy_is_read_at_load(void)
{
    uint64_t value = 0;
    if (!load_on("intel-2s", POLICY_USERS)) {
        return;
    }
    struct lab_file *user = open_as(CALLER_USER);
    struct lab_file *admin = open_as(CALLER_ADMIN);
    registry_set_dword("AccessPolicy", POLICY_UNRESTRICTED);
    if (user != NULL && admin != NULL) {
        struct lab_file *later = open_as(CALLER_USER);
        check_status("power limit, policy changed", read_register(user, 0x610, 0, &value),
                     LAB_ACCESS_DENIED);
        if (later != NULL) {
            check_status("power limit, opened after the change",
                         read_register(later, 0x610, 0, &value), LAB_ACCESS_DENIED);
            lab_close(later);
        }
        expect_value(admin, 0x610, 0, 0x428370000DD8168);
        check_status("power limit, other handles open", read_register(user, 0x610, 0, &value),
                     LAB_ACCESS_DENIED);
    }
    if (user != NULL) {
        lab_close(user);
    }
    if (admin != NULL) {
        lab_close(admin);
    }
}

/* Share modes and overlapped handles must not matter: programs use both, several at once. */
static void sharing(void)
{
    struct lab_file *file[4] = {NULL};
    if (!load_on("intel-2s", POLICY_ADMINS)) {
        return;
    }
    for (uint32_t i = 0; i < 4; i++) {
        const struct lab_open how = {.token = CALLER_ADMIN,
                                     .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE,
                                     .share = i % 2 == 0 ? 0 : 3,
                                     .overlapped = i >= 2};
        check_status("another open", lab_open(&how, &file[i]), LAB_SUCCESS);
    }
    for (uint32_t i = 0; i < 4; i++) {
        if (file[i] != NULL) {
            expect_value(file[i], 0x611, 0, 0x1100611A);
            lab_close(file[i]);
        }
    }
}

const struct scenario scenarios_access[] = {
    {"access-descriptors", descriptors},
    {"access-callers-by-policy", callers_by_policy},
    {"access-low-integrity-reads", low_integrity_reads},
    {"access-impersonation", impersonation},
    {"access-kernel-callers", kernel_callers},
    {"access-policy-is-read-at-load", policy_is_read_at_load},
    {"access-sharing", sharing},
    {NULL, NULL},
};
