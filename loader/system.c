/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' version and this process' token.
 */
#include "loader/system.h"

#include <winternl.h>

#include "loader/system_library.h"

/* In ntdll of every Windows; MinGW's headers have it for drivers only. */
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW information);

/* NtQuerySystemInformation's SYSTEM_CODEINTEGRITY_INFORMATION. */
#define CODE_INTEGRITY_CLASS     103
#define CODE_INTEGRITY_TEST_SIGN 0x2u
#define CODE_INTEGRITY_HVCI      0x400u

struct code_integrity {
    ULONG size;
    ULONG options;
};

/* Not winternl.h's declaration: its list of classes does not have this one. */
struct query_api {
    NTSTATUS(NTAPI *query)(int class, void *out, ULONG size, ULONG *used);
};

#define SECURE_BOOT_KEY L"SYSTEM\\CurrentControlSet\\Control\\SecureBoot\\State"

#define OLDEST_MAJOR 10u
#define OLDEST_BUILD 14393u

void system_version(struct windows_version *out)
{
    OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof(version)};

    RtlGetVersion((PRTL_OSVERSIONINFOW)&version);
    out->major = version.dwMajorVersion;
    out->minor = version.dwMinorVersion;
    out->build = version.dwBuildNumber;
    out->server = version.wProductType != VER_NT_WORKSTATION;
}

bool system_is_supported(const struct windows_version *version)
{
    return version->major > OLDEST_MAJOR ||
           (version->major == OLDEST_MAJOR && version->build >= OLDEST_BUILD);
}

void system_signing_read(struct system_signing *out)
{
    static const struct system_function function = {L"ntdll.dll", "NtQuerySystemInformation", 0};
    struct code_integrity integrity = {.size = sizeof(integrity)};
    struct query_api api;
    DWORD enabled = 0;
    DWORD size = sizeof(enabled);

    *out = (struct system_signing){0};
    out->secure_boot_known =
        RegGetValueW(HKEY_LOCAL_MACHINE, SECURE_BOOT_KEY, L"UEFISecureBootEnabled",
                     RRF_RT_REG_DWORD, NULL, &enabled, &size) == ERROR_SUCCESS;
    out->secure_boot = out->secure_boot_known && enabled != 0;
    out->integrity_known =
        system_library_load(&function, 1, &api) == ERROR_SUCCESS &&
        api.query(CODE_INTEGRITY_CLASS, &integrity, sizeof(integrity), NULL) >= 0;
    out->test_signing = out->integrity_known && (integrity.options & CODE_INTEGRITY_TEST_SIGN) != 0;
    out->hvci = out->integrity_known && (integrity.options & CODE_INTEGRITY_HVCI) != 0;
}

bool system_is_elevated(void)
{
    TOKEN_ELEVATION elevation = {0};
    HANDLE token;
    DWORD size;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        return false;
    }
    const BOOL known =
        GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size);
    CloseHandle(token);
    return known && elevation.TokenIsElevated != 0;
}
