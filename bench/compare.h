/*-------------------------------------------------------------------------
 *
 * compare.h
 *		The sides of a contest in turn, in one round.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "args.h"

/* the names of a row's columns, in a line */
extern void compare_print_columns(void);
extern void compare_run(const Args *args);

#endif /* BENCH_COMPARE_H */
