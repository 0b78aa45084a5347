/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading from System32 only.
 */
#include "loader/system_library.h"

#include <string.h>

#include "lib/last_error.h"

DWORD system_library_load(const struct system_function *functions, size_t count, void *table)
{
    for (size_t i = 0; i < count; i++) {
        const HMODULE library =
            LoadLibraryExW(functions[i].library, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
        const FARPROC function =
            library != NULL ? GetProcAddress(library, functions[i].name) : NULL;
        if (function == NULL) {
            return last_error();
        }
        memcpy((char *)table + functions[i].offset, &function, sizeof(function));
    }
    return ERROR_SUCCESS;
}
