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

/* seconds bounds the trial, if it is less than the load's own bound. */
extern void trial_run(const Peer *peer, const Load *load, int num_connections, double seconds,
					  uint64_t seed, Figures *figures);

#endif /* BENCH_TRIAL_H */
