/*-------------------------------------------------------------------------
 *
 * expire_hold.c
 *		Record that a hold is over, before anybody asks for its seats.
 *
 * The same locks and the same second look as any verb: the hold may have been
 * confirmed, extended or taken over since somebody thought that it was due.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "verbs/claim.h"
#include "verbs/expire_hold.h"

/* The hold of this token, its seats as they lapse with it: none is wanted. */
static bool
look(Call *call, const pg_uuid_t *token, TimestampTz *expires_at)
{
	HoldRow hold;

	*expires_at = 0;
	if (!sl_store_find_hold(call->store, call->event.event_id, token, &hold) ||
		hold.state != HOLD_HELD)
		return false;
	if (hold.expires_at > call->now)
	{
		*expires_at = hold.expires_at;
		return false;
	}
	sl_call_set_seats(call, hold.num_seats, hold.seats);
	sl_call_read_seats(call);
	for (int i = 0; i < call->num_seats; i++)
		call->seats[i].wanted = false;
	return call->num_lapsed > 0;
}

static Lapse
record(Call *call, const pg_uuid_t *token, TimestampTz *expires_at, ClaimResult **result)
{
	for (;;)
	{
		if (!look(call, token, expires_at))
			return LAPSE_NONE;
		switch (sl_call_try_secure(call))
		{
			case SECURED_ALL:
				sl_call_write_lapses(call);
				*result = sl_call_answer(call, OUTCOME_EXPIRED);
				return LAPSE_RECORDED;
			case SECURED_BUSY:
			case SECURED_SHUT:
				return LAPSE_BUSY;
			case SECURED_AGAIN:
				sl_call_look(call);
		}
	}
}

/*
 * Record the lapse of a hold, without waiting for anybody.  When it does not
 * lapse now but later, *expires_at tells; else that is 0.  *result is set when
 * the lapse was recorded, to be counted.
 */
Lapse
sl_expire_hold(Store *store, int32 event_id, const pg_uuid_t *token, TimestampTz *expires_at,
			   ClaimResult **result)
{
	Call call;
	Lapse lapse;
	EventRow row;
	char *event = sl_store_find_event_name(store, event_id, &row);

	*expires_at = 0;
	if (event == NULL)
		return LAPSE_NONE;
	sl_call_begin_within(&call, store, event, NULL);
	lapse = record(&call, token, expires_at, result);
	sl_call_end(&call);
	return lapse;
}
