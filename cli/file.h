/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that verbs write: every write reaches the system before it returns, and one that fails
 * leaves what was written before as it was.
 */
#ifndef RAPL_CLI_FILE_H
#define RAPL_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct file; /* one that is open for writing */

enum file_created {
    FILE_CREATED,
    FILE_EXISTS, /* and was not to be replaced */
    FILE_FAILED,
};

/*
 * Creates the file (`path` in UTF-8). One that is there is replaced only if asked; devices and
 * pipes are opened as they are. `*system_error` on FILE_FAILED: the system's code.
 */
enum file_created file_create(const char *path, bool replace, struct file **out,
                              uint32_t *system_error);

/* All of it, or what was written of it is taken back. */
enum cli_written file_write(struct file *file, const char *bytes, size_t size);

/* CLI_WRITTEN, or a write that the system only now reports as failed. */
enum cli_written file_close(struct file *file);

/* What the system calls that error: "No such file or directory". */
void file_error_text(uint32_t system_error, struct text *out);

#endif
