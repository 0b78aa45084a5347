/* SPDX-License-Identifier: Apache-2.0
 *
 * The machines the scenarios run on, by name: machines/NAME.rec, or a shipped recording.
 */
#ifndef HARNESS_MACHINES_H
#define HARNESS_MACHINES_H

/* Makes it the simulated machine (machine_use). Ends the program when there is no such name. */
void machine_select(const char *name);

#endif
