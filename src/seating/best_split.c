/*-------------------------------------------------------------------------
 *
 * best_split.c
 *		The best-available search for a party that no block can hold.
 *
 * Such a party is seated in pieces, each in one free run of usable neighbours.
 * All pieces are in one section where any section has room.  Then, in this
 * order: the fewest pieces; the fewest people alone; near by, which is as many
 * consecutive rows as there are pieces, and beyond that the fewer rows the
 * better; the last row nearest the front; the longest free runs, except for the
 * shortest piece the one that fits best.
 *
 * Let k be the fewest pieces, found by adding up the longest free runs.  No
 * free run among any k that hold the party can be done without, so the seats
 * left over in them are fewer than each of them has; seat_pieces relies on it.
 * It also follows that a free run of one seat is needed only when there are
 * fewer than k longer ones, and then all of those are needed: hence "people
 * alone" is known before the rows are chosen.
 *
 * Rows are chosen by moving a window over the section's rows: its end goes to
 * each row in turn and its start follows as long as the k longest free runs in
 * it still hold the party.  A Fenwick tree over lengths adds up the k longest,
 * so that all takes O(seats) steps plus O(free runs * log(longest)).
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "port/pg_bitutils.h"

#include "base/grow.h"
#include "seating/best_split.h"

/* Usable seats of a run, as many as there are side by side: no usable seat on either side. */
typedef struct FreeRun
{
	int first; /* index into Layout.seats */
	int count;
	int run; /* index into Layout.runs */
	int row; /* index into Layout.rows */
} FreeRun;

typedef struct FreeRunList
{
	FreeRun *free_runs;
	int count;
	int allocated;
	int longest;
} FreeRunList;

/* Part of the list, and how a party would be split there. */
typedef struct Scope
{
	int first;
	int end;
	int num_pieces; /* fewest; 0 when there is no room */
	int min_length; /* shorter free runs are not used */
	int num_alone;  /* pieces of one seat */
} Scope;

/* Consecutive rows that hold the party, as free runs. */
typedef struct Window
{
	int first; /* -1: none found yet */
	int end;
	int excess; /* rows beyond one for each piece */
} Window;

/* How many free runs of each length are in the window, and their seats. */
typedef struct LengthTree
{
	int longest;
	int top_step; /* the greatest power of two not above longest */
	int num_free_runs;
	int64 num_seats;
	int *free_runs; /* Fenwick trees, from 1 */
	int64 *seats;
} LengthTree;

static void collect_free_runs(const BestSearch *search, FreeRunList *list);
static bool choose_scope(const BestSearch *search, const FreeRunList *list, Scope *scope,
						 Window *window);
static void fit_last_piece(FreeRun *free_runs, int count, int num_pieces, int quantity);
static int compare_by_length(const void *a, const void *b);
static int compare_by_place(const void *a, const void *b);
static void seat_pieces(const BestSearch *search, FreeRun *free_runs, int num_pieces);

/*
 * Split the party over usable seats and write them to search->picked,
 * ascending.  Returns the number of pieces, or 0 when there is no room.
 */
int
sl_best_split(const BestSearch *search)
{
	FreeRunList list = {NULL, 0, 0, 0};
	Scope scope;
	Window window = {0};
	int num_pieces = 0;

	collect_free_runs(search, &list);
	if (list.count == 0)
		return 0;
	if (choose_scope(search, &list, &scope, &window))
	{
		FreeRun *free_runs = list.free_runs + window.first;
		int count = 0;

		for (int i = window.first; i < window.end; i++)
		{
			if (list.free_runs[i].count >= scope.min_length)
				free_runs[count++] = list.free_runs[i];
		}
		num_pieces = scope.num_pieces;
		qsort(free_runs, count, sizeof(FreeRun), compare_by_length);
		fit_last_piece(free_runs, count, num_pieces, search->quantity);
		qsort(free_runs, num_pieces, sizeof(FreeRun), compare_by_place);
		seat_pieces(search, free_runs, num_pieces);
	}
	pfree(list.free_runs);
	return num_pieces;
}

static void
add_free_run(FreeRunList *list, int first, int count, int run, int row)
{
	FreeRun *free_run;

	list->free_runs = grow_array(list->free_runs, list->count, &list->allocated, sizeof(FreeRun));
	free_run = &list->free_runs[list->count++];
	free_run->first = first;
	free_run->count = count;
	free_run->run = run;
	free_run->row = row;
	list->longest = Max(list->longest, count);
}

static void
collect_in_run(const BestSearch *search, FreeRunList *list, int run_index, int row)
{
	const LayoutRun *run = &search->layout->runs[run_index];
	int end = run->first + run->count;
	int streak = 0;

	for (int seat = run->first; seat < end; seat++)
	{
		if (seat_is_usable(search, seat))
			streak++;
		else if (streak > 0)
		{
			add_free_run(list, seat - streak, streak, run_index, row);
			streak = 0;
		}
	}
	if (streak > 0)
		add_free_run(list, end - streak, streak, run_index, row);
}

