/*-------------------------------------------------------------------------
 *
 * trial.h
 *		One side under its load for a few seconds, in a fresh database.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include "side.h"

extern void trial_run(const Side *side, int num_connections, double seconds, uint64_t seed,
					  Figures *figures);

#endif /* BENCH_TRIAL_H */
