/* SPDX-License-Identifier: Apache-2.0
 *
 * What is installed: the service's configuration and the file that it really points to.
 */
#ifndef RAPL_LOADER_INSTALLED_H
#define RAPL_LOADER_INSTALLED_H

#include <stdbool.h>

#include "loader/driver_file.h"
#include "loader/service.h"

struct installed {
    struct service_config config;
    struct loader_path path;   /* the configured file as a path that programs can open */
    struct loader_path target; /* where DriverLoader installs */
    bool at_target;            /* the two are the same */
    bool file_there;
    bool has_facts; /* the file has a version resource */
    struct driver_facts facts;
};

/* A Windows error code. `handle` needs SERVICE_QUERY_CONFIG. */
DWORD installed_read(SC_HANDLE handle, struct installed *out);

/* True only if the file says clearly that it is the simulated driver. */
bool installed_is_simulated(const struct installed *installed);

/* For sentences: "1.0.0.0" or "unknown". */
const wchar_t *installed_version(const struct installed *installed);
const wchar_t *installed_label(const struct installed *installed); /* " (SIMULATED)" or "" */

#endif
