/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the driver's file lies. Could somebody who is not an administrator swap it? A driver that
 * Windows loads from a folder like that is a way to take over the machine.
 */
#ifndef RAPL_LIB_DRIVER_PLACE_H
#define RAPL_LIB_DRIVER_PLACE_H

#include <wchar.h>

enum rapl_driver_place {
    RAPL_DRIVER_PLACE_UNKNOWN,
    RAPL_DRIVER_PLACE_SYSTEM,    /* where DriverLoader or Windows itself (driver store) installs */
    RAPL_DRIVER_PLACE_TEMPORARY, /* below a temporary folder */
    RAPL_DRIVER_PLACE_WRITABLE,  /* others than administrators may write the file or its folder */
    RAPL_DRIVER_PLACE_ELSEWHERE,
};

/*
 * Never UNKNOWN; errs on the side of warning. `installed_path`: where DriverLoader installs. Win32
 * only.
 */
enum rapl_driver_place rapl_driver_place(const wchar_t *path, const wchar_t *installed_path);

#endif
