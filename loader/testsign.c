/* SPDX-License-Identifier: Apache-2.0
 *
 * The order: a note before the certificate it is about, so that nothing is in a store without one;
 * the boot option last, because it is the only step that somebody else may have done before.
 */
#include "loader/testsign.h"

#include <stddef.h>
#include <string.h>

static const struct testsign_refusal secure_boot = {
    "Secure Boot is on: it forbids test signing, and Windows would ignore it",
    "Measure without this driver (Windows 11 has EMI: 'rapl doctor' tells), or use a build signed "
    "for Secure Boot. On a machine for tests, turn Secure Boot off in its firmware setup; have the "
    "BitLocker recovery key at hand first.",
};

static const struct testsign_refusal root_of_nothing = {
    "there is no certificate to put in Root",
    "Add --certificate=FILE, or leave --root away.",
};

static const struct testsign_refusal not_code_signing = {
    "the certificate is not one for code signing",
    "Give the public certificate that signed the driver: 'make sign' exports it.",
};

static const struct testsign_refusal out_of_time = {
    "the certificate has expired or is not valid yet",
    "Make a new one with 'make sign', or put the clock of this machine right.",
};

static const struct testsign_refusal not_a_root = {
    "the certificate was issued by another one: it is not a root",
    "Leave --root away, and have whoever runs that authority install its root certificate.",
};

const struct testsign_refusal *testsign_refuse(const struct testsign_facts *facts,
                                               const struct testsign_request *request)
{
    const struct testsign_certificate *certificate = request->certificate;

    if (facts->secure_boot) {
        return &secure_boot;
    }
    if (certificate == NULL) {
        return request->root ? &root_of_nothing : NULL;
    }
    if (!certificate->code_signing) {
        return &not_code_signing;
    }
    if (!certificate->in_time) {
        return &out_of_time;
    }
    return request->root && !certificate->self_signed ? &not_a_root : NULL;
}

static void fail(struct testsign_result *result, enum testsign_step step, uint32_t error)
{
    if (result->failed == TESTSIGN_NONE) {
        result->failed = step;
        result->error = error;
    }
}

/* A note of an earlier run stays: the certificate it is about is this program's, too. */
static void add_to(const struct testsign_system *system, enum testsign_store store,
                   const char *thumbprint, struct testsign_result *result)
{
    const bool known = system->remembers(system->context, store, thumbprint);
    bool had = false;

    uint32_t error = known ? 0 : system->remember(system->context, store, thumbprint);
    if (error != 0) {
        fail(result, TESTSIGN_NOTES, error);
        return;
    }
    error = system->add(system->context, store, &had);
    if (error != 0) {
        fail(result, TESTSIGN_CERTIFICATE, error);
    }
    result->added[store] = error == 0 && !had;
    if (!known && !result->added[store]) {
        error = system->forget(system->context, store, thumbprint);
        if (error != 0) {
            fail(result, TESTSIGN_NOTES, error);
        }
    }
}

static void take_back(const struct testsign_system *system, const char *thumbprint,
                      struct testsign_result *result)
{
    for (unsigned store = 0; store < TESTSIGN_STORE_COUNT; store++) {
        if (result->added[store] &&
            system->remove(system->context, (enum testsign_store)store, thumbprint) == 0) {
            system->forget(system->context, (enum testsign_store)store, thumbprint);
            result->added[store] = false;
        }
    }
}

void testsign_on(const struct testsign_system *system, const struct testsign_request *request,
                 struct testsign_result *out)
{
    struct testsign_result result = {.failed = TESTSIGN_NONE};

    if (request->certificate != NULL) {
        add_to(system, TESTSIGN_PUBLISHER, request->certificate->thumbprint, &result);
    }
    if (request->certificate != NULL && request->root && result.failed == TESTSIGN_NONE) {
        add_to(system, TESTSIGN_ROOT, request->certificate->thumbprint, &result);
    }
    if (result.failed == TESTSIGN_NONE) {
        const uint32_t error = system->set_boot_option(system->context, true);
        if (error != 0) {
            fail(&result, TESTSIGN_BOOT, error);
        }
    }
    if (result.failed != TESTSIGN_NONE && request->certificate != NULL) {
        take_back(system, request->certificate->thumbprint, &result);
    }
    *out = result;
}

void testsign_off(const struct testsign_system *system, const struct testsign_note *notes,
                  uint32_t count, struct testsign_result *out)
{
    struct testsign_result result = {.failed = TESTSIGN_NONE};

    for (uint32_t i = 0; i < count; i++) {
        const struct testsign_note *note = &notes[i];
        uint32_t error = system->remove(system->context, note->store, note->thumbprint);
        if (error != 0) {
            fail(&result, TESTSIGN_CERTIFICATE, error);
            continue;
        }
        error = system->forget(system->context, note->store, note->thumbprint);
        if (error != 0) {
            fail(&result, TESTSIGN_NOTES, error);
        }
    }
    const uint32_t error = system->set_boot_option(system->context, false);
    if (error != 0) {
        fail(&result, TESTSIGN_BOOT, error);
    }
    *out = result;
}
