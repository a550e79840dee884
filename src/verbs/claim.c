/*-------------------------------------------------------------------------
 *
 * claim.c
 *		claim and book: hold or sell named seats, all or none; and what
 *		claim_best has in common with them.
 *
 * The order of decisions is fixed: errors, request key, token, not_on_sale,
 * taken, limit, busy.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/clock.h"
#include "base/token.h"
#include "shmem/expiry_hints.h"
#include "verbs/board_answer.h"
#include "verbs/claim.h"
#include "verbs/request_key.h"

/* The box office sells at once, whatever the sale window and the cap are. */
static bool
is_sale(const Call *call)
{
	return call->request->verb == VERB_BOOK;
}

static bool
find_own_hold(Call *call)
{
	const ClaimRequest *request = call->request;

	call->have_hold = sl_call_find_hold(call, request->token) &&
					  (call->hold.state == HOLD_HELD || call->hold.state == HOLD_EXPIRED) &&
					  strcmp(call->hold.holder, request->holder) == 0;
	return call->have_hold;
}

/* Token and sale window: CALL_READY, or the answer. */
Progress
sl_claim_may_start(Call *call)
{
	if (call->request->token != NULL)
	{
		if (!find_own_hold(call))
			return sl_call_decide(call, OUTCOME_NOT_FOUND);
		if (!sl_call_hold_is_live(call))
			return sl_call_decide(call, OUTCOME_EXPIRED);
	}
	if (!is_sale(call) && (call->now < call->event.opens_at || call->now >= call->event.closes_at))
		return sl_call_decide(call, OUTCOME_NOT_ON_SALE);
	return CALL_READY;
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
 * The holder's cap.  The count is exact only under the lock of the name, so
 * that is among the locks that are taken before the last look (call.c).
 */
bool
sl_claim_may_own(Call *call, const char *holder, int num_more)
{
	int cap = call->event.max_seats_per_holder;

	/* who takes no more is not over it, even when the box office has put the holder there */
	if (cap == 0 || num_more == 0)
		return true;
	call->counted_holder = holder;
	return sl_store_count_holder_seats(call->store, call->event.event_id, holder, call->now) +
			   num_more <=
		   cap;
}

/* CALL_READY, or the answer. */
Progress
sl_claim_within_limit(Call *call)
{
	if (is_sale(call) || sl_claim_may_own(call, call->request->holder, num_new_seats(call)))
		return CALL_READY;
	return sl_call_decide(call, OUTCOME_LIMIT);
}

/* Sort the seats into free, own, and in the way. */
static void
judge_seats(Call *call)
{
	sl_call_add_unknown_conflicts(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (entry->row.status == SEAT_FREE || entry->expired)
			continue;
		if (call->have_hold && entry->row.status == SEAT_HELD &&
			token_equals(&entry->row.token, &call->hold.token))
			entry->kept = true;
		else if (entry->wanted)
			sl_call_add_row_conflict(call, entry);
	}
}

static Progress
look(Call *call)
{
	Progress progress = sl_claim_may_start(call);

	if (progress != CALL_READY)
		return progress;
	sl_call_set_labels(call, &call->request->seats, sl_board_answer_seat_nos(call));
	sl_call_read_seats(call);
	judge_seats(call);
	if (call->num_conflicts > 0)
		return sl_call_decide(call, OUTCOME_TAKEN);
	return sl_claim_within_limit(call);
}

static TimestampTz
first_expiry(const Call *call)
{
	const ClaimRequest *request = call->request;
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
make_hold(Call *call)
{
	const ClaimRequest *request = call->request;
	HoldRow *hold = &call->hold;

	memset(hold, 0, sizeof(*hold));
	call->have_hold = true;
	hold->token = sl_token_make(call->now);
	sl_call_begin_hold(call, hold, is_sale(call) ? HOLD_BOOKED : HOLD_HELD);
	hold->created_at = call->now;
	hold->expires_at = is_sale(call) ? call->now : first_expiry(call);
	hold->holder = pstrdup(request->holder);
	hold->order_ref = request->order_ref == NULL ? NULL : pstrdup(request->order_ref);
}

/* A new hold, or the token's with what it has now; one that stays as it is names the request. */
static void
write_hold(Call *call)
{
	bool is_new = !call->have_hold;

	if (is_new)
		make_hold(call);
	add_seats_to_hold(call);
	sl_call_write_hold(call, is_new);
	if (is_new && !is_sale(call))
		sl_expiry_hints_tell(call->event.event_id, &call->hold.token, call->hold.expires_at);
}

/*
 * Has an answer with these labels room where it must travel?  Else it is refused before
 * anything is written, and without an error that would spoil a group.
 */
bool
sl_claim_has_room(Call *call, int num_labels, Size label_bytes)
{
	Size room = call->terms == NULL ? 0 : call->terms->answer_room;

	call->too_large = (room > 0 && claim_answer_size(num_labels, label_bytes) > room);
	return !call->too_large;
}

/* The answer has all seats of the token. */
static bool
answer_has_room(Call *call)
{
	int num_labels = call->have_hold ? call->hold.num_seats : 0;
	Size bytes = 0;

	if (call->terms == NULL)
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
	return sl_claim_has_room(call, num_labels, bytes);
}

ClaimResult *
sl_claim_write(Call *call)
{
	Outcome outcome = is_sale(call) ? OUTCOME_BOOKED : OUTCOME_HELD;
	bool grows = num_new_seats(call) > 0;

	if (!answer_has_room(call))
		return sl_call_refuse(call, OUTCOME_BUSY);
	sl_call_write_expiries(call);
	if (!call->have_hold || grows || call->request->request_key != NULL)
		write_hold(call);
	if (grows)
	{
		sl_call_write_seats(call, is_sale(call) ? SEAT_BOOKED : SEAT_HELD, &call->hold.token,
							call->hold.expires_at, true);
		sl_call_write_change(call, is_sale(call) ? ACTION_BOOKED : ACTION_HELD);
	}
	if (call->request->request_key != NULL)
		sl_request_key_note(call, outcome);
	return sl_call_answer(call, outcome);
}

const VerbSteps sl_claim_steps = {.look = look, .write = sl_claim_write, .meet = sl_call_wait};
