/*-------------------------------------------------------------------------
 *
 * claim_step.c
 *		What claim, book and claim_best have in common.
 *
 * The order of decisions is fixed: errors, request key, token, not_on_sale,
 * taken, limit, busy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "base/clock.h"
#include "base/settings.h"
#include "base/token.h"
#include "shmem/expiry_hints.h"
#include "verbs/claim_step.h"

void
sl_claim_begin(Call *call, const ClaimRequest *request)
{
	if (request->store == NULL)
		sl_call_begin(call, request->event, sl_setting_lock_wait);
	else
		sl_call_begin_within(call, request->store, request->event, request->actor);
}

static void
append_part(StringInfo buf, const char *part)
{
	/* the length keeps neighbours apart: ("ab", "c") is not ("a", "bc") */
	if (part == NULL)
		appendStringInfoString(buf, "-;");
	else
		appendStringInfo(buf, "%zu:%s;", strlen(part), part);
}

/*
 * What must be the same for a request to be a repetition; the ttl need not be.
 * The role is part of it: the answer has the token, which is not for others who
 * happen upon the key.
 */
static bytea *
request_fingerprint(const Call *call, const ClaimRequest *request)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_part(&buf, call->actor != NULL ? call->actor : GetUserNameFromId(GetUserId(), false));
	append_part(&buf, request->holder);
	append_part(&buf, request->token);
	append_part(&buf, request->order_ref);
	append_part(&buf, request->section);
	append_part(&buf, request->category);
	appendStringInfo(&buf, "%d;%d;", request->quantity, (int) request->adjacency);
	for (int i = 0; i < request->seats.num_labels; i++)
		append_part(&buf, request->seats.labels[i]);
	return DatumGetByteaPP(DirectFunctionCall1(
		sha256_bytea, PointerGetDatum(cstring_to_text_with_len(buf.data, buf.len))));
}

static bool
same_request(const Call *call, const RequestRow *row, const ClaimRequest *request)
{
	bytea *fingerprint = request_fingerprint(call, request);

	return strcmp(row->verb, request->verb) == 0 &&
		   VARSIZE_ANY(row->fingerprint) == VARSIZE_ANY(fingerprint) &&
		   memcmp(VARDATA_ANY(row->fingerprint), VARDATA_ANY(fingerprint),
				  VARSIZE_ANY_EXHDR(fingerprint)) == 0;
}

/* The success again, as it stands now: it may have been paid for, given back or lapsed. */
static ClaimResult *
replay(Call *call, const RequestRow *row)
{
	ClaimResult *result;

	call->have_hold =
		sl_store_find_hold(call->store, call->event.event_id, &row->token, &call->hold);
	result = sl_call_answer(call, sl_call_judge_hold(call));
	result->replayed = true;
	if (call->have_hold)
		result->together = row->together;
	return result;
}

/* What was given back stays so: the answer as it was. */
static ClaimResult *
replay_release(Call *call, const RequestRow *row)
{
	ClaimResult *result = palloc0(sizeof(ClaimResult));
	HoldRow hold;

	result->outcome = row->outcome;
	result->now = call->now;
	result->retry_after_ms = -1;
	result->have_token = true;
	result->token = row->token;
	if (sl_store_find_hold(call->store, call->event.event_id, &row->token, &hold) &&
		(hold.state == HOLD_HELD || hold.state == HOLD_LAPSED))
		result->expires_at = hold.expires_at;
	result->num_seats = row->num_seats;
	result->seats = palloc(sizeof(char *) * Max(row->num_seats, 1));
	for (int i = 0; i < row->num_seats; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result->seats[i] = sl_store_find_label(call->store, call->event.layout_id, row->seats[i]);
	}
	result->replayed = true;
	sl_call_fill_statistics(call, result);
	result->together = row->together;
	return result;
}

/* True with a result when the request's key decides. */
bool
sl_claim_replay(Call *call, const ClaimRequest *request, ClaimResult **result)
{
	RequestRow row;

	if (request->request_key == NULL)
		return false;
	if (!sl_call_lock_name(call, NAME_LOCK_REQUEST_KEY, request->request_key))
	{
		*result = sl_call_refuse(call, OUTCOME_BUSY);
		return true;
	}
	if (!sl_store_find_request(call->store, call->event.event_id, request->request_key, &row))
		return false;
	if (!same_request(call, &row, request))
		*result = sl_call_refuse(call, OUTCOME_KEY_REUSED);
	else
	{
		*result = row.outcome == OUTCOME_RELEASED ? replay_release(call, &row) : replay(call, &row);
		sl_lockkey_release(&call->locks);
	}
	return true;
}

/* The success that is stored under the request's key, or busy: too late to decide. */
ClaimResult *
sl_claim_repeat(const ClaimRequest *request)
{
	Call call;
	ClaimResult *result;

	sl_claim_begin(&call, request);
	if (!sl_claim_replay(&call, request, &result))
	{
		result = sl_call_refuse(&call, OUTCOME_BUSY);
		result->too_late = true;
	}
	sl_call_end(&call);
	return result;
}

/* Token and sale window; false with the refusal. */
bool
sl_claim_may_start(Call *call, const ClaimRequest *request, Outcome *refusal)
{
	if (request->token != NULL)
	{
		if (!sl_call_find_hold(call, request->token) ||
			(call->hold.state != HOLD_HELD && call->hold.state != HOLD_LAPSED) ||
			strcmp(call->hold.holder, request->holder) != 0)
		{
			call->have_hold = false;
			*refusal = OUTCOME_NOT_FOUND;
			return false;
		}
		if (!sl_call_hold_is_live(call))
		{
			*refusal = OUTCOME_EXPIRED;
			return false;
		}
	}
	if (!request->book && (call->now < call->event.opens_at || call->now >= call->event.closes_at))
	{
		*refusal = OUTCOME_NOT_ON_SALE;
		return false;
	}
	return true;
}

