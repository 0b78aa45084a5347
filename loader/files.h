/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths and files. Functions return a Windows error code, ERROR_SUCCESS if they succeeded, and
 * leave their out parameters alone if they did not.
 */
#ifndef RAPL_LOADER_FILES_H
#define RAPL_LOADER_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include <windows.h>

#include "lib/file.h"
#include "lib/service_path.h"

#define LOADER_PATH_CHARS RAPL_PATH_CHARS

struct loader_path {
    wchar_t text[LOADER_PATH_CHARS];
};

/* `name` in the folder of DriverLoader.exe itself, never the current folder. */
DWORD files_beside_program(const wchar_t *name, struct loader_path *out);
/* `name` in the folder of the file `path`, which is a full path. */
DWORD files_beside(const wchar_t *path, const wchar_t *name, struct loader_path *out);
/* Where the driver is installed: System32\drivers\ScaphandreDrv.sys of the system's Windows. */
DWORD files_installed_driver(struct loader_path *out);
/* A UTF-8 path of the user's, made full against the current folder. */
DWORD files_full_path(const char *path, struct loader_path *out);

/* ERROR_SUCCESS if it is there, can be read and is not a folder. */
DWORD files_check_readable(const wchar_t *path);

/* True if the file at `path` can be read and has the same bytes. */
bool files_equal(const wchar_t *path, const struct rapl_file *file);

/* What it takes to put a replaced file back. */
struct file_undo {
    struct loader_path target;
    struct loader_path saved; /* copy of what was there; empty if nothing was */
    bool replaced;
};

/*
 * Writes the bytes under another name in the folder of `target`, flushes, and moves them over it
 * in one step. Exactly one of files_undo and files_keep follows a success.
 */
DWORD files_replace(const wchar_t *target, const struct rapl_file *file, struct file_undo *out);
DWORD files_undo(struct file_undo *undo);
void files_keep(struct file_undo *undo);

/*
 * Deletes a file. If it is in use it is moved aside, so that its name is free, and deleted at the
 * next restart: `*at_restart`.
 */
DWORD files_delete(const wchar_t *path, bool *at_restart);

#endif
