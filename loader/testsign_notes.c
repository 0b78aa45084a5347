/* SPDX-License-Identifier: Apache-2.0
 *
 * The notes in the registry. Users may read them and only administrators write them, as everything
 * under HKLM\SOFTWARE.
 */
#include "loader/testsign_notes.h"

#include <string.h>

#define PROJECT_KEY "SOFTWARE\\windows-rapl-driver"
#define NOTES_KEY   PROJECT_KEY "\\TestSigning"

static DWORD bit_of(enum testsign_store store)
{
    return 1u << store;
}

static DWORD read_bits(const char *thumbprint)
{
    DWORD bits = 0;
    DWORD size = sizeof(bits);

    return RegGetValueA(HKEY_LOCAL_MACHINE, NOTES_KEY, thumbprint, RRF_RT_REG_DWORD, NULL, &bits,
                        &size) == ERROR_SUCCESS
               ? bits
               : 0;
}

/* SHA-1 in capitals: what else may be there is not a note. */
static bool is_thumbprint(const char *name)
{
    return strlen(name) == TESTSIGN_THUMBPRINT_CHARS - 1 &&
           strspn(name, "0123456789ABCDEF") == TESTSIGN_THUMBPRINT_CHARS - 1;
}

static void add_notes(const char *thumbprint, DWORD bits, struct testsign_note *out,
                      uint32_t *count)
{
    for (unsigned store = 0; store < TESTSIGN_STORE_COUNT; store++) {
        if ((bits & bit_of((enum testsign_store)store)) != 0 && *count < TESTSIGN_NOTES_MAX) {
            struct testsign_note *note = &out[(*count)++];
            note->store = (enum testsign_store)store;
            memcpy(note->thumbprint, thumbprint, sizeof(note->thumbprint));
        }
    }
}

DWORD testsign_notes_read(struct testsign_note out[TESTSIGN_NOTES_MAX], uint32_t *count)
{
    char name[64];
    DWORD name_size = sizeof(name);
    HKEY key;

    *count = 0;
    LSTATUS error = RegOpenKeyExA(HKEY_LOCAL_MACHINE, NOTES_KEY, 0, KEY_QUERY_VALUE, &key);
    if (error != ERROR_SUCCESS) {
        return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : (DWORD)error;
    }
    for (DWORD i = 0; error != ERROR_NO_MORE_ITEMS; i++) {
        name_size = sizeof(name);
        error = RegEnumValueA(key, i, name, &name_size, NULL, NULL, NULL, NULL);
        if (error == ERROR_SUCCESS && is_thumbprint(name)) {
            add_notes(name, read_bits(name), out, count);
        } else if (error != ERROR_SUCCESS && error != ERROR_MORE_DATA) {
            break; /* a longer name is not a note */
        }
    }
    RegCloseKey(key);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : (DWORD)error;
}

bool testsign_noted(enum testsign_store store, const char *thumbprint)
{
    return (read_bits(thumbprint) & bit_of(store)) != 0;
}

DWORD testsign_note(enum testsign_store store, const char *thumbprint)
{
    const DWORD bits = read_bits(thumbprint) | bit_of(store);

    return (DWORD)RegSetKeyValueA(HKEY_LOCAL_MACHINE, NOTES_KEY, thumbprint, REG_DWORD, &bits,
                                  sizeof(bits));
}

/* Deletes a key that has nothing in it. */
static void delete_if_empty(const char *path)
{
    DWORD keys = 1;
    DWORD values = 1;
    HKEY key;

    if (RegOpenKeyExA(HKEY_LOCAL_MACHINE, path, 0, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS) {
        return;
    }
    const LSTATUS error =
        RegQueryInfoKeyA(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    if (error == ERROR_SUCCESS && keys == 0 && values == 0) {
        RegDeleteKeyA(HKEY_LOCAL_MACHINE, path);
    }
}

DWORD testsign_unnote(enum testsign_store store, const char *thumbprint)
{
    const DWORD before = read_bits(thumbprint);
    const DWORD bits = before & ~bit_of(store);
    LSTATUS error = ERROR_SUCCESS;

    if (bits != 0) {
        error = RegSetKeyValueA(HKEY_LOCAL_MACHINE, NOTES_KEY, thumbprint, REG_DWORD, &bits,
                                sizeof(bits));
    } else if (before != 0) {
        error = RegDeleteKeyValueA(HKEY_LOCAL_MACHINE, NOTES_KEY, thumbprint);
    }
    if (error == ERROR_SUCCESS) {
        delete_if_empty(NOTES_KEY);
        delete_if_empty(PROJECT_KEY);
    }
    return (DWORD)error;
}
