/*-------------------------------------------------------------------------
 *
 * api.c
 *		Entry points of the verbs, except for claim and claim_best (api_claim.c).
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
#include "verbs/verbs.h"

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

/* None named when null: all seats of the token. */
static SeatList
optional_seats_argument(FunctionCallInfo fcinfo, int argno)
{
	SeatList none = {0};

	return PG_ARGISNULL(argno) ? none : sl_arg_seats(fcinfo, argno);
}

/* confirm(event text, token text, order_ref text): recheck, then sell. */
Datum
seatlock_confirm(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_CONFIRM};

	sl_arg_require_writable("seatlock.confirm()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.token = sl_arg_name(fcinfo, 1, "token");
	request.order_ref = sl_arg_optional_text(fcinfo, 2, "order_ref");
	return sl_result_run(fcinfo, &request);
}

/* extend(event text, token text, ttl_seconds int): expire later. */
Datum
seatlock_extend(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_EXTEND};

	sl_arg_require_writable("seatlock.extend()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.token = sl_arg_name(fcinfo, 1, "token");
	request.ttl_seconds = sl_arg_positive(fcinfo, 2, "ttl_seconds");
	return sl_result_run(fcinfo, &request);
}

/* release(event text, token text, seats text): give back held seats. */
Datum
seatlock_release(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_RELEASE};

	sl_arg_require_writable("seatlock.release()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.token = sl_arg_name(fcinfo, 1, "token");
	request.seats = optional_seats_argument(fcinfo, 2);
	return sl_result_run(fcinfo, &request);
}

/*
 * book(event text, seats text, holder text, order_ref text, request_key
 * text): claim and confirm in one step.
 */
Datum
seatlock_book(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_BOOK};

	sl_arg_require_writable("seatlock.book()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.seats = sl_arg_seats(fcinfo, 1);
	request.holder = sl_arg_name(fcinfo, 2, "holder");
	request.order_ref = sl_arg_optional_text(fcinfo, 3, "order_ref");
	request.request_key = sl_arg_optional_name(fcinfo, 4, "request_key");
	return sl_result_run(fcinfo, &request);
}

/* cancel(event text, token text, seats text, order_ref text): undo a sale. */
Datum
seatlock_cancel(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_CANCEL};

	sl_arg_require_writable("seatlock.cancel()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.token = sl_arg_name(fcinfo, 1, "token");
	request.seats = optional_seats_argument(fcinfo, 2);
	request.order_ref = sl_arg_optional_text(fcinfo, 3, "order_ref");
	return sl_result_run(fcinfo, &request);
}

/* block(event text, seats text, reason text): off sale. */
Datum
seatlock_block(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_BLOCK};

	sl_arg_require_writable("seatlock.block()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.seats = sl_arg_seats(fcinfo, 1);
	request.reason = sl_arg_optional_text(fcinfo, 2, "reason");
	return sl_result_run(fcinfo, &request);
}

/* unblock(event text, seats text): back on sale. */
Datum
seatlock_unblock(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_UNBLOCK};

	sl_arg_require_writable("seatlock.unblock()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.seats = sl_arg_seats(fcinfo, 1);
	return sl_result_run(fcinfo, &request);
}

/* set_holder(event text, token text, holder text): hand a live hold over. */
Datum
seatlock_set_holder(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_SET_HOLDER};

	sl_arg_require_writable("seatlock.set_holder()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.token = sl_arg_name(fcinfo, 1, "token");
	request.holder = sl_arg_name(fcinfo, 2, "holder");
	return sl_result_run(fcinfo, &request);
}

/* rename_holder(event text, holder text, into text): a person under another name. */
Datum
seatlock_rename_holder(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {.verb = VERB_RENAME_HOLDER};

	sl_arg_require_writable("seatlock.rename_holder()");
	request.event = sl_arg_name(fcinfo, 0, "event");
	request.holder = sl_arg_name(fcinfo, 1, "holder");
	request.into = sl_arg_name(fcinfo, 2, "into");
	return sl_result_run(fcinfo, &request);
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
