/*-------------------------------------------------------------------------
 *
 * request_key.c
 *		Request keys: a repetition is told what was done, and does nothing.
 *
 * The key is locked before the first look that depends on it, and until the
 * transaction ends.  Successes alone are noted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "verbs/request_key.h"

static void
append_part(StringInfo buf, const char *part)
{
	/* the length keeps neighbours apart: ("ab", "c") is not ("a", "bc") */
	if (part == NULL)
		appendStringInfoString(buf, "-;");
	else
		appendStringInfo(buf, "%zu:%s;", strlen(part), part);
}

static void
append_number(StringInfo buf, int number)
{
	appendStringInfo(buf, "%d;", number);
}

static void
append_seats(StringInfo buf, const SeatList *seats)
{
	for (int i = 0; i < seats->num_labels; i++)
		append_part(buf, seats->labels[i]);
}

/*
 * What must be the same for a request to be a repetition; the ttl need not be.
 * The role is part of it: the answer has the token, which is not for others who
 * happen upon the key.
 */
static void
append_request(StringInfo buf, const ClaimRequest *request)
{
	append_part(buf,
				request->actor != NULL ? request->actor : GetUserNameFromId(GetUserId(), false));
	append_part(buf, request->holder);
	append_part(buf, request->token);
	switch (request->verb)
	{
		case VERB_CLAIM:
		case VERB_RELEASE:
			append_seats(buf, &request->seats);
			return;
		case VERB_BOOK:
			append_part(buf, request->order_ref);
			append_seats(buf, &request->seats);
			return;
		case VERB_CLAIM_BEST:
			append_part(buf, request->section);
			append_part(buf, request->category);
			append_number(buf, request->quantity);
			append_number(buf, (int) request->adjacency);
			return;
		case VERB_CONFIRM:
		case VERB_EXTEND:
		case VERB_SET_HOLDER:
		case VERB_CANCEL:
		case VERB_BLOCK:
		case VERB_UNBLOCK:
		case VERB_RENAME_HOLDER:
		case VERB_EXPIRE:
		case NUM_VERBS:
			break;
	}
	elog(ERROR, "%s has no request key", sl_vocabulary_verb(request->verb));
}

static bytea *
fingerprint_of(const ClaimRequest *request)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_request(&buf, request);
	return DatumGetByteaPP(DirectFunctionCall1(
		sha256_bytea, PointerGetDatum(cstring_to_text_with_len(buf.data, buf.len))));
}

static bool
same_request(const ClaimRequest *request, const RequestRow *row)
{
	bytea *fingerprint = fingerprint_of(request);

	return strcmp(row->verb, sl_vocabulary_verb(request->verb)) == 0 &&
		   VARSIZE_ANY(row->fingerprint) == VARSIZE_ANY(fingerprint) &&
		   memcmp(VARDATA_ANY(row->fingerprint), VARDATA_ANY(fingerprint),
				  VARSIZE_ANY_EXHDR(fingerprint)) == 0;
}

/* The success again, as it stands now: it may have been paid for, given back or expired. */
static ClaimResult *
replay(Call *call, const RequestRow *row)
{
	Outcome outcome;

	call->have_hold =
		sl_store_find_hold(call->store, call->event.event_id, &row->token, &call->hold);
	outcome = sl_call_judge_hold(call);
	if (call->have_hold)
		call->together = row->together;
	return sl_call_answer(call, outcome);
}

/* What was given back stays so: the answer as it was. */
static ClaimResult *
replay_release(Call *call, const RequestRow *row)
{
	ClaimResult *result = sl_call_answer(call, row->outcome);
	HoldRow hold;

	result->have_token = true;
	result->token = row->token;
	if (sl_store_find_hold(call->store, call->event.event_id, &row->token, &hold) &&
		(hold.state == HOLD_HELD || hold.state == HOLD_EXPIRED))
		result->expires_at = hold.expires_at;
	result->num_seats = row->num_seats;
	result->seats = palloc(sizeof(char *) * Max(row->num_seats, 1));
	for (int i = 0; i < row->num_seats; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result->seats[i] = sl_store_find_label(call->store, call->event.layout_id, row->seats[i]);
	}
	result->together = row->together;
	return result;
}

/* The answer when the request's key decides, else NULL. */
ClaimResult *
sl_request_key_replay(Call *call)
{
	const char *key = call->request->request_key;
	ClaimResult *result;
	RequestRow row;

	if (!sl_call_lock_name(call, NAME_LOCK_REQUEST_KEY, key))
		return sl_call_refuse(call, OUTCOME_BUSY);
	if (!sl_store_find_request(call->store, call->event.event_id, key, &row))
		return NULL;
	if (!same_request(call->request, &row))
		return sl_call_refuse(call, OUTCOME_KEY_REUSED);
	call->replayed = true;
	result = row.outcome == OUTCOME_RELEASED ? replay_release(call, &row) : replay(call, &row);
	sl_lockkey_release(&call->locks);
	return result;
}

/* A success under a request key; what the token owns now is what a repetition will be told. */
void
sl_request_key_note(const Call *call, Outcome outcome)
{
	const ClaimRequest *request = call->request;
	bool alive = call->hold.state == HOLD_HELD || call->hold.state == HOLD_BOOKED;
	RequestRow row;

	Assert(call->secured);
	row.verb = sl_vocabulary_verb(request->verb);
	row.fingerprint = fingerprint_of(request);
	row.outcome = outcome;
	row.token = call->hold.token;
	row.previous_key = call->previous_key;
	row.together = call->together;
	row.num_seats = alive ? call->hold.num_seats : 0;
	row.seats = call->hold.seats;
	sl_store_insert_request(call->store, call->event.event_id, request->request_key, call->now,
							&row);
}
