/*-------------------------------------------------------------------------
 *
 * call_answer.c
 *		What a call answers: its outcome, and what stood in the way.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/clock.h"
#include "verbs/call.h"

char *
sl_call_label(Call *call, SeatEntry *entry)
{
	if (entry->label == NULL)
		entry->label = sl_store_find_label(call->store, call->event.layout_id, entry->row.seat_no);
	return entry->label;
}

/* The labels of the call's hold, in seat order. */
static void
fill_seats(Call *call, ClaimResult *result)
{
	const HoldRow *hold = &call->hold;

	result->num_seats = hold->num_seats;
	result->seats = palloc(sizeof(char *) * Max(hold->num_seats, 1));
	for (int i = 0; i < hold->num_seats; i++)
	{
		SeatEntry *entry = sl_call_find_entry(call, hold->seats[i]);

		CHECK_FOR_INTERRUPTS();
		if (entry != NULL)
			result->seats[i] = sl_call_label(call, entry);
		else
			result->seats[i] =
				sl_store_find_label(call->store, call->event.layout_id, hold->seats[i]);
	}
}

/* The labels of all seats of the call: of more tokens than one, so the answer has none. */
static void
fill_all_seats(Call *call, ClaimResult *result)
{
	result->num_seats = call->num_seats;
	result->seats = palloc(sizeof(char *) * Max(call->num_seats, 1));
	for (int i = 0; i < call->num_seats; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result->seats[i] = sl_call_label(call, &call->seats[i]);
	}
}

/* The answer, with what the token owns now when it is alive. */
ClaimResult *
sl_call_answer(Call *call, Outcome outcome)
{
	ClaimResult *result = palloc0(sizeof(ClaimResult));

	result->outcome = outcome;
	result->now = call->now;
	result->retry_after_ms = -1;
	result->num_conflicts = call->num_conflicts;
	result->conflicts = call->conflicts;
	result->replayed = call->replayed;
	result->together = call->together;
	result->too_large = call->too_large;
	result->event_table = call->event.event_table;
	result->event_id = call->event.event_id;
	result->rechecked = call->rechecking;
	result->num_waits = call->num_waits;
	result->num_lapses = call->num_lapses;
	if (call->have_hold && (outcome_is_success(outcome) || call->hold.state == HOLD_BOOKED ||
							sl_call_hold_is_live(call)))
	{
		result->have_token = true;
		result->token = call->hold.token;
		result->order_ref = call->hold.order_ref;
		if (call->hold.state == HOLD_HELD)
			result->expires_at = call->hold.expires_at;
		if (call->hold.state == HOLD_HELD || call->hold.state == HOLD_BOOKED)
			fill_seats(call, result);
	}
	else if (call->shows_all && outcome_is_success(outcome))
		fill_all_seats(call, result);
	return result;
}

/* When all that stands in the way are holds, asking again helps once the last is over. */
int
sl_call_retry_after(const Conflict *conflicts, int num_conflicts, TimestampTz now)
{
	TimestampTz last = 0;

	for (int i = 0; i < num_conflicts; i++)
	{
		if (conflicts[i].reason != REASON_HELD)
			return -1;
		last = Max(last, conflicts[i].until);
	}
	return last == 0 ? -1 : sl_clock_ms_left(now, last);
}

/* The answer of a call that changed nothing; its locks are given back. */
ClaimResult *
sl_call_refuse(Call *call, Outcome outcome)
{
	ClaimResult *result;

	if (outcome == OUTCOME_BUSY)
	{
		call->num_conflicts = 0;
		for (int i = 0; i < call->num_seats; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (call->seats[i].busy && call->seats[i].wanted)
				sl_call_add_conflict(call, sl_call_label(call, &call->seats[i]), REASON_BUSY, 0);
		}
	}
	result = sl_call_answer(call, outcome);
	if (outcome == OUTCOME_BUSY)
		result->retry_after_ms = BUSY_RETRY_MS;
	else if (outcome == OUTCOME_TAKEN)
		result->retry_after_ms =
			sl_call_retry_after(call->conflicts, call->num_conflicts, call->now);
	sl_lockkey_release(&call->locks);
	return result;
}

void
sl_call_add_conflict(Call *call, const char *label, ConflictReason reason, TimestampTz until)
{
	if (call->conflicts == NULL)
		call->conflicts = palloc(sizeof(Conflict) * (call->num_seats + call->num_unknown + 1));
	call->conflicts[call->num_conflicts].label = label;
	call->conflicts[call->num_conflicts].reason = reason;
	call->conflicts[call->num_conflicts].until = until;
	call->num_conflicts++;
}

void
sl_call_add_unknown_conflicts(Call *call)
{
	for (int i = 0; i < call->num_unknown; i++)
		sl_call_add_conflict(call, call->unknown[i], REASON_UNKNOWN_SEAT, 0);
}

/* The seat's own status is what stands in the way. */
void
sl_call_add_row_conflict(Call *call, SeatEntry *entry)
{
	const char *label = sl_call_label(call, entry);

	CHECK_FOR_INTERRUPTS();
	switch (entry->row.status)
	{
		case SEAT_HELD:
			sl_call_add_conflict(call, label, REASON_HELD, entry->row.expires_at);
			break;
		case SEAT_BOOKED:
			sl_call_add_conflict(call, label, REASON_BOOKED, 0);
			break;
		case SEAT_NOT_FOR_SALE:
			sl_call_add_conflict(call, label, REASON_NOT_FOR_SALE, 0);
			break;
		case SEAT_FREE:
			elog(ERROR, "a free seat cannot stand in the way");
	}
}
