/*-------------------------------------------------------------------------
 *
 * claim.c
 *		claim and book: hold or sell named seats, all or none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "base/token.h"
#include "verbs/claim.h"
#include "verbs/claim_step.h"
#include "verbs/board_answer.h"

/* Sort the seats into free, own, and in the way. */
static void
judge_seats(Call *call)
{
	for (int i = 0; i < call->num_unknown; i++)
		sl_call_add_conflict(call, call->unknown[i], REASON_UNKNOWN_SEAT, 0);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (entry->row.status == SEAT_FREE || entry->lapsed)
			continue;
		if (call->have_hold && entry->row.status == SEAT_HELD &&
			token_equals(&entry->row.token, &call->hold.token))
			entry->kept = true;
		else if (entry->wanted)
			sl_call_add_row_conflict(call, entry);
	}
}

static bool
look(Call *call, const ClaimRequest *request, Outcome *refusal)
{
	if (!sl_claim_may_start(call, request, refusal))
		return false;
	sl_call_set_labels(call, &request->seats, sl_board_answer_seat_nos(request, call));
	sl_call_read_seats(call);
	judge_seats(call);
	if (call->num_conflicts > 0)
	{
		*refusal = OUTCOME_TAKEN;
		return false;
	}
	if (!sl_claim_within_limit(call, request))
	{
		*refusal = OUTCOME_LIMIT;
		return false;
	}
	return true;
}

static ClaimResult *
acquire(Call *call, const ClaimRequest *request)
{
	Outcome refusal;

	for (;;)
	{
		if (!look(call, request, &refusal))
		{
			sl_board_answer_warm(request, call);
			return sl_call_refuse(call, refusal);
		}
		switch (sl_call_secure(call))
		{
			case SECURED_ALL:
				return sl_claim_write(call, request, -1);
			case SECURED_BUSY:
			case SECURED_SHUT:
				return sl_call_refuse(call, OUTCOME_BUSY);
			case SECURED_AGAIN:
				sl_call_look(call);
		}
	}
}

static ClaimResult *
claim_named_seats(const ClaimRequest *request)
{
	Call call;
	ClaimResult *result;

	sl_claim_begin(&call, request);
	if (!sl_claim_replay(&call, request, &result))
		result = acquire(&call, request);
	sl_call_end(&call);
	return result;
}

/* The answer of the board where it has one, else the tables'. */
ClaimResult *
sl_claim(ClaimRequest *request)
{
	ClaimResult *result = sl_board_answer(request);

	if (result != NULL)
		return result;
	return request->quantity > 0 ? sl_claim_best(request) : claim_named_seats(request);
}
