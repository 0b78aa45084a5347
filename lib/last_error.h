/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of the call that has just failed. Win32 only.
 */
#ifndef RAPL_LIB_LAST_ERROR_H
#define RAPL_LIB_LAST_ERROR_H

#include <windows.h>

/* Never ERROR_SUCCESS: a failed call that left no code must not be taken for one that worked. */
static inline DWORD last_error(void)
{
    const DWORD error = GetLastError();
    return error != ERROR_SUCCESS ? error : ERROR_GEN_FAILURE;
}

#endif
