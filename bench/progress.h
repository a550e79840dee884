/*-------------------------------------------------------------------------
 *
 * progress.h
 *		How the demo's sale goes: a line that is redrawn on a terminal, a line
 *		every two seconds elsewhere.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include "connection.h"
#include "tally.h"

typedef struct Progress
{
	const char *event;
	const Tally *tallies;   /* of all channels */
	Connection *connection; /* asks the server how many seats are free */
	bool on_terminal;
	bool asked;
	int64_t started_at;
	int64_t next_at;
	int64_t counted_at; /* when answers were last counted */
	int64_t num_counted;
	double answers_per_second;
	int num_free; /* as the server told last */
	int num_held;
	int num_booked;
} Progress;

extern void progress_open(Progress *progress, Loop *loop, const char *event, const Tally *tallies);
/* Ask and draw when it is time to; returns when it will be, in nanoseconds of now_ns(). */
extern int64_t progress_act(Progress *progress, int64_t now);
/* Draw how things stand, once more, and leave the line. */
extern void progress_close(Progress *progress);
extern bool progress_sold_out(const Progress *progress);

#endif /* BENCH_PROGRESS_H */
