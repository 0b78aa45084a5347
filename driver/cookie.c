/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack protector's runtime: clang for MinGW refers to these two names.
 */
#include <ntddk.h>

#include "driver/cookie.h"

/* What an image is linked with; loaders that know the load config replace it. */
#define COOKIE_UNSET 0x00002B992DDFA232ull

/* winnt.h: FAST_FAIL_STACK_COOKIE_CHECK_FAILURE */
#define FAST_FAIL_STACK_COOKIE 2

extern ULONG_PTR __stack_chk_guard;
ULONG_PTR __stack_chk_guard = COOKIE_UNSET;

void __stack_chk_fail(void);

DECLSPEC_NORETURN void __stack_chk_fail(void)
{
    __fastfail(FAST_FAIL_STACK_COOKIE);
}

__attribute__((section("INIT"), no_stack_protector)) void cookie_prepare(void)
{
    if (__stack_chk_guard != COOKIE_UNSET) {
        return;
    }
    ULONG_PTR mixed = (ULONG_PTR)__rdtsc() ^ (ULONG_PTR)&mixed;
    mixed *= 0x9E3779B97F4A7C15ull; /* spreads the low, changing bits over the word */
    mixed &= 0x0000FFFFFFFFFFFFull; /* a zero high word stops string overruns, as Windows does it */
    __stack_chk_guard = mixed == COOKIE_UNSET ? mixed + 1 : mixed;
}
