/*-------------------------------------------------------------------------
 *
 * expire_hold.c
 *		Record that a hold is over, before anybody asks for its seats.
 *
 * A verb like any other: the hold may have been confirmed, extended or taken over
 * since somebody thought that it was due.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/fmgrprotos.h"
#include "utils/uuid.h"

#include "verbs/claim.h"

/* The hold of the token, its seats as they expire with it: none is wanted. */
static Progress
look(Call *call)
{
	if (!sl_call_find_hold(call, call->request->token) || sl_call_hold_is_live(call))
		return sl_call_decide(call, call->have_hold ? OUTCOME_HELD : OUTCOME_NOT_FOUND);
	/* one that expires is written with its seats, and not for the call's sake */
	call->have_hold = false;
	if (call->hold.state != HOLD_HELD)
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	sl_call_read_own_seats(call);
	for (int i = 0; i < call->num_seats; i++)
		call->seats[i].wanted = false;
	return call->num_expired > 0 ? CALL_READY : sl_call_decide(call, OUTCOME_NOT_FOUND);
}

static ClaimResult *
write_expiry(Call *call)
{
	sl_call_write_expiries(call);
	return sl_call_answer(call, OUTCOME_EXPIRED);
}

const VerbSteps sl_expire_steps = {.look = look, .write = write_expiry, .meet = sl_call_give_up};

/*
 * Record the lapse of a hold, without waiting for anybody: expired.  Else it is over
 * already, not found; or not yet, held, and the answer tells until when; or busy.
 * NULL: the event is gone.
 */
ClaimResult *
sl_expire_hold(Store *store, int32 event_id, const pg_uuid_t *token)
{
	EventRow row;
	CallTerms terms = {.store = store};
	ClaimRequest request = {.verb = VERB_EXPIRE};

	request.event = sl_store_find_event_name(store, event_id, &row);
	if (request.event == NULL)
		return NULL;
	request.token = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(token)));
	return sl_call_run(&request, &terms);
}
