/* SPDX-License-Identifier: Apache-2.0
 *
 * What a driver file says about itself in its version resource.
 */
#ifndef RAPL_LOADER_DRIVER_FILE_H
#define RAPL_LOADER_DRIVER_FILE_H

#include <windows.h>

enum driver_kind {
    DRIVER_PRODUCTION,
    DRIVER_SIMULATED, /* flag VS_FF_SPECIALBUILD and SpecialBuild "SIMULATED" */
    DRIVER_UNCLEAR,   /* one without the other, or another special build */
};

struct driver_facts {
    enum driver_kind kind;
    wchar_t version[32]; /* the fixed file version, "1.0.0.0" */
};

/* A Windows error code; ERROR_RESOURCE_TYPE_NOT_FOUND and its like: no version resource. */
DWORD driver_file_read(const wchar_t *path, struct driver_facts *out);

#endif
