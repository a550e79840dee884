/*-------------------------------------------------------------------------
 *
 * call_look.c
 *		What a call looks at: event, holds and seats, as they are committed now.
 *
 * Each look is made through a fresh snapshot, so what a call decides by is never
 * older than its locks.
 *
 * An expired hold is free for any caller.  But it expires as a whole and once,
 * so who takes one of its seats records the lapse of all of them first; those
 * others are in the call's list as not wanted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"

#include "base/clock.h"
#include "base/errors.h"
#include "base/token.h"
#include "verbs/call.h"

/* store: one that others work on in turn; NULL: the call has its own. */
void
sl_call_begin(Call *call, const char *event_name, Store *store, int wait_ms)
{
	memset(call, 0, sizeof(*call));
	call->event_name = event_name;
	call->store = store != NULL ? store : sl_store_open(true);
	call->deadline = sl_clock_ticks() + wait_ms;
	call->nap_ms = 1;
	call->together = -1;
	sl_call_look(call);
	sl_lockkey_init(&call->locks, call->event.event_id);
}

/* A fresh look: snapshot, clock, event.  Seats and hold are read by the verb. */
void
sl_call_look(Call *call)
{
	int32 event_id = call->event.event_id;

	sl_store_refresh(call->store);
	call->now = sl_clock_now();
	if (!sl_store_find_event(call->store, call->event_name, &call->event) ||
		(event_id != 0 && event_id != call->event.event_id))
		sl_error_no_event(call->event_name);
	call->num_conflicts = 0;
	call->num_expired = 0;
	call->secured = false;
	call->rechecking = call->locks.have_event; /* the first of all locks on seats */
}

static int
compare_entries(const void *a, const void *b)
{
	int32 x = ((const SeatEntry *) a)->row.seat_no;
	int32 y = ((const SeatEntry *) b)->row.seat_no;

	return (x > y) - (x < y);
}

/*
 * The seats that the call wants, by label or guid, each once.  Neither ever
 * changes, so once is enough.  seat_nos: their numbers if somebody knows them,
 * else NULL.
 */
void
sl_call_set_labels(Call *call, const SeatList *list, const int32 *seat_nos)
{
	if (call->seats != NULL)
		return;
	call->seats = palloc0(sizeof(SeatEntry) * list->num_labels);
	call->unknown = palloc(sizeof(char *) * list->num_labels);
	for (int i = 0; i < list->num_labels; i++)
	{
		SeatEntry *entry = &call->seats[call->num_seats];
		char *label = list->labels[i];

		CHECK_FOR_INTERRUPTS();
		entry->label = label[0] == '{' ? NULL : label; /* named by its guid */
		entry->wanted = true;
		if (seat_nos != NULL)
			entry->row.seat_no = seat_nos[i];
		if (entry->row.seat_no == 0)
			entry->row.seat_no = sl_store_find_seat(call->store, call->event.layout_id, label);
		if (entry->row.seat_no != 0)
			call->num_seats++;
		else
			call->unknown[call->num_unknown++] = label;
	}
	qsort(call->seats, call->num_seats, sizeof(SeatEntry), compare_entries);
	/* a seat may have been named both ways */
	call->num_seats =
		(int) qunique(call->seats, call->num_seats, sizeof(SeatEntry), compare_entries);
}

/* The seats that the call wants, by number, ascending; replaces what was set before. */
void
sl_call_set_seats(Call *call, int num_seats, const int32 *seat_nos)
{
	call->seats = palloc0(sizeof(SeatEntry) * Max(num_seats, 1));
	call->num_seats = num_seats;
	call->conflicts = NULL; /* sized for the seats before */
	for (int i = 0; i < num_seats; i++)
	{
		call->seats[i].row.seat_no = seat_nos[i];
		call->seats[i].wanted = true;
	}
}

static void
drop_unwanted_seats(Call *call)
{
	int kept = 0;

	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].wanted)
			call->seats[kept++] = call->seats[i];
	call->num_seats = kept;
}

static void
read_entry(Call *call, SeatEntry *entry)
{
	bool found;

	if (ItemPointerIsValid(&entry->row.tid))
		found = sl_store_reread_seat(call->store, call->event.event_id, &entry->row);
	else
		found =
			sl_store_read_seat(call->store, call->event.event_id, entry->row.seat_no, &entry->row);
	if (!found)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("seat %d of event \"%s\" has no state", entry->row.seat_no,
							   call->event_name),
						errdetail("Somebody has removed its row by SQL, or dropped the event.")));
	entry->expired = (entry->row.status == SEAT_HELD && entry->row.expires_at <= call->now);
	entry->kept = false;
	entry->busy = false;
}

static int
compare_owners(const void *a, const void *b)
{
	const SeatEntry *x = *(SeatEntry *const *) a;
	const SeatEntry *y = *(SeatEntry *const *) b;

	return memcmp(&x->row.token, &y->row.token, sizeof(pg_uuid_t));
}

static int
compare_places(const void *a, const void *b)
{
	const SeatEntry *x = *(SeatEntry *const *) a;
	const SeatEntry *y = *(SeatEntry *const *) b;

	return (x > y) - (x < y);
}

/* One seat of each expired hold that wanted seats belong to, in seat order; returns how many. */
static int
find_expired_owners(Call *call, SeatEntry **owned)
{
	int num_owned = 0;

	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].expired)
			owned[num_owned++] = &call->seats[i];
	qsort(owned, num_owned, sizeof(SeatEntry *), compare_owners);
	num_owned = (int) qunique(owned, num_owned, sizeof(SeatEntry *), compare_owners);
	qsort(owned, num_owned, sizeof(SeatEntry *), compare_places);
	return num_owned;
}

