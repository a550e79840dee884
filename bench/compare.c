/*-------------------------------------------------------------------------
 *
 * compare.c
 *		The sides of a contest in turn, in one round: a row of CSV for each.
 *
 * Every second round takes the sides in the opposite order, so that a machine
 * that slows down or speeds up favours none.
 *
 *-------------------------------------------------------------------------
 */
#include <stdlib.h>

#include "compare.h"
#include "create_trial.h"
#include "history_trial.h"
#include "rest_trial.h"
#include "stage.h"
#include "trial.h"

static const char text_columns[] =
	"level,contest,round,side,size,title,role,connections,bound,settings,machine,missing";

void
compare_print_columns(void)
{
	printf("%s", text_columns);
	for (int i = 0; i < NUM_FIGURES; i++)
		printf(",%s", figure_names[i]);
	printf("\n");
}

static void
write_text(FILE *rows, const char *text)
{
	fputs("\"", rows);
	for (; *text != '\0'; text++)
		fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, rows);
	fputs("\",", rows);
}

/* What was not measured is left empty; NULL is as well. */
static void
write_row(FILE *rows, const Args *args, const Side *side, const char *settings,
		  const Figures *figures)
{
	fprintf(rows, "%d,%s,%d,%s,", args->level, args->contest, args->round, side->name);
	fprintf(rows, side->size > 0 ? "%d," : ",", side->size);
	write_text(rows, side->title);
	fprintf(rows, "%s,%d,%g,", side->peer.role, args->connections, args->seconds);
	write_text(rows, settings);
	write_text(rows, args->machine);
	if (figures->missing != NULL)
		write_text(rows, figures->missing);
	else
		fputs(",", rows);
	for (int i = 0; i < NUM_FIGURES; i++)
	{
		if (figures->missing == NULL && figure_measured(figures->values[i]))
			fprintf(rows, "%.6g", figures->values[i]);
		fputs(i + 1 < NUM_FIGURES ? "," : "\n", rows);
	}
	fflush(rows);
}

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
print_trial(const Args *args, const Side *side, const Figures *figures)
{
	printf("round %d  %-12s %-18s", args->round, args->contest, side->name);
	if (figures->missing != NULL)
		printf("  NOT MEASURED: %s", figures->missing);
	for (int i = 0; i < NUM_FIGURES && figures->missing == NULL; i++)
		if (figure_measured(figures->values[i]) && figures->values[i] != 0)
			printf("  %s %.4g", figure_names[i], figures->values[i]);
	printf("\n");
	fflush(stdout);
}

static void
run_trial(const Args *args, const Contest *contest, const Side *side, FILE *rows)
{
	Terms terms = {args->connections, args->seconds, (uint64_t) args->round, args->redis};
	Figures figures = {.missing = NULL};
	char *settings;

	for (int i = 0; i < NUM_FIGURES; i++)
		figures.values[i] = NOT_MEASURED;
	stage_prepare_server(side);
	run_kind(contest->kind, side, &terms, &figures);
	settings = stage_read_settings(side);
	stage_restore_server(side);
	print_trial(args, side, &figures);
	write_row(rows, args, side, settings, &figures);
	free(settings);
	free(figures.missing);
}

void
compare_run(const Args *args)
{
	const Contest *contest = contest_find(args->load);
	int num_sides;
	Side *sides = sides_read(contest, args, &num_sides);
	FILE *rows = open_for_appending(args->results);

	for (int i = 0; i < num_sides; i++)
		run_trial(args, contest, &sides[args->round % 2 == 1 ? i : num_sides - 1 - i], rows);
	close_written(rows, args->results);
	sides_free(sides, num_sides);
}
