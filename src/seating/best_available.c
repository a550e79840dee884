/*-------------------------------------------------------------------------
 *
 * best_available.c
 *		Pure search for the best free seats: the ladder of the ranking rule,
 *		blocks of neighbours, general admission, and spreading of callers.
 *
 * doc/ranking.md states the rule with examples.  In short, for a party that
 * wants to sit together: a block of neighbours in one row; among blocks the one
 * that leaves the fewest single seats alone; then the row nearest the front,
 * then the block nearest the row's middle.  best_split.c seats a party that no
 * block can hold.
 *
 * Rows come in plan order, and the search stops at the first row with a block
 * that leaves no orphan: nothing behind can rank before it.  So as long as
 * there is room at the front only the front of the house is looked at, or read.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "common/hashfn.h"

#include "base/compare.h"
#include "seating/best_available.h"
#include "seating/best_block.h"
#include "seating/best_split.h"

/* how many solutions callers with a seed are spread over */
#define SPREAD 8

typedef enum SolutionKind
{
	SOLUTION_NONE,
	SOLUTION_BLOCK,  /* neighbours in one row; grade is the orphans left */
	SOLUTION_ROWS,   /* adjacency any: row by row from the front */
	SOLUTION_PIECES, /* a split party; grade is the number of pieces */
	SOLUTION_STANDING,
	SOLUTION_MIXED /* seats and general admission */
} SolutionKind;

typedef struct Solution
{
	SolutionKind kind;
	int grade; /* solutions of one kind and grade, in one section, are as good */
} Solution;

/* A seat and how far it is from its row's middle. */
typedef struct RankedSeat
{
	int seat;
	int distance;
} RankedSeat;

static void begin_search(BestSearch *search, const Layout *layout, SeatChoices *choices,
						 const BestRequest *request, int *picked);
static Solution solve(const BestSearch *search, const BestRequest *request);
static Solution solve_spread(const BestSearch *search, const BestRequest *request);
static BestFound explain_failure(BestSearch *search, const BestRequest *request);

BestFound
sl_best_available_pick(const Layout *layout, SeatChoices *choices, const BestRequest *request,
					   int *picked, BestTogether *together)
{
	BestSearch search;
	Solution solution;

	Assert(request->quantity >= 1);
	*together = TOGETHER_NO;
	if (request->quantity > layout->num_seats)
		return BEST_SOLD_OUT;
	begin_search(&search, layout, choices, request, picked);
	solution = solve_spread(&search, request);
	if (solution.kind == SOLUTION_NONE)
		return explain_failure(&search, request);
	*together = sl_best_available_judge(layout, request->quantity, picked);
	return BEST_FOUND;
}

static void
begin_search(BestSearch *search, const Layout *layout, SeatChoices *choices,
			 const BestRequest *request, int *picked)
{
	search->layout = layout;
	search->choices = choices;
	search->quantity = request->quantity;
	search->picked = picked;
	memset(search->usable, 0, sizeof(search->usable));
	search->usable[CHOICE_FREE] = true;

	search->section_wanted = palloc(layout->num_sections * sizeof(bool));
	for (int i = 0; i < layout->num_sections; i++)
		search->section_wanted[i] =
			request->section == NULL || strcmp(layout->sections[i].name, request->section) == 0;

	/*
	 * an accessible category is kept for those who ask for it; seats that are sold by
	 * label only are for nobody here
	 */
	search->kind_wanted = palloc0(layout_num_kinds(layout) * sizeof(bool));
	for (int i = 0; i < layout->num_categories; i++)
	{
		const LayoutCategory *category = &layout->categories[i];

		search->kind_wanted[layout_kind(i, false)] =
			request->category == NULL ? !category->accessible
									  : strcmp(category->name, request->category) == 0;
	}
}

/* Is there surely nothing to pick among these seats? */
static bool
is_full(const BestSearch *search, const LayoutRun *run)
{
	const bool *full = search->choices->full;
	int last = run->first + run->count - 1;

	if (full == NULL)
		return false;
	for (int chunk = run->first / SL_SEATS_PER_CHUNK; chunk <= last / SL_SEATS_PER_CHUNK; chunk++)
		if (!full[chunk])
			return false;
	return true;
}

