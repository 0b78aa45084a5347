/* SPDX-License-Identifier: Apache-2.0
 *
 * bcrypt.dll, from the system folder whatever lies beside this program.
 */
#include "lib/doctor/hash.h"

#include <windows.h>
#include <bcrypt.h>

#include "lib/file.h"

#define FILE_SIZE_MAX (64u << 20)
#define HASH_BYTES    32u

typedef NTSTATUS(WINAPI *open_function)(BCRYPT_ALG_HANDLE *, LPCWSTR, LPCWSTR, ULONG);
typedef NTSTATUS(WINAPI *close_function)(BCRYPT_ALG_HANDLE, ULONG);
typedef NTSTATUS(WINAPI *hash_function)(BCRYPT_ALG_HANDLE, UCHAR *, ULONG, UCHAR *, ULONG, UCHAR *,
                                        ULONG);

static bool hash_bytes(HMODULE module, const struct rapl_file *file, UCHAR hash[HASH_BYTES])
{
    const open_function open =
        (open_function)(void (*)(void))GetProcAddress(module, "BCryptOpenAlgorithmProvider");
    const close_function close =
        (close_function)(void (*)(void))GetProcAddress(module, "BCryptCloseAlgorithmProvider");
    const hash_function hash_all =
        (hash_function)(void (*)(void))GetProcAddress(module, "BCryptHash");
    BCRYPT_ALG_HANDLE algorithm;

    if (open == NULL || close == NULL || hash_all == NULL ||
        open(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0) < 0) {
        return false;
    }
    const bool done = hash_all(algorithm, NULL, 0, file->bytes, file->size, hash, HASH_BYTES) >= 0;
    close(algorithm, 0);
    return done;
}

bool doctor_hash_file(const wchar_t *path, char hex[DOCTOR_HASH_CHARS])
{
    static const char digits[] = "0123456789abcdef";
    UCHAR hash[HASH_BYTES];
    struct rapl_file file;
    bool done = false;

    if (rapl_file_open(path, FILE_SIZE_MAX, &file) != ERROR_SUCCESS) {
        return false;
    }
    const HMODULE module = LoadLibraryExW(L"bcrypt.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (module != NULL) {
        done = hash_bytes(module, &file, hash);
        FreeLibrary(module);
    }
    rapl_file_close(&file);
    for (size_t i = 0; done && i < HASH_BYTES; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 0xF];
        hex[2 * i + 2] = '\0';
    }
    return done;
}
