/*-------------------------------------------------------------------------
 *
 * hold.c
 *		confirm, extend, release, cancel and set_holder: what a token may do
 *		with its hold.
 *
 *		claim ---> held ---> booked ---> cancelled
 *					|  \       ^
 *					|   \      | late confirm, while all its seats are free
 *					|    `-> lapsed
 *					v
 *				released
 *
 * The token proves ownership, and the seats' rows are read again under their
 * locks: time decides only whether somebody else may take a seat, never whose
 * it is.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/clock.h"
#include "base/errors.h"
#include "base/settings.h"
#include "base/token.h"
#include "verbs/claim.h"
#include "verbs/claim_step.h"

/* a losing buyer's short lock must never refuse a payment */
#define MIN_WAIT_MS 1000

typedef struct HoldRequest
{
	const char *event;
	const char *token;
	const SeatList *seats;   /* release, cancel; NULL: all */
	const char *text;        /* confirm, cancel: order_ref; set_holder: holder */
	int ttl_seconds;         /* extend */
	const char *request_key; /* release; NULL: none */
} HoldRequest;

/*
 * A verb on a hold: look decides by what it sees, true to go on with the
 * seats set and read; write does it.
 */
typedef bool (*HoldLook)(Call *call, const HoldRequest *request, Outcome *outcome);
typedef ClaimResult *(*HoldWrite)(Call *call, const HoldRequest *request);

static ClaimResult *
work(Call *call, const HoldRequest *request, HoldLook look, HoldWrite write)
{
	Outcome outcome;

	for (;;)
	{
		if (!look(call, request, &outcome))
			return sl_call_refuse(call, outcome);
		switch (sl_call_secure(call))
		{
			case SECURED_ALL:
				return write(call, request);
			case SECURED_BUSY:
			case SECURED_SHUT:
				return sl_call_refuse(call, OUTCOME_BUSY);
			case SECURED_AGAIN:
				sl_call_look(call);
		}
	}
}

static ClaimResult *
run(const HoldRequest *request, HoldLook look, HoldWrite write)
{
	Call call;
	ClaimResult *result;

	sl_call_begin(&call, request->event, Max(sl_setting_lock_wait, MIN_WAIT_MS));
	result = work(&call, request, look, write);
	sl_call_end(&call);
	return result;
}

/* The token's own seats, all of them, read as they are now. */
static void
read_own_seats(Call *call)
{
	sl_call_set_seats(call, call->hold.num_seats, call->hold.seats);
	sl_call_read_seats(call);
}

static void
write_hold(Call *call)
{
	sl_store_update_hold(call->store, call->event.event_id, &call->hold);
}

/* Find a hold that is held and not lapsed; false with the refusal. */
static bool
find_live_hold(Call *call, const char *token, Outcome *outcome)
{
	*outcome = OUTCOME_NOT_FOUND;
	if (!sl_call_find_hold(call, token))
		return false;
	if (sl_call_hold_is_live(call))
		return true;
	if (call->hold.state == HOLD_HELD || call->hold.state == HOLD_LAPSED)
		*outcome = OUTCOME_EXPIRED;
	/* an ended hold, or a sale, is nothing that this verb knows */
	call->have_hold = false;
	return false;
}

/* Is the sale that of this order?  Whoever names none means any. */
static bool
is_of_order(const HoldRow *hold, const char *order_ref)
{
	return order_ref == NULL ||
		   (hold->order_ref != NULL && strcmp(hold->order_ref, order_ref) == 0);
}

static bool
look_confirm(Call *call, const HoldRequest *request, Outcome *outcome)
{
	*outcome = OUTCOME_NOT_FOUND;
	if (!sl_call_find_hold(call, request->token))
		return false;
	if (call->hold.state == HOLD_BOOKED)
	{
		*outcome = is_of_order(&call->hold, request->text) ? OUTCOME_BOOKED : OUTCOME_ORDER_REUSED;
		return false;
	}
	if (call->hold.state != HOLD_HELD && call->hold.state != HOLD_LAPSED)
	{
		call->have_hold = false;
		return false;
	}

	read_own_seats(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->lapsed || entry->row.status == SEAT_FREE ||
			(entry->row.status == SEAT_HELD && token_equals(&entry->row.token, &call->hold.token)))
			continue;
		sl_call_add_row_conflict(call, entry);
	}
	*outcome = OUTCOME_EXPIRED;
	if (call->num_conflicts > 0)
		return false;
	/* its seats counted for nobody since it lapsed */
	*outcome = OUTCOME_LIMIT;
	return sl_call_hold_is_live(call) ||
		   sl_claim_may_own(call, call->hold.holder, call->hold.num_seats);
}

