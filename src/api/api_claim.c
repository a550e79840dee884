/*-------------------------------------------------------------------------
 *
 * api_claim.c
 *		Entry points of claim and claim_best, and their arguments.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "api/api_claim.h"
#include "api/api_result.h"
#include "base/args.h"

PG_FUNCTION_INFO_V1(seatlock_claim);
PG_FUNCTION_INFO_V1(seatlock_claim_array);
PG_FUNCTION_INFO_V1(seatlock_claim_best);

static void
rest_of_arguments(FunctionCallInfo fcinfo, ClaimRequest *request)
{
	request->holder = sl_arg_name(fcinfo, 2, "holder");
	request->ttl_seconds = sl_arg_optional_positive(fcinfo, 3, "ttl_seconds", 0);
	request->token = sl_arg_optional_name(fcinfo, 4, "token");
	request->request_key = sl_arg_optional_name(fcinfo, 5, "request_key");
	sl_arg_not_built(fcinfo, 6, "channel");
}

/*
 * (event text, seats text, holder text, ttl_seconds bigint, token text, request_key
 * text, channel text)
 */
void
sl_api_claim_arguments(FunctionCallInfo fcinfo, ClaimRequest *request)
{
	request->verb = VERB_CLAIM;
	request->event = sl_arg_name(fcinfo, 0, "event");
	request->seats = sl_arg_seats(fcinfo, 1);
	rest_of_arguments(fcinfo, request);
}

/* (event text, seat_labels text[], holder text, ...): the same for typed arrays */
void
sl_api_claim_array_arguments(FunctionCallInfo fcinfo, ClaimRequest *request)
{
	request->verb = VERB_CLAIM;
	request->event = sl_arg_name(fcinfo, 0, "event");
	request->seats = sl_arg_seat_labels(fcinfo, 1, "seat_labels");
	rest_of_arguments(fcinfo, request);
}

static Adjacency
adjacency_argument(FunctionCallInfo fcinfo, int argno)
{
	char *word = sl_arg_optional_text(fcinfo, argno, "adjacency");

	if (word == NULL || strcmp(word, "prefer") == 0)
		return ADJACENCY_PREFER;
	if (strcmp(word, "require") == 0)
		return ADJACENCY_REQUIRE;
	if (strcmp(word, "any") == 0)
		return ADJACENCY_ANY;
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("invalid value for argument \"adjacency\": \"%s\"", word),
					errhint("Available values: require, prefer, any.")));
}

/*
 * (event text, quantity bigint, holder text, section text, category text, ttl_seconds bigint,
 * token text, request_key text, adjacency text, channel text, wishes text)
 */
void
sl_api_claim_best_arguments(FunctionCallInfo fcinfo, ClaimRequest *request)
{
	request->verb = VERB_CLAIM_BEST;
	request->event = sl_arg_name(fcinfo, 0, "event");
	request->quantity = sl_arg_positive(fcinfo, 1, "quantity");
	request->holder = sl_arg_name(fcinfo, 2, "holder");
	request->section = sl_arg_optional_name(fcinfo, 3, "section");
	request->category = sl_arg_optional_name(fcinfo, 4, "category");
	request->ttl_seconds = sl_arg_optional_positive(fcinfo, 5, "ttl_seconds", 0);
	request->token = sl_arg_optional_name(fcinfo, 6, "token");
	request->request_key = sl_arg_optional_name(fcinfo, 7, "request_key");
	request->adjacency = adjacency_argument(fcinfo, 8);
	sl_arg_not_built(fcinfo, 9, "channel");
	sl_arg_not_built(fcinfo, 10, "wishes");
}

/* claim(event, seats, holder, ...): hold all the seats or none. */
Datum
seatlock_claim(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {0};

	sl_arg_require_writable("seatlock.claim()");
	sl_api_claim_arguments(fcinfo, &request);
	return sl_result_run(fcinfo, &request);
}

Datum
seatlock_claim_array(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {0};

	sl_arg_require_writable("seatlock.claim()");
	sl_api_claim_array_arguments(fcinfo, &request);
	return sl_result_run(fcinfo, &request);
}

/* claim_best(event, quantity, holder, ...): pick the best free seats and hold them. */
Datum
seatlock_claim_best(PG_FUNCTION_ARGS)
{
	ClaimRequest request = {0};

	sl_arg_require_writable("seatlock.claim_best()");
	sl_api_claim_best_arguments(fcinfo, &request);
	return sl_result_run(fcinfo, &request);
}
