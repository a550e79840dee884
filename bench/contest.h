/*-------------------------------------------------------------------------
 *
 * contest.h
 *		What the sides of a contest are put under.
 *
 * Which contests there are, with their sides and what is wanted of them, stands
 * in contests.txt and goals.txt; here is what the driver does in those of them
 * that it runs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "figures.h"
#include "load.h"

/* what the trials of a contest do */
typedef enum Kind
{
	KIND_SALE,    /* buyers ask: trial.c */
	KIND_CREATE,  /* events are made: create_trial.c */
	KIND_HISTORY, /* one event grows old: history_trial.c */
	KIND_REST     /* nobody asks for anything: rest_trial.c */
} Kind;

typedef struct Contest
{
	const char *name; /* of the load: contests.txt says which contests have it */
	Load load;
	Kind kind;
} Contest;

/* ends the program when there is none */
extern const Contest *contest_find(const char *name);

#endif /* BENCH_CONTEST_H */
