/*-------------------------------------------------------------------------
 *
 * block.c
 *		block and unblock: seats off sale and back, all or none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/settings.h"
#include "verbs/claim.h"

/* Seats that are so already are kept; seats that somebody has are in the way. */
static bool
look(Call *call, const SeatList *seats, SeatStatus target)
{
	sl_call_set_labels(call, seats, NULL);
	if (target == SEAT_FREE)
		sl_call_read_wanted(call); /* a lapsed seat stays as it is */
	else
		sl_call_read_seats(call);
	for (int i = 0; i < call->num_unknown; i++)
		sl_call_add_conflict(call, call->unknown[i], REASON_UNKNOWN_SEAT, 0);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];
		SeatStatus status = entry->lapsed ? SEAT_FREE : entry->row.status;

		if (status == SEAT_HELD || status == SEAT_BOOKED)
			sl_call_add_row_conflict(call, entry);
		else if (status == target)
			entry->kept = true;
	}
	return call->num_conflicts == 0;
}

static bool
changes_something(const Call *call)
{
	for (int i = 0; i < call->num_seats; i++)
		if (!call->seats[i].kept)
			return true;
	return false;
}

static ClaimResult *
set_status(Call *call, const SeatList *seats, SeatStatus target, const char *reason)
{
	Outcome outcome = target == SEAT_FREE ? OUTCOME_UNBLOCKED : OUTCOME_BLOCKED;
	ChangeAction action = target == SEAT_FREE ? ACTION_UNBLOCKED : ACTION_BLOCKED;

	for (;;)
	{
		if (!look(call, seats, target))
			return sl_call_refuse(call, OUTCOME_TAKEN);
		if (!changes_something(call))
			return sl_call_refuse(call, outcome);
		switch (sl_call_secure(call))
		{
			case SECURED_ALL:
				sl_call_write_lapses(call);
				sl_call_write_seats(call, target, NULL, 0, true);
				sl_call_write_change(call, action, reason);
				return sl_call_answer(call, outcome);
			case SECURED_BUSY:
			case SECURED_SHUT:
				return sl_call_refuse(call, OUTCOME_BUSY);
			case SECURED_AGAIN:
				sl_call_look(call);
		}
	}
}

static ClaimResult *
run(const char *event, const SeatList *seats, SeatStatus target, const char *reason)
{
	Call call;
	ClaimResult *result;

	sl_call_begin(&call, event, sl_setting_lock_wait);
	result = set_status(&call, seats, target, reason);
	sl_call_end(&call);
	return result;
}

ClaimResult *
sl_block(const char *event, const SeatList *seats, const char *reason)
{
	return run(event, seats, SEAT_NOT_FOR_SALE, reason);
}

ClaimResult *
sl_unblock(const char *event, const SeatList *seats)
{
	return run(event, seats, SEAT_FREE, NULL);
}
