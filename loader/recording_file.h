/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a recording before anything is changed for it: the driver itself could only refuse to
 * start, without being able to say why.
 */
#ifndef RAPL_LOADER_RECORDING_FILE_H
#define RAPL_LOADER_RECORDING_FILE_H

#include <stdbool.h>

#include "loader/files.h"
#include "loader/options.h"
#include "loader/report.h"

/*
 * Both: false if it was refused and reported; `*code` is then the exit code, else untouched.
 * recording_file_find gives the recording that the options name, or else the one that comes with
 * the simulated driver, as a full path, checked.
 */
bool recording_file_find(const struct loader_options *options, struct report *report,
                         struct loader_path *out, int *code);
bool recording_file_check(const struct loader_path *path, struct report *report, int *code);

#endif
