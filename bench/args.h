/*-------------------------------------------------------------------------
 *
 * args.h
 *		What the driver was asked to do.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_ARGS_H
#define BENCH_ARGS_H

#include "base.h"

typedef struct Args
{
	const char *command; /* compare or sell */
	int connections;
	double seconds;    /* of the sale; of a trial at most */
	const char *redis; /* path of its socket; NULL: there is none */
	/* sell */
	const char *event;
	int hold_seconds;
	/* compare */
	int level;
	const char *contest; /* the only one to run, or a series; NULL: all of the level */
	const char *plain;   /* where the socket is of a server that is not preloaded, or NULL */
	const char *events;  /* in contests of many nights: how many, ascending, between blanks */
	const char *changes; /* in contests of a long history, the same */
	int seats;           /* of each night; 0: as the contest has it */
	int rounds;
	const char *peers; /* names, separated by commas */
	const char *peers_directory;
	const char *machine; /* what the report says about it */
	const char *results; /* path of the report, without .md and .svg */
} Args;

/* Bad usage ends the program with status 2. */
extern void args_read(int argc, char **argv, Args *args);

#endif /* BENCH_ARGS_H */
