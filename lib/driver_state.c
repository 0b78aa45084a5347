/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of the driver's state that is decided, not asked.
 */
#include "lib/driver_state.h"

#include <string.h>

#define SIMULATED_SUFFIX  " (SIMULATED)"
#define SIMULATED_SPECIAL "SIMULATED"

const char *rapl_service_state_name(uint32_t state)
{
    static const char *const names[] = {
        [RAPL_SERVICE_UNKNOWN] = "unknown",   [RAPL_SERVICE_ABSENT] = "not installed",
        [RAPL_SERVICE_STOPPED] = "stopped",   [RAPL_SERVICE_STARTING] = "starting",
        [RAPL_SERVICE_STOPPING] = "stopping", [RAPL_SERVICE_RUNNING] = "running",
    };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : names[RAPL_SERVICE_UNKNOWN];
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);

    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

enum rapl_truth rapl_driver_is_simulated(const char *display_name, const char *special_build)
{
    if (display_name != NULL && ends_with(display_name, SIMULATED_SUFFIX)) {
        return RAPL_TRUTH_YES;
    }
    if (special_build != NULL && strstr(special_build, SIMULATED_SPECIAL) != NULL) {
        return RAPL_TRUTH_YES;
    }
    /* A name can be edited: only the image itself can say no. */
    return special_build != NULL ? RAPL_TRUTH_NO : RAPL_TRUTH_UNKNOWN;
}
