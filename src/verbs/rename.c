/*-------------------------------------------------------------------------
 *
 * rename.c
 *		rename_holder: one person is another from now on, or nobody that can be
 *		told: holds and sales, history and request keys.
 *
 * Who has a seat does not change, but its owner's name does, so the versions of
 * live seats rise, and the feed has a row for each live token.  What is over gets
 * the name alone, where it stands.
 *
 * Lock protocol: both names in the order of their bytes, then what every verb
 * needs (call.c), then pins: every hold of the person, and every change of that
 * name.  A token's changes and requests are written with its hold, so while that is
 * pinned there come no more.  A claim of the person that is not committed when the
 * holds are read comes after all this.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/qunique.h"
#include "miscadmin.h"

#include "base/grow.h"
#include "base/token.h"
#include "verbs/claim.h"

/* staff's call is not refused for a losing buyer's short lock */
#define MIN_WAIT_MS 1000

/* All that has the name. */
typedef struct Renaming
{
	int num_holds;
	HoldRow *holds; /* those of the person; then, of tokens that were given away, the rest */
	int num_own;    /* of them, the person's */
	int num_changes;
	NamedChange *changes;
} Renaming;

static bool
is_live(const Call *call, const HoldRow *hold)
{
	return hold->state == HOLD_BOOKED || (hold->state == HOLD_HELD && hold->expires_at > call->now);
}

/* The seats that live holds of the person have, read as they are now. */
static void
read_live_seats(Call *call)
{
	const Renaming *renaming = call->own;
	int num_seats = 0;
	int32 *seats;

	for (int i = 0; i < renaming->num_own; i++)
		if (is_live(call, &renaming->holds[i]))
			num_seats += renaming->holds[i].num_seats;
	seats = palloc(sizeof(int32) * Max(num_seats, 1));
	num_seats = 0;
	for (int i = 0; i < renaming->num_own; i++)
	{
		const HoldRow *hold = &renaming->holds[i];

		if (!is_live(call, hold))
			continue;
		memcpy(seats + num_seats, hold->seats, sizeof(int32) * hold->num_seats);
		num_seats += hold->num_seats;
	}
	sl_store_sort_seats(seats, num_seats);
	sl_call_set_seats(call, num_seats, seats);
	sl_call_read_wanted(call);
	pfree(seats);
}

static int
compare_tokens(const void *a, const void *b)
{
	return memcmp(&((const NamedChange *) a)->token, &((const NamedChange *) b)->token,
				  sizeof(pg_uuid_t));
}

