/* SPDX-License-Identifier: Apache-2.0
 *
 * A block of lines that is drawn again and again over itself, with VT codes, in one write each: no
 * flicker, and what was on the terminal before stays above it.
 */
#ifndef RAPL_CLI_SCREEN_H
#define RAPL_CLI_SCREEN_H

#include <stdint.h>

#include "lib/text.h"

struct screen {
    uint32_t drawn; /* lines on the terminal */
};

/*
 * Adds to `out` what draws `block`, whole lines of UTF-8, over the block before it: each line cut
 * at `columns`, at most `lines` of them, the last then saying how many there are.
 */
void screen_draw(struct screen *screen, struct text *out, const char *block, uint32_t columns,
                 uint32_t lines);

/* Adds what shows the cursor again, below the block. */
void screen_end(struct screen *screen, struct text *out);

/* `count` values, the latest last, as a row of blocks: the highest is full, 0 the lowest. */
void screen_sparkline(struct text *out, const uint64_t *values, uint32_t count);

#endif
