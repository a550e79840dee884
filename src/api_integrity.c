/*-------------------------------------------------------------------------
 *
 * api_integrity.c
 *		Entry point of check_integrity.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "rows.h"
#include "store_integrity.h"

PG_FUNCTION_INFO_V1(seatlock_check_integrity);

/* check_integrity(): a row for each broken invariant, none when all hold. */
Datum
seatlock_check_integrity(PG_FUNCTION_ARGS)
{
	sl_store_integrity_check(sl_rows_begin(fcinfo, 3));
	PG_RETURN_NULL();
}
