/*-------------------------------------------------------------------------
 *
 * rows.h
 *		Rows that SQL functions return.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_ROWS_H
#define SEATLOCK_ROWS_H

#include "fmgr.h"
#include "funcapi.h"

/*
 * What a function returns: many rows, collected, or one.  num_columns are those
 * that the library makes; 55000 when the SQL function was declared with others,
 * by another version of the extension.
 */
extern ReturnSetInfo *sl_rows_begin(FunctionCallInfo fcinfo, int num_columns);
extern TupleDesc sl_rows_describe(FunctionCallInfo fcinfo, int num_columns);

static inline void
rows_put(ReturnSetInfo *rows, Datum *values, bool *nulls)
{
	tuplestore_putvalues(rows->setResult, rows->setDesc, values, nulls);
}

#endif /* SEATLOCK_ROWS_H */
