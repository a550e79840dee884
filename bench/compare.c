/*-------------------------------------------------------------------------
 *
 * compare.c
 *		The comparison: every side of every contest, in turn, in rounds.
 *
 * Each round takes the sides in the opposite order of the one before, so that
 * a machine that slows down or speeds up favours none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "chart.h"
#include "compare.h"
#include "create_trial.h"
#include "history_trial.h"
#include "report.h"
#include "rest_trial.h"
#include "trial.h"

static void
run_kind(Kind kind, const Side *side, const Terms *terms, Figures *figures)
{
	switch (kind)
	{
		case KIND_SALE:
			trial_run(side, terms, figures);
			break;
		case KIND_CREATE:
			create_trial_run(side, terms, figures);
			break;
		case KIND_HISTORY:
			history_trial_run(side, terms, figures);
			break;
		case KIND_REST:
			rest_trial_run(side, terms, figures);
			break;
	}
}

static void
print_all(const Figures *figures)
{
	for (int i = 0; i < NUM_FIGURES; i++)
		if (figure_measured(figures->values[i]) && figures->values[i] != 0)
			printf("  %s %s", figure_infos[i].head, figure_text((Figure) i, figures->values[i]));
}

static void
run_trial(const Standing *standing, int side, int round, const Args *args)
{
	Terms terms = {standing->num_connections, standing->seconds, (uint64_t) round + 1, args->redis};
	Figures *figures = standing_at(standing, side, round);
	const double *values = figures->values;

	run_kind(standing->contest->kind, &standing->sides[side], &terms, figures);
	printf("round %d of %d  %-12s %-18s ", round + 1, standing->num_rounds, standing->contest->name,
		   standing->sides[side].name);
	if (figures->missing != NULL)
	{
		printf("NOT MEASURED: %s\n", figures->missing);
		fflush(stdout);
		return;
	}
	if (standing->contest->kind != KIND_SALE)
		print_all(figures);
	else if (values[FIGURE_READ] > 0)
		printf("%9s read/s  in %4.1f s", with_commas(values[FIGURE_READ]), values[FIGURE_SECONDS]);
	else
		printf("%9s won/s %9s refused/s  sold %3.0f %% in %4.1f s", with_commas(values[FIGURE_WON]),
			   with_commas(values[FIGURE_REFUSED]), values[FIGURE_SOLD] * 100,
			   values[FIGURE_SECONDS]);
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

/* What was not measured must not be overlooked. */
static void
warn_of_missing(const Results *results)
{
	for (int i = 0; i < results->num_standings; i++)
	{
		const Standing *standing = &results->standings[i];

		for (const Goal *goal = standing->contest->goals; goal->side != NULL; goal++)
		{
			Verdict verdict = standing_verdict(standing, goal);

			if (verdict.missing != NULL)
				printf("NOT MEASURED: %s: %s of %s: %s\n", standing->contest->name,
					   figure_infos[goal->figure].name, goal->side, verdict.missing);
		}
	}
}

void
compare_run(const Args *args)
{
	Results results;

	results_init(&results, args);
	for (int round = 0; round < args->rounds; round++)
	{
		for (int i = 0; i < results.num_standings; i++)
		{
			const Standing *standing = &results.standings[i];

			for (int j = 0; j < standing->num_sides; j++)
				run_trial(standing, round % 2 == 0 ? j : standing->num_sides - 1 - j, round, args);
		}
	}

	printf("\n");
	report_write(&results, args, stdout, TABLE_TEXT);
	write_files(&results, args);
	warn_of_missing(&results);
	results_free(&results);
}