static ClaimResult *
write_confirm(Call *call, const HoldRequest *request)
{
	sl_call_write_lapses(call);
	sl_call_begin_hold(call, &call->hold, HOLD_BOOKED);
	call->hold.order_ref = request->text == NULL ? NULL : pstrdup(request->text);
	write_hold(call);
	sl_call_write_seats(call, SEAT_BOOKED, &call->hold.token, 0, true);
	sl_call_write_change(call, ACTION_BOOKED, NULL);
	return sl_call_answer(call, OUTCOME_BOOKED);
}

ClaimResult *
sl_hold_confirm(const char *event, const char *token, const char *order_ref)
{
	HoldRequest request = {.event = event, .token = token, .text = order_ref};
	Call call;
	ClaimResult *result;

	sl_call_begin(&call, event, Max(sl_setting_lock_wait, MIN_WAIT_MS));
	result = work(&call, &request, look_confirm, write_confirm);
	/* a hold that was booked before: the first order_ref stays */
	result->replayed = (result->outcome == OUTCOME_BOOKED && !call.wrote);
	sl_call_end(&call);
	return result;
}

static TimestampTz
latest_lapse(const Call *call)
{
	return sl_clock_add_seconds(call->hold.created_at, call->event.max_hold_seconds);
}

static bool
look_extend(Call *call, const HoldRequest *request, Outcome *outcome)
{
	if (!find_live_hold(call, request->token, outcome))
		return false;
	if (call->hold.expires_at >= latest_lapse(call))
	{
		*outcome = OUTCOME_CANNOT_EXTEND;
		return false;
	}
	if (sl_clock_add_seconds(call->now, request->ttl_seconds) <= call->hold.expires_at)
	{
		/* never shortens: it stands later already */
		*outcome = OUTCOME_EXTENDED;
		return false;
	}
	read_own_seats(call);
	return true;
}

static ClaimResult *
write_extend(Call *call, const HoldRequest *request)
{
	call->hold.expires_at =
		Min(sl_clock_add_seconds(call->now, request->ttl_seconds), latest_lapse(call));
	write_hold(call);
	sl_call_write_seats(call, SEAT_HELD, NULL, call->hold.expires_at, false);
	sl_call_write_change(call, ACTION_EXTENDED, NULL);
	return sl_call_answer(call, OUTCOME_EXTENDED);
}

ClaimResult *
sl_hold_extend(const char *event, const char *token, int ttl_seconds)
{
	HoldRequest request = {.event = event, .token = token, .ttl_seconds = ttl_seconds};

	return run(&request, look_extend, write_extend);
}

/* Are all seats of the call the hold's?  Both lists ascend. */
static bool
hold_has_all_seats(const Call *call)
{
	const HoldRow *hold = &call->hold;
	int next = 0;

	for (int i = 0; i < call->num_seats; i++)
	{
		while (next < hold->num_seats && hold->seats[next] < call->seats[i].row.seat_no)
			next++;
		if (next == hold->num_seats || hold->seats[next] != call->seats[i].row.seat_no)
			return false;
	}
	return true;
}

/* Set the seats to give back: those named, which must be the token's, or all. */
static bool
set_seats_to_give_back(Call *call, const SeatList *named)
{
	if (named == NULL)
	{
		read_own_seats(call);
		return true;
	}
	sl_call_set_labels(call, named, NULL);
	if (call->num_unknown > 0 || !hold_has_all_seats(call))
		return false;
	sl_call_read_seats(call);
	return true;
}

/*
 * Take the seats that are being given back out of the hold.  A hold that ends
 * keeps the seats it had last, for the record.
 */
static void
remove_seats_from_hold(Call *call, HoldState ended)
{
	HoldRow *hold = &call->hold;
	int32 *left = palloc(sizeof(int32) * hold->num_seats);
	int num_left = 0;
	int next = 0;

	/* both lists ascend */
	for (int i = 0; i < hold->num_seats; i++)
	{
		if (next < call->num_seats && call->seats[next].row.seat_no == hold->seats[i])
			next++;
		else
			left[num_left++] = hold->seats[i];
	}
	if (num_left == 0)
	{
		sl_call_end_hold(call, hold, ended);
		return;
	}
	hold->seats = left;
	hold->num_seats = num_left;
}

