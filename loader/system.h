/* SPDX-License-Identifier: Apache-2.0
 *
 * What kind of Windows this is and what this process may do.
 */
#ifndef RAPL_LOADER_SYSTEM_H
#define RAPL_LOADER_SYSTEM_H

#include <stdbool.h>

#include <windows.h>

struct windows_version {
    DWORD major;
    DWORD minor;
    DWORD build;
    bool server;
};

/* The true version, whatever compatibility mode the program runs in. */
void system_version(struct windows_version *out);

/* Windows 10 version 1607 or Server 2016: the oldest that the driver runs on. */
bool system_is_supported(const struct windows_version *version);

/* What Windows makes of a driver's signature, as it was started. */
struct system_signing {
    bool secure_boot_known; /* false on a machine that was not started by UEFI */
    bool secure_boot;
    bool integrity_known; /* the two below */
    bool test_signing;
    bool hvci; /* memory integrity */
};

void system_signing_read(struct system_signing *out);

/* The process may change services: its token is elevated. False if that cannot be told. */
bool system_is_elevated(void);

#endif
