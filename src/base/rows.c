/*-------------------------------------------------------------------------
 *
 * rows.c
 *		Rows that SQL functions return.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/lsyscache.h"

#include "base/errors.h"
#include "base/rows.h"

static void
check_columns(FunctionCallInfo fcinfo, TupleDesc tupdesc, int num_columns)
{
	if (tupdesc->natts != num_columns)
		sl_error_other_version(psprintf("function \"%s\"", get_func_name(fcinfo->flinfo->fn_oid)),
							   num_columns, tupdesc->natts);
}

ReturnSetInfo *
sl_rows_begin(FunctionCallInfo fcinfo, int num_columns)
{
	ReturnSetInfo *rows = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	check_columns(fcinfo, rows->setDesc, num_columns);
	return rows;
}

TupleDesc
sl_rows_describe(FunctionCallInfo fcinfo, int num_columns)
{
	TupleDesc tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	check_columns(fcinfo, tupdesc, num_columns);
	return tupdesc;
}
