/* SPDX-License-Identifier: Apache-2.0
 *
 * How the Plug and Play scenarios begin. pnp.c.
 */
#ifndef HARNESS_SCENARIOS_PNP_START_H
#define HARNESS_SCENARIOS_PNP_START_H

#include <stdbool.h>

/* A machine, an empty registry with Mode=1 and the policy for users; nothing is loaded. */
void pnp_settings(void);

/* Those, the driver loaded, its device added and started. False, and reported, if that fails. */
bool pnp_load_and_start(void);

#endif
