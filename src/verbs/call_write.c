/*-------------------------------------------------------------------------
 *
 * call_write.c
 *		What a call writes.
 *
 * Everything written here was secured before (call.c), so none of it can be
 * refused for another buyer's sake.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

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
write_lapse(Call *call, HoldRow *hold)
{
	int64 *versions = palloc(sizeof(int64) * Max(hold->num_seats, 1));
	ChangeRow change = {0};

	for (int i = 0; i < hold->num_seats; i++)
	{
		SeatEntry *entry = sl_call_find_entry(call, hold->seats[i]);

		CHECK_FOR_INTERRUPTS();
		entry->row.version++;
		change_seat(entry, SEAT_FREE);
		entry->lapsed = false;
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
	call->num_lapses++;
}

/*
 * Record the lapses that the call has met.  Seats it wants, and the hold of
 * its own token, are written once, by what follows.
 */
void
sl_call_write_lapses(Call *call)
{
	Assert(call->secured);
	for (int i = 0; i < call->num_lapsed; i++)
	{
		HoldRow *hold = &call->lapsed[i];

		write_lapse(call, hold);
		if (call->have_hold && token_equals(&hold->token, &call->hold.token))
			continue;
		sl_call_end_hold(call, hold, HOLD_LAPSED);
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
