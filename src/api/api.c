/*-------------------------------------------------------------------------
 *
 * api.c
 *		Entry points of the verbs, but for claim and claim_best (api_claim.c).
 *
 * Each checks first that it may write at all (25006), then its arguments
 * (22023), and leaves the rest to the verb.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "api/api_result.h"
#include "base/args.h"
#include "base/rows.h"
#include "verbs/claim.h"

PG_FUNCTION_INFO_V1(seatlock_confirm);
PG_FUNCTION_INFO_V1(seatlock_extend);
PG_FUNCTION_INFO_V1(seatlock_release);
PG_FUNCTION_INFO_V1(seatlock_book);
PG_FUNCTION_INFO_V1(seatlock_cancel);
PG_FUNCTION_INFO_V1(seatlock_block);
PG_FUNCTION_INFO_V1(seatlock_unblock);
PG_FUNCTION_INFO_V1(seatlock_set_holder);
PG_FUNCTION_INFO_V1(seatlock_rename_holder);
PG_FUNCTION_INFO_V1(seatlock_lock);
PG_FUNCTION_INFO_V1(seatlock_hold);

/* NULL when null: all seats of the token */
static const SeatList *
optional_seats_argument(FunctionCallInfo fcinfo, int argno, SeatList *seats)
{
	if (PG_ARGISNULL(argno))
		return NULL;
	*seats = sl_arg_seats(fcinfo, argno);
	return seats;
}

/* confirm(event text, token text, order_ref text): recheck, then sell. */
Datum
seatlock_confirm(PG_FUNCTION_ARGS)
{
	char *event;
	char *token;

	sl_arg_require_writable("seatlock.confirm()");
	event = sl_arg_name(fcinfo, 0, "event");
	token = sl_arg_name(fcinfo, 1, "token");
	return sl_result_counted(
		fcinfo, STAT_CONFIRM,
		sl_hold_confirm(event, token, sl_arg_optional_text(fcinfo, 2, "order_ref")));
}

/* extend(event text, token text, ttl_seconds int): lapse later. */
Datum
seatlock_extend(PG_FUNCTION_ARGS)
{
	char *event;
	char *token;
	int ttl_seconds;

	sl_arg_require_writable("seatlock.extend()");
	event = sl_arg_name(fcinfo, 0, "event");
	token = sl_arg_name(fcinfo, 1, "token");
	ttl_seconds = sl_arg_positive(fcinfo, 2, "ttl_seconds");
	return sl_result_counted(fcinfo, STAT_EXTEND, sl_hold_extend(event, token, ttl_seconds));
}

/* release(event text, token text, seats text): give back held seats. */
Datum
seatlock_release(PG_FUNCTION_ARGS)
{
	char *event;
	char *token;
	SeatList seats;
	const SeatList *named;

	sl_arg_require_writable("seatlock.release()");
	event = sl_arg_name(fcinfo, 0, "event");
	token = sl_arg_name(fcinfo, 1, "token");
	named = optional_seats_argument(fcinfo, 2, &seats);
	return sl_result_counted(fcinfo, STAT_RELEASE, sl_hold_release(event, token, named));
}

/*
 * book(event text, seats text, holder text, order_ref text, request_key
 * text): claim and confirm in one step.
 */
Datum
seatlock_book(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = "book", .book = true};

	sl_arg_require_writable("seatlock.book()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.seats = sl_arg_seats(fcinfo, 1);
	request.holder = sl_arg_name(fcinfo, 2, "holder");
	request.order_ref = sl_arg_optional_text(fcinfo, 3, "order_ref");
	request.request_key = sl_arg_optional_name(fcinfo, 4, "request_key");
	return sl_result_counted(fcinfo, STAT_BOOK, sl_claim(&request));
}

