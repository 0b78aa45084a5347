/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of a powercap tree, as the backend sees them: a small table, so that a tree can live in
 * memory (tests) or in sysfs. Paths are relative to the tree's root, "" is the root itself.
 * Functions that fail return a negative errno.
 */
#ifndef RAPL_LIB_POWERCAP_FILES_H
#define RAPL_LIB_POWERCAP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One name in a folder; false: no more, please. */
typedef bool (*powercap_each)(void *to, const char *name);

struct powercap_files {
    void *context;

    /* Every name in a folder, in any order. 0, or why it cannot be listed. */
    int (*list)(void *context, const char *folder, powercap_each each, void *to);

    /* A handle, 0 or more; "/proc/cpuinfo" is the one absolute path. */
    int (*open)(void *context, const char *path);
    /* At most `size` bytes from `offset`: how many, 0 at the end. -ENODEV once the file is gone. */
    int (*read)(void *context, int handle, uint64_t offset, char *buffer, size_t size);
    void (*close)(void *context, int handle);

    void (*release)(void *context); /* of the table itself, after the last of its handles */

    /* Of a clock that runs while the system sleeps. */
    uint64_t (*time_ns)(void *context);

    /* These files are the running kernel's own, not a copy of some machine's. */
    bool live;
};

#define POWERCAP_TEXT_MAX 64u /* bytes of a zone's file; sysfs' are shorter */

/* A whole small file, NUL-terminated, without the newline at its end. -E2BIG: it is longer. */
int powercap_read_text(const struct powercap_files *files, int handle,
                       char text[POWERCAP_TEXT_MAX]);

/* As above, for a file that is opened and closed for it. */
int powercap_load_text(const struct powercap_files *files, const char *path,
                       char text[POWERCAP_TEXT_MAX]);

/* Decimal digits and nothing else, at most UINT64_MAX. */
bool powercap_number(const char *text, uint64_t *out);

/* ---- powercap_posix.c ----------------------------------------------------------------------- */

/* The tree at `path`, until it is released. 0, or the errno and `*out` untouched. */
int powercap_posix_open(const char *path, struct powercap_files *out);

#endif
