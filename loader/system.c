/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' version and this process' token.
 */
#include "loader/system.h"

#include <winternl.h>

/* In ntdll of every Windows; MinGW's headers have it for drivers only. */
NTSYSAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW information);

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
