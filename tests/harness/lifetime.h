/* SPDX-License-Identifier: Apache-2.0
 *
 * What files.c needs to know of the loaded driver.
 */
#ifndef HARNESS_LIFETIME_H
#define HARNESS_LIFETIME_H

#include "tests/harness/objects.h"

/* A handle was closed: a stop that waited for the last one happens now. */
void lifetime_handle_closed(void);

/* The loaded driver; NULL: none. */
PDRIVER_OBJECT lifetime_driver(void);

/* It is about to get a device; it has lost one, and goes when it has none and no open handle. */
void lifetime_in_use(void);
void lifetime_device_removed(void);

#endif
