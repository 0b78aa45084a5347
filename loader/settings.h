/* SPDX-License-Identifier: Apache-2.0
 *
 * The values under the service's Parameters key that DriverLoader owns. See <rapl/abi.h>.
 */
#ifndef RAPL_LOADER_SETTINGS_H
#define RAPL_LOADER_SETTINGS_H

#include <stdbool.h>

#include <windows.h>

#include "loader/files.h"

struct settings {
    bool has_access; /* false: absent, or not one of RAPL_ACCESS_* */
    DWORD access;
    bool is_device; /* the mode is RAPL_MODE_DEVICE */
    bool has_recording;
    struct loader_path recording;
};

/* Both return a Windows error code. Without the key, load gives settings that have nothing. */
DWORD settings_load(struct settings *out);
/* Writes what `settings` has and deletes what it has not. The service must exist. */
DWORD settings_store(const struct settings *settings);

/* Deletes the key with all in it. ERROR_SUCCESS also if there was none. */
DWORD settings_delete(void);

#endif