static bool
is_own_token(const Renaming *renaming, const pg_uuid_t *token)
{
	/* holds were read in the order of their tokens */
	int low = 0;
	int high = renaming->num_own;

	while (low < high)
	{
		int middle = low + (high - low) / 2;
		int order = memcmp(&renaming->holds[middle].token, token, sizeof(pg_uuid_t));

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Tokens that the person once had and others have now: the person's requests lead to them. */
static void
add_given_away(Call *call)
{
	Renaming *renaming = call->own;
	int num_tokens = renaming->num_changes;
	int room = renaming->num_own;
	NamedChange *tokens;

	if (num_tokens == 0)
		return;
	tokens = palloc_extended(sizeof(NamedChange) * num_tokens, MCXT_ALLOC_HUGE);
	memcpy(tokens, renaming->changes, sizeof(NamedChange) * num_tokens);
	qsort(tokens, num_tokens, sizeof(NamedChange), compare_tokens);
	num_tokens = (int) qunique(tokens, num_tokens, sizeof(NamedChange), compare_tokens);
	for (int i = 0; i < num_tokens; i++)
	{
		CHECK_FOR_INTERRUPTS();
		renaming->holds = grow_array(renaming->holds, renaming->num_holds, &room, sizeof(HoldRow));
		if (!is_own_token(renaming, &tokens[i].token) &&
			sl_store_find_hold(call->store, call->event.event_id, &tokens[i].token,
							   &renaming->holds[renaming->num_holds]))
			renaming->num_holds++;
	}
	pfree(tokens);
}

/* The names, in an order that all such calls have; false: busy. */
static bool
lock_names(Call *call)
{
	const char *holder = call->request->holder;
	const char *into = call->request->into;
	bool in_order = strcmp(holder, into) < 0;

	return sl_call_lock_name(call, NAME_LOCK_HOLDER, in_order ? holder : into) &&
		   sl_call_lock_name(call, NAME_LOCK_HOLDER, in_order ? into : holder);
}

static bool
begin(Call *call)
{
	call->own = palloc0(sizeof(Renaming));
	call->shows_all = true;
	return lock_names(call);
}

/* All that has the person's name. */
static Progress
look(Call *call)
{
	Renaming *renaming = call->own;
	const char *holder = call->request->holder;
	int32 event_id = call->event.event_id;

	renaming->num_own = sl_store_find_holds_of(call->store, event_id, holder, &renaming->holds);
	renaming->num_holds = renaming->num_own;
	renaming->num_changes =
		sl_store_find_changes_of(call->store, event_id, holder, &renaming->changes);
	add_given_away(call);
	read_live_seats(call);
	if (renaming->num_own == 0 && renaming->num_changes == 0)
		return sl_call_decide(call, OUTCOME_NOT_FOUND);
	/* the person has that name already */
	if (strcmp(holder, call->request->into) == 0)
		return sl_call_decide(call, OUTCOME_HELD);
	return CALL_READY;
}

static PinResult
pin_rows(Call *call)
{
	Renaming *renaming = call->own;
	PinResult result = PIN_OK;

	for (int i = 0; i < renaming->num_holds && result == PIN_OK; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result = sl_store_pin_hold(call->store, &renaming->holds[i]);
	}
	for (int i = 0; i < renaming->num_changes && result == PIN_OK; i++)
	{
		CHECK_FOR_INTERRUPTS();
		result = sl_store_pin_change(call->store, &renaming->changes[i]);
	}
	return result;
}

/* The seats of a live hold get their next version, and the feed a row. */
static void
write_live(Call *call, const HoldRow *hold)
{
	int64 *versions = palloc(sizeof(int64) * Max(hold->num_seats, 1));
	ChangeRow change = {.action = hold->state == HOLD_BOOKED ? ACTION_BOOKED : ACTION_HELD,
						.expires_at = hold->state == HOLD_BOOKED ? 0 : hold->expires_at,
						.token = &hold->token,
						.holder = hold->holder,
						.order_ref = hold->order_ref,
						.reason = "renamed",
						.num_seats = hold->num_seats,
						.seats = hold->seats,
						.versions = versions};

	for (int i = 0; i < hold->num_seats; i++)
	{
		SeatEntry *entry = sl_call_find_entry(call, hold->seats[i]);

		CHECK_FOR_INTERRUPTS();
		versions[i] = ++entry->row.version;
		sl_store_update_seat(call->store, call->event.event_id, &entry->row);
	}
	sl_store_insert_change(call->store, call->event.event_id, call->now, &change);
	pfree(versions);
}

static ClaimResult *
write_rows(Call *call)
{
	Renaming *renaming = call->own;
	const char *into = call->request->into;
	int32 event_id = call->event.event_id;

	Assert(call->secured);
	for (int i = 0; i < renaming->num_holds; i++)
	{
		HoldRow *hold = &renaming->holds[i];

		CHECK_FOR_INTERRUPTS();
		sl_store_void_requests(call->store, event_id, hold->request_key);
		if (i >= renaming->num_own)
			continue;
		hold->holder = unconstify(char *, into);
		sl_store_update_hold(call->store, event_id, hold);
		if (is_live(call, hold))
			write_live(call, hold);
	}
	for (int i = 0; i < renaming->num_changes; i++)
	{
		CHECK_FOR_INTERRUPTS();
		sl_store_rename_change(call->store, &renaming->changes[i], into);
	}
	return sl_call_answer(call, OUTCOME_HELD);
}

const VerbSteps sl_rename_steps = {
	.least_wait_ms = MIN_WAIT_MS,
	.begin = begin,
	.look = look,
	.pin = pin_rows,
	.write = write_rows,
	.meet = sl_call_wait,
};
