/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: clocks and the timer. Interrupt time is biased: it counts sleep.
 *
 * The precise form, because KeQueryInterruptTime moves in clock ticks of up to 15.6 ms: a copy of
 * 50 ms would look 47 ms old and be handed out twice.
 */
#include "driver/hw.h"

/* MinGW-w64 10 does not declare it. Windows 8.1 and later; any IRQL. */
NTKERNELAPI ULONG64 NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);

#define UNITS_100NS_PER_MS 10000ll

uint64_t hw_now(uint64_t *ticks)
{
    ULONG64 counter;
    const ULONG64 now_100ns = KeQueryInterruptTimePrecise(&counter);
    *ticks = counter;
    return now_100ns;
}

uint64_t hw_ticks_per_s(void)
{
    LARGE_INTEGER frequency;
    KeQueryPerformanceCounter(&frequency);
    return (uint64_t)frequency.QuadPart;
}

void hw_set_timer(PKTIMER timer, ULONG delay_ms, ULONG tolerance_ms, PKDPC dpc)
{
    const LARGE_INTEGER due = {.QuadPart = -(LONGLONG)delay_ms * UNITS_100NS_PER_MS};
    KeSetCoalescableTimer(timer, due, 0, tolerance_ms, dpc);
}
