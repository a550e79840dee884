/*-------------------------------------------------------------------------
 *
 * table.c
 *		A table of text, for the terminal.
 *
 *-------------------------------------------------------------------------
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct Table
{
	int num_columns;
	int num_rows; /* with the heads, which are row 0 */
	int next_column;
	char **cells;
};

Table *
table_create(int num_columns, const char *const *heads)
{
	Table *table = allocate(1, sizeof(Table));

	table->num_columns = num_columns;
	table_start_row(table);
	for (int i = 0; i < num_columns; i++)
		table_add(table, "%s", heads[i]);
	return table;
}

void
table_start_row(Table *table)
{
	size_t row = (size_t) table->num_columns * sizeof(char *);

	table->num_rows++;
	table->cells = reallocate(table->cells, (size_t) table->num_rows, row);
	memset(table->cells + (table->num_rows - 1) * table->num_columns, 0, row);
	table->next_column = 0;
}

void
table_add(Table *table, const char *format, ...)
{
	char **cell = &table->cells[(table->num_rows - 1) * table->num_columns + table->next_column];
	va_list arguments;

	if (table->next_column++ >= table->num_columns)
		die("a row of a table is too long");
	va_start(arguments, format);
	if (vasprintf(cell, format, arguments) < 0)
		die("out of memory");
	va_end(arguments);
}

static const char *
cell_at(const Table *table, int row, int column)
{
	const char *cell = table->cells[row * table->num_columns + column];

	return cell != NULL ? cell : "";
}

/* characters, not bytes: a continuation byte of UTF-8 is none */
static int
width_of(const char *text)
{
	int width = 0;

	for (; *text != '\0'; text++)
		width += (*text & 0xC0) != 0x80;
	return width;
}

static void
write_repeated(FILE *file, const char *sign, int times)
{
	while (times-- > 0)
		fputs(sign, file);
}

static void
write_cell(FILE *file, const char *cell, int width, bool to_left)
{
	int padding = width - width_of(cell);

	if (!to_left)
		write_repeated(file, " ", padding);
	fputs(cell, file);
	if (to_left)
		write_repeated(file, " ", padding);
}

void
table_write(const Table *table, FILE *file)
{
	int *widths = allocate((size_t) table->num_columns, sizeof(int));

	for (int row = 0; row < table->num_rows; row++)
		for (int i = 0; i < table->num_columns; i++)
			if (width_of(cell_at(table, row, i)) > widths[i])
				widths[i] = width_of(cell_at(table, row, i));

	for (int row = 0; row < table->num_rows; row++)
	{
		for (int i = 0; i < table->num_columns; i++)
		{
			write_cell(file, cell_at(table, row, i), widths[i], i == 0);
			if (i + 1 < table->num_columns)
				fputs("  ", file);
		}
		fputc('\n', file);
		for (int i = 0; i < table->num_columns && row == 0; i++)
			write_repeated(file, "─", widths[i] + (i + 1 < table->num_columns ? 2 : 0));
		if (row == 0)
			fputc('\n', file);
	}
	free(widths);
}

void
table_free(Table *table)
{
	for (int i = 0; i < table->num_rows * table->num_columns; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}
