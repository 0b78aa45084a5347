/* SPDX-License-Identifier: Apache-2.0
 *
 * What is installed: the service's configuration and the file that it really points to.
 */
#ifndef RAPL_LOADER_INSTALLED_H
#define RAPL_LOADER_INSTALLED_H

#include <stdbool.h>

#include "lib/driver_image.h"
#include "lib/service_read.h"
#include "loader/files.h"

struct installed {
    struct rapl_service_config config;
    struct loader_path path;   /* the configured file as a path that programs can open */
    struct loader_path target; /* where DriverLoader installs */
    bool at_target;            /* the two are the same */
    bool file_there;
    enum rapl_image_kind kind;         /* RAPL_IMAGE_UNCLEAR also if the file cannot be read */
    struct rapl_image_version version; /* all empty likewise */
};

/* A Windows error code. `handle` needs SERVICE_QUERY_CONFIG. */
DWORD installed_read(SC_HANDLE handle, struct installed *out);

/* True only if the file says clearly that it is the simulated driver. */
bool installed_is_simulated(const struct installed *installed);

/* For sentences: "1.0.0.0" or "unknown". */
const char *installed_version(const struct installed *installed);
const wchar_t *installed_label(const struct installed *installed); /* " (SIMULATED)" or "" */

#endif
