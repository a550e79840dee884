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
 * could be claimed now, because the event's row, the holder's name or the own hold is
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
#include "base/compare.h"
#include "base/errors.h"
#include "base/settings.h"
#include "shmem/heat.h"
#include "store/store_layout.h"
#include "verbs/best_candidates.h"
#include "verbs/claim.h"

/* a member that loses pick after pick keeps its group no longer than this, */
#define MAX_MEETING_MS 50
/* unless these few took longer; in a rush as many meet one call without anybody meaning harm */
#define MAX_MEETINGS 16

/* A search, from look to look. */
typedef struct Search
{
	const Layout *layout;
	ChoiceSource source;
	int *picked;   /* NULL: nothing was looked for yet */
	bool has_pick; /* which is not lost yet */
	uint32 seed;
	int together;      /* as in ClaimResult */
	int64 meets_until; /* ticks: it gives up then, after so many lost picks */
	int num_lost;
} Search;

/* The layout that an event had before it grew may be gone by now: then it has another. */
static const Layout *
read_house(Call *call)
{
	for (;;)
	{
		int32 layout_id = call->event.layout_id;
		const Layout *layout;

#ifdef SEATLOCK_FAULTS
		if (sl_fault_is(FAULT_PARK_LAYOUT))
			sl_lockkey_park();
#endif
		layout = sl_store_kept_layout(layout_id, true);
		if (layout->num_seats > 0)
			return layout;
		sl_call_look(call);
		if (call->event.layout_id == layout_id)
			return layout;
	}
}

static void
find_house(Call *call)
{
	const ClaimRequest *request = call->request;
	const Layout *layout = read_house(call);
	Search *search = call->own;

	if (request->section != NULL && sl_layout_find_section(layout, request->section) < 0)
		sl_error_no_section(request->section, request->event);
	if (request->category != NULL && sl_layout_find_category(layout, request->category) < 0)
		sl_error_no_category(request->category, request->event);
	search->layout = layout;
	call->spared = heat_of_house(layout->num_seats);
}

/* Errors come before any answer, also before what a request key repeats. */
static bool
begin(Call *call)
{
	call->own = palloc0(sizeof(Search));
	if (call->request->section != NULL || call->request->category != NULL)
		find_house(call);
	return true;
}

static void
open_search(Call *call)
{
	Search *search = call->own;
	int num_seats;

	find_house(call);
	num_seats = Max(search->layout->num_seats, 1);
	search->picked = palloc(sizeof(int) * Min(call->request->quantity, num_seats));
	search->meets_until = Max(sl_clock_ticks() + MAX_MEETING_MS, call->deadline);
	sl_best_candidates_open(&search->source, call, search->layout);
}

static void
set_picked_seats(Call *call)
{
	const Search *search = call->own;
	int quantity = call->request->quantity;
	int32 *seat_nos = palloc(sizeof(int32) * quantity);

	for (int i = 0; i < quantity; i++)
		seat_nos[i] = search->layout->seats[search->picked[i]].seat_no;
	sl_call_set_seats(call, quantity, seat_nos);
	pfree(seat_nos);
}

static void
set_choice(Search *search, const SeatEntry *entry, SeatChoice choice)
{
	int seat = sl_layout_find_seat(search->layout, entry->row.seat_no);

	search->source.choices.values[seat] = (uint8) choice;
}

/* Are the picked seats still free?  Those that are not leave the search. */
static bool
still_free(Call *call)
{
	bool all_free = true;

	sl_call_read_seats(call);
	for (int i = 0; i < call->num_seats; i++)
	{
		SeatEntry *entry = &call->seats[i];

		if (!entry->wanted || entry->expired || entry->row.status == SEAT_FREE)
			continue;
		set_choice(call->own, entry, CHOICE_TAKEN);
		all_free = false;
	}
	return all_free;
}

static void
reread_chunk(Search *search, const SeatEntry *entry)
{
	sl_best_candidates_reread(&search->source,
							  sl_layout_find_seat(search->layout, entry->row.seat_no));
}

/*
 * Seats that others are claiming leave the search for now.  After MAX_MEETINGS, all of
 * the same chunk do that are seen to be busy: one who has locked many is not met
 * at each.  To read a chunk sooner costs buyers in a rush more than it spares
 * them.  A seat that only expires together with picked ones is not theirs to
 * skip: then the picked ones that expire are.
 */
