/*-------------------------------------------------------------------------
 *
 * trial.h
 *		One peer under one load for a few seconds, in a fresh database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include "load.h"
#include "peer.h"

typedef struct Figures
{
	double seconds;
	double won;     /* claims won per second */
	double refused; /* claims refused per second */
	double answers; /* both */
	double won_p50; /* milliseconds */
	double won_p99;
	double refused_p50;
	double refused_p99;
	double sold;   /* share of the seats, at the end */
	double errors; /* number of errors, which are no answers */
	double oversold;
} Figures;

/*
 * oversold counts the promises that do not hold: seats that a buyer was told
 * to have and that the tables, read at the end, give to another token or to
 * nobody.  Nothing is released in a trial and nothing lapses, so there must be
 * none.
 */
extern void trial_run(const Peer *peer, const Load *load, int num_connections, double seconds,
					  uint64_t seed, Figures *figures);

#endif /* BENCH_TRIAL_H */
