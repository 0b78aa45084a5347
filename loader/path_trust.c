/* SPDX-License-Identifier: Apache-2.0
 *
 * What speaks against a place, in words.
 */
#include "loader/path_trust.h"

#include <stddef.h>

#include "lib/driver_place.h"

const wchar_t *path_trust_fault(const wchar_t *path, const wchar_t *installed_path)
{
    switch (rapl_driver_place(path, installed_path)) {
    case RAPL_DRIVER_PLACE_TEMPORARY:
        return L"a temporary folder: any program can put another driver there";
    case RAPL_DRIVER_PLACE_WRITABLE:
        return L"which others than administrators may write to";
    case RAPL_DRIVER_PLACE_ELSEWHERE:
        return L"not from the system's drivers folder";
    default:
        return NULL;
    }
}
