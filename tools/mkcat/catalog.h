/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalog itself: a certificate trust list of version 2 (Windows 8 and later), in a PKCS #7
 * SignedData that has no signature yet. No specification of catalogs is public; the structure here
 * is that of the catalogs Windows' own tools make, as programs that read them describe it
 * (osslsigncode; AppLocker and WDAC tools), and docs/packaging.md lists it field by field.
 */
#ifndef RAPL_MKCAT_CATALOG_H
#define RAPL_MKCAT_CATALOG_H

#include "tools/mkcat/der.h"
#include "tools/mkcat/file.h"
#include "tools/mkcat/inf.h"

#define CATALOG_MEMBERS_MAX (INF_LIST_MAX + 1u)

struct catalog_member {
    const char *name; /* as in the INF */
    struct hashes hashes;
};

/*
 * Each member is listed by its SHA-256, and again by its SHA-1. The list's identifier and its date
 * come from `members` and `inf`: the same files give the same bytes. Appends to `out`.
 */
void catalog_write(const struct catalog_member *members, unsigned count, const struct inf *inf,
                   struct der *out);

#endif
