/* SPDX-License-Identifier: Apache-2.0
 *
 * The sources of energy on Windows, the best first.
 */
#include "lib/backend/all.h"

const struct backend *const backend_table[] = {
    &backend_driver, &backend_emi, &backend_legacy, &backend_replay, NULL,
};
