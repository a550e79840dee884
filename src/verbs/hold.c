/*-------------------------------------------------------------------------
 *
 * hold.c
 *		confirm, extend, release, cancel and set_holder: what a token may do
 *		with its hold.
 *
 *		claim ---> held ---> booked ---> cancelled
 *					|  \       ^
 *					|   \      | late confirm, while all its seats are free
 *					|    `-> expired
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
#include "base/token.h"
#include "verbs/claim.h"
#include "verbs/request_key.h"

/* a losing buyer's short lock must never refuse a payment */
#define MIN_WAIT_MS 1000

/* Find a hold that is held and not expired; else the answer. */
static Progress
find_live_hold(Call *call)
{
	Outcome outcome;

	(void) sl_call_find_hold(call, call->request->token);
	outcome = sl_call_judge_hold(call);
	if (outcome == OUTCOME_HELD)
		return CALL_READY;
	/* a sale is nothing that this verb knows */
	call->have_hold = false;
	return sl_call_decide(call, outcome == OUTCOME_EXPIRED ? outcome : OUTCOME_NOT_FOUND);
}

/* Is the sale that of this order?  A call that names none means any. */
static bool
is_of_order(const HoldRow *hold, const char *order_ref)
{
	return order_ref == NULL ||
		   (hold->order_ref != NULL && strcmp(hold->order_ref, order_ref) == 0);
}

/* Seats of the hold that have gone to others since it expired. */
static void
add_lost_seats(Call *call)
{
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->expired || entry->row.status == SEAT_FREE ||
			(entry->row.status == SEAT_HELD && token_equals(&entry->row.token, &call->hold.token)))
			continue;
		sl_call_add_row_conflict(call, entry);
	}
}

static Progress
look_confirm(Call *call)
{
	const ClaimRequest *request = call->request;

	if (!sl_call_find_hold(call, request->token))
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	if (call->hold.state == HOLD_BOOKED)
	{
		/* the first order_ref stays */
		call->replayed = is_of_order(&call->hold, request->order_ref);
		return sl_call_decide(call, call->replayed ? OUTCOME_BOOKED : OUTCOME_ORDER_REUSED);
	}
	if (call->hold.state != HOLD_HELD && call->hold.state != HOLD_EXPIRED)
	{
		call->have_hold = false;
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	}

	sl_call_read_own_seats(call);
	add_lost_seats(call);
	if (call->num_conflicts > 0)
		return sl_call_decide(call, OUTCOME_EXPIRED);
	/* its seats counted for nobody since it expired */
	if (!sl_call_hold_is_live(call) &&
		!sl_claim_may_own(call, call->hold.holder, call->hold.num_seats))
		return sl_call_decide(call, OUTCOME_LIMIT);
	return CALL_READY;
}

static ClaimResult *
write_confirm(Call *call)
{
	const char *order_ref = call->request->order_ref;

	sl_call_write_expiries(call);
	sl_call_begin_hold(call, &call->hold, HOLD_BOOKED);
	call->hold.order_ref = order_ref == NULL ? NULL : pstrdup(order_ref);
	sl_call_write_hold(call, false);
	sl_call_write_seats(call, SEAT_BOOKED, &call->hold.token, 0, true);
	sl_call_write_change(call, ACTION_BOOKED);
	return sl_call_answer(call, OUTCOME_BOOKED);
}

const VerbSteps sl_hold_confirm_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.look = look_confirm,
	.write = write_confirm,
	.meet = sl_call_wait,
};

static TimestampTz
latest_expiry(const Call *call)
{
	return sl_clock_add_seconds(call->hold.created_at, call->event.max_hold_seconds);
}

static Progress
look_extend(Call *call)
{
	Progress found = find_live_hold(call);

	if (found != CALL_READY)
		return found;
	if (call->hold.expires_at >= latest_expiry(call))
		return sl_call_decide(call, OUTCOME_CANNOT_EXTEND);
	/* never shortens: it stands later already */
	if (sl_clock_add_seconds(call->now, call->request->ttl_seconds) <= call->hold.expires_at)
		return sl_call_decide(call, OUTCOME_EXTENDED);
	sl_call_read_own_seats(call);
	return CALL_READY;
}

