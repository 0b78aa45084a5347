/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that the service manager turns away for a moment. Pure C.
 */
#ifndef RAPL_LOADER_RETRY_H
#define RAPL_LOADER_RETRY_H

#include <stdint.h>

/* ERROR_SERVICE_DATABASE_LOCKED: Windows is still starting services, or an installer is at work. */
#define RETRY_WHILE_LOCKED 1055u

/* In all, before that answer is taken for the last word. */
#define RETRY_TOTAL_MS 10000u

struct retry {
    void *context;
    uint32_t (*attempt)(void *context); /* a Windows error code; 0: done */
    void (*sleep_ms)(void *context, uint32_t duration_ms);
};

/* Attempts at once, and then again for about RETRY_TOTAL_MS; what the last attempt answered. */
uint32_t retry_while_locked(const struct retry *retry);

#endif
