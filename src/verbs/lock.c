/*-------------------------------------------------------------------------
 *
 * lock.c
 *		lock: take the seats' transaction locks before the claim.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "verbs/call.h"

/*
 * Try the seats that are not locked yet.  A seat beyond the bound on advisory locks
 * is locked by its row.
 */
static void
try_seats(Call *call, bool *locked)
{
	bool is_new = false;

	if (call->event.changing || !sl_lockkey_try_event(&call->locks, &is_new))
		return;
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatRow *row = &call->seats[i].row;

		CHECK_FOR_INTERRUPTS();
		if (!locked[i])
			locked[i] = !row->changing &&
						sl_lockkey_try_seat(&call->locks, row->seat_no, &is_new) &&
						(sl_lockkey_has_seat(&call->locks, row->seat_no) ||
						 sl_call_pin_seat(call, row) == PIN_OK);
	}
}

static void
look_again(Call *call)
{
	sl_call_look(call);
	sl_call_read_wanted(call);
}

/*
 * Are all seats locked, as they stand now?  A seat whose lock was taken after the
 * rows were read may have been sold in between by a group, which gives seat locks
 * back before it commits: then its row is changing, and it is not locked yet.
 */
static bool
all_are_locked(const Call *call, bool *locked)
{
	bool all = true;

	for (int i = 0; i < call->num_seats; i++)
	{
		locked[i] = locked[i] && !call->seats[i].row.changing;
		all = all && locked[i];
	}
	return all;
}

static void
fill(Call *call, const bool *locked, LockedSeat *rows)
{
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		rows[i].label = sl_call_label(call, entry);
		rows[i].locked = locked[i];
		rows[i].status = sl_vocabulary_status(entry->expired ? SEAT_FREE : entry->row.status);
	}
	for (int i = 0; i < call->num_unknown; i++)
		rows[call->num_seats + i] = (LockedSeat){call->unknown[i], false, NULL};
}

/* Lock what can be locked within wait_ms; returns the number of rows. */
int
sl_lock(const char *event, const SeatList *seats, int wait_ms, LockedSeat **rows)
{
	Call call;
	bool *locked;
	int num_rows;

	sl_call_begin(&call, event, NULL, wait_ms);
	sl_call_set_labels(&call, seats, NULL);
	locked = palloc0(sizeof(bool) * Max(call.num_seats, 1));
	sl_call_read_wanted(&call);
	for (;;)
	{
		try_seats(&call, locked);
		look_again(&call);
		if (all_are_locked(&call, locked) || !sl_call_nap(&call))
			break;
		look_again(&call);
	}
	num_rows = call.num_seats + call.num_unknown;
	*rows = palloc(sizeof(LockedSeat) * num_rows);
	fill(&call, locked, *rows);
	sl_call_end(&call);
	return num_rows;
}
