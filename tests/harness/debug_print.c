/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver says through DbgPrint.
 */
#include "tests/harness/debug_print.h"
#include "tests/harness/host.h"

#include <stdio.h>
#include <string.h>

static bool shown;
static char last[256];

void debug_print_show(bool show)
{
    shown = show;
}

void debug_print(const char *format, va_list arguments)
{
    host_lock();
    /* %wZ and its kin are the kernel's own: such a line is kept as it stands. */
    if (strstr(format, "%w") != NULL) {
        snprintf(last, sizeof(last), "%s", format);
    } else {
        vsnprintf(last, sizeof(last), format, arguments);
    }
    if (shown) {
        fprintf(stderr, "  DbgPrint: %s", last);
    }
    host_unlock();
}

const char *debug_print_last(void)
{
    return last;
}
