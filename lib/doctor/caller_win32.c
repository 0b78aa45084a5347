/* SPDX-License-Identifier: Apache-2.0
 *
 * What this process' token has: the driver decides by the same groups at open.
 */
#include "lib/doctor/facts_win32.h"

#include <windows.h>

/* True if the group is in the token and enabled; an administrator who is not elevated has not. */
static uint8_t is_member(WELL_KNOWN_SID_TYPE type)
{
    BYTE sid[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(sid);
    BOOL member;

    if (!CreateWellKnownSid(type, NULL, sid, &size) || !CheckTokenMembership(NULL, sid, &member)) {
        return RAPL_TRUTH_UNKNOWN;
    }
    return member ? RAPL_TRUTH_YES : RAPL_TRUTH_NO;
}

void doctor_facts_caller(struct doctor_caller *out)
{
    TOKEN_ELEVATION elevation;
    TOKEN_ELEVATION_TYPE type;
    DWORD size;
    HANDLE token;

    out->administrator = is_member(WinBuiltinAdministratorsSid);
    out->log_user = is_member(WinBuiltinPerfLoggingUsersSid);
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        return;
    }
    if (GetTokenInformation(token, TokenElevation, &elevation, sizeof(elevation), &size)) {
        out->elevated = elevation.TokenIsElevated ? RAPL_TRUTH_YES : RAPL_TRUTH_NO;
    }
    /* Limited: the other half of a token pair, whose full half is an administrator's. */
    if (GetTokenInformation(token, TokenElevationType, &type, sizeof(type), &size) &&
        type == TokenElevationTypeLimited) {
        out->administrator = RAPL_TRUTH_YES;
    }
    CloseHandle(token);
}
