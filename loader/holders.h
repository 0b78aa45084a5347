/* SPDX-License-Identifier: Apache-2.0
 *
 * Which programs hold the driver open. A help for people, not a proof: what may not be looked into
 * is left out.
 */
#ifndef RAPL_LOADER_HOLDERS_H
#define RAPL_LOADER_HOLDERS_H

#include <stddef.h>
#include <wchar.h>

#define HOLDERS_MAX 8u

struct holder {
    unsigned long process_id;
    wchar_t program[64]; /* file name; empty if it cannot be told */
};

struct holders {
    unsigned count;
    struct holder holder[HOLDERS_MAX];
};

/* Takes at most about 3 s. Needs an elevated administrator to see other users' programs. */
void holders_find(struct holders *out);

/* "rapl.exe (process 4242), java.exe (process 18)"; or, if none was found, how to look. */
void holders_describe(const struct holders *holders, wchar_t *out, size_t size);

#endif
