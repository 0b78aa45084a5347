/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of text whose columns line up.
 */
#ifndef RAPL_CLI_TABLE_H
#define RAPL_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/text.h"

#define TABLE_COLUMNS_MAX 8u

struct table_column {
    const char *title;
    bool right; /* aligned to the right: numbers */
};

/* Cells are added row by row; `text` is the text of the cell that is being filled. */
struct table {
    const struct table_column *columns;
    size_t column_count; /* at most TABLE_COLUMNS_MAX */
    struct text text;    /* every cell, one after the other */
    size_t *ends;        /* where each cell ends in it */
    size_t cell_count;
    size_t cell_capacity;
};

void table_begin(struct table *table, const struct table_column *columns, size_t column_count);

/* Closes the cell whose content was added to table->text. */
void table_end_cell(struct table *table);

/* A whole cell. */
void table_cell(struct table *table, const char *string);

/*
 * Writes titles and rows to `out`, each line after `indent`, and frees the table. `bold`: titles
 * are made bold with terminal escapes.
 */
void table_end(struct table *table, struct text *out, const char *indent, bool bold);

#endif
