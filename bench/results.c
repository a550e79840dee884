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
	results->figures = allocate((size_t) (num_loads * num_peers * num_rounds), sizeof(Figures));
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

/* Median, over the rounds, of the number at that offset of the figures. */
static double
median(const Results *results, int load, int peer, size_t offset)
{
	int count = results->num_rounds;
	double *numbers = allocate((size_t) count, sizeof(double));
	double result;

	for (int i = 0; i < count; i++)
		numbers[i] = *(double *) ((char *) results_at(results, load, peer, i) + offset);
	qsort(numbers, (size_t) count, sizeof(double), compare_numbers);
	result = (numbers[(count - 1) / 2] + numbers[count / 2]) / 2;
	free(numbers);
	return result;
}

Figures
results_median(const Results *results, int load, int peer)
{
	Figures medians;

	/* Figures holds numbers alone */
	for (size_t offset = 0; offset < sizeof(Figures); offset += sizeof(double))
		*(double *) ((char *) &medians + offset) = median(results, load, peer, offset);

	medians.errors = 0;
	medians.oversold = 0;
	for (int i = 0; i < results->num_rounds; i++)
	{
		medians.errors += results_at(results, load, peer, i)->errors;
		medians.oversold += results_at(results, load, peer, i)->oversold;
	}
	return medians;
}

double
results_figure(const Figures *figures, int load)
{
	return loads[load].figure == FIGURE_WON ? figures->won : figures->answers;
}

int
results_best_peer(const Results *results, int load)
{
	int best = -1;
	double best_figure = 0;

	for (int i = 0; i < results->num_peers; i++)
	{
		Figures figures = results_median(results, load, i);

		if (results->peers[i].role == PEER_CORRECT && figures.errors == 0 &&
			figures.oversold == 0 && results_figure(&figures, load) > best_figure)
		{
			best = i;
			best_figure = results_figure(&figures, load);
		}
	}
	return best;
}

double
results_ratio(const Results *results, int load, int peer)
{
	int best = results_best_peer(results, load);
	Figures figures = results_median(results, load, peer);
	Figures best_figures;

	if (best < 0)
		return 0;
	best_figures = results_median(results, load, best);
	return results_figure(&figures, load) / results_figure(&best_figures, load);
}

void
results_free(Results *results)
{
	free(results->figures);
}