static ClaimResult *
write_extend(Call *call)
{
	call->hold.expires_at =
		Min(sl_clock_add_seconds(call->now, call->request->ttl_seconds), latest_expiry(call));
	sl_call_write_hold(call, false);
	sl_call_write_seats(call, SEAT_HELD, NULL, call->hold.expires_at, false);
	sl_call_write_change(call, ACTION_EXTENDED);
	return sl_call_answer(call, OUTCOME_EXTENDED);
}

const VerbSteps sl_hold_extend_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.look = look_extend,
	.write = write_extend,
	.meet = sl_call_wait,
};

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

/* The seats to give back: those named, which must be the token's, or all. */
static Progress
look_at_seats_to_give_back(Call *call)
{
	const SeatList *named = &call->request->seats;

	if (named->num_labels == 0)
	{
		sl_call_read_own_seats(call);
		return CALL_READY;
	}
	sl_call_set_labels(call, named, NULL);
	if (call->num_unknown > 0 || !hold_has_all_seats(call))
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	sl_call_read_seats(call);
	return CALL_READY;
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

static void
give_back(Call *call, HoldState ended, ChangeAction action)
{
	remove_seats_from_hold(call, ended);
	sl_call_write_hold(call, false);
	sl_call_write_seats(call, SEAT_FREE, NULL, 0, true);
	sl_call_write_change(call, action);
}

static Progress
look_release(Call *call)
{
	Progress found = find_live_hold(call);

	return found == CALL_READY ? look_at_seats_to_give_back(call) : found;
}

static ClaimResult *
write_release(Call *call)
{
	give_back(call, HOLD_RELEASED, ACTION_RELEASED);
	if (call->request->request_key != NULL)
		sl_request_key_note(call, OUTCOME_RELEASED);
	return sl_call_answer(call, OUTCOME_RELEASED);
}

const VerbSteps sl_hold_release_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.look = look_release,
	.write = write_release,
	.meet = sl_call_wait,
};

static Progress
look_cancel(Call *call)
{
	if (!sl_call_find_hold(call, call->request->token))
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	if (call->hold.state != HOLD_BOOKED || !is_of_order(&call->hold, call->request->order_ref))
	{
		call->have_hold = false;
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	}
	return look_at_seats_to_give_back(call);
}

static ClaimResult *
write_cancel(Call *call)
{
	give_back(call, HOLD_CANCELLED, ACTION_CANCELLED);
	return sl_call_answer(call, OUTCOME_CANCELLED);
}

const VerbSteps sl_hold_cancel_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.look = look_cancel,
	.write = write_cancel,
	.meet = sl_call_wait,
};

static Progress
look_set_holder(Call *call)
{
	const char *holder = call->request->holder;
	Progress found = find_live_hold(call);

	if (found != CALL_READY)
		return found;
	if (strcmp(call->hold.holder, holder) == 0)
		return sl_call_decide(call, OUTCOME_HELD);
	sl_call_read_own_seats(call);
	return sl_claim_may_own(call, holder, call->hold.num_seats)
			   ? CALL_READY
			   : sl_call_decide(call, OUTCOME_LIMIT);
}

/* The owner changes, so the versions rise. */
static ClaimResult *
write_set_holder(Call *call)
{
	call->hold.holder = pstrdup(call->request->holder);
	sl_call_write_hold(call, false);
	sl_call_write_seats(call, SEAT_HELD, NULL, call->hold.expires_at, true);
	sl_call_write_change(call, ACTION_HELD);
	return sl_call_answer(call, OUTCOME_HELD);
}

const VerbSteps sl_hold_set_holder_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.look = look_set_holder,
	.write = write_set_holder,
	.meet = sl_call_wait,
};

/* The hold as it is, for a cart page: reads only, also on a standby. */
ClaimResult *
sl_hold_read(const char *event, const char *token)
{
	Call call = {.event_name = event, .together = -1};
	ClaimResult *result;

	call.store = sl_store_open(false);
	sl_call_look(&call);
	(void) sl_call_find_hold(&call, token);
	result = sl_call_answer(&call, sl_call_judge_hold(&call));
	sl_call_end(&call);
	return result;
}