/* Note the expired hold of this seat; returns how many seats it has. */
static int
add_expired_hold(Call *call, const SeatEntry *entry)
{
	HoldRow *hold = &call->expired[call->num_expired];

	CHECK_FOR_INTERRUPTS();
	if (!sl_store_find_hold(call->store, call->event.event_id, &entry->row.token, hold) ||
		hold->state != HOLD_HELD)
		elog(ERROR, "seat %d of event \"%s\" is held by no hold", entry->row.seat_no,
			 call->event_name);
	call->num_expired++;
	return hold->num_seats;
}

static SeatEntry *
find_among(Call *call, int num_seats, int32 seat_no)
{
	SeatEntry key = {.row.seat_no = seat_no};

	/* a call without seats has no array */
	if (num_seats == 0)
		return NULL;
	return bsearch(&key, call->seats, num_seats, sizeof(SeatEntry), compare_entries);
}

/* The call's entry for a seat, or NULL. */
SeatEntry *
sl_call_find_entry(Call *call, int32 seat_no)
{
	return find_among(call, call->num_seats, seat_no);
}

/* An expired hold expires as a whole: add its seats that the call does not want. */
static void
add_lapsing_seats(Call *call, int num_more)
{
	int num_wanted = call->num_seats;

	call->seats = repalloc(call->seats, sizeof(SeatEntry) * (call->num_seats + num_more));
	for (int i = 0; i < call->num_expired; i++)
	{
		const HoldRow *hold = &call->expired[i];

		for (int j = 0; j < hold->num_seats; j++)
		{
			SeatEntry *entry = &call->seats[call->num_seats];

			CHECK_FOR_INTERRUPTS();
			if (find_among(call, num_wanted, hold->seats[j]) != NULL)
				continue;
			memset(entry, 0, sizeof(*entry));
			entry->row.seat_no = hold->seats[j];
			read_entry(call, entry);
			call->num_seats++;
		}
	}
	qsort(call->seats, call->num_seats, sizeof(SeatEntry), compare_entries);
}

/* Read the wanted seats through the snapshot of the last look. */
void
sl_call_read_wanted(Call *call)
{
	drop_unwanted_seats(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		CHECK_FOR_INTERRUPTS();
		read_entry(call, &call->seats[i]);
	}
}

static bool
has_expired_seat(const Call *call)
{
	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].expired)
			return true;
	return false;
}

/* The same for seats that will be taken: what expires with them joins in. */
void
sl_call_read_seats(Call *call)
{
	SeatEntry **owned;
	int num_owned;
	int num_more = 0;

	sl_call_read_wanted(call);
	call->num_expired = 0;
	if (!has_expired_seat(call))
		return;
	owned = palloc(sizeof(SeatEntry *) * call->num_seats);
	num_owned = find_expired_owners(call, owned);
	call->expired = palloc(sizeof(HoldRow) * num_owned);
	for (int i = 0; i < num_owned; i++)
		num_more += add_expired_hold(call, owned[i]);
	pfree(owned);
	add_lapsing_seats(call, num_more);
}

/* The seats of the call's hold, all of them, read as they are now. */
void
sl_call_read_own_seats(Call *call)
{
	sl_call_set_seats(call, call->hold.num_seats, call->hold.seats);
	sl_call_read_seats(call);
}

/* Read the hold of the call's token; false when it is no token of this event. */
bool
sl_call_find_hold(Call *call, const char *token)
{
	pg_uuid_t id;

	call->have_hold = sl_token_parse(token, &id) &&
					  sl_store_find_hold(call->store, call->event.event_id, &id, &call->hold);
	return call->have_hold;
}

bool
sl_call_hold_is_live(const Call *call)
{
	return call->have_hold && call->hold.state == HOLD_HELD && call->hold.expires_at > call->now;
}

/*
 * What a hold that was looked up is by now, to a call that asks for no more; one
 * that is over is none.
 */
Outcome
sl_call_judge_hold(Call *call)
{
	bool had_hold = call->have_hold;

	if (had_hold && call->hold.state == HOLD_BOOKED)
		return OUTCOME_BOOKED;
	if (sl_call_hold_is_live(call))
		return OUTCOME_HELD;
	call->have_hold = false;
	return had_hold && (call->hold.state == HOLD_HELD || call->hold.state == HOLD_EXPIRED)
			   ? OUTCOME_EXPIRED
			   : OUTCOME_NOT_FOUND;
}

/*
 * Lock a seat by its row.  Meanwhile its lock is held, so that one that has that
 * for longer finds the row as it was looked at.
 */
PinResult
sl_call_pin_seat(Call *call, SeatRow *row)
{
	PinResult result;

	/* a row that this transaction has already is changing for all others */
	if (row->ours)
		return sl_store_pin_seat(call->store, row);
	if (!sl_lockkey_begin_seat(&call->locks, row->seat_no))
		return PIN_BUSY;
	result = sl_store_pin_seat(call->store, row);
	sl_lockkey_end_seat(&call->locks, row->seat_no);
	return result;
}

/* Pause before the next poll; false when the deadline has passed. */
bool
sl_call_nap(Call *call)
{
	if (!sl_clock_nap(call->deadline, &call->nap_ms))
		return false;
	call->num_waits++;
	return true;
}

/* Lock a name before the first look that depends on it; false: busy. */
bool
sl_call_lock_name(Call *call, NameLock what, const char *name)
{
	bool is_new = false;

	while (!sl_lockkey_try_name(&call->locks, what, name, &is_new))
		if (!sl_call_nap(call))
			return false;
	sl_call_look(call);
	return true;
}

void
sl_call_end(Call *call)
{
	if (call->terms != NULL)
		sl_lockkey_release_seats(&call->locks); /* what was written, its row locks */
	else
		sl_store_close(call->store);
}
