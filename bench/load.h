/*-------------------------------------------------------------------------
 *
 * load.h
 *		What the buyers of a trial ask for.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "base.h"

#define MAX_PARTY 4

typedef enum Wish
{
	WISH_SCATTERED, /* random seats, none asked for twice */
	WISH_BLOCKS,    /* neighbours, none asked for twice */
	WISH_POPULAR,   /* neighbours, by Zipf's law */
	WISH_LOOK       /* no seats at all: read */
} Wish;

typedef struct Load
{
	Wish wish;
	int num_seats;
	int min_party;
	int max_party;         /* at most MAX_PARTY */
	double zipf;           /* exponent of the popularity; 0: all alike */
	double taken;          /* share of the seats that are taken before the trial, from the front */
	double seconds;        /* the trial ends after this time */
	double until_sold;     /* ... or when this share of the seats is sold; 0: no such end */
	int until_won;         /* ... or after so many claims won; 0: no such end */
	int redis_connections; /* of sides that ask through Redis; 0: as many as the others have */
	int in_flight;         /* questions under way on each of these */
	double pace;  /* then ask again, at this share of what they came to; 0: only without a pause */
	bool watched; /* when do changes come into Redis? */
	const char *options; /* settings of the buyers' sessions, as in "-c name=value", or NULL */
} Load;

/* What all the buyers of one trial ask for, one party after the other. */
typedef struct Wishes Wishes;

extern Wishes *wishes_create(const Load *load, uint64_t seed);
/* A party of different seats, ascending; 0 when nothing is left to ask for. */
extern int wishes_next(Wishes *wishes, int *seats);
extern void wishes_free(Wishes *wishes);

#endif /* BENCH_LOAD_H */