static Block
find_block_in_row(const BestSearch *search, const LayoutRow *row, int size)
{
	Block best = {.first = -1};

	for (int i = row->first_run; i < row->first_run + row->num_runs; i++)
	{
		const LayoutRun *run = &search->layout->runs[i];

		if (run->count < size)
			continue;
		sl_best_block_read(search, run->first, run->first + run->count);
		if (is_full(search, run))
			continue;
		sl_best_block_find(search, row, run, run->first, run->first + run->count, size, &best);
	}
	return best;
}

static Block
find_block(const BestSearch *search)
{
	const Layout *layout = search->layout;
	Block best = {.first = -1};

	for (int i = 0; i < layout->num_rows; i++)
	{
		Block block;

		if (!row_is_wanted(search, &layout->rows[i], false))
			continue;
		block = find_block_in_row(search, &layout->rows[i], search->quantity);
		if (block.first >= 0 && (best.first < 0 || block.orphans < best.orphans))
			best = block;
		if (best.first >= 0 && best.orphans == 0)
			break;
	}
	return best;
}

/* Take the usable ones of an area's places from one to before another, counted from 0. */
static int
pick_places(const BestSearch *search, const LayoutRow *area, int from, int to, int found)
{
	const Layout *layout = search->layout;
	int before = 0;

	for (const LayoutRow *row = area;; row = &layout->rows[row->more])
	{
		int first = layout_row_first(layout, row);
		int count = layout_row_end(layout, row) - first;

		for (int n = Max(from - before, 0); n < Min(to - before, count); n++)
		{
			if (found == search->quantity)
				return found;
			sl_best_block_read(search, first + n, first + n + 1);
			if (seat_is_usable(search, first + n))
				search->picked[found++] = first + n;
		}
		before += count;
		if (row->more == 0)
			return found;
	}
}

static int
count_places(const Layout *layout, const LayoutRow *area)
{
	int count = 0;

	for (const LayoutRow *row = area;; row = &layout->rows[row->more])
	{
		count += layout_row_end(layout, row) - layout_row_first(layout, row);
		if (row->more == 0)
			return count;
	}
}

/*
 * General admission, the whole party in one area, the first that has room: any
 * place does.  With a seed the search for places starts anywhere.
 */
static bool
pick_in_one_area(const BestSearch *search, uint32 seed)
{
	const Layout *layout = search->layout;

	for (int i = 0; i < layout->num_rows; i++)
	{
		const LayoutRow *area = &layout->rows[i];
		int count;
		int start;
		int found;

		if (area->is_more || !row_is_wanted(search, area, true))
			continue;
		count = count_places(layout, area);
		start = seed == 0 ? 0 : (int) (murmurhash32(seed) % count);
		found = pick_places(search, area, start, count, 0);
		found = pick_places(search, area, 0, start, found);
		if (found == search->quantity)
		{
			qsort(search->picked, found, sizeof(int), compare_int32);
			return true;
		}
	}
	return false;
}

/* Seats, or places of general admission, that may be picked. */
static int
count_usable(const BestSearch *search, bool standing)
{
	const Layout *layout = search->layout;
	int count = 0;

	for (int i = 0; i < layout->num_rows; i++)
	{
		const LayoutRow *row = &layout->rows[i];

		if (!row_is_wanted(search, row, standing))
			continue;
		sl_best_block_read_row(search, row);
		for (int seat = layout_row_first(layout, row); seat < layout_row_end(layout, row); seat++)
			count += seat_is_usable(search, seat);
	}
	return count;
}

/* Take seats (or places) in seat order until found reaches the quantity. */
static int
take_in_order(const BestSearch *search, bool standing, int found)
{
	const Layout *layout = search->layout;

	for (int i = 0; i < layout->num_rows && found < search->quantity; i++)
	{
		const LayoutRow *row = &layout->rows[i];

		if (!row_is_wanted(search, row, standing))
			continue;
		sl_best_block_read_row(search, row);
		for (int seat = layout_row_first(layout, row);
			 seat < layout_row_end(layout, row) && found < search->quantity; seat++)
		{
			if (seat_is_usable(search, seat))
				search->picked[found++] = seat;
		}
	}
	return found;
}

