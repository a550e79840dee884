/*-------------------------------------------------------------------------
 *
 * results.h
 *		The figures of all trials: medians over the rounds, the best correct
 *		peer, and what became of the goals.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "args.h"
#include "side.h"

/* A contest with its sides and what was measured of them. */
typedef struct Standing
{
	const Contest *contest;
	int num_connections;
	double seconds; /* bound of each trial */
	Side *sides;
	int num_sides;
	int num_rounds;
	Figures *figures; /* by side and round; standing_at() finds them */
} Standing;

typedef struct Results
{
	const Level *level;
	int num_standings;
	Standing *standings;
} Results;

/* What became of a goal. */
typedef struct Verdict
{
	const char *missing; /* why it cannot be told, or NULL */
	int side;            /* -1: did not take part */
	int against;         /* a side, or -1 */
	double value;
	double reference; /* 1 when the figure is judged by itself */
	double mark;      /* from there on it is reached */

	/*
	 * No peer came so far within the bound of a trial, which then is the
	 * reference: the ratio is at most this.
	 */
	bool bounded;
	double ratio; /* or the difference, as the goal has it; of sides, the median of the rounds' */
	bool reached;
} Verdict;

extern void results_init(Results *results, const Args *args);
extern void results_free(Results *results);

extern Figures *standing_at(const Standing *standing, int side, int round);
/* the median over the rounds, of errors and oversold seats the sum */
extern double standing_figure(const Standing *standing, int side, Figure figure);
/* why the side has no figures, or NULL */
extern const char *standing_missing(const Standing *standing, int side);
/* no error and no oversold seat in any round, and no round missing */
extern bool standing_correct(const Standing *standing, int side);
/*
 * The best of the peers that are correct, also by design, under the load of that
 * size; -1 when there is none.
 */
extern int standing_best_peer(const Standing *standing, int size, Figure figure);
/* What the contest has as the side beside that one, or -1. */
extern int standing_beside(const Standing *standing, int side);
/*
 * How many times the figure of another side: the median over the rounds of what
 * two trials near each other say, so that the machine's own pace, which changes
 * from round to round, falls out.
 */
extern double standing_ratio(const Standing *standing, int side, int against, Figure figure);
extern Verdict standing_verdict(const Standing *standing, const Goal *goal);
/* reached, missed or NOT MEASURED */
extern const char *verdict_word(const Verdict *verdict);

#endif /* BENCH_RESULTS_H */
