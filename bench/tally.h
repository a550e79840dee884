/*-------------------------------------------------------------------------
 *
 * tally.h
 *		How often the server answered what, and how fast.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include "histogram.h"
#include "table.h"

/* how a buyer asks for seats, and gives them back */
typedef enum Channel
{
	CHANNEL_SQL,
	CHANNEL_REDIS,
	NUM_CHANNELS
} Channel;

/* what a buyer was after */
typedef enum Aim
{
	AIM_CLAIM,
	AIM_EXTEND,
	AIM_CONFIRM,
	AIM_LATE_CONFIRM, /* of a hold that has expired */
	AIM_RELEASE,
	NUM_AIMS
} Aim;

typedef struct TallyLine
{
	char outcome[24];
	bool ok;
	int64_t num_seats;
	Histogram latency;
} TallyLine;

#define MAX_TALLY_LINES 16

typedef struct Tally
{
	int64_t num_answers; /* errors are none */
	int64_t num_errors;
	int64_t num_asked[NUM_AIMS];
	int num_lines[NUM_AIMS];
	TallyLine lines[NUM_AIMS][MAX_TALLY_LINES];
} Tally;

extern void tally_add(Tally *tally, Aim aim, const char *outcome, bool ok, int num_seats,
					  int64_t latency);
/* lines of outcome, then for each channel answers, seats, p50 and p99 */
extern void tally_write(const Tally *tallies, int num_channels, Table *table);

#endif /* BENCH_TALLY_H */
