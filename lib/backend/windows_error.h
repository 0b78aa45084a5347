/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows error codes of a device, as a session understands them. Portable: codes by number.
 */
#ifndef RAPL_LIB_BACKEND_WINDOWS_ERROR_H
#define RAPL_LIB_BACKEND_WINDOWS_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/backend/backend.h"
#include "lib/error_text.h"

/* What a device that could not be opened with that code is: NOT_HERE, DENIED, GONE, ... */
int windows_open_error(uint32_t code);

/* Whether a device that was open and now answers this has gone away. */
bool windows_is_gone(uint32_t code);

/* Fills the report's system_error, reason and remedy from lib/error_text.h. */
void windows_explain(enum rapl_operation operation, uint32_t code, struct backend_report *report);

#endif
