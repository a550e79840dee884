/*-------------------------------------------------------------------------
 *
 * empty.c
 *		A server function that does nothing: what any claim could reach at
 *		best over this protocol.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_empty);

Datum
bench_empty(PG_FUNCTION_ARGS)
{
	PG_RETURN_NULL();
}
