/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths as services store them, turned into paths that programs can open. Pure C.
 */
#ifndef RAPL_LOADER_SERVICE_PATH_H
#define RAPL_LOADER_SERVICE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/*
 * `image` is a driver's ImagePath: "\SystemRoot\...", "\??\C:\...", "%SystemRoot%\...",
 * "System32\..." (below the Windows folder) or a full path, possibly in quotes. Empty means
 * System32\drivers\ScaphandreDrv.sys, as it does to the kernel. `windows` is the Windows folder,
 * without a trailing backslash. False, `out` untouched: does not fit into `size` characters.
 */
bool service_path_resolve(const wchar_t *image, const wchar_t *windows, wchar_t *out, size_t size);

/* Windows' comparison, as far as the system's own folders need it: ASCII letters fold. */
bool service_path_equal(const wchar_t *a, const wchar_t *b);

/* True if one folder or file on the path has that name. */
bool service_path_has_part(const wchar_t *path, const wchar_t *part);

/* The part after the last backslash; the whole if there is none. */
const wchar_t *service_path_file(const wchar_t *path);

#endif
