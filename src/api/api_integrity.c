/*-------------------------------------------------------------------------
 *
 * api_integrity.c
 *		Entry point of check_integrity.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"

#include "base/args.h"
#include "base/rows.h"
#include "store/store_integrity.h"

PG_FUNCTION_INFO_V1(seatlock_check_integrity);

/* check_integrity(event): a row for each broken invariant, none when all hold; null: of all events. */
Datum
seatlock_check_integrity(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_optional_name(fcinfo, 0, "event");

	sl_store_integrity_check(sl_rows_begin(fcinfo, 3), event);
	PG_RETURN_NULL();
}