/* cancel(event text, token text, seats text): undo a sale. */
Datum
seatlock_cancel(PG_FUNCTION_ARGS)
{
	char *event;
	char *token;
	SeatList seats;
	const SeatList *named;

	sl_arg_require_writable("seatlock.cancel()");
	event = sl_arg_name(fcinfo, 0, "event");
	token = sl_arg_name(fcinfo, 1, "token");
	named = optional_seats_argument(fcinfo, 2, &seats);
	return sl_result_counted(
		fcinfo, STAT_CANCEL,
		sl_hold_cancel(event, token, named, sl_arg_optional_text(fcinfo, 3, "order_ref")));
}

/* block(event text, seats text, reason text): off sale. */
Datum
seatlock_block(PG_FUNCTION_ARGS)
{
	char *event;
	SeatList seats;

	sl_arg_require_writable("seatlock.block()");
	event = sl_arg_name(fcinfo, 0, "event");
	seats = sl_arg_seats(fcinfo, 1);
	return sl_result_counted(fcinfo, STAT_BLOCK,
							 sl_block(event, &seats, sl_arg_optional_text(fcinfo, 2, "reason")));
}

/* unblock(event text, seats text): back on sale. */
Datum
seatlock_unblock(PG_FUNCTION_ARGS)
{
	char *event;
	SeatList seats;

	sl_arg_require_writable("seatlock.unblock()");
	event = sl_arg_name(fcinfo, 0, "event");
	seats = sl_arg_seats(fcinfo, 1);
	return sl_result_counted(fcinfo, STAT_UNBLOCK, sl_unblock(event, &seats));
}

/* set_holder(event text, token text, holder text): hand a live hold over. */
Datum
seatlock_set_holder(PG_FUNCTION_ARGS)
{
	char *event;
	char *token;
	char *holder;

	sl_arg_require_writable("seatlock.set_holder()");
	event = sl_arg_name(fcinfo, 0, "event");
	token = sl_arg_name(fcinfo, 1, "token");
	holder = sl_arg_name(fcinfo, 2, "holder");
	return sl_result_counted(fcinfo, STAT_SET_HOLDER, sl_hold_set_holder(event, token, holder));
}

/* rename_holder(event text, holder text, into text): a person under another name. */
Datum
seatlock_rename_holder(PG_FUNCTION_ARGS)
{
	char *event;
	char *holder;
	char *into;

	sl_arg_require_writable("seatlock.rename_holder()");
	event = sl_arg_name(fcinfo, 0, "event");
	holder = sl_arg_name(fcinfo, 1, "holder");
	into = sl_arg_name(fcinfo, 2, "into");
	return sl_result_counted(fcinfo, STAT_RENAME_HOLDER, sl_rename_holder(event, holder, into));
}

/* lock(event text, seats text, wait_ms int): take seat locks early; a row per seat. */
Datum
seatlock_lock(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo;
	char *event;
	SeatList seats;
	int wait_ms;
	LockedSeat *rows;
	int num_rows;

	sl_arg_require_writable("seatlock.lock()");
	event = sl_arg_name(fcinfo, 0, "event");
	seats = sl_arg_seats(fcinfo, 1);
	wait_ms = sl_arg_optional_number(fcinfo, 2, "wait_ms", 0, 0);
	rsinfo = sl_rows_begin(fcinfo, 3);
	num_rows = sl_lock(event, &seats, wait_ms, &rows);
	for (int i = 0; i < num_rows; i++)
	{
		Datum values[3];
		bool nulls[3] = {false, false, rows[i].status == NULL};

		values[0] = CStringGetTextDatum(rows[i].label);
		values[1] = BoolGetDatum(rows[i].locked);
		values[2] = rows[i].status == NULL ? (Datum) 0 : CStringGetTextDatum(rows[i].status);
		rows_put(rsinfo, values, nulls);
	}
	return (Datum) 0;
}

/* hold(event text, token text): the live hold or sale, for a cart page. */
Datum
seatlock_hold(PG_FUNCTION_ARGS)
{
	char *event = sl_arg_name(fcinfo, 0, "event");
	char *token = sl_arg_name(fcinfo, 1, "token");

	return sl_result_to_datum(fcinfo, sl_hold_read(event, token));
}
