/*-------------------------------------------------------------------------
 *
 * call.c
 *		One call: look, lock, look again, pin, write.
 *
 * Every verb is decided by the one loop here (work), the only place that locks, pins
 * and lets write.  What a verb sees and writes are its steps (VerbSteps):
 *
 *		for (;;)
 *			look		read event, hold and seats through a fresh snapshot;
 *						an answer that the committed truth gives ends here,
 *						before any lock
 *			secure		take the locks; when one is new, look again, because
 *						its last owner may have committed in between; then pin
 *						the rows without such a lock, which fails when one is
 *						not the row that was looked at
 *		write			cannot fail any more for another buyer's sake
 *
 * All or nothing follows from the order: nothing is written before everything
 * is locked or pinned.  Waiting is polling, bounded by the deadline, so two calls
 * can never deadlock, whatever their transactions did before.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/settings.h"
#include "base/token.h"
#include "verbs/board_answer.h"
#include "verbs/claim.h"
#include "verbs/request_key.h"

static const VerbSteps *
steps_of(Verb verb)
{
	switch (verb)
	{
		case VERB_CLAIM:
		case VERB_BOOK:
			return &sl_claim_steps;
		case VERB_CLAIM_BEST:
			return &sl_claim_best_steps;
		case VERB_CONFIRM:
			return &sl_hold_confirm_steps;
		case VERB_EXTEND:
			return &sl_hold_extend_steps;
		case VERB_RELEASE:
			return &sl_hold_release_steps;
		case VERB_CANCEL:
			return &sl_hold_cancel_steps;
		case VERB_SET_HOLDER:
			return &sl_hold_set_holder_steps;
		case VERB_BLOCK:
		case VERB_UNBLOCK:
			return &sl_block_steps;
		case VERB_RENAME_HOLDER:
			return &sl_rename_steps;
		case VERB_EXPIRE:
			return &sl_expire_steps;
		case NUM_VERBS:
			break;
	}
	elog(ERROR, "unexpected verb %d", (int) verb);
}

/* Take the locks of seats to be written; *is_new when what was read may be old. */
static bool
lock_seats(Call *call, bool *is_new)
{
	bool all = true;

	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		CHECK_FOR_INTERRUPTS();
		if (entry->kept)
			continue;
		entry->busy = !sl_lockkey_try_seat(&call->locks, entry->row.seat_no, is_new) ||
					  (entry->row.changing && !sl_fault_is(FAULT_STALE_RECHECK));
		all = all && !entry->busy;
	}
	return all;
}

/* What every write to the event needs, whichever the seats are. */
static bool
lock_entrance(Call *call, bool *is_new)
{
	if (call->event.changing || !sl_lockkey_try_event(&call->locks, is_new))
		return false;
	return call->counted_holder == NULL ||
		   sl_lockkey_try_name(&call->locks, NAME_LOCK_HOLDER, call->counted_holder, is_new);
}

static PinResult
pin_expired_holds(Call *call)
{
	PinResult result = PIN_OK;

	for (int i = 0; i < call->num_expired && result == PIN_OK; i++)
	{
		HoldRow *expired = &call->expired[i];

		CHECK_FOR_INTERRUPTS();
		if (!call->have_hold || !token_equals(&expired->token, &call->hold.token))
			result = sl_store_pin_hold(call->store, expired);
	}
	return result;
}

/*
 * A seat whose lock the call has was looked at under it and nobody was changing
 * it, so no other call can: a pin would cost a WAL record and tell nothing new.
 */
static bool
is_guarded(const Call *call, const SeatEntry *entry)
{
	return !sl_store_must_pin() && sl_lockkey_has_seat(&call->locks, entry->row.seat_no);
}

static PinResult
pin_seats(Call *call)
{
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];
		PinResult result;

		CHECK_FOR_INTERRUPTS();
		if (entry->kept || is_guarded(call, entry))
			continue;
		result = sl_call_pin_seat(call, &entry->row);
		entry->busy = (result == PIN_BUSY);
		if (result != PIN_OK)
			return result;
	}
	return PIN_OK;
}

