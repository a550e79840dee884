/*-------------------------------------------------------------------------
 *
 * claim_best.c
 *		claim_best: pick the best free seats, then claim them like any others.
 *
 * The search looks at seats without locks (best_candidates.c) and may pick what somebody else is
 * just claiming.  Then nothing is waited for: those seats are skipped, and
 * the next best are tried, each time another of several as good, so that
 * callers who met once do not meet again.  Only when nothing but skipped seats
 * is left does the call wait, and in the end answer busy.  Where no seat at all
 * could be had now, because the event's row, the holder's name or the own hold is
 * busy, it waits at once.
 *
 * Who meets others at each of MAX_MEETINGS picks gives up after MAX_MEETING_MS, or
 * lock_wait if that is longer: a house in which somebody has locked every seat is not searched
 * to its end, and no member keeps a group for longer.
 *
 * doc/ranking.md says which seats are the best.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/pg_prng.h"

#include "base/clock.h"
#include "base/errors.h"
#include "store/store_house.h"
#include "verbs/best_candidates.h"
#include "verbs/claim.h"
#include "verbs/claim_step.h"

/* a member that loses pick after pick keeps its group no longer than this, */
#define MAX_MEETING_MS 50
/* unless these few took longer; in a rush as many meet one call without anybody meaning harm */
#define MAX_MEETINGS 16

typedef struct BestCall
{
	Call call;
	const ClaimRequest *request;
	const Layout *layout;
	ChoiceSource source;
	int *picked;
	uint32 seed;
	int together;      /* as in ClaimResult */
	int64 meets_until; /* ticks: it gives up then, after so many lost picks */
	int num_lost;
} BestCall;

/* What one attempt came to. */
typedef enum Attempt
{
	ATTEMPT_DONE,    /* result is set */
	ATTEMPT_AGAIN,   /* the pick was lost: try the next best */
	ATTEMPT_SKIPPED, /* only seats that others are claiming are left */
	ATTEMPT_SHUT     /* no other pick would do better now */
} Attempt;

/* The layout that an event had before it grew may be gone by now: then it has another. */
static const Layout *
read_house(Call *call)
{
	for (;;)
	{
		int32 layout_id = call->event.layout_id;
		const Layout *layout = sl_store_kept_layout(layout_id, true);

		if (layout->num_seats > 0)
			return layout;
		sl_call_look(call);
		if (call->event.layout_id == layout_id)
			return layout;
	}
}

/* Errors come before any answer, also before what a request key repeats. */
static void
find_house(BestCall *best)
{
	const ClaimRequest *request = best->request;
	const Layout *layout = read_house(&best->call);

	if (request->section != NULL && sl_layout_find_section(layout, request->section) < 0)
		sl_error_no_section(request->section, request->event);
	if (request->category != NULL && sl_layout_find_category(layout, request->category) < 0)
		sl_error_no_category(request->category, request->event);
	best->layout = layout;
}

static void
open_house(BestCall *best)
{
	const Layout *layout;

	find_house(best);
	layout = best->layout;
	best->picked = palloc(sizeof(int) * Min(best->request->quantity, Max(layout->num_seats, 1)));
	sl_best_candidates_open(&best->source, &best->call, layout);
}

static void
set_picked_seats(BestCall *best)
{
	int quantity = best->request->quantity;
	int32 *seat_nos = palloc(sizeof(int32) * quantity);

	for (int i = 0; i < quantity; i++)
		seat_nos[i] = best->layout->seats[best->picked[i]].seat_no;
	sl_call_set_seats(&best->call, quantity, seat_nos);
	pfree(seat_nos);
}

static void
set_choice(BestCall *best, const SeatEntry *entry, SeatChoice choice)
{
	int seat = sl_layout_find_seat(best->layout, entry->row.seat_no);

	best->source.choices.values[seat] = (uint8) choice;
}

/* Are the picked seats still free?  Those that are not leave the search. */
static bool
still_free(BestCall *best)
{
	Call *call = &best->call;
	bool all_free = true;

	sl_call_read_seats(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->lapsed || entry->row.status == SEAT_FREE)
			continue;
		set_choice(best, entry, CHOICE_TAKEN);
		all_free = false;
	}
	return all_free;
}

static void
reread_stretch(BestCall *best, const SeatEntry *entry)
{
	sl_best_candidates_reread(&best->source, sl_layout_find_seat(best->layout, entry->row.seat_no));
}

/*
 * Seats that others are claiming leave the search for now.  After MAX_MEETINGS, all of
 * the same stretch do that are seen to be busy: one who has locked many is not met
 * at each.  To read a stretch sooner costs buyers in a rush more than it spares
 * them.  A seat that only lapses together with picked ones is not theirs to
 * skip: then the picked ones that lapse are.
 */
static void
skip_busy_seats(BestCall *best)
{
	Call *call = &best->call;
	bool skipped = false;

	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].wanted && call->seats[i].busy)
		{
			if (!skipped && best->num_lost >= MAX_MEETINGS)
				reread_stretch(best, &call->seats[i]);
			set_choice(best, &call->seats[i], CHOICE_SKIPPED);
			skipped = true;
		}
	for (int i = 0; i < call->num_seats && !skipped; i++)
		if (call->seats[i].wanted)
			set_choice(best, &call->seats[i], CHOICE_SKIPPED);
	sl_lockkey_release_seats(&call->locks);
	best->seed = pg_prng_uint32(&pg_global_prng_state) | 1;
}

