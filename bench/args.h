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
	const char *command; /* compare, columns or sell */
	int connections;
	double seconds;    /* of the sale; of a trial at most */
	const char *redis; /* path of its socket; NULL: there is none */
	/* sell */
	const char *event;
	int hold_seconds;
	/* compare */
	int level;
	int round;           /* from 1 */
	const char *contest; /* its name in the rows */
	const char *load;    /* what its sides are put under */
	const char *sides;   /* names, separated by commas */
	const char *plain;   /* where the socket is of a server that is not preloaded, or NULL */
	const char *events;  /* in contests of many nights: how many, ascending, between blanks */
	const char *changes; /* in contests of a long history, the same */
	int seats;           /* of each night; 0: as the contest has it */
	const char *peers_directory;
	const char *machine; /* in words */
	const char *results; /* path of the CSV file, to which rows are added */
} Args;

/* Bad usage ends the program with status 2. */
extern void args_read(int argc, char **argv, Args *args);

#endif /* BENCH_ARGS_H */