static void
skip_busy_seats(Call *call)
{
	Search *search = call->own;
	bool skipped = false;

	for (int i = 0; i < call->num_seats; i++)
		if (call->seats[i].wanted && call->seats[i].busy)
		{
			if (!skipped && search->num_lost >= MAX_MEETINGS)
				reread_chunk(search, &call->seats[i]);
			set_choice(search, &call->seats[i], CHOICE_SKIPPED);
			skipped = true;
		}
	for (int i = 0; i < call->num_seats && !skipped; i++)
		if (call->seats[i].wanted)
			set_choice(search, &call->seats[i], CHOICE_SKIPPED);
	sl_lockkey_release_seats(&call->locks);
	search->seed = pg_prng_uint32(&pg_global_prng_state) | 1;
}

/* The answer lists all seats of the token, so these must be neighbours together. */
static BestTogether
judge_with_hold(const Call *call)
{
	const Search *search = call->own;
	const HoldRow *hold = &call->hold;
	int num_picked = call->request->quantity;
	int num_seats = hold->num_seats + num_picked;
	int *seats = palloc(sizeof(int) * num_seats);

	for (int i = 0; i < hold->num_seats; i++)
		seats[i] = sl_layout_find_seat(search->layout, hold->seats[i]);
	memcpy(seats + hold->num_seats, search->picked, sizeof(int) * num_picked);
	qsort(seats, num_seats, sizeof(int), compare_int32);
	return sl_best_available_judge(search->layout, num_seats, seats);
}

static BestFound
pick(Call *call)
{
	const ClaimRequest *request = call->request;
	Search *search = call->own;
	BestRequest wanted;
	BestTogether together = TOGETHER_NO;
	BestFound found;

	wanted.quantity = request->quantity;
	wanted.section = request->section;
	wanted.category = request->category;
	wanted.adjacency = request->adjacency;
	wanted.seed = search->seed;
	found = sl_best_available_pick(search->layout, &search->source.choices, &wanted, search->picked,
								   &together);
	if (found == BEST_FOUND && call->have_hold)
		together = judge_with_hold(call);
	search->together = together == TOGETHER_STANDING ? -1 : (together == TOGETHER_YES);
	return found;
}

/* Pick, unless there is a pick that is not lost yet. */
static Progress
find_seats(Call *call)
{
	Search *search = call->own;

	if (search->has_pick)
		return CALL_READY;
	switch (pick(call))
	{
		case BEST_SOLD_OUT:
			return sl_call_decide(call, OUTCOME_SOLD_OUT);
		case BEST_NOT_TOGETHER:
			return sl_call_decide(call, OUTCOME_NOT_TOGETHER);
		case BEST_ALL_SKIPPED:
			sl_best_candidates_forget(&search->source);
			return CALL_SHUT;
		case BEST_FOUND:
			break;
	}
	set_picked_seats(call);
	search->has_pick = true;
	return CALL_READY;
}

static Progress
look(Call *call)
{
	Search *search = call->own;
	Progress progress;

	/* no label is shorter than a byte: spare the search */
	if (!sl_claim_has_room(call, call->request->quantity, call->request->quantity))
		return sl_call_decide(call, OUTCOME_BUSY);
	if (search->picked == NULL)
		open_search(call);
	progress = sl_claim_may_start(call);
	if (progress == CALL_READY)
		progress = find_seats(call);
	if (progress != CALL_READY)
		return progress;
	if (still_free(call))
		return sl_claim_within_limit(call);
	search->has_pick = false;
	return CALL_BUSY;
}

/* A pick is lost to others: try the next best, for a while. */
static Progress
lose_pick(Call *call)
{
	Search *search = call->own;

	if (search->has_pick)
		skip_busy_seats(call);
	search->has_pick = false;
	if (++search->num_lost < MAX_MEETINGS || sl_clock_ticks() <= search->meets_until)
		return CALL_AGAIN;
	call->num_seats = 0;
	return CALL_BUSY;
}

static Progress
meet(Call *call, Progress progress)
{
	Search *search = call->own;

	if (progress == CALL_BUSY)
		return lose_pick(call);
	search->has_pick = false;
	call->num_seats = 0;
	return sl_call_wait(call, progress);
}

static ClaimResult *
write_claim(Call *call)
{
	const Search *search = call->own;

	call->together = search->together;
	return sl_claim_write(call);
}

const VerbSteps sl_claim_best_steps = {
	.begin = begin,
	.look = look,
	.write = write_claim,
	.meet = meet,
};
