/*-------------------------------------------------------------------------
 *
 * buyer.h
 *		The buyers of the demo: each asks for seats, thinks about what it got,
 *		and pays, asks for more time, gives back or walks away.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_BUYER_H
#define BENCH_BUYER_H

#include "answer.h"
#include "chance.h"
#include "fast_path.h"
#include "ledger.h"
#include "tally.h"

/* What all the buyers share. */
typedef struct Crowd
{
	const char *event;
	House *house;
	Ledger ledger;
	Tally tallies[NUM_CHANNELS];
	Zipf *popularity; /* over the seats, in seat order: the front rows first */
	int hold_seconds;
	double think_ms;            /* on average, with seats in hand */
	bool closed;                /* ask for no more seats */
	int num_guests;             /* who have come so far */
	int num_left[NUM_CHANNELS]; /* holds left to expire */
	char *first_error;
} Crowd;

typedef struct Buyer Buyer;

/* One that asks for seats through Redis has a desk there; without a path it has none. */
extern Buyer *buyer_create(Crowd *crowd, Loop *loop, uint64_t seed, FastPath *path, int desk);
/* Do what is due; returns when there will be more to do, in nanoseconds of now_ns(). */
extern int64_t buyer_act(Buyer *buyer, int64_t now);
extern void buyer_free(Buyer *buyer);

#endif /* BENCH_BUYER_H */
