/* SPDX-License-Identifier: Apache-2.0
 *
 * Could somebody who is not an administrator swap the driver file? A driver that Windows loads
 * from a folder like that is a way to take over the machine.
 */
#ifndef RAPL_LOADER_PATH_TRUST_H
#define RAPL_LOADER_PATH_TRUST_H

#include <wchar.h>

/*
 * NULL if the path is where DriverLoader or Windows itself (the driver store) installs; else what
 * speaks against it, as constant text that follows "the driver is loaded from <path>, ". Errs on
 * the side of warning.
 */
const wchar_t *path_trust_fault(const wchar_t *path, const wchar_t *installed_path);

#endif
