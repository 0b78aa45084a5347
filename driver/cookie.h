/* SPDX-License-Identifier: Apache-2.0
 *
 * The stack protector's cookie.
 */
#ifndef RAPL_DRIVER_COOKIE_H
#define RAPL_DRIVER_COOKIE_H

#if defined(_MSC_VER) && !defined(__clang__)

/* Microsoft's GsDriverEntry, which is the image's entry then, has done it. */
static inline void cookie_prepare(void)
{
}

#else

/*
 * Replaces the well-known initial cookie if the loader has not. First thing in DriverEntry, which
 * itself must not be protected (it would see the cookie change).
 */
void cookie_prepare(void);

#endif

#endif