/* Lock, look again, pin, write: the picked seats, without waiting for any. */
static Attempt
claim_picked(BestCall *best, ClaimResult **result)
{
	Call *call = &best->call;

	set_picked_seats(best);
	for (;;)
	{
		if (!still_free(best))
			return ATTEMPT_AGAIN;
		if (!sl_claim_within_limit(call, best->request))
		{
			*result = sl_call_refuse(call, OUTCOME_LIMIT);
			return ATTEMPT_DONE;
		}
		switch (sl_call_try_secure(call))
		{
			case SECURED_ALL:
				*result = sl_claim_write(call, best->request, best->together);
				return ATTEMPT_DONE;
			case SECURED_BUSY:
				skip_busy_seats(best);
				return ATTEMPT_AGAIN;
			case SECURED_SHUT:
				return ATTEMPT_SHUT;
			case SECURED_AGAIN:
				sl_call_look(call);
		}
	}
}

static int
compare_int(const void *a, const void *b)
{
	int x = *(const int *) a;
	int y = *(const int *) b;

	return (x > y) - (x < y);
}

/* The answer lists all seats of the token, so these must be neighbours together. */
static BestTogether
judge_with_hold(const BestCall *best)
{
	const HoldRow *hold = &best->call.hold;
	int num_picked = best->request->quantity;
	int num_seats = hold->num_seats + num_picked;
	int *seats = palloc(sizeof(int) * num_seats);

	for (int i = 0; i < hold->num_seats; i++)
		seats[i] = sl_layout_find_seat(best->layout, hold->seats[i]);
	memcpy(seats + hold->num_seats, best->picked, sizeof(int) * num_picked);
	qsort(seats, num_seats, sizeof(int), compare_int);
	return sl_best_available_judge(best->layout, num_seats, seats);
}

static BestFound
pick(BestCall *best)
{
	BestRequest wanted;
	BestTogether together = TOGETHER_NO;
	BestFound found;

	wanted.quantity = best->request->quantity;
	wanted.section = best->request->section;
	wanted.category = best->request->category;
	wanted.adjacency = best->request->adjacency;
	wanted.seed = best->seed;
	found = sl_best_available_pick(best->layout, &best->source.choices, &wanted, best->picked,
								   &together);
	if (found == BEST_FOUND && best->call.have_hold)
		together = judge_with_hold(best);
	best->together = together == TOGETHER_STANDING ? -1 : (together == TOGETHER_YES);
	return found;
}

/* One search and one try to get what it found. */
static Attempt
attempt(BestCall *best, ClaimResult **result)
{
	Outcome refusal;

	if (!sl_claim_may_start(&best->call, best->request, &refusal))
	{
		*result = sl_call_refuse(&best->call, refusal);
		return ATTEMPT_DONE;
	}
	switch (pick(best))
	{
		case BEST_SOLD_OUT:
			*result = sl_call_refuse(&best->call, OUTCOME_SOLD_OUT);
			return ATTEMPT_DONE;
		case BEST_NOT_TOGETHER:
			*result = sl_call_refuse(&best->call, OUTCOME_NOT_TOGETHER);
			return ATTEMPT_DONE;
		case BEST_ALL_SKIPPED:
			return ATTEMPT_SKIPPED;
		case BEST_FOUND:
			break;
	}
	return claim_picked(best, result);
}

static ClaimResult *
search(BestCall *best)
{
	Call *call = &best->call;
	ClaimResult *result;

	open_house(best);
	best->meets_until = Max(sl_clock_ticks() + MAX_MEETING_MS, call->deadline);
	for (;;)
	{
		switch (attempt(best, &result))
		{
			case ATTEMPT_DONE:
				return result;
			case ATTEMPT_SKIPPED:
				sl_best_candidates_forget(&best->source);
				/* FALLTHROUGH */
			case ATTEMPT_SHUT:
				call->num_seats = 0;
				if (!sl_call_nap(call))
					return sl_call_refuse(call, OUTCOME_BUSY);
				break;
			case ATTEMPT_AGAIN:
				if (++best->num_lost < MAX_MEETINGS || sl_clock_ticks() <= best->meets_until)
					break;
				call->num_seats = 0;
				return sl_call_refuse(call, OUTCOME_BUSY);
		}
		sl_call_look(call);
	}
}

ClaimResult *
sl_claim_best(const ClaimRequest *request)
{
	BestCall best = {.request = request};
	ClaimResult *result;

	sl_claim_begin(&best.call, request);
	if (request->section != NULL || request->category != NULL)
		find_house(&best);
	if (!sl_claim_replay(&best.call, request, &result))
	{
		/* no label is shorter than a byte: spare the search */
		if (request->answer_room > 0 &&
			claim_answer_size(request->quantity, request->quantity) > request->answer_room)
			result = sl_claim_too_large(&best.call);
		else
			result = search(&best);
	}
	sl_call_end(&best.call);
	return result;
}
