/*-------------------------------------------------------------------------
 *
 * level.h
 *		What is compared: the contests of each level, and what seatlock must
 *		reach in them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_LEVEL_H
#define BENCH_LEVEL_H

#include "figures.h"
#include "load.h"

#define MAX_GOALS 4

/* names the best side of a contest that developers use today and that is correct */
#define BEST_PEER "the best correct peer"

/* how a figure is judged against another */
typedef enum Measure
{
	MEASURE_RATIO,
	MEASURE_MORE /* the difference, in the figure's own unit */
} Measure;

/* A figure of a side, in relation to the same figure of another. */
typedef struct Goal
{
	const char *side; /* NULL ends a list */
	Figure figure;
	const char *against; /* a side, or BEST_PEER; NULL: the figure by itself */
	double wanted;       /* at least; at most, where less is better */
	Measure measure;
} Goal;

/* Sides under one load, in one run. */
typedef struct Contest
{
	const char *name;
	const char *title;
	Load load;
	int num_connections; /* 0: as told */

	/*
	 * Names, separated by commas: "*" stands for the peers that were asked
	 * for, and NAME@SEATS is NAME in a house of that many seats.
	 */
	const char *sides;
	Goal goals[MAX_GOALS + 1];
} Contest;

typedef struct Level
{
	const char *title;
	int num_contests;
	const Contest *contests;
} Level;

extern const Level levels[];
extern const int num_levels;

#endif /* BENCH_LEVEL_H */
