/*-------------------------------------------------------------------------
 *
 * api_read.c
 *		Entry points of the reads.
 *
 * STABLE, and none of them writes: they answer in a read-only transaction and
 * on a standby.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "base/args.h"
#include "base/clock.h"
#include "base/rows.h"
#include "picture/seat_map.h"
#include "store/store_integrity.h"
#include "store/store_map.h"
#include "store/store_read.h"

PG_FUNCTION_INFO_V1(seatlock_seat_map);
PG_FUNCTION_INFO_V1(seatlock_seat_map_text);
PG_FUNCTION_INFO_V1(seatlock_seat_map_svg);
PG_FUNCTION_INFO_V1(seatlock_live_holds);
PG_FUNCTION_INFO_V1(seatlock_changes);
PG_FUNCTION_INFO_V1(seatlock_seat_history);
PG_FUNCTION_INFO_V1(seatlock_check_integrity);

Datum
seatlock_seat_map(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_name(fcinfo, 0, "event");

	sl_store_read_seat_map(sl_rows_begin(fcinfo, 10), event, sl_clock_now());
	PG_RETURN_NULL();
}

static Datum
draw_map(FunctionCallInfo fcinfo, void (*draw)(const SeatMap *map, StringInfo out))
{
	char *event = sl_arg_name(fcinfo, 0, "event");
	StringInfoData out;

	initStringInfo(&out);
	draw(sl_store_map_load(event, sl_clock_now()), &out);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}

Datum
seatlock_seat_map_text(PG_FUNCTION_ARGS)
{
	return draw_map(fcinfo, sl_seat_map_text);
}

Datum
seatlock_seat_map_svg(PG_FUNCTION_ARGS)
{
	return draw_map(fcinfo, sl_seat_map_svg);
}

Datum
seatlock_live_holds(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_name(fcinfo, 0, "event");

	sl_store_read_holds(sl_rows_begin(fcinfo, 7), event, sl_clock_now());
	PG_RETURN_NULL();
}

Datum
seatlock_changes(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_name(fcinfo, 0, "event");
	int64 after = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	int max_rows = sl_arg_positive(fcinfo, 2, "max_rows");

	if (after < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("argument \"after\" must not be negative")));
	sl_store_feed_read(sl_rows_begin(fcinfo, 9), event, after, max_rows);
	PG_RETURN_NULL();
}

Datum
seatlock_seat_history(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_name(fcinfo, 0, "event");
	char *seat = sl_arg_label(fcinfo, 1, "seat");

	sl_store_read_seat_history(sl_rows_begin(fcinfo, 8), event, seat);
	PG_RETURN_NULL();
}

/*
 * check_integrity(event): a row for each broken invariant, none when all hold; null:
 * of all events.
 */
Datum
seatlock_check_integrity(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_optional_name(fcinfo, 0, "event");

	sl_store_integrity_check(sl_rows_begin(fcinfo, 3), event);
	PG_RETURN_NULL();
}
