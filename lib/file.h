/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole file in memory. Win32 only.
 */
#ifndef RAPL_LIB_FILE_H
#define RAPL_LIB_FILE_H

#include <stdint.h>
#include <wchar.h>

/* While it is open nobody can change the file on disk. */
struct rapl_file {
    void *handle;
    uint8_t *bytes; /* NULL: not open */
    uint32_t size;
};

/*
 * 0, or a Windows error code with `*out` untouched: ERROR_FILE_TOO_LARGE if it has more than
 * `size_max` bytes.
 */
uint32_t rapl_file_open(const wchar_t *path, uint32_t size_max, struct rapl_file *out);

/* Safe on a zeroed one. */
void rapl_file_close(struct rapl_file *file);

#endif
