/* SPDX-License-Identifier: Apache-2.0
 *
 * The Plug and Play manager and the root bus: physical devices without hardware, what is sent to
 * their stacks, and what becomes of it at the bottom.
 *
 * Sources: Microsoft, "Understanding When Remove IRPs Are Issued", "Handling an IRP_MN_...
 * Request", "Passing PnP IRPs Down the Device Stack", "Handling Unsupported or Unrecognized Power
 * IRPs".
 */
#ifndef HARNESS_PNP_H
#define HARNESS_PNP_H

#include "tests/harness/objects.h"

/* The device attached to a physical device; NULL: none, or `device` is no physical device. */
PDEVICE_OBJECT pnp_attached(const void *device);

/* Whether the device is attached to another. */
bool pnp_is_attached(const void *device);

/* Whether any device is attached to a physical one. */
bool pnp_any_attached(void);

/* Joins the threads that completed requests later. */
void pnp_settle(void);

#endif
