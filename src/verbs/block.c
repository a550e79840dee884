/*-------------------------------------------------------------------------
 *
 * block.c
 *		block and unblock: seats off sale and back, all or none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "verbs/claim.h"

static bool
is_block(const Call *call)
{
	return call->request->verb == VERB_BLOCK;
}

static bool
changes_something(const Call *call)
{
	for (int i = 0; i < call->num_seats; i++)
		if (!call->seats[i].kept)
			return true;
	return false;
}

/* Seats that are so already are kept; seats that somebody has are in the way. */
static Progress
look(Call *call)
{
	SeatStatus target = is_block(call) ? SEAT_NOT_FOR_SALE : SEAT_FREE;

	sl_call_set_labels(call, &call->request->seats, NULL);
	if (is_block(call))
		sl_call_read_seats(call);
	else
		sl_call_read_wanted(call); /* an expired seat stays as it is */
	sl_call_add_unknown_conflicts(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];
		SeatStatus status = entry->expired ? SEAT_FREE : entry->row.status;

		if (status == SEAT_HELD || status == SEAT_BOOKED)
			sl_call_add_row_conflict(call, entry);
		else if (status == target)
			entry->kept = true;
	}
	if (call->num_conflicts > 0)
		return sl_call_decide(call, OUTCOME_TAKEN);
	if (!changes_something(call))
		return sl_call_decide(call, is_block(call) ? OUTCOME_BLOCKED : OUTCOME_UNBLOCKED);
	return CALL_READY;
}

static ClaimResult *
write_status(Call *call)
{
	sl_call_write_expiries(call);
	sl_call_write_seats(call, is_block(call) ? SEAT_NOT_FOR_SALE : SEAT_FREE, NULL, 0, true);
	sl_call_write_change(call, is_block(call) ? ACTION_BLOCKED : ACTION_UNBLOCKED);
	return sl_call_answer(call, is_block(call) ? OUTCOME_BLOCKED : OUTCOME_UNBLOCKED);
}

const VerbSteps sl_block_steps = {.look = look, .write = write_status, .meet = sl_call_wait};
