/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver says through DbgPrint.
 */
#ifndef HARNESS_DEBUG_PRINT_H
#define HARNESS_DEBUG_PRINT_H

#include <stdarg.h>
#include <stdbool.h>

/* On stderr from now on; otherwise it is only kept. */
void debug_print_show(bool show);

void debug_print(const char *format, va_list arguments);

/* The last line, "" before the first. */
const char *debug_print_last(void);

#endif
