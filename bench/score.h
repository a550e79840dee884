/*-------------------------------------------------------------------------
 *
 * score.h
 *		What the buyers of a trial were answered, and when it is over.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_SCORE_H
#define BENCH_SCORE_H

#include "figures.h"
#include "histogram.h"
#include "load.h"
#include "promise.h"

typedef struct Score
{
	const Load *load;
	bool stopped; /* ask no more */
	int64_t started_at;
	int64_t ends_at;
	int64_t ended_at;
	int64_t half_sold_at;
	int64_t most_sold_at;
	int64_t num_seats_sold;
	int64_t num_won;
	int64_t num_busy;
	int64_t num_errors;
	char *first_error;
	Histogram won;
	Histogram refused;
	Histogram read;
	Promises promises;
} Score;

/* Count from now on for so long; what was counted before is forgotten, but not what was sold. */
extern void score_start(Score *score, const Load *load, double seconds);

/* The last answers come after the end: they bind, but do not count.  Latencies are nanoseconds. */
extern void score_won(Score *score, const int *seats, int num_seats, const char *token,
					  int64_t latency);
extern void score_refused(Score *score, bool busy, int64_t latency);
extern void score_read(Score *score, int64_t latency);
extern void score_error(Score *score, const char *message);

/* To be called after each answer: stopped or not. */
extern bool score_is_over(Score *score);
/* All answers are there. */
extern void score_end(Score *score);

/* The connection is to the database of the trial. */
extern void score_fill(Score *score, const Names *names, Connection *connection, Figures *figures);
extern void score_free(Score *score);

#endif /* BENCH_SCORE_H */
