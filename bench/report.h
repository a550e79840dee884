/*-------------------------------------------------------------------------
 *
 * report.h
 *		The comparison in words and numbers, for the terminal and as
 *		Markdown.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include "args.h"
#include "results.h"
#include "table.h"

/* Settings and tables; the settings are read from the server that was measured. */
extern void report_write(const Results *results, const Args *args, FILE *file, TableForm form);

#endif /* BENCH_REPORT_H */
