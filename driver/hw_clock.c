/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: the clock. Interrupt time is biased: it counts time asleep.
 *
 * The precise form, because KeQueryInterruptTime moves in clock ticks of up to 15.6 ms: a copy of
 * 50 ms would look 47 ms old and be handed out twice.
 */
#include "driver/hw.h"

/* MinGW-w64 10 does not declare it. Windows 8.1 and later; any IRQL. */
NTKERNELAPI ULONG64 NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);

uint64_t hw_now_100ns(void)
{
    ULONG64 ticks;
    return KeQueryInterruptTimePrecise(&ticks);
}
