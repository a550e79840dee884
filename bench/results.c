/*-------------------------------------------------------------------------
 *
 * results.c
 *		The figures of all trials, their medians and ratios.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>
#include <string.h>

#include "results.h"

static void
init_standing(Standing *standing, const Contest *contest, const Args *args)
{
	standing->contest = contest;
	standing->num_connections =
		contest->num_connections > 0 ? contest->num_connections : args->connections;
	standing->seconds =
		args->seconds < contest->load.seconds ? args->seconds : contest->load.seconds;
	standing->sides = sides_read(contest, args, &standing->num_sides);
	standing->num_rounds = args->rounds;
	standing->figures =
		allocate((size_t) standing->num_sides * standing->num_rounds, sizeof(Figures));
}

/* All contests of the level, or the one of that name. */
static void
read_contests(Results *results, const Level *level, const char *name, const Args *args)
{
	free(results->standings);
	results->level = level;
	results->num_standings = 0;
	results->standings = allocate((size_t) level->num_contests, sizeof(Standing));
	for (int i = 0; i < level->num_contests; i++)
		if (name == NULL || strcmp(name, level->contests[i].name) == 0)
			init_standing(&results->standings[results->num_standings++], &level->contests[i], args);
}

/* Series are run only when they are named, or one of their contests is. */
void
results_init(Results *results, const Args *args)
{
	*results = (Results){0};
	for (int i = 0; i < num_series && args->contest != NULL; i++)
	{
		bool whole = strcmp(args->contest, series[i].name) == 0;

		if (args->level < series[i].num_levels && results->num_standings == 0)
			read_contests(results, &series[i].levels[args->level], whole ? NULL : args->contest,
						  args);
	}
	if (results->num_standings == 0)
		read_contests(results, &levels[args->level], args->contest, args);
	if (results->num_standings == 0)
		die("level %d has no contest \"%s\"", args->level, args->contest);
}

void
results_free(Results *results)
{
	for (int i = 0; i < results->num_standings; i++)
	{
		Standing *standing = &results->standings[i];

		for (int j = 0; j < standing->num_sides * standing->num_rounds; j++)
			free(standing->figures[j].missing);
		free(standing->figures);
		sides_free(standing->sides, standing->num_sides);
	}
	free(results->standings);
}

Figures *
standing_at(const Standing *standing, int side, int round)
{
	return &standing->figures[side * standing->num_rounds + round];
}

static int
compare_numbers(const void *a, const void *b)
{
	double first = *(const double *) a;
	double second = *(const double *) b;

	return (first > second) - (first < second);
}

/* What is made of a figure in one round; arg is the reader's own. */
typedef double (*ReadRound)(const Standing *standing, int round, const void *arg);

