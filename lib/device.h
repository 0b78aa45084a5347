/* SPDX-License-Identifier: Apache-2.0
 *
 * How the library reaches one register of one processor, and a clock: two small tables of
 * functions. legacy_win32.c fills them from the driver, unit tests from a table in memory.
 */
#ifndef RAPL_LIB_DEVICE_H
#define RAPL_LIB_DEVICE_H

#include <stdint.h>

/* One register as it was read. */
struct rapl_register_value {
    uint64_t value;
    uint64_t time_100ns; /* of this read: the middle between the clock before and after it */
};

struct rapl_device {
    void *context;

    /*
     * Reads `msr` on system-wide processor `processor`. 0 and `*out` filled, or the Windows error
     * code (RAPL_ERROR_* in error_text.h) and `*out` untouched.
     */
    uint32_t (*read)(void *context, uint32_t msr, uint32_t processor,
                     struct rapl_register_value *out);

    /*
     * Around several reads: no other program of this project reads in between, and the thread may
     * be moved from read to read but is back where it was after `end`. Both NULL: nothing to do.
     */
    void (*begin)(void *context);
    void (*end)(void *context);
};

struct rapl_clock {
    void *context;
    uint64_t (*now_100ns)(void *context); /* the clock of rapl_register_value, never goes back */
    void (*sleep_100ns)(void *context, uint64_t duration_100ns);
};

#define RAPL_100NS_PER_SECOND UINT64_C(10000000)

#endif
