/*-------------------------------------------------------------------------
 *
 * history_trial.h
 *		How an event bears its own past.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_HISTORY_TRIAL_H
#define BENCH_HISTORY_TRIAL_H

#include "trial.h"

extern void history_trial_run(const Side *side, const Terms *terms, Figures *figures);

#endif /* BENCH_HISTORY_TRIAL_H */
