/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates over crypt32.
 */
#include "loader/certificates.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lib/last_error.h"
#include "loader/system_library.h"
#include "loader/text.h"

#define HASH_SIZE ((size_t)20) /* SHA-1 */

#define CRYPT_FUNCTIONS(X)                                                                         \
    X(CertAddCertificateContextToStore)                                                            \
    X(CertCloseStore)                                                                              \
    X(CertCompareCertificateName)                                                                  \
    X(CertControlStore)                                                                            \
    X(CertDeleteCertificateFromStore)                                                              \
    X(CertFindCertificateInStore)                                                                  \
    X(CertFreeCertificateContext)                                                                  \
    X(CertGetCertificateContextProperty)                                                           \
    X(CertGetEnhancedKeyUsage)                                                                     \
    X(CertGetNameStringW)                                                                          \
    X(CertOpenStore)                                                                               \
    X(CertVerifyTimeValidity)                                                                      \
    X(CryptQueryObject)

struct crypt_api {
#define CRYPT_MEMBER(name) __typeof__(name) *(name);
    CRYPT_FUNCTIONS(CRYPT_MEMBER)
#undef CRYPT_MEMBER
};

#define CRYPT_ROW(name) {L"crypt32.dll", #name, offsetof(struct crypt_api, name)},

static const struct system_function functions[] = {CRYPT_FUNCTIONS(CRYPT_ROW)};

static DWORD get_api(const struct crypt_api **out)
{
    static struct crypt_api api;
    static bool loaded;

    if (!loaded) {
        const DWORD error = system_library_load(functions, TEXT_CHARS(functions), &api);
        if (error != ERROR_SUCCESS) {
            return error;
        }
        loaded = true;
    }
    *out = &api;
    return ERROR_SUCCESS;
}

const wchar_t *certificate_store_name(enum testsign_store store)
{
    return store == TESTSIGN_ROOT ? L"Root" : L"TrustedPublisher";
}

/* Without the extension a certificate is good for everything: not what a test certificate is. */
static bool is_for_code_signing(const struct crypt_api *api, PCCERT_CONTEXT context)
{
    _Alignas(CERT_ENHKEY_USAGE) BYTE buffer[1024];
    const CERT_ENHKEY_USAGE *usage = (const CERT_ENHKEY_USAGE *)buffer;
    DWORD size = sizeof(buffer);

    if (!api->CertGetEnhancedKeyUsage(context, CERT_FIND_EXT_ONLY_ENHKEY_USAGE_FLAG,
                                      (CERT_ENHKEY_USAGE *)buffer, &size)) {
        return false;
    }
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++) {
        if (strcmp(usage->rgpszUsageIdentifier[i], szOID_PKIX_KP_CODE_SIGNING) == 0) {
            return true;
        }
    }
    return false;
}

static DWORD read_thumbprint(const struct crypt_api *api, PCCERT_CONTEXT context,
                             char out[TESTSIGN_THUMBPRINT_CHARS])
{
    BYTE hash[HASH_SIZE];
    DWORD size = sizeof(hash);

    if (!api->CertGetCertificateContextProperty(context, CERT_SHA1_HASH_PROP_ID, hash, &size) ||
        size != sizeof(hash)) {
        return last_error();
    }
    for (size_t i = 0; i < HASH_SIZE; i++) {
        static const char digits[] = "0123456789ABCDEF";
        out[2 * i] = digits[hash[i] >> 4];
        out[2 * i + 1] = digits[hash[i] & 15];
    }
    out[2 * HASH_SIZE] = '\0';
    return ERROR_SUCCESS;
}

