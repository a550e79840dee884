/*-------------------------------------------------------------------------
 *
 * results.c
 *		The figures of all trials, their medians and ratios.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "results.h"

void
results_init(Results *results, const Peer *peers, int num_peers, int num_rounds)
{
	results->peers = peers;
	results->num_peers = num_peers;
	results->num_rounds = num_rounds;
	results->figures = allocate((size_t) num_loads * num_peers * num_rounds, sizeof(Figures));
}

Figures *
results_at(const Results *results, int load, int peer, int round)
{
	return &results->figures[(load * results->num_peers + peer) * results->num_rounds + round];
}

static int
compare_numbers(const void *a, const void *b)
{
	double first = *(const double *) a;
	double second = *(const double *) b;

	return (first > second) - (first < second);
}

static double
median(const Results *results, int load, int peer, Figure figure)
{
	int count = results->num_rounds;
	double *numbers = allocate((size_t) count, sizeof(double));
	double result;

	for (int i = 0; i < count; i++)
		numbers[i] = results_at(results, load, peer, i)->values[figure];
	qsort(numbers, (size_t) count, sizeof(double), compare_numbers);
	result = (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
	free(numbers);
	return result;
}

static double
sum(const Results *results, int load, int peer, Figure figure)
{
	double result = 0;

	for (int i = 0; i < results->num_rounds; i++)
		result += results_at(results, load, peer, i)->values[figure];
	return result;
}

double
results_figure(const Results *results, int load, int peer, Figure figure)
{
	if (figure == FIGURE_ERRORS || figure == FIGURE_OVERSOLD)
		return sum(results, load, peer, figure);
	return median(results, load, peer, figure);
}

bool
results_correct(const Results *results, int load, int peer)
{
	return results_figure(results, load, peer, FIGURE_ERRORS) == 0 &&
		   results_figure(results, load, peer, FIGURE_OVERSOLD) == 0;
}

int
results_best_peer(const Results *results, int load)
{
	int best = -1;
	double best_figure = 0;

	for (int i = 0; i < results->num_peers; i++)
	{
		double figure = results_figure(results, load, i, loads[load].figure);

		if (results->peers[i].role == PEER_CORRECT && results_correct(results, load, i) &&
			figure > best_figure)
		{
			best = i;
			best_figure = figure;
		}
	}
	return best;
}

double
results_ratio(const Results *results, int load, int peer)
{
	int best = results_best_peer(results, load);

	if (best < 0)
		return 0;
	return results_figure(results, load, peer, loads[load].figure) /
		   results_figure(results, load, best, loads[load].figure);
}

void
results_free(Results *results)
{
	free(results->figures);
}
