/* SPDX-License-Identifier: Apache-2.0
 *
 * What a catalog needs of an INF file: its catalog's name, its date, its files, its hardware ids.
 * ASCII only; string tokens (%x%) are not replaced, and a name that has one is refused.
 */
#ifndef RAPL_MKCAT_INF_H
#define RAPL_MKCAT_INF_H

#include <stdbool.h>

#include "tools/mkcat/file.h"

#define INF_TEXT_CHARS 128 /* of each text, with its end */
#define INF_LIST_MAX   32  /* files, hardware ids */

struct inf_list {
    char text[INF_LIST_MAX][INF_TEXT_CHARS];
    unsigned count;
};

struct inf {
    char catalog[INF_TEXT_CHARS];
    char date[INF_TEXT_CHARS]; /* "2026-01-31" */
    struct inf_list files;     /* in the order of the INF */
    struct inf_list hardware_ids;
};

/* On failure: false, the reason and the line on stderr, `*out` untouched. */
bool inf_parse(const char *name, const struct content *content, struct inf *out);

#endif
