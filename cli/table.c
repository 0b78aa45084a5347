/* SPDX-License-Identifier: Apache-2.0
 *
 * Collects cells, then writes them in columns as wide as their widest cell.
 */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#define GAP  "  "
#define BOLD "\x1B[1m"
#define END  "\x1B[0m"

void table_begin(struct table *table, const struct table_column *columns, size_t column_count)
{
    *table = (struct table){.columns = columns, .column_count = column_count};
}

void table_end_cell(struct table *table)
{
    if (table->cell_count == table->cell_capacity) {
        size_t capacity = table->cell_capacity != 0 ? table->cell_capacity * 2 : 64;
        size_t *ends = realloc(table->ends, capacity * sizeof(*ends));

        if (ends == NULL) {
            table->text.failed = true;
            return;
        }
        table->ends = ends;
        table->cell_capacity = capacity;
    }
    table->ends[table->cell_count++] = table->text.size;
}

void table_cell(struct table *table, const char *string)
{
    text_add(&table->text, string);
    table_end_cell(table);
}

static const char *cell(const struct table *table, size_t index, size_t *size)
{
    size_t start = index == 0 ? 0 : table->ends[index - 1];

    *size = table->ends[index] - start;
    return *size == 0 ? "" : table->text.data + start;
}

static void measure(const struct table *table, size_t widths[TABLE_COLUMNS_MAX])
{
    for (size_t i = 0; i < table->column_count; i++) {
        widths[i] = strlen(table->columns[i].title);
        for (size_t j = i; j < table->cell_count; j += table->column_count) {
            size_t size;
            const char *bytes = cell(table, j, &size);
            size_t width = text_columns(bytes, size);

            if (width > widths[i]) {
                widths[i] = width;
            }
        }
    }
}

static void add_spaces(struct text *out, size_t count)
{
    while (count-- > 0) {
        text_add(out, " ");
    }
}

/* One cell; the last column is not padded, so that no line ends in spaces. */
static void add_cell(struct text *out, const struct table *table, size_t column, size_t width,
                     const char *bytes, size_t size)
{
    size_t padding = width - text_columns(bytes, size);
    bool last = column + 1 == table->column_count;

    if (table->columns[column].right) {
        add_spaces(out, padding);
    }
    text_add_bytes(out, bytes, size);
    if (!last && !table->columns[column].right) {
        add_spaces(out, padding);
    }
    if (!last) {
        text_add(out, GAP);
    }
}

/* Ends the line, without the spaces that empty cells left at its end. */
static void end_line(struct text *out)
{
    while (out->size > 0 && out->data[out->size - 1] == ' ') {
        out->size--;
    }
    text_add(out, "\n");
}

static void add_titles(struct text *out, const struct table *table, const size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++) {
        add_cell(out, table, i, widths[i], table->columns[i].title,
                 strlen(table->columns[i].title));
    }
}

void table_end(struct table *table, struct text *out, const char *indent, bool bold)
{
    size_t widths[TABLE_COLUMNS_MAX];

    measure(table, widths);
    text_add(out, indent);
    text_add(out, bold ? BOLD : "");
    add_titles(out, table, widths);
    text_add(out, bold ? END "\n" : "\n");
    for (size_t i = 0; i < table->cell_count; i++) {
        size_t column = i % table->column_count;
        size_t size;
        const char *bytes = cell(table, i, &size);

        if (column == 0) {
            text_add(out, indent);
        }
        add_cell(out, table, column, widths[column], bytes, size);
        if (column + 1 == table->column_count) {
            end_line(out);
        }
    }
    out->failed |= table->text.failed;
    free(table->ends);
    text_free(&table->text);
}
