/*-------------------------------------------------------------------------
 *
 * chance.h
 *		Chance: numbers from a seed, Zipf's law of popularity, shuffles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_CHANCE_H
#define BENCH_CHANCE_H

#include "base.h"

/* The same seed gives the same numbers, so that every side meets one load. */
typedef struct Chance
{
	uint64_t state;
} Chance;

typedef struct Zipf Zipf;

extern uint64_t chance_next(Chance *chance);
/* at least 0, below 1 */
extern double chance_unit(Chance *chance);
/* both ends included */
extern int chance_between(Chance *chance, int low, int high);
extern bool chance_percent(Chance *chance, int percent);
/* order[0 .. count - 1] becomes a permutation of these numbers */
extern void chance_shuffle(Chance *chance, int *order, int count);

/* Rank r of 1 .. count is drawn with a weight of 1 / r ^ exponent. */
extern Zipf *zipf_create(int count, double exponent);
/* the rank less one */
extern int zipf_draw(const Zipf *zipf, Chance *chance);
extern void zipf_free(Zipf *zipf);

#endif /* BENCH_CHANCE_H */
