/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks at where the file lies and at who may write there. The known case: the Rust crate
 * scaphandre-driver-rs repoints the service to a folder below %TEMP%.
 */
#include "lib/driver_place.h"

#include <stdbool.h>

#include <windows.h>
#include <aclapi.h>
#include <sddl.h>

#include "lib/service_path.h"

/* Writing, adding or deleting what is there, or giving oneself the right to. */
#define WRITE_RIGHTS                                                                               \
    (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER |   \
     GENERIC_WRITE | GENERIC_ALL)

/* SYSTEM, Administrators, CREATOR OWNER (empty where it stands) and TrustedInstaller. */
static const wchar_t *const trusted_sids[] = {
    L"S-1-5-18",
    L"S-1-5-32-544",
    L"S-1-3-0",
    L"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
};

static bool is_trusted(PSID sid)
{
    bool trusted = false;
    wchar_t *text;

    if (!ConvertSidToStringSidW(sid, &text)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(trusted_sids) / sizeof(trusted_sids[0]); i++) {
        trusted = trusted || rapl_service_path_equal(text, trusted_sids[i]);
    }
    LocalFree(text);
    return trusted;
}

static bool list_lets_others_write(PACL list)
{
    if (list == NULL) {
        return true;
    }
    for (DWORD i = 0; i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        if (!GetAce(list, i, (void **)&entry)) {
            return true;
        }
        if (entry->Header.AceType == ACCESS_ALLOWED_ACE_TYPE &&
            (entry->Header.AceFlags & INHERIT_ONLY_ACE) == 0 && (entry->Mask & WRITE_RIGHTS) != 0 &&
            !is_trusted(&entry->SidStart)) {
            return true;
        }
    }
    return false;
}

/* False also if it cannot be read: not there, or hidden from this account. */
static bool others_may_write(const wchar_t *path)
{
    PSECURITY_DESCRIPTOR descriptor;
    PSID owner;
    PACL list;

    if (GetNamedSecurityInfoW(path, SE_FILE_OBJECT,
                              OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, NULL,
                              &list, NULL, &descriptor) != ERROR_SUCCESS) {
        return false;
    }
    const bool may = owner == NULL || !is_trusted(owner) || list_lets_others_write(list);
    LocalFree(descriptor);
    return may;
}

static bool folder_of(const wchar_t *path, wchar_t out[RAPL_PATH_CHARS])
{
    const size_t length = (size_t)(rapl_service_path_file(path) - path);
    if (length < 2 || length >= RAPL_PATH_CHARS) {
        return false;
    }
    wmemcpy(out, path, length);
    out[length] = L'\0';
    return true;
}

/* Where Windows keeps the files of driver packages, and runs drivers from since 1709. */
static bool in_driver_store(const wchar_t *path)
{
    static const wchar_t store[] = L"\\DriverStore\\FileRepository\\";
    wchar_t begin[RAPL_PATH_CHARS];
    wchar_t system[RAPL_PATH_CHARS];

    const UINT length = GetSystemDirectoryW(system, RAPL_PATH_CHARS);
    const size_t total = length + wcslen(store);
    if (length == 0 || total >= RAPL_PATH_CHARS || wcslen(path) <= total) {
        return false;
    }
    wcscat(system, store);
    wmemcpy(begin, path, total);
    begin[total] = L'\0';
    return rapl_service_path_equal(begin, system);
}

enum rapl_driver_place rapl_driver_place(const wchar_t *path, const wchar_t *installed_path)
{
    wchar_t folder[RAPL_PATH_CHARS];

    if (rapl_service_path_equal(path, installed_path) || in_driver_store(path)) {
        return RAPL_DRIVER_PLACE_SYSTEM;
    }
    if (rapl_service_path_has_part(path, L"Temp") || rapl_service_path_has_part(path, L"Tmp")) {
        return RAPL_DRIVER_PLACE_TEMPORARY;
    }
    if (others_may_write(path) || (folder_of(path, folder) && others_may_write(folder))) {
        return RAPL_DRIVER_PLACE_WRITABLE;
    }
    return RAPL_DRIVER_PLACE_ELSEWHERE;
}
