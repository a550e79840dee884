/*-------------------------------------------------------------------------
 *
 * table.h
 *		A table of text, for the terminal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include "base.h"

typedef struct Table Table;

/* The first column is aligned to the left, the others to the right. */
extern Table *table_create(int num_columns, const char *const *heads);
extern void table_start_row(Table *table);
/* the next cell of the row; cells not given stay empty */
extern void table_add(Table *table, const char *format, ...) PRINTF_LIKE(2, 3);
extern void table_write(const Table *table, FILE *file);
extern void table_free(Table *table);

#endif /* BENCH_TABLE_H */
