/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths as services store them, turned into paths that programs can open. Pure C.
 */
#ifndef RAPL_LIB_SERVICE_PATH_H
#define RAPL_LIB_SERVICE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

/* Room for a path, with its end: longer ones are refused. */
#define RAPL_PATH_CHARS 1024u

/*
 * `image` is a driver's ImagePath, possibly in quotes: "\SystemRoot\...", "%SystemRoot%\...",
 * "\??\C:\...", a full path, or one without a backslash or drive at its beginning, such as
 * "System32\...", which the kernel takes from the Windows folder. Empty means
 * System32\drivers\ScaphandreDrv.sys, as it does to the kernel. `windows` is the Windows folder,
 * without a trailing backslash. False, `out` untouched: does not fit into `size` characters.
 */
bool rapl_service_path_resolve(const wchar_t *image, const wchar_t *windows, wchar_t *out,
                               size_t size);

/* Windows' comparison, as far as the system's own folders need it: ASCII letters fold. */
bool rapl_service_path_equal(const wchar_t *a, const wchar_t *b);

/* True if one folder or file on the path has that name. */
bool rapl_service_path_has_part(const wchar_t *path, const wchar_t *part);

/* The part after the last backslash; the whole if there is none. */
const wchar_t *rapl_service_path_file(const wchar_t *path);

#endif