static ClaimResult *
give_back(Call *call, HoldState ended, ChangeAction action, Outcome outcome)
{
	remove_seats_from_hold(call, ended);
	write_hold(call);
	sl_call_write_seats(call, SEAT_FREE, NULL, 0, true);
	sl_call_write_change(call, action, NULL);
	return sl_call_answer(call, outcome);
}

static bool
look_release(Call *call, const HoldRequest *request, Outcome *outcome)
{
	if (!find_live_hold(call, request->token, outcome))
		return false;
	*outcome = OUTCOME_NOT_FOUND;
	return set_seats_to_give_back(call, request->seats);
}

static ClaimResult *
write_release(Call *call, const HoldRequest *request)
{
	sl_call_link_request(call, request->request_key);
	return give_back(call, HOLD_RELEASED, ACTION_RELEASED, OUTCOME_RELEASED);
}

ClaimResult *
sl_hold_release(const char *event, const char *token, const SeatList *seats)
{
	HoldRequest request = {.event = event, .token = token, .seats = seats};

	return run(&request, look_release, write_release);
}

/* The same as one of several calls of a transaction, under its request key; it never waits. */
ClaimResult *
sl_hold_release_within(const ClaimRequest *request)
{
	HoldRequest release = {.event = request->event,
						   .token = request->token,
						   .request_key = request->request_key,
						   .seats = request->seats.num_labels > 0 ? &request->seats : NULL};
	Call call;
	ClaimResult *result;

	sl_claim_begin(&call, request);
	if (!sl_claim_replay(&call, request, &result))
	{
		result = work(&call, &release, look_release, write_release);
		if (call.wrote)
			sl_claim_note_request(&call, request, result->outcome, -1);
	}
	sl_call_end(&call);
	return result;
}

static bool
look_cancel(Call *call, const HoldRequest *request, Outcome *outcome)
{
	*outcome = OUTCOME_NOT_FOUND;
	if (!sl_call_find_hold(call, request->token))
		return false;
	if (call->hold.state != HOLD_BOOKED || !is_of_order(&call->hold, request->text))
	{
		call->have_hold = false;
		return false;
	}
	return set_seats_to_give_back(call, request->seats);
}

static ClaimResult *
write_cancel(Call *call, const HoldRequest *request)
{
	return give_back(call, HOLD_CANCELLED, ACTION_CANCELLED, OUTCOME_CANCELLED);
}

ClaimResult *
sl_hold_cancel(const char *event, const char *token, const SeatList *seats, const char *order_ref)
{
	HoldRequest request = {.event = event, .token = token, .seats = seats, .text = order_ref};

	return run(&request, look_cancel, write_cancel);
}

static bool
look_set_holder(Call *call, const HoldRequest *request, Outcome *outcome)
{
	if (!find_live_hold(call, request->token, outcome))
		return false;
	if (strcmp(call->hold.holder, request->text) == 0)
	{
		*outcome = OUTCOME_HELD;
		return false;
	}
	read_own_seats(call);
	*outcome = OUTCOME_LIMIT;
	return sl_claim_may_own(call, request->text, call->hold.num_seats);
}

/* The owner changes, so the versions rise. */
static ClaimResult *
write_set_holder(Call *call, const HoldRequest *request)
{
	call->hold.holder = pstrdup(request->text);
	write_hold(call);
	sl_call_write_seats(call, SEAT_HELD, NULL, call->hold.expires_at, true);
	sl_call_write_change(call, ACTION_HELD, NULL);
	return sl_call_answer(call, OUTCOME_HELD);
}

ClaimResult *
sl_hold_set_holder(const char *event, const char *token, const char *holder)
{
	HoldRequest request = {.event = event, .token = token, .text = holder};

	return run(&request, look_set_holder, write_set_holder);
}

/* The hold as it is, for a cart page: reads only, also on a standby. */
ClaimResult *
sl_hold_read(const char *event, const char *token)
{
	Call call = {.event_name = event};
	ClaimResult *result;

	call.store = sl_store_open(false);
	sl_call_look(&call);
	(void) sl_call_find_hold(&call, token);
	result = sl_call_answer(&call, sl_call_judge_hold(&call));
	sl_call_end(&call);
	return result;
}