static void
collect_free_runs(const BestSearch *search, FreeRunList *list)
{
	const Layout *layout = search->layout;

	for (int i = 0; i < layout->num_rows; i++)
	{
		const LayoutRow *row = &layout->rows[i];

		if (!row_is_wanted(search, row, false))
			continue;
		sl_best_block_read_row(search, row);
		for (int run = row->first_run; run < row->first_run + row->num_runs; run++)
			collect_in_run(search, list, run, i);
	}
}

/*
 * How a party would be split in a scope: the fewest pieces are the longest
 * free runs.  num_by_length is zero on entry and on exit.
 */
static void
measure_scope(const FreeRunList *list, int quantity, int *num_by_length, Scope *scope)
{
	int longest = 0;
	int num_long = 0; /* free runs of two seats and more */
	int rest = quantity;

	for (int i = scope->first; i < scope->end; i++)
	{
		num_by_length[list->free_runs[i].count]++;
		num_long += list->free_runs[i].count >= 2;
		longest = Max(longest, list->free_runs[i].count);
	}
	scope->num_pieces = 0;
	for (int length = longest; length > 0 && rest > 0; length--)
	{
		int needed = (rest + length - 1) / length;
		int used = Min(needed, num_by_length[length]);

		scope->num_pieces += used;
		rest -= used * length;
	}
	for (int i = scope->first; i < scope->end; i++)
		num_by_length[list->free_runs[i].count] = 0;

	if (rest > 0)
		scope->num_pieces = 0;
	/*
	 * Somebody is alone for each free run of one seat that is needed, or once
	 * when an odd party fills free runs of two; a single seat serves as well
	 * for that one.
	 */
	scope->num_alone = Max(scope->num_pieces - num_long, 0);
	if (scope->num_alone == 0 && quantity < 2 * scope->num_pieces)
		scope->num_alone = 1;
	scope->min_length = scope->num_alone > 0 ? 1 : 2;
}

static void
begin_tree(LengthTree *tree, int longest)
{
	tree->longest = longest;
	tree->top_step = 1 << pg_leftmost_one_pos32(longest);
	tree->num_free_runs = 0;
	tree->num_seats = 0;
	tree->free_runs = palloc0((longest + 1) * sizeof(int));
	tree->seats = palloc0((longest + 1) * sizeof(int64));
}

/* count is 1 to add a free run, -1 to remove it. */
static void
change_tree(LengthTree *tree, int length, int count)
{
	tree->num_free_runs += count;
	tree->num_seats += (int64) count * length;
	for (int i = length; i <= tree->longest; i += i & -i)
	{
		tree->free_runs[i] += count;
		tree->seats[i] += (int64) count * length;
	}
}

/* Seats in the k longest free runs; 0 when there are fewer than k. */
static int64
sum_longest(const LengthTree *tree, int k)
{
	int shorter = tree->num_free_runs - k; /* free runs not to be counted */
	int64 seats = tree->num_seats;
	int length = 0;

	if (shorter < 0)
		return 0;
	for (int step = tree->top_step; step > 0; step /= 2)
	{
		if (length + step <= tree->longest && tree->free_runs[length + step] <= shorter)
		{
			length += step;
			shorter -= tree->free_runs[length];
			seats -= tree->seats[length];
		}
	}
	/* what remains of shorter is of the next length */
	return seats - (int64) shorter * (length + 1);
}

/* The best rows of a scope; the tree is empty on entry and on exit. */
static Window
find_window(const FreeRunList *list, const Scope *scope, int quantity, LengthTree *tree)
{
	const FreeRun *free_runs = list->free_runs;
	int k = scope->num_pieces;
	int first = scope->first;
	Window best = {.first = -1};

	for (int last = scope->first; last < scope->end; last++)
	{
		bool row_ends = last + 1 == scope->end || free_runs[last + 1].row != free_runs[last].row;
		Window window;

		if (free_runs[last].count >= scope->min_length)
			change_tree(tree, free_runs[last].count, 1);
		if (!row_ends || sum_longest(tree, k) < quantity)
			continue;
		/* drop what can be spared at the front, and one free run more ... */
		while (sum_longest(tree, k) >= quantity)
		{
			if (free_runs[first].count >= scope->min_length)
				change_tree(tree, free_runs[first].count, -1);
			first++;
		}
		/* ... which is needed */
		first--;
		change_tree(tree, free_runs[first].count, 1);

		window.first = first;
		window.end = last + 1;
		window.excess = Max(free_runs[last].row - free_runs[first].row + 1 - k, 0);
		if (best.first < 0 || window.excess < best.excess)
			best = window;
	}
	for (; first < scope->end; first++)
	{
		if (free_runs[first].count >= scope->min_length)
			change_tree(tree, free_runs[first].count, -1);
	}
	/* the rows are chosen: all of the first one may be used */
	while (best.first > scope->first && free_runs[best.first - 1].row == free_runs[best.first].row)
		best.first--;
	return best;
}

