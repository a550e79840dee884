/*-------------------------------------------------------------------------
 *
 * compare.h
 *		The comparison: every side of every contest, in turn, in rounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "args.h"

extern void compare_run(const Args *args);

#endif /* BENCH_COMPARE_H */
