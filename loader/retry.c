/* SPDX-License-Identifier: Apache-2.0
 *
 * Trying again while the service database is locked.
 */
#include "loader/retry.h"

#define PAUSE_MS 250u

uint32_t retry_while_locked(const struct retry *retry)
{
    uint32_t error = retry->attempt(retry->context);

    for (uint32_t waited_ms = 0; error == RETRY_WHILE_LOCKED && waited_ms < RETRY_TOTAL_MS;
         waited_ms += PAUSE_MS) {
        retry->sleep_ms(retry->context, PAUSE_MS);
        error = retry->attempt(retry->context);
    }
    return error;
}