/*
 * No part of the house alone has room: several areas, or all seats that are
 * left and the rest of the party in general admission.
 */
static Solution
pick_anywhere(const BestSearch *search)
{
	Solution solution = {SOLUTION_NONE, 0};
	int found;

	if (take_in_order(search, true, 0) == search->quantity)
		solution.kind = SOLUTION_STANDING;
	else
	{
		found = take_in_order(search, false, 0);
		if (take_in_order(search, true, found) < search->quantity)
			return solution; /* fewer than that were picked */
		solution.kind = SOLUTION_MIXED;
		qsort(search->picked, search->quantity, sizeof(int), compare_int32);
	}
	return solution;
}

static int
compare_ranked_seats(const void *a, const void *b)
{
	const RankedSeat *left = a;
	const RankedSeat *right = b;

	if (left->distance != right->distance)
		return left->distance < right->distance ? -1 : 1;
	return (left->seat > right->seat) - (left->seat < right->seat);
}

/*
 * adjacency any, the row in which the rest of the party fits: the best block of
 * it if there is one, which costs nobody a row, else the seats nearest to the
 * middle.
 */
static void
pick_in_last_row(const BestSearch *search, const LayoutRow *row, int found)
{
	const Layout *layout = search->layout;
	int rest = search->quantity - found;
	Block block = find_block_in_row(search, row, rest);
	RankedSeat *ranked;
	int num_ranked = 0;
	int first = layout_row_first(layout, row);
	int end = layout_row_end(layout, row);

	if (block.first >= 0)
	{
		for (int i = 0; i < rest; i++)
			search->picked[found + i] = block.first + i;
		return;
	}
	ranked = palloc((end - first) * sizeof(RankedSeat));
	for (int seat = first; seat < end; seat++)
	{
		if (seat_is_usable(search, seat))
		{
			ranked[num_ranked].seat = seat;
			ranked[num_ranked++].distance = abs(2 * layout->seats[seat].along - row->ends);
		}
	}
	qsort(ranked, num_ranked, sizeof(RankedSeat), compare_ranked_seats);
	for (int i = 0; i < rest; i++)
		search->picked[found + i] = ranked[i].seat;
	qsort(search->picked + found, rest, sizeof(int), compare_int32);
	pfree(ranked);
}

/* adjacency any: every usable seat of a row before any seat of the next. */
static bool
pick_by_rows(const BestSearch *search)
{
	const Layout *layout = search->layout;
	int found = 0;

	for (int i = 0; i < layout->num_rows && found < search->quantity; i++)
	{
		const LayoutRow *row = &layout->rows[i];
		int usable = 0;

		if (!row_is_wanted(search, row, false))
			continue;
		sl_best_block_read_row(search, row);
		for (int seat = layout_row_first(layout, row); seat < layout_row_end(layout, row); seat++)
			usable += seat_is_usable(search, seat);
		if (usable >= search->quantity - found)
		{
			pick_in_last_row(search, row, found);
			return true;
		}
		for (int seat = layout_row_first(layout, row); seat < layout_row_end(layout, row); seat++)
		{
			if (seat_is_usable(search, seat))
				search->picked[found++] = seat;
		}
	}
	return false;
}

/* The ladder: the first rung that holds the party decides. */
static Solution
solve(const BestSearch *search, const BestRequest *request)
{
	Solution solution = {SOLUTION_NONE, 0};

	if (request->adjacency == ADJACENCY_ANY)
	{
		if (pick_by_rows(search))
		{
			solution.kind = SOLUTION_ROWS;
			return solution;
		}
	}
	else
	{
		Block block = find_block(search);

		if (block.first >= 0)
		{
			for (int i = 0; i < search->quantity; i++)
				search->picked[i] = block.first + i;
			solution.kind = SOLUTION_BLOCK;
			solution.grade = block.orphans;
			return solution;
		}
	}
	if (pick_in_one_area(search, request->seed))
	{
		solution.kind = SOLUTION_STANDING;
		return solution;
	}
	if (request->adjacency == ADJACENCY_REQUIRE)
		return solution;
	if (request->adjacency == ADJACENCY_PREFER)
	{
		solution.grade = sl_best_split(search);
		if (solution.grade > 0)
		{
			solution.kind = SOLUTION_PIECES;
			return solution;
		}
	}
	return pick_anywhere(search);
}

