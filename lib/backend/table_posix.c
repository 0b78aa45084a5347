/* SPDX-License-Identifier: Apache-2.0
 *
 * The sources of energy on Linux, the best first.
 */
#include "lib/backend/all.h"

const struct backend *const backend_table[] = {
    &backend_powercap,
    &backend_replay,
    NULL,
};
