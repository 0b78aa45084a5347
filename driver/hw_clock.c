/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: the clock. Interrupt time is biased: it counts time asleep.
 */
#include "driver/hw.h"

uint64_t hw_now_100ns(void)
{
    return KeQueryInterruptTime();
}
