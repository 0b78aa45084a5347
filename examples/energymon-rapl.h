/* SPDX-License-Identifier: Apache-2.0
 *
 * An energymon (github.com/energymon/energymon) over librapl: the energy of all packages.
 */
#ifndef ENERGYMON_RAPL_EXAMPLE_H
#define ENERGYMON_RAPL_EXAMPLE_H

#include <energymon.h>

/* Fills every function of `out`; 0, or -1 with errno set. */
int energymon_get_librapl(energymon *out);

#endif
