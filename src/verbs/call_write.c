/*-------------------------------------------------------------------------
 *
 * call_write.c
 *		What a call writes, and what it answers.
 *
 * Everything written here was secured before (call.c), so none of it can be
 * refused for another buyer's sake.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/clock.h"
#include "base/token.h"
#include "verbs/call.h"

static void
change_seat(SeatEntry *entry, SeatStatus status)
{
	Assert(seat_status_may_follow(entry->row.status, status));
	entry->row.status = status;
}

static void
change_hold(HoldRow *hold, HoldState state)
{
	Assert(hold_state_may_follow(hold->state, state));
	hold->state = state;
}

/*
 * A hold that is over leaves the index that counts its holder's seats; else a
 * holder's claims would become dearer with every hold that the holder has ever had.
 */
void
sl_call_end_hold(const Call *call, HoldRow *hold, HoldState ended)
{
	change_hold(hold, ended);
	hold->ended_at = call->now;
	hold->capped = false;
}

/* A hold that begins, or is alive again after its lapse, counts for its holder. */
void
sl_call_begin_hold(const Call *call, HoldRow *hold, HoldState state)
{
	change_hold(hold, state);
	hold->ended_at = 0;
	hold->capped = (call->event.max_seats_per_holder > 0);
}

/*
 * Write the call's hold, once.  A request that the call will note is named there:
 * prune() comes from a hold to all requests that name it, the last one first.
 */
void
sl_call_write_hold(Call *call, bool is_new)
{
	const char *request_key = call->request->request_key;

	Assert(call->secured);
	if (request_key != NULL)
	{
		call->previous_key = call->hold.request_key;
		call->hold.request_key = request_key;
	}
	if (is_new)
		sl_store_insert_hold(call->store, call->event.event_id, &call->hold);
	else
		sl_store_update_hold(call->store, call->event.event_id, &call->hold);
}

/* Record that a hold is over: its seats are free, one version later. */
static void
write_expiry(Call *call, HoldRow *hold)
{
	int64 *versions = palloc(sizeof(int64) * Max(hold->num_seats, 1));
	ChangeRow change = {0};

	for (int i = 0; i < hold->num_seats; i++)
	{
		SeatEntry *entry = sl_call_find_entry(call, hold->seats[i]);

		CHECK_FOR_INTERRUPTS();
		entry->row.version++;
		change_seat(entry, SEAT_FREE);
		entry->expired = false;
		versions[i] = entry->row.version;
		if (!entry->wanted)
			sl_store_update_seat(call->store, call->event.event_id, &entry->row);
	}
	change.action = ACTION_EXPIRED;
	change.actor = call->request->actor;
	change.token = &hold->token;
	change.holder = hold->holder;
	change.num_seats = hold->num_seats;
	change.seats = hold->seats;
	change.versions = versions;
	sl_store_insert_change(call->store, call->event.event_id, call->now, &change);
	call->num_expiries++;
}

/*
 * Record the lapses that the call has met.  Seats it wants, and the hold of
 * its own token, are written once, by what follows.
 */
void
sl_call_write_expiries(Call *call)
{
	Assert(call->secured);
	for (int i = 0; i < call->num_expired; i++)
	{
		HoldRow *hold = &call->expired[i];

		write_expiry(call, hold);
		if (call->have_hold && token_equals(&hold->token, &call->hold.token))
			continue;
		sl_call_end_hold(call, hold, HOLD_EXPIRED);
		sl_store_update_hold(call->store, call->event.event_id, hold);
	}
}

/*
 * Write the wanted seats that are not kept.  token NULL keeps the token of a
 * seat that stays owned.  The version rises when status or owner changes, so
 * for all but a later lapse of the same hold.
 */
void
sl_call_write_seats(Call *call, SeatStatus status, const pg_uuid_t *token, TimestampTz expires_at,
					bool new_version)
{
	Assert(call->secured);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->kept)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (new_version)
			entry->row.version++;
		change_seat(entry, status);
		entry->row.expires_at = expires_at;
		if (token != NULL)
			entry->row.token = *token;
		sl_store_update_seat(call->store, call->event.event_id, &entry->row);
	}
}

/* One row of history for the wanted seats that are not kept. */
void
sl_call_write_change(Call *call, ChangeAction action)
{
	int32 *seats = palloc(sizeof(int32) * Max(call->num_seats, 1));
	int64 *versions = palloc(sizeof(int64) * Max(call->num_seats, 1));
	ChangeRow change = {0};

	Assert(call->secured);
	for (int i = 0; i < call->num_seats; i++)
	{
		const SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->kept)
			continue;
		seats[change.num_seats] = entry->row.seat_no;
		versions[change.num_seats] = entry->row.version;
		change.num_seats++;
	}
	change.action = action;
	if (action == ACTION_HELD || action == ACTION_EXTENDED)
		change.expires_at = call->hold.expires_at;
	change.actor = call->request->actor;
	if (call->have_hold)
	{
		change.token = &call->hold.token;
		change.holder = call->hold.holder;
		change.order_ref = call->hold.order_ref;
	}
	change.reason = call->request->reason;
	change.seats = seats;
	change.versions = versions;
	sl_store_insert_change(call->store, call->event.event_id, call->now, &change);
}

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
	result->spared = call->spared > 0 ? call->spared : outcome == OUTCOME_TAKEN;
	result->rechecked = call->rechecking;
	result->num_waits = call->num_waits;
	result->num_expiries = call->num_expiries;
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

static void
add_conflict(Call *call, const char *label, ConflictReason reason, TimestampTz until)
{
	if (call->conflicts == NULL)
		call->conflicts = palloc(sizeof(Conflict) * (call->num_seats + call->num_unknown + 1));
	call->conflicts[call->num_conflicts].label = label;
	call->conflicts[call->num_conflicts].reason = reason;
	call->conflicts[call->num_conflicts].until = until;
	call->num_conflicts++;
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
				add_conflict(call, sl_call_label(call, &call->seats[i]), REASON_BUSY, 0);
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
sl_call_add_unknown_conflicts(Call *call)
{
	for (int i = 0; i < call->num_unknown; i++)
		add_conflict(call, call->unknown[i], REASON_UNKNOWN_SEAT, 0);
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
			add_conflict(call, label, REASON_HELD, entry->row.expires_at);
			break;
		case SEAT_BOOKED:
			add_conflict(call, label, REASON_BOOKED, 0);
			break;
		case SEAT_NOT_FOR_SALE:
			add_conflict(call, label, REASON_NOT_FOR_SALE, 0);
			break;
		case SEAT_FREE:
			elog(ERROR, "a free seat cannot stand in the way");
	}
}
