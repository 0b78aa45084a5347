/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of SetupAPI's functions.
 */
#include "loader/device_api.h"

#include <stdbool.h>

#include "loader/system_library.h"
#include "loader/text.h"

#define DEVICE_API_ROW(library, name)                                                              \
    {L"" #library L".dll", #name, offsetof(struct device_api, name)},

static const struct system_function functions[] = {DEVICE_API_FUNCTIONS(DEVICE_API_ROW)};

DWORD device_api_get(const struct device_api **out)
{
    static struct device_api api;
    static bool loaded;

    if (!loaded) {
        const DWORD error = system_library_load(functions, TEXT_CHARS(functions), &api);
        if (error != ERROR_SUCCESS) {
            return error;
        }
        loaded = true;
    }
    *out = &api;
    return ERROR_SUCCESS;
}
