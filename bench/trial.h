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

typedef struct Terms
{
	int num_connections;
	double seconds; /* at most */
	uint64_t seed;
	const char *redis; /* path of its socket; NULL: there is none */
} Terms;

extern void trial_run(const Side *side, const Terms *terms, Figures *figures);

#endif /* BENCH_TRIAL_H */
