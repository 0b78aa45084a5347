/* SPDX-License-Identifier: Apache-2.0
 *
 * What files.c needs to know of the loaded driver.
 */
#ifndef HARNESS_LIFETIME_H
#define HARNESS_LIFETIME_H

/* A handle was closed: a stop that waited for the last one happens now. */
void lifetime_handle_closed(void);

#endif
