/* SPDX-License-Identifier: Apache-2.0
 *
 * Driver packages that are for our device: INF files, in Windows' own folder (oem*.inf) or beside
 * DriverLoader.exe. Functions return a Windows error code and leave their out parameters alone if
 * it is not ERROR_SUCCESS.
 */
#ifndef RAPL_LOADER_PACKAGES_H
#define RAPL_LOADER_PACKAGES_H

#include <stdbool.h>

#include <windows.h>

#define PACKAGES_MAX 8u

struct package {
    wchar_t name[64]; /* oem7.inf */
    wchar_t provider[128];
};

struct packages {
    unsigned count;
    struct package package[PACKAGES_MAX];
};

/* The oem*.inf that name our hardware id. One that cannot be read is left out. */
DWORD packages_find(struct packages *out);

/*
 * Reads an INF by its path. ERROR_INVALID_DATA: it is one, but not for our device. `name` is left
 * empty.
 */
DWORD package_read(const wchar_t *path, struct package *out);

/* `name` is one of Windows' own: oem7.inf. Its driver files in the driver store go with it. */
DWORD package_uninstall(const wchar_t *name);

#endif
