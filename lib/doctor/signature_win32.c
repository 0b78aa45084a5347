/* SPDX-License-Identifier: Apache-2.0
 *
 * Is a driver's file signed, by itself or through a catalog, as far as this machine's own trust
 * goes?
 *
 * wintrust.dll is loaded from the system folder by name: a copy beside this program must not be
 * taken for it. Nothing is fetched from the network. Error codes: winerror.h.
 */
#include "lib/doctor/signature.h"

#include <windows.h>
#include <softpub.h>
#include <wintrust.h>
#include <mscat.h>

typedef LONG(WINAPI *verify_function)(HWND, GUID *, LPVOID);
typedef BOOL(WINAPI *acquire_function)(HCATADMIN *, const GUID *, PCWSTR, const void *, DWORD);
typedef BOOL(WINAPI *hash_function)(HCATADMIN, HANDLE, DWORD *, BYTE *, DWORD);
typedef HCATINFO(WINAPI *enum_function)(HCATADMIN, BYTE *, DWORD, DWORD, HCATINFO *);
typedef BOOL(WINAPI *info_function)(HCATINFO, CATALOG_INFO *, DWORD);
typedef BOOL(WINAPI *release_info_function)(HCATADMIN, HCATINFO, DWORD);
typedef BOOL(WINAPI *release_function)(HCATADMIN, DWORD);

struct wintrust {
    HMODULE module;
    verify_function verify;
    acquire_function acquire;
    hash_function hash;
    enum_function enumerate;
    info_function info;
    release_info_function release_info;
    release_function release;
};

#define HASH_BYTES_MAX 64u

/* Through void (*)(void): a FARPROC is of no particular type. */
#define TAKE(trust, field, type, name)                                                             \
    ((trust)->field = (type)(void (*)(void))GetProcAddress((trust)->module, name))

static bool load(struct wintrust *out)
{
    out->module = LoadLibraryExW(L"wintrust.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    return out->module != NULL && TAKE(out, verify, verify_function, "WinVerifyTrust") != NULL &&
           TAKE(out, acquire, acquire_function, "CryptCATAdminAcquireContext2") != NULL &&
           TAKE(out, hash, hash_function, "CryptCATAdminCalcHashFromFileHandle2") != NULL &&
           TAKE(out, enumerate, enum_function, "CryptCATAdminEnumCatalogFromHash") != NULL &&
           TAKE(out, info, info_function, "CryptCATCatalogInfoFromContext") != NULL &&
           TAKE(out, release_info, release_info_function, "CryptCATAdminReleaseCatalogContext") !=
               NULL &&
           TAKE(out, release, release_function, "CryptCATAdminReleaseContext") != NULL;
}

static LONG verify(const struct wintrust *trust, WINTRUST_DATA *data)
{
    GUID action = WINTRUST_ACTION_GENERIC_VERIFY_V2;

    data->cbStruct = sizeof(*data);
    data->dwUIChoice = WTD_UI_NONE;
    data->fdwRevocationChecks = WTD_REVOKE_NONE;
    data->dwStateAction = WTD_STATEACTION_VERIFY;
    data->dwProvFlags = WTD_CACHE_ONLY_URL_RETRIEVAL;
    const LONG result = trust->verify(INVALID_HANDLE_VALUE, &action, data);

    data->dwStateAction = WTD_STATEACTION_CLOSE;
    trust->verify(INVALID_HANDLE_VALUE, &action, data);
    return result;
}

static LONG verify_file(const struct wintrust *trust, const wchar_t *path)
{
    WINTRUST_FILE_INFO file = {.cbStruct = sizeof(file), .pcwszFilePath = path};
    WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_FILE, .pFile = &file};

    return verify(trust, &data);
}

/* The catalog that lists this hash, verified; TRUST_E_NOSIGNATURE if there is none. */
static LONG verify_member(const struct wintrust *trust, HCATADMIN admin, const wchar_t *path,
                          BYTE *hash, DWORD size)
{
    static const wchar_t digits[] = L"0123456789ABCDEF";
    wchar_t tag[2 * HASH_BYTES_MAX + 1] = {0};
    CATALOG_INFO catalog = {.cbStruct = sizeof(catalog)};
    LONG result = TRUST_E_NOSIGNATURE;

    HCATINFO found = trust->enumerate(admin, hash, size, 0, NULL);
    if (found == NULL) {
        return result;
    }
    for (size_t i = 0; i < size; i++) {
        tag[2 * i] = digits[hash[i] >> 4];
        tag[2 * i + 1] = digits[hash[i] & 0xF];
    }
    if (trust->info(found, &catalog, 0)) {
        WINTRUST_CATALOG_INFO member = {
            .cbStruct = sizeof(member),
            .pcwszCatalogFilePath = catalog.wszCatalogFile,
            .pcwszMemberTag = tag,
            .pcwszMemberFilePath = path,
            .pbCalculatedFileHash = hash,
            .cbCalculatedFileHash = size,
        };
        WINTRUST_DATA data = {.dwUnionChoice = WTD_CHOICE_CATALOG, .pCatalog = &member};
        result = verify(trust, &data);
    }
    trust->release_info(admin, found, 0);
    return result;
}

static LONG verify_catalog(const struct wintrust *trust, const wchar_t *path)
{
    static const GUID driver_action = DRIVER_ACTION_VERIFY;
    BYTE hash[HASH_BYTES_MAX];
    DWORD size = sizeof(hash);
    LONG result = TRUST_E_NOSIGNATURE;
    HCATADMIN admin;

    const HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                                    OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return result;
    }
    if (trust->acquire(&admin, &driver_action, L"SHA256", NULL, 0)) {
        if (trust->hash(admin, file, &size, hash, 0)) {
            result = verify_member(trust, admin, path, hash, size);
        }
        trust->release(admin, 0);
    }
    CloseHandle(file);
    return result;
}

static enum doctor_signature judge(LONG result)
{
    switch ((DWORD)result) {
    case ERROR_SUCCESS:
        return DOCTOR_SIGNATURE_VALID;
    case (DWORD)TRUST_E_NOSIGNATURE:
        return DOCTOR_SIGNATURE_NONE;
    case (DWORD)TRUST_E_BAD_DIGEST:
        return DOCTOR_SIGNATURE_CHANGED;
    case (DWORD)CERT_E_EXPIRED:
        return DOCTOR_SIGNATURE_EXPIRED;
    case (DWORD)CERT_E_UNTRUSTEDROOT:
    case (DWORD)CERT_E_CHAINING:
    case (DWORD)CERT_E_UNTRUSTEDTESTROOT:
    case (DWORD)TRUST_E_EXPLICIT_DISTRUST:
    case (DWORD)TRUST_E_SUBJECT_NOT_TRUSTED:
        return DOCTOR_SIGNATURE_UNTRUSTED;
    default:
        return DOCTOR_SIGNATURE_UNKNOWN;
    }
}

enum doctor_signature doctor_signature_of(const wchar_t *path)
{
    struct wintrust trust;
    enum doctor_signature signature = DOCTOR_SIGNATURE_UNKNOWN;

    if (load(&trust)) {
        signature = judge(verify_file(&trust, path));
        if (signature == DOCTOR_SIGNATURE_NONE) {
            signature = judge(verify_catalog(&trust, path));
        }
    }
    if (trust.module != NULL) {
        FreeLibrary(trust.module);
    }
    return signature;
}