DWORD certificate_open(const wchar_t *path, struct certificate *out)
{
    const struct crypt_api *api;
    const void *context = NULL;
    struct certificate certificate = {0};

    DWORD error = get_api(&api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!api->CryptQueryObject(CERT_QUERY_OBJECT_FILE, path, CERT_QUERY_CONTENT_FLAG_CERT,
                               CERT_QUERY_FORMAT_FLAG_ALL, 0, NULL, NULL, NULL, NULL, NULL,
                               &context)) {
        return last_error();
    }
    certificate.context = context;
    error = read_thumbprint(api, certificate.context, certificate.facts.thumbprint);
    if (error != ERROR_SUCCESS) {
        certificate_close(&certificate);
        return error;
    }
    CERT_INFO *info = certificate.context->pCertInfo;
    certificate.facts.code_signing = is_for_code_signing(api, certificate.context);
    certificate.facts.in_time = api->CertVerifyTimeValidity(NULL, info) == 0;
    certificate.facts.self_signed =
        api->CertCompareCertificateName(X509_ASN_ENCODING, &info->Subject, &info->Issuer) != FALSE;
    api->CertGetNameStringW(certificate.context, CERT_NAME_SIMPLE_DISPLAY_TYPE, 0, NULL,
                            certificate.name, TEXT_CHARS(certificate.name));
    *out = certificate;
    return ERROR_SUCCESS;
}

void certificate_close(struct certificate *certificate)
{
    const struct crypt_api *api;

    if (certificate->context != NULL && get_api(&api) == ERROR_SUCCESS) {
        api->CertFreeCertificateContext(certificate->context);
    }
    certificate->context = NULL;
}

static DWORD open_store(const struct crypt_api *api, enum testsign_store store, bool write,
                        HCERTSTORE *out)
{
    *out =
        api->CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                           CERT_SYSTEM_STORE_LOCAL_MACHINE | (write ? 0 : CERT_STORE_READONLY_FLAG),
                           certificate_store_name(store));
    return *out != NULL ? ERROR_SUCCESS : last_error();
}

DWORD certificate_add(const struct certificate *certificate, enum testsign_store store, bool *had)
{
    const struct crypt_api *api;
    HCERTSTORE handle;

    DWORD error = get_api(&api);
    if (error == ERROR_SUCCESS) {
        error = open_store(api, store, true, &handle);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!api->CertAddCertificateContextToStore(handle, certificate->context, CERT_STORE_ADD_NEW,
                                               NULL)) {
        error = last_error();
    }
    api->CertCloseStore(handle, 0);
    *had = error == (DWORD)CRYPT_E_EXISTS;
    return *had ? ERROR_SUCCESS : error;
}

static unsigned digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
}

/* NULL if it is not there. What is found is to be freed or deleted. */
static PCCERT_CONTEXT find(const struct crypt_api *api, HCERTSTORE store, const char *thumbprint)
{
    BYTE hash[HASH_SIZE];
    const CRYPT_HASH_BLOB blob = {sizeof(hash), hash};

    for (size_t i = 0; i < HASH_SIZE; i++) {
        hash[i] = (BYTE)(digit(thumbprint[2 * i]) << 4 | digit(thumbprint[2 * i + 1]));
    }
    return api->CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_SHA1_HASH, &blob,
                                           NULL);
}

/* Asks again, of a store opened anew: a certificate that stayed must not be called removed. */
static DWORD check_gone(enum testsign_store store, const char *thumbprint)
{
    bool there = false;

    const DWORD error = certificate_is_there(store, thumbprint, &there);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    return there ? ERROR_ACCESS_DENIED : ERROR_SUCCESS;
}

DWORD certificate_remove(enum testsign_store store, const char *thumbprint)
{
    const struct crypt_api *api;
    HCERTSTORE handle;

    DWORD error = get_api(&api);
    if (error == ERROR_SUCCESS) {
        error = open_store(api, store, true, &handle);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    const PCCERT_CONTEXT found = find(api, handle, thumbprint);
    if (found != NULL && (!api->CertDeleteCertificateFromStore(found) || /* frees it */
                          !api->CertControlStore(handle, 0, CERT_STORE_CTRL_COMMIT, NULL))) {
        error = last_error();
    }
    api->CertCloseStore(handle, 0);
    return error == ERROR_SUCCESS ? check_gone(store, thumbprint) : error;
}

DWORD certificate_is_there(enum testsign_store store, const char *thumbprint, bool *out)
{
    const struct crypt_api *api;
    HCERTSTORE handle;

    DWORD error = get_api(&api);
    if (error == ERROR_SUCCESS) {
        error = open_store(api, store, false, &handle);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    const PCCERT_CONTEXT found = find(api, handle, thumbprint);
    *out = found != NULL;
    if (found != NULL) {
        api->CertFreeCertificateContext(found);
    }
    api->CertCloseStore(handle, 0);
    return ERROR_SUCCESS;
}
