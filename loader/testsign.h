/* SPDX-License-Identifier: Apache-2.0
 *
 * Test signing: what is refused, in which order things are done, and how they are taken back. Pure
 * C; what touches Windows comes in as a table of functions.
 */
#ifndef RAPL_LOADER_TESTSIGN_H
#define RAPL_LOADER_TESTSIGN_H

#include <stdbool.h>
#include <stdint.h>

#define TESTSIGN_THUMBPRINT_CHARS 41u /* SHA-1 in hexadecimal, with its end */

/* The machine's certificate stores that this has to do with. */
enum testsign_store { TESTSIGN_PUBLISHER, TESTSIGN_ROOT, TESTSIGN_STORE_COUNT };

struct testsign_facts {
    bool secure_boot;  /* false also on a machine without UEFI */
    bool test_signing; /* Windows was started with it */
    bool hvci;         /* memory integrity is on */
};

struct testsign_certificate {
    char thumbprint[TESTSIGN_THUMBPRINT_CHARS];
    bool code_signing; /* its extended key usage says so */
    bool in_time;      /* neither expired nor from the future */
    bool self_signed;
};

/* What `testsign on` was asked for. */
struct testsign_request {
    const struct testsign_certificate *certificate; /* NULL: none was given */
    bool root;
};

struct testsign_refusal {
    const char *problem; /* a sentence without a full stop */
    const char *action;
};

/* NULL if it may be done. */
const struct testsign_refusal *testsign_refuse(const struct testsign_facts *facts,
                                               const struct testsign_request *request);

/* Functions return 0 or a Windows error code. */
struct testsign_system {
    void *context;
    uint32_t (*set_boot_option)(void *context, bool on);
    /* Of the certificate that was given; `*had` if it was there before, and was left alone. */
    uint32_t (*add)(void *context, enum testsign_store store, bool *had);
    /* Success also if there is none. */
    uint32_t (*remove)(void *context, enum testsign_store store, const char *thumbprint);
    /* The notes outlive this program: what `off` is to take out again. */
    uint32_t (*remember)(void *context, enum testsign_store store, const char *thumbprint);
    uint32_t (*forget)(void *context, enum testsign_store store, const char *thumbprint);
    bool (*remembers)(void *context, enum testsign_store store, const char *thumbprint);
};

enum testsign_step { TESTSIGN_NONE, TESTSIGN_CERTIFICATE, TESTSIGN_NOTES, TESTSIGN_BOOT };

struct testsign_result {
    enum testsign_step failed; /* TESTSIGN_NONE: everything was done */
    uint32_t error;
    bool added[TESTSIGN_STORE_COUNT];
};

/* All of it, or nothing: what a failed step leaves is taken back. */
void testsign_on(const struct testsign_system *system, const struct testsign_request *request,
                 struct testsign_result *out);

struct testsign_note {
    enum testsign_store store;
    char thumbprint[TESTSIGN_THUMBPRINT_CHARS];
};

/*
 * Does as much as it can, and tells the first failure. A note whose certificate could not be taken
 * out stays.
 */
void testsign_off(const struct testsign_system *system, const struct testsign_note *notes,
                  uint32_t count, struct testsign_result *out);

#endif
