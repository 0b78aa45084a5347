/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of Windows' own libraries, taken from the system's folder and nowhere else.
 */
#ifndef RAPL_LOADER_SYSTEM_LIBRARY_H
#define RAPL_LOADER_SYSTEM_LIBRARY_H

#include <stddef.h>

#include <windows.h>

struct system_function {
    const wchar_t *library;
    const char *name;
    size_t offset; /* of the pointer in the table */
};

/*
 * Fills the pointers of `table`. 0, or a Windows error code: of a missing library, or
 * ERROR_PROC_NOT_FOUND. The libraries stay loaded.
 */
DWORD system_library_load(const struct system_function *functions, size_t count, void *table);

#endif
