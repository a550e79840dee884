/*-------------------------------------------------------------------------
 *
 * rest_trial.h
 *		What it takes to have many nights in Redis while nobody asks for them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_REST_TRIAL_H
#define BENCH_REST_TRIAL_H

#include "trial.h"

extern void rest_trial_run(const Side *side, const Terms *terms, Figures *figures);

#endif /* BENCH_REST_TRIAL_H */