static bool
scope_is_better(const Scope *scope, const Window *window, const Scope *best,
				const Window *best_window)
{
	if (scope->num_pieces != best->num_pieces)
		return scope->num_pieces < best->num_pieces;
	if (scope->num_alone != best->num_alone)
		return scope->num_alone < best->num_alone;
	/* scopes come in plan order: of equals the first stays */
	return window->excess < best_window->excess;
}

/*
 * Choose where to split the party: within the section that is best for it, or,
 * when none has room, anywhere.  False when that is not enough either.
 */
static bool
choose_scope(const BestSearch *search, const FreeRunList *list, Scope *scope, Window *window)
{
	const LayoutRow *rows = search->layout->rows;
	const FreeRun *free_runs = list->free_runs;
	int *num_by_length = palloc0((list->longest + 1) * sizeof(int));
	LengthTree tree;
	Scope next = {0};

	begin_tree(&tree, list->longest);
	scope->num_pieces = 0;
	for (int i = 0; i < list->count; i++)
	{
		if (i + 1 < list->count &&
			rows[free_runs[i + 1].row].section == rows[free_runs[i].row].section)
			continue;
		next.end = i + 1;
		measure_scope(list, search->quantity, num_by_length, &next);
		if (next.num_pieces > 0)
		{
			Window next_window = find_window(list, &next, search->quantity, &tree);

			if (scope->num_pieces == 0 || scope_is_better(&next, &next_window, scope, window))
			{
				*scope = next;
				*window = next_window;
			}
		}
		next.first = i + 1;
	}
	if (scope->num_pieces == 0)
	{
		scope->first = 0;
		scope->end = list->count;
		measure_scope(list, search->quantity, num_by_length, scope);
		if (scope->num_pieces > 0)
			*window = find_window(list, scope, search->quantity, &tree);
	}
	return scope->num_pieces > 0;
}

static int
compare_by_length(const void *a, const void *b)
{
	const FreeRun *left = a;
	const FreeRun *right = b;

	if (left->count != right->count)
		return left->count > right->count ? -1 : 1;
	return left->first < right->first ? -1 : left->first > right->first;
}

static int
compare_by_place(const void *a, const void *b)
{
	const FreeRun *left = a;
	const FreeRun *right = b;

	return left->first < right->first ? -1 : left->first > right->first;
}

/*
 * free_runs are sorted by length, and the first num_pieces hold the party.  For
 * the last of them take the shortest that will do, so that long free runs stay
 * whole; one that leaves a single seat over only when there is no other.
 */
static void
fit_last_piece(FreeRun *free_runs, int count, int num_pieces, int quantity)
{
	int last = num_pieces - 1;
	int best = last;
	int rest = quantity;
	FreeRun fitting;

	for (int i = 0; i < last; i++)
		rest -= free_runs[i].count;
	for (int i = last; i < count && free_runs[i].count >= rest; i++)
	{
		bool leaves_one = free_runs[i].count == rest + 1;
		bool best_leaves_one = free_runs[best].count == rest + 1;

		if (leaves_one != best_leaves_one ? best_leaves_one
										  : free_runs[i].count < free_runs[best].count)
			best = i;
	}
	fitting = free_runs[best];
	free_runs[best] = free_runs[last];
	free_runs[last] = fitting;
}

/*
 * Decide how many sit in each free run, and where.  The seats left over stay
 * together, in the rearmost free run that keeps two people, so that they leave
 * no orphan.  If no free run keeps two, each has but one seat more than is left
 * over, and the last two share: the party minds a person alone more than the
 * house minds an orphan.
 */
static void
seat_pieces(const BestSearch *search, FreeRun *free_runs, int num_pieces)
{
	const Layout *layout = search->layout;
	int left_over = -search->quantity;
	int share = 0; /* of the last but one */
	int carrier;
	int found = 0;

	for (int i = 0; i < num_pieces; i++)
		left_over += free_runs[i].count;
	for (carrier = num_pieces - 1; carrier >= 0; carrier--)
	{
		if (free_runs[carrier].count - left_over >= 2)
			break;
	}
	if (carrier < 0)
	{
		carrier = num_pieces - 1;
		share = left_over / 2;
	}

	for (int i = 0; i < num_pieces; i++)
	{
		const FreeRun *free_run = &free_runs[i];
		Block block = {.first = -1};
		int size = free_run->count;

		if (i == carrier)
			size -= left_over - share;
		else if (i == num_pieces - 2)
			size -= share;
		sl_best_block_find(search, &layout->rows[free_run->row], &layout->runs[free_run->run],
						   free_run->first, free_run->first + free_run->count, size, &block);
		for (int seat = block.first; seat < block.first + size; seat++)
			search->picked[found++] = seat;
	}
}
