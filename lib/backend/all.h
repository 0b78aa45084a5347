/* SPDX-License-Identifier: Apache-2.0
 *
 * Every backend of every system; table_posix.c and table_win32.c say which are where.
 */
#ifndef RAPL_LIB_BACKEND_ALL_H
#define RAPL_LIB_BACKEND_ALL_H

#include "lib/backend/backend.h"

extern const struct backend backend_driver;   /* Windows: driver.c */
extern const struct backend backend_emi;      /* Windows: emi.c */
extern const struct backend backend_legacy;   /* Windows: legacy.c */
extern const struct backend backend_powercap; /* Linux: powercap.c */
extern const struct backend backend_replay;   /* everywhere: replay.c */

/* Those of this system, in order of preference; ends with NULL. */
extern const struct backend *const backend_table[];

#endif
