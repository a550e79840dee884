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
	WISH_POPULAR,   /* neighbours, by Zipf's law */
	WISH_TAKEN,     /* one of the seats that are taken before the trial */
	WISH_LOOK       /* no seats at all: read */
} Wish;

typedef struct Load
{
	Wish wish;
	int num_seats;      /* of the house */
	int num_events;     /* nights of that house, all on sale at once; 0: the one event */
	int num_changes;    /* of the one event's history */
	bool by_events;     /* a side for each number of these that was asked for */
	double events_zipf; /* exponent of the nights' popularity; 0: all alike */
	int min_party;
	int max_party;         /* at most MAX_PARTY */
	double zipf;           /* exponent of the popularity; 0: all alike */
	double taken;          /* share of the seats that are taken before the trial, from the front */
	double warm_up;        /* seconds of the same load before it, of which nothing counts */
	double until_sold;     /* the trial ends when this share of the seats is sold; 0: no such end */
	int until_won;         /* ... or after so many claims won; 0: no such end */
	int redis_connections; /* of sides that ask through Redis; 0: as many as the others have */
	int in_flight;         /* questions under way on each of these */
	double pace;  /* then ask again, at this share of what they came to; 0: only without a pause */
	bool watched; /* when do changes come into Redis? */
	bool without_full_pages; /* full_page_writes is off */
	const char *options;     /* settings of the buyers' sessions, as in "-c name=value", or NULL */
} Load;

/* What all the buyers of one trial ask for, one party after the other. */
typedef struct Wishes Wishes;

/* of all the nights together */
extern int load_count_seats(const Load *load);

extern Wishes *wishes_create(const Load *load, uint64_t seed);
/* A party of different seats, ascending; 0 when nothing is left to ask for. */
extern int wishes_next(Wishes *wishes, int *seats);
/* The night of the next party, from 0; 0 where there is one event. */
extern int wishes_next_event(Wishes *wishes);
extern void wishes_free(Wishes *wishes);

#endif /* BENCH_LOAD_H */