static double
median_of_rounds(const Standing *standing, ReadRound read, const void *arg)
{
	int count = standing->num_rounds;
	double *numbers = allocate((size_t) count, sizeof(double));
	double result;

	for (int i = 0; i < count; i++)
		numbers[i] = read(standing, i, arg);
	qsort(numbers, (size_t) count, sizeof(double), compare_numbers);
	result = (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
	free(numbers);
	return result;
}

/* A figure of a side, beside that of another. */
typedef struct Pair
{
	int side;
	int against;
	Figure figure;
	bool more; /* how much more, not how many times */
} Pair;

static double
read_value(const Standing *standing, int round, const void *arg)
{
	const Pair *pair = arg;

	return standing_at(standing, pair->side, round)->values[pair->figure];
}

static double
read_pair(const Standing *standing, int round, const void *arg)
{
	const Pair *pair = arg;
	double value = standing_at(standing, pair->side, round)->values[pair->figure];
	double reference = standing_at(standing, pair->against, round)->values[pair->figure];

	/* not reached in time is infinite; who alone has reached it is far ahead */
	if (!figure_measured(reference))
		return figure_measured(value) ? 0 : 1;
	return pair->more ? value - reference : value / reference;
}

static double
median(const Standing *standing, int side, Figure figure)
{
	Pair pair = {.side = side, .figure = figure};

	return median_of_rounds(standing, read_value, &pair);
}

static double
sum(const Standing *standing, int side, Figure figure)
{
	double result = 0;

	for (int i = 0; i < standing->num_rounds; i++)
		result += standing_at(standing, side, i)->values[figure];
	return result;
}

const char *
standing_missing(const Standing *standing, int side)
{
	for (int i = 0; i < standing->num_rounds; i++)
		if (standing_at(standing, side, i)->missing != NULL)
			return standing_at(standing, side, i)->missing;
	return NULL;
}

double
standing_figure(const Standing *standing, int side, Figure figure)
{
	if (standing_missing(standing, side) != NULL)
		return NOT_MEASURED;
	if (figure == FIGURE_ERRORS || figure == FIGURE_OVERSOLD)
		return sum(standing, side, figure);
	return median(standing, side, figure);
}

bool
standing_correct(const Standing *standing, int side)
{
	return standing_figure(standing, side, FIGURE_ERRORS) == 0 &&
		   standing_figure(standing, side, FIGURE_OVERSOLD) == 0;
}

static bool
is_better(Figure figure, double value, double than)
{
	return figure_infos[figure].less_is_better ? value < than : value > than;
}

int
standing_best_peer(const Standing *standing, int size, Figure figure)
{
	int best = -1;
	double best_value = figure_infos[figure].less_is_better ? NOT_MEASURED : 0;

	for (int i = 0; i < standing->num_sides; i++)
	{
		double value = standing_figure(standing, i, figure);

		if (standing->sides[i].size == size && standing->sides[i].peer.role == PEER_CORRECT &&
			standing_correct(standing, i) && figure_measured(value) &&
			is_better(figure, value, best_value))
		{
			best = i;
			best_value = value;
		}
	}
	return best;
}

/* The size that a goal's AT_FEW or AT_MOST means; sides are in the order of their sizes. */
static int
find_size(const Standing *standing, bool most)
{
	int smallest = standing->sides[0].size;
	int largest = standing->sides[standing->num_sides - 1].size;

	if (most)
		return largest;
	for (int i = 0; i < standing->num_sides; i++)
		if (standing->sides[i].size >= FEW && standing->sides[i].size < largest)
			return standing->sides[i].size;
	return smallest;
}

static int
find_side(const Standing *standing, const char *name)
{
	const char *size = strchr(name, '@');
	bool most = size != NULL && strcmp(size, AT_MOST) == 0;

	if (most || (size != NULL && strcmp(size, AT_FEW) == 0))
	{
		char *full = format_string("%.*s@%d", (int) (size - name), name, find_size(standing, most));
		int side = find_side(standing, full);

		free(full);
		return side;
	}
	for (int i = 0; i < standing->num_sides; i++)
		if (strcmp(standing->sides[i].name, name) == 0)
			return i;
	return -1;
}

int
standing_beside(const Standing *standing, int side)
{
	char *name;
	int beside;

	if (standing->contest->beside == NULL)
		return -1;
	if (standing->sides[side].size == 0)
		return find_side(standing, standing->contest->beside);
	name = format_string("%s@%d", standing->contest->beside, standing->sides[side].size);
	beside = find_side(standing, name);
	free(name);
	return beside;
}

static bool
is_time_to_sell(Figure figure)
{
	return figure == FIGURE_HALF_SOLD || figure == FIGURE_MOST_SOLD;
}

/* Find what to measure against; returns why there is nothing, or NULL. */
static const char *
find_reference(const Standing *standing, const Goal *goal, Verdict *verdict)
{
	verdict->reference = 1;
	if (goal->against == NULL)
		return NULL;
	if (strcmp(goal->against, BEST_PEER) != 0)
	{
		verdict->against = find_side(standing, goal->against);
		if (verdict->against < 0 || !standing_correct(standing, verdict->against))
			return "what it is measured against failed";
		if (verdict->against == verdict->side)
			return "it was measured in one size alone";
	}
	else
	{
		int size = standing->sides[verdict->side].size;

		verdict->against = standing_best_peer(standing, size, goal->figure);
		if (verdict->against < 0 && is_time_to_sell(goal->figure) &&
			standing_best_peer(standing, size, FIGURE_ANSWERS) >= 0)
		{
			verdict->bounded = true;
			verdict->reference = standing->seconds;
			return NULL;
		}
		if (verdict->against < 0)
			return "no correct peer took part";
	}
	verdict->reference = standing_figure(standing, verdict->against, goal->figure);
	if (!figure_measured(verdict->reference) || verdict->reference <= 0)
		return "there is nothing to measure against";
	return NULL;
}

double
standing_ratio(const Standing *standing, int side, int against, Figure figure)
{
	Pair pair = {side, against, figure, false};

	return median_of_rounds(standing, read_pair, &pair);
}

static double
compare_sides(const Standing *standing, const Goal *goal, const Verdict *verdict)
{
	bool more = goal->measure == MEASURE_MORE;
	Pair pair = {verdict->side, verdict->against, goal->figure, more};

	if (verdict->against >= 0)
		return median_of_rounds(standing, read_pair, &pair);
	return more ? verdict->value - verdict->reference : verdict->value / verdict->reference;
}

Verdict
standing_verdict(const Standing *standing, const Goal *goal)
{
	Verdict verdict = {.side = find_side(standing, goal->side), .against = -1};
	bool less = figure_infos[goal->figure].less_is_better;

	verdict.value = NOT_MEASURED;
	if (verdict.side < 0)
	{
		verdict.missing = "it did not take part";
		return verdict;
	}
	verdict.value = standing_figure(standing, verdict.side, goal->figure);
	verdict.missing = standing_missing(standing, verdict.side);
	if (verdict.missing == NULL && !standing_correct(standing, verdict.side))
		verdict.missing = "errors or oversold seats";
	if (verdict.missing == NULL && !figure_measured(verdict.value))
		verdict.missing = is_time_to_sell(goal->figure) ? "not so many were sold in time"
														: "no trial came to tell it";
	if (verdict.missing == NULL)
		verdict.missing = find_reference(standing, goal, &verdict);
	if (verdict.missing == NULL)
	{
		bool more = goal->measure == MEASURE_MORE;

		verdict.ratio = compare_sides(standing, goal, &verdict);
		verdict.mark = more ? verdict.reference + goal->wanted : verdict.reference * goal->wanted;
		verdict.reached = less ? verdict.ratio <= goal->wanted : verdict.ratio >= goal->wanted;
	}
	return verdict;
}

const char *
verdict_word(const Verdict *verdict)
{
	if (verdict->missing != NULL)
		return "NOT MEASURED";
	return verdict->reached ? "reached" : "missed";
}
