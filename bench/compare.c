/*-------------------------------------------------------------------------
 *
 * compare.c
 *		The comparison: every peer under every load, in turn, in rounds.
 *
 * Each round takes the sides in the opposite order of the one before, so that
 * a machine that slows down or speeds up favours none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "chart.h"
#include "compare.h"
#include "report.h"

static void
run_trial(const Results *results, const Args *args, int load, int peer, int round)
{
	Figures *figures = results_at(results, load, peer, round);
	const double *values = figures->values;

	trial_run(&results->peers[peer], &loads[load], args->connections, args->seconds,
			  (uint64_t) round + 1, figures);
	printf("round %d of %d  %-12s %-18s %9s won/s %9s refused/s  sold %3.0f %% in %4.1f s",
		   round + 1, args->rounds, loads[load].name, results->peers[peer].name,
		   with_commas(values[FIGURE_WON]), with_commas(values[FIGURE_REFUSED]),
		   values[FIGURE_SOLD] * 100, values[FIGURE_SECONDS]);
	if (values[FIGURE_ERRORS] > 0)
		printf("  %s errors", with_commas(values[FIGURE_ERRORS]));
	if (values[FIGURE_OVERSOLD] > 0)
		printf("  %s seats oversold", with_commas(values[FIGURE_OVERSOLD]));
	printf("\n");
	fflush(stdout);
}

static void
write_files(const Results *results, const Args *args)
{
	char *path = format_string("%s.md", args->results);
	FILE *file = open_for_writing(path);

	report_write(results, args, file, TABLE_MARKDOWN);
	close_written(file, path);
	free(path);

	path = format_string("%s.svg", args->results);
	file = open_for_writing(path);
	chart_write(results, file);
	close_written(file, path);
	free(path);
	printf("\nwritten: %s.md and %s.svg\n", args->results, args->results);
}

void
compare_run(const Args *args)
{
	Results results;
	int num_peers;
	Peer *peers = peers_read(args->peers_directory, args->peers, &num_peers);

	results_init(&results, peers, num_peers, args->rounds);
	for (int round = 0; round < args->rounds; round++)
		for (int load = 0; load < num_loads; load++)
			for (int i = 0; i < num_peers; i++)
				run_trial(&results, args, load, round % 2 == 0 ? i : num_peers - 1 - i, round);

	printf("\n");
	report_write(&results, args, stdout, TABLE_TEXT);
	write_files(&results, args);
	results_free(&results);
	peers_free(peers, num_peers);
}
