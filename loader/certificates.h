/* SPDX-License-Identifier: Apache-2.0
 *
 * A certificate's file and the machine's certificate stores, over crypt32.dll, which is loaded from
 * the system's folder when it is needed. Functions return a Windows error code and leave their out
 * parameters alone if it is not ERROR_SUCCESS.
 */
#ifndef RAPL_LOADER_CERTIFICATES_H
#define RAPL_LOADER_CERTIFICATES_H

#include <stdbool.h>

#include <windows.h>
#include <wincrypt.h>

#include "loader/testsign.h"

struct certificate {
    PCCERT_CONTEXT context;
    struct testsign_certificate facts;
    wchar_t name[256]; /* whom it is for */
};

/* DER or PEM, without a private key: a .pfx is refused with CRYPT_E_NO_MATCH. */
DWORD certificate_open(const wchar_t *path, struct certificate *out);
void certificate_close(struct certificate *certificate);

/* Into the machine's store. `*had`: it was there, and nothing was changed. */
DWORD certificate_add(const struct certificate *certificate, enum testsign_store store, bool *had);

/* Success also if it is not there. */
DWORD certificate_remove(enum testsign_store store, const char *thumbprint);
DWORD certificate_is_there(enum testsign_store store, const char *thumbprint, bool *out);

/* "TrustedPublisher", "Root". */
const wchar_t *certificate_store_name(enum testsign_store store);

#endif
