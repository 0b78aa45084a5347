/* SPDX-License-Identifier: Apache-2.0
 *
 * QueryPerformanceCounter, and Sleep for waiting: it wakes on a timer interrupt, so up to a tick
 * (15.6 ms unless a program asked for less) late. What has to be on time reads the clock again.
 */
#include "lib/clock.h"

#include <windows.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

uint64_t rapl_clock_now_ns(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER now;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&now);
    const uint64_t per_s = (uint64_t)frequency.QuadPart;
    const uint64_t count = (uint64_t)now.QuadPart;
    return count / per_s * NS_PER_S + count % per_s * NS_PER_S / per_s;
}

void rapl_clock_sleep_ns(uint64_t duration_ns)
{
    const uint64_t end_ns = rapl_clock_now_ns() + duration_ns;

    for (uint64_t now_ns; (now_ns = rapl_clock_now_ns()) < end_ns;) {
        const uint64_t left_ms = (end_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
        Sleep(left_ms < 60000 ? (DWORD)left_ms : 60000);
    }
}
