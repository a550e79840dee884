/*-------------------------------------------------------------------------
 *
 * results.h
 *		The figures of all trials: medians over the rounds, and the best
 *		correct peer, which the others are compared with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "trial.h"

typedef struct Results
{
	const Peer *peers;
	int num_peers;
	int num_rounds;
	Figures *figures; /* by load, peer and round; results_at() finds them */
} Results;

extern void results_init(Results *results, const Peer *peers, int num_peers, int num_rounds);
extern Figures *results_at(const Results *results, int load, int peer, int round);
/* the median over the rounds, of errors and oversold seats the sum */
extern double results_figure(const Results *results, int load, int peer, Figure figure);
/* no error and no oversold seat in any round */
extern bool results_correct(const Results *results, int load, int peer);
/* the best under this load of the peers that are correct, also by design; -1 when there is none */
extern int results_best_peer(const Results *results, int load);
/* to the best correct peer, 0 when there is none */
extern double results_ratio(const Results *results, int load, int peer);
extern void results_free(Results *results);

#endif /* BENCH_RESULTS_H */