/* The index of the run that a seat is of. */
static int
find_run(const Layout *layout, int seat)
{
	int low = 0;
	int high = layout->num_runs - 1;

	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;

		if (layout->runs[middle].first <= seat)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The row, or area of general admission, that a seat is of. */
static const LayoutRow *
find_row(const Layout *layout, int seat)
{
	int run = find_run(layout, seat);
	int low = 0;
	int high = layout->num_rows - 1;

	while (low < high)
	{
		int middle = low + (high - low + 1) / 2;

		if (layout->rows[middle].first_run <= run)
			low = middle;
		else
			high = middle - 1;
	}
	return &layout->rows[low];
}

BestTogether
sl_best_available_judge(const Layout *layout, int num_seats, const int *seats)
{
	int last = seats[num_seats - 1];
	bool all_standing = true;

	for (int i = 0; i < num_seats && all_standing; i++)
		all_standing = find_row(layout, seats[i])->standing;
	if (all_standing)
		return TOGETHER_STANDING;
	if (last - seats[0] == num_seats - 1 && find_run(layout, seats[0]) == find_run(layout, last))
		return TOGETHER_YES;
	return TOGETHER_NO;
}

/*
 * Solve, then num_passes times mark the solution as passed over and solve
 * again, as long as that is as good: of the same kind and grade, beginning in
 * the same section.  Returns how many such solutions there were, num_passes + 1
 * at most; if it was that many, the last one is in search->picked.
 */
static int
solve_and_pass(const BestSearch *search, const BestRequest *request, int num_passes,
			   Solution *solution)
{
	const Layout *layout = search->layout;
	uint8 *values = search->choices->values;
	int low = layout->num_seats;
	int high = -1;
	int num_solved = 0;
	int section = -1;

	while (num_solved <= num_passes)
	{
		Solution next = solve(search, request);

		if (next.kind == SOLUTION_NONE)
			break;
		if (num_solved > 0 && (next.kind != solution->kind || next.grade != solution->grade ||
							   find_row(layout, search->picked[0])->section != section))
			break;
		if (num_solved == 0)
			section = find_row(layout, search->picked[0])->section;
		*solution = next;
		num_solved++;
		for (int i = 0; i < search->quantity; i++)
			values[search->picked[i]] = CHOICE_PASSED;
		low = Min(low, search->picked[0]);
		high = Max(high, search->picked[search->quantity - 1]);
	}
	for (int seat = low; seat <= high; seat++)
	{
		if (values[seat] == CHOICE_PASSED)
			values[seat] = CHOICE_FREE;
	}
	return num_solved;
}

static Solution
solve_spread(const BestSearch *search, const BestRequest *request)
{
	Solution solution = {SOLUTION_NONE, 0};
	int num_passes = request->seed == 0 ? 0 : (int) (murmurhash32(request->seed) % SPREAD);
	int num_solved = solve_and_pass(search, request, num_passes, &solution);

	/* fewer are as good: spread over those */
	if (num_solved > 0 && num_solved <= num_passes)
		solve_and_pass(search, request, num_passes % num_solved, &solution);
	return solution;
}

/* Nothing was found: would the request do with the skipped seats as well? */
static BestFound
explain_failure(BestSearch *search, const BestRequest *request)
{
	search->usable[CHOICE_SKIPPED] = true;
	if (request->adjacency == ADJACENCY_REQUIRE &&
		(find_block(search).first >= 0 || pick_in_one_area(search, 0)))
		return BEST_ALL_SKIPPED;
	if (count_usable(search, false) + count_usable(search, true) < search->quantity)
		return BEST_SOLD_OUT;
	return request->adjacency == ADJACENCY_REQUIRE ? BEST_NOT_TOGETHER : BEST_ALL_SKIPPED;
}