static PinResult
pin_rows(Call *call)
{
	PinResult pinned = pin_expired_holds(call);

	if (pinned == PIN_OK)
		pinned = pin_seats(call);
	if (pinned == PIN_OK && call->steps->pin != NULL)
		pinned = call->steps->pin(call);
	return pinned;
}

/*
 * Make the seats that are not kept, and the holds, ours to write.  Locks that
 * were had stay while others are asked for: the wait is short and bounded.
 */
static Progress
secure(Call *call)
{
	bool is_new = false;
	bool entered = lock_entrance(call, &is_new);
	bool all = entered && lock_seats(call, &is_new);
	PinResult pinned = PIN_OK;

	/* also when others are busy: a seat that was lost meanwhile is taken, not busy */
	if (is_new)
		return CALL_AGAIN;
	if (!entered)
		return CALL_SHUT;
	if (!all)
		return CALL_BUSY;
	if (call->have_hold)
		pinned = sl_store_pin_hold(call->store, &call->hold);
	if (pinned == PIN_BUSY)
		return CALL_SHUT;
	if (pinned == PIN_OK)
		pinned = pin_rows(call);
	call->secured = (pinned == PIN_OK);
	switch (pinned)
	{
		case PIN_OK:
			return CALL_READY;
		case PIN_CHANGED:
			return CALL_AGAIN;
		case PIN_BUSY:
			break;
	}
	return CALL_BUSY;
}

/* A step's answer, for which nothing has to be locked. */
Progress
sl_call_decide(Call *call, Outcome outcome)
{
	call->outcome = outcome;
	return CALL_DECIDED;
}

/* Others are in the way, and no other seats would do: look again in a while, until the deadline. */
Progress
sl_call_wait(Call *call, Progress progress)
{
	return sl_call_nap(call) ? CALL_AGAIN : CALL_BUSY;
}

/* It can be done another time. */
Progress
sl_call_give_up(Call *call, Progress progress)
{
	return CALL_BUSY;
}

static ClaimResult *
work(Call *call)
{
	const VerbSteps *steps = call->steps;

	for (;;)
	{
		Progress progress = steps->look(call);

		if (progress == CALL_READY)
			progress = secure(call);
		if (progress == CALL_BUSY || progress == CALL_SHUT)
			progress = steps->meet(call, progress);
		switch (progress)
		{
			case CALL_READY:
				return steps->write(call);
			case CALL_DECIDED:
				sl_board_answer_warm(call);
				return sl_call_refuse(call, call->outcome);
			case CALL_BUSY:
			case CALL_SHUT:
				return sl_call_refuse(call, OUTCOME_BUSY);
			case CALL_AGAIN:
				sl_call_look(call);
		}
	}
}

/* Too late to decide. */
static ClaimResult *
refuse_late(Call *call)
{
	ClaimResult *result = sl_call_refuse(call, OUTCOME_BUSY);

	result->too_late = true;
	return result;
}

static ClaimResult *
decide(Call *call)
{
	ClaimResult *result;

	if (call->steps->begin != NULL && !call->steps->begin(call))
		return sl_call_refuse(call, OUTCOME_BUSY);
	if (call->request->request_key != NULL && (result = sl_request_key_replay(call)) != NULL)
		return result;
	if (call->terms != NULL && call->terms->late)
		return refuse_late(call);
	return work(call);
}

/* Carry out what is asked for, by the board's answer where it has one, else the tables'. */
ClaimResult *
sl_call_run(const ClaimRequest *request, const CallTerms *terms)
{
	const VerbSteps *steps = steps_of(request->verb);
	BoardGlance board;
	Call call;
	ClaimResult *result = sl_board_answer(request, &board);

	if (result != NULL)
		return result;
	if (terms == NULL)
		sl_call_begin(&call, request->event, NULL, Max(sl_setting_lock_wait, steps->least_wait_ms));
	else
		sl_call_begin(&call, request->event, terms->store, 0);
	call.request = request;
	call.terms = terms;
	call.steps = steps;
	call.board = &board;
	result = decide(&call);
	sl_call_end(&call);
	if (terms == NULL)
		sl_board_answer_missed(request, &board, result);
	return result;
}
