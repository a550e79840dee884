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
#include "figures.h"

#define MAX_PARTY 4

typedef struct Load
{
	const char *name;
	const char *title;
	int num_seats;
	double zipf;       /* exponent of the popularity; 0: each seat is asked for once */
	double until_sold; /* the trial ends when this share of the seats is sold */
	double seconds;    /* ... or after this time */
	Figure figure;     /* the one that counts */
	double wanted;     /* what seatlock must reach, as a ratio to the best correct peer */
} Load;

/* What all the buyers of one trial ask for, one party after the other. */
typedef struct Wishes Wishes;

extern const Load loads[];
extern const int num_loads;

extern Wishes *wishes_create(const Load *load, uint64_t seed);
/* A party of 1 to MAX_PARTY different seats, ascending; 0 when nothing is left to ask for. */
extern int wishes_next(Wishes *wishes, int *seats);
extern void wishes_free(Wishes *wishes);

#endif /* BENCH_LOAD_H */
