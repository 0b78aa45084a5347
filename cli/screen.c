/* SPDX-License-Identifier: Apache-2.0
 *
 * Drawing with VT codes.
 */
#include "cli/screen.h"

#include <stdbool.h>
#include <string.h>

#define HIDE_CURSOR "\x1B[?25l"
#define SHOW_CURSOR "\x1B[?25h"
#define CLEAR_RIGHT "\x1B[K"
#define CLEAR_BELOW "\x1B[J"

/* One line: its characters until the edge, its escapes all. */
static void add_cut(struct text *out, const char *line, size_t size, uint32_t columns)
{
    uint32_t column = 0;
    bool cut = false;

    for (size_t i = 0; i < size; i++) {
        if (line[i] == '\x1B') {
            size_t end = i;

            while (end + 1 < size && strchr("mK", line[end]) == NULL) {
                end++;
            }
            text_add_bytes(out, line + i, end - i + 1);
            i = end;
            continue;
        }
        if (((unsigned char)line[i] & 0xC0u) != 0x80u) { /* a character begins */
            column++;
            cut = column > columns;
        }
        if (!cut) {
            text_add_bytes(out, line + i, 1);
        }
    }
}

static uint32_t count_lines(const char *block)
{
    uint32_t count = 0;

    for (; (block = strchr(block, '\n')) != NULL; block++) {
        count++;
    }
    return count;
}

void screen_draw(struct screen *screen, struct text *out, const char *block, uint32_t columns,
                 uint32_t lines)
{
    uint32_t total = count_lines(block);
    /* A block as high as the terminal would scroll; and its last column may wrap. */
    uint32_t most = lines > 3 ? lines - 1 : 2;
    uint32_t shown = total <= most ? total : most - 1;

    text_add(out, HIDE_CURSOR);
    if (screen->drawn != 0) {
        text_printf(out, "\x1B[%uA\r", (unsigned)screen->drawn);
    }
    screen->drawn = shown;
    for (uint32_t i = 0; i < shown; i++) {
        const char *end = strchr(block, '\n');

        add_cut(out, block, (size_t)(end - block), columns > 1 ? columns - 1 : 1);
        text_add(out, CLEAR_RIGHT "\n");
        block = end + 1;
    }
    if (shown < total) {
        text_printf(out, "... and %u more lines: this terminal is too low" CLEAR_RIGHT "\n",
                    (unsigned)(total - shown));
        screen->drawn++;
    }
    text_add(out, CLEAR_BELOW);
}

void screen_end(struct screen *screen, struct text *out)
{
    if (screen->drawn != 0) {
        text_add(out, SHOW_CURSOR);
        screen->drawn = 0;
    }
}

void screen_sparkline(struct text *out, const uint64_t *values, uint32_t count)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    uint64_t highest = 1;

    for (uint32_t i = 0; i < count; i++) {
        highest = values[i] > highest ? values[i] : highest;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t step = highest / 8 + 1;

        text_add(out, blocks[values[i] / step]);
    }
}
