/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking backends up.
 */
#include "lib/backend/all.h"

#include <string.h>

const struct backend *backend_at(uint32_t index)
{
    uint32_t i = 0;

    while (i < index && backend_table[i] != NULL) {
        i++;
    }
    return backend_table[i];
}

const struct backend *backend_named(const char *name, size_t length)
{
    for (uint32_t i = 0; backend_table[i] != NULL; i++) {
        if (strlen(backend_table[i]->name) == length &&
            memcmp(backend_table[i]->name, name, length) == 0) {
            return backend_table[i];
        }
    }
    return NULL;
}
