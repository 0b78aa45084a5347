/* SPDX-License-Identifier: Apache-2.0
 *
 * A text file whole, by a path in UTF-8, on every system.
 */
#ifndef RAPL_LIB_READ_FILE_H
#define RAPL_LIB_READ_FILE_H

#include <stddef.h>
#include <stdint.h>

/* Whose error codes: for messages. */
#ifdef _WIN32
#define FILE_TEXT_SYSTEM "Windows"
#else
#define FILE_TEXT_SYSTEM "system"
#endif

struct file_text {
    char *bytes; /* not terminated */
    size_t size;
};

/* 0, or errno or a Windows error code with `*out` untouched, if it has more than `size_max` too. */
uint32_t file_text_read(const char *path, size_t size_max, struct file_text *out);
void file_text_free(struct file_text *text);

#endif
