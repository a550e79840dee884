/*-------------------------------------------------------------------------
 *
 * create_trial.h
 *		How long it takes to put a house on sale, and how much it takes on disk.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_CREATE_TRIAL_H
#define BENCH_CREATE_TRIAL_H

#include "trial.h"

extern void create_trial_run(const Side *side, const Terms *terms, Figures *figures);

#endif /* BENCH_CREATE_TRIAL_H */