static int
num_new_seats(const Call *call)
{
	int count = 0;

	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].wanted && !call->seats[i].kept)
			count++;
	return count;
}

/*
 * The holder's cap.  The count is exact only under the lock of his name, so
 * that is among the locks that sl_call_secure takes before the last look.
 */
bool
sl_claim_may_own(Call *call, const char *holder, int num_more)
{
	int cap = call->event.max_seats_per_holder;

	/* who takes no more is not over it, even when the box office has put him there */
	if (cap == 0 || num_more == 0)
		return true;
	call->counted_holder = holder;
	return sl_store_count_holder_seats(call->store, call->event.event_id, holder, call->now) +
			   num_more <=
		   cap;
}

/* The box office sells whatever the cap is, as it sells outside the window. */
bool
sl_claim_within_limit(Call *call, const ClaimRequest *request)
{
	return request->book || sl_claim_may_own(call, request->holder, num_new_seats(call));
}

static TimestampTz
first_lapse(const Call *call, const ClaimRequest *request)
{
	int seconds = request->ttl_seconds != 0 ? request->ttl_seconds : call->event.hold_seconds;

	return sl_clock_add_seconds(call->now, Min(seconds, call->event.max_hold_seconds));
}

/* Add the seats that the call takes to its hold. */
static void
add_seats_to_hold(Call *call)
{
	HoldRow *hold = &call->hold;
	int32 *seats = palloc(sizeof(int32) * (hold->num_seats + call->num_seats + 1));

	if (hold->num_seats > 0)
		memcpy(seats, hold->seats, sizeof(int32) * hold->num_seats);
	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].wanted && !call->seats[i].kept)
			seats[hold->num_seats++] = call->seats[i].row.seat_no;
	sl_store_sort_seats(seats, hold->num_seats);
	hold->seats = seats;
}

static void
write_new_hold(Call *call, const ClaimRequest *request)
{
	HoldRow *hold = &call->hold;

	memset(hold, 0, sizeof(*hold));
	call->have_hold = true;
	hold->token = sl_token_make(call->now);
	sl_call_begin_hold(call, hold, request->book ? HOLD_BOOKED : HOLD_HELD);
	hold->created_at = call->now;
	hold->expires_at = request->book ? call->now : first_lapse(call, request);
	hold->holder = pstrdup(request->holder);
	hold->order_ref = request->order_ref == NULL ? NULL : pstrdup(request->order_ref);
	sl_call_link_request(call, request->request_key);
	add_seats_to_hold(call);
	sl_store_insert_hold(call->store, call->event.event_id, hold);
	if (!request->book)
		sl_expiry_hints_tell(call->event.event_id, &hold->token, hold->expires_at);
}

static void
write_old_hold(Call *call, const ClaimRequest *request)
{
	sl_call_link_request(call, request->request_key);
	add_seats_to_hold(call);
	sl_store_update_hold(call->store, call->event.event_id, &call->hold);
}

/* A success under a request key; what the token owns now is what a repetition will be told. */
void
sl_claim_note_request(Call *call, const ClaimRequest *request, Outcome outcome, int together)
{
	bool alive = call->hold.state == HOLD_HELD || call->hold.state == HOLD_BOOKED;
	RequestRow row;

	if (request->request_key == NULL)
		return;

	row.verb = pstrdup(request->verb);
	row.fingerprint = request_fingerprint(call, request);
	row.outcome = outcome;
	row.token = call->hold.token;
	row.previous_key = call->previous_key;
	row.together = together;
	row.num_seats = alive ? call->hold.num_seats : 0;
	row.seats = call->hold.seats;
	sl_store_insert_request(call->store, call->event.event_id, request->request_key, call->now,
							&row);
}

/* Would the answer, all seats of the token, have room where it must travel? */
static bool
answer_has_room(Call *call, const ClaimRequest *request)
{
	int num_labels = call->have_hold ? call->hold.num_seats : 0;
	Size bytes = 0;

	if (request->answer_room == 0)
		return true;
	for (int i = 0; i < num_labels; i++)
		bytes +=
			strlen(sl_store_find_label(call->store, call->event.layout_id, call->hold.seats[i]));
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->kept)
			continue;
		num_labels++;
		bytes += strlen(sl_call_label(call, entry));
	}
	return claim_answer_size(num_labels, bytes) <= request->answer_room;
}

/* Refused before anything is written, and without an error that would spoil a group. */
ClaimResult *
sl_claim_too_large(Call *call)
{
	ClaimResult *result;

	call->num_conflicts = 0;
	result = sl_call_refuse(call, OUTCOME_BUSY);
	result->too_large = true;
	return result;
}

/* Everything is secured: take the seats. */
ClaimResult *
sl_claim_write(Call *call, const ClaimRequest *request, int together)
{
	Outcome outcome = request->book ? OUTCOME_BOOKED : OUTCOME_HELD;
	bool grows = num_new_seats(call) > 0;
	ClaimResult *result;

	if (!answer_has_room(call, request))
		return sl_claim_too_large(call);
	sl_call_write_lapses(call);
	if (!call->have_hold)
		write_new_hold(call, request);
	else if (grows || request->request_key != NULL)
		write_old_hold(call, request);
	if (grows)
	{
		sl_call_write_seats(call, request->book ? SEAT_BOOKED : SEAT_HELD, &call->hold.token,
							call->hold.expires_at, true);
		sl_call_write_change(call, request->book ? ACTION_BOOKED : ACTION_HELD, NULL);
	}
	sl_claim_note_request(call, request, outcome, together);
	result = sl_call_answer(call, outcome);
	result->together = together;
	return result;
}
