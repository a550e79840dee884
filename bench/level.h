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

#define MAX_GOALS 6

/*
 * Behind a side's name in a goal: in the largest of the sizes; or in the first of FEW and more, if
 * there is one before the largest, else in the smallest.
 */
#define AT_MOST "@most"
#define AT_FEW "@few"
#define FEW 100

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

/* what the trials of a contest do */
typedef enum Kind
{
	KIND_SALE,    /* buyers ask: trial.c */
	KIND_CREATE,  /* events are made: create_trial.c */
	KIND_HISTORY, /* one event grows old: history_trial.c */
	KIND_REST     /* nobody asks for anything: rest_trial.c */
} Kind;

/* Sides under one load, in one run. */
typedef struct Contest
{
	const char *name;
	const char *title;
	Load load;
	int num_connections; /* 0: as told */
	Kind kind;

	/*
	 * Names, separated by commas: "*" stands for the peers that were asked
	 * for, and NAME@SEATS is NAME in a house of that many seats.  In contests
	 * of many nights or of a long history, each name is in for each size that
	 * was asked for, as NAME@EVENTS or NAME@CHANGES.
	 */
	const char *sides;
	const char *beside; /* a column has the ratios to this side; NULL: no such column */
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

/* Levels of the contests that are run only when they are asked for. */
typedef struct Series
{
	const char *name;
	int num_levels;
	const Level *levels;
} Series;

extern const Series series[];
extern const int num_series;

#endif /* BENCH_LEVEL_H */
