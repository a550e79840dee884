/*-------------------------------------------------------------------------
 *
 * report.c
 *		The comparison in words and numbers, for the terminal and as
 *		Markdown.
 *
 *-------------------------------------------------------------------------
 */
#include "connection.h"
#include "report.h"

static void
write_settings(FILE *file, TableForm form)
{
	const char *heads[] = {"setting", "value", "source"};
	Table *table = table_create(3, heads);
	Loop loop;
	Connection *connection;
	PGresult *settings;

	loop_open(&loop);
	connection = connection_open(&loop, "postgres", NULL);
	settings = connection_run(connection,
							  "SELECT name, current_setting(name),"
							  " CASE source WHEN 'configuration file' THEN 'set here'"
							  " ELSE source END FROM pg_settings WHERE name IN ('server_version',"
							  " 'fsync', 'synchronous_commit', 'full_page_writes',"
							  " 'wal_sync_method', 'shared_buffers', 'max_connections',"
							  " 'min_wal_size',"
							  " 'shared_preload_libraries', 'seatlock.board_size')"
							  " OR (name IN ('track_commit_timestamp', 'seatlock.redis_role')"
							  "     AND source = 'configuration file')"
							  " ORDER BY name");
	for (int row = 0; row < PQntuples(settings); row++)
	{
		table_start_row(table);
		for (int i = 0; i < 3; i++)
			table_add(table, "%s", PQgetvalue(settings, row, i));
	}
	PQclear(settings);
	connection_close(connection);
	loop_close(&loop);
	table_write(table, file, form);
	table_free(table);
}

static bool
is_wanted(const Standing *standing, Figure figure)
{
	for (const Goal *goal = standing->contest->goals; goal->side != NULL; goal++)
		if (goal->figure == figure)
			return true;
	return false;
}

/* Worth a column: for some side it says something. */
static bool
is_shown(const Standing *standing, Figure figure)
{
	if (figure_infos[figure].always_shown)
		return true;
	if (figure == FIGURE_CALL_P999)
		return is_wanted(standing, figure);
	for (int i = 0; i < standing->num_sides; i++)
	{
		double value = standing_figure(standing, i, figure);

		if (figure_measured(value) && value != 0)
			return true;
	}
	return false;
}

/* the figure that counts */
static Figure
main_figure(const Standing *standing)
{
	return standing->contest->goals[0].figure;
}

static bool
has_peers(const Standing *standing)
{
	for (int i = 0; i < standing->num_sides; i++)
		if (standing_best_peer(standing, standing->sides[i].size, main_figure(standing)) >= 0)
			return true;
	return false;
}

/* an empty cell where there is nothing to compare */
static void
add_ratio(const Standing *standing, int side, int against, Table *table)
{
	if (against >= 0 && standing_missing(standing, side) == NULL &&
		standing_missing(standing, against) == NULL)
		table_add(table, "%.2f", standing_ratio(standing, side, against, main_figure(standing)));
	else
		table_add(table, "%s", "");
}

static void
write_side(const Standing *standing, int side, const Figure *columns, int num_columns, Table *table)
{
	Figure figure = main_figure(standing);
	int best = standing_best_peer(standing, standing->sides[side].size, figure);
	int beside = standing_beside(standing, side);

	table_start_row(table);
	table_add(table, "%s", standing->sides[side].title);
	for (int i = 0; i < num_columns; i++)
		table_add(table, "%s",
				  figure_text(columns[i], standing_figure(standing, side, columns[i])));
	if (has_peers(standing))
		add_ratio(standing, side, best, table);
	if (standing->contest->beside != NULL)
		add_ratio(standing, side, beside, table);
}

static void
write_standing(const Standing *standing, FILE *file, TableForm form)
{
	Figure columns[NUM_FIGURES];
	const char *heads[NUM_FIGURES + 3] = {""};
	int num_columns = 0;
	int num_heads;
	Table *table;

	for (int i = 0; i < NUM_FIGURES; i++)
	{
		if (!is_shown(standing, (Figure) i))
			continue;
		columns[num_columns++] = (Figure) i;
		heads[num_columns] = figure_infos[i].head;
	}
	num_heads = num_columns + 1;
	if (has_peers(standing))
		heads[num_heads++] = "x best";
	if (standing->contest->beside != NULL)
		heads[num_heads++] = "x level 0";
	table = table_create(num_heads, heads);
	for (int i = 0; i < standing->num_sides; i++)
		write_side(standing, i, columns, num_columns, table);
	table_write(table, file, form);
	table_free(table);
}

static void
add_goal(const Standing *standing, const Goal *goal, Table *table)
{
	Verdict verdict = standing_verdict(standing, goal);
	const char *more = goal->measure == MEASURE_MORE ? " more" : "";

	table_start_row(table);
	table_add(table, "%s: %s", standing->contest->name, figure_infos[goal->figure].name);
	table_add(table, "%s", verdict.side >= 0 ? standing->sides[verdict.side].title : goal->side);
	table_add(table, "%s", figure_text(goal->figure, verdict.value));
	if (goal->against == NULL)
		table_add(table, "by itself");
	else if (verdict.bounded)
		table_add(table, "no peer, not in %g s", standing->seconds);
	else if (verdict.missing != NULL)
		table_add(table, "-");
	else
		table_add(table, "%s: %s", standing->sides[verdict.against].title,
				  figure_text(goal->figure, verdict.reference));
	if (verdict.missing != NULL)
		table_add(table, "-");
	else
		table_add(table, "%s%.2f%s", verdict.bounded ? "below " : "", verdict.ratio, more);
	table_add(table, "%s %g%s", figure_infos[goal->figure].less_is_better ? "at most" : "at least",
			  goal->wanted, more);
	if (verdict.missing != NULL)
		table_add(table, "%s: %s", verdict_word(&verdict), verdict.missing);
	else
		table_add(table, "%s", verdict_word(&verdict));
}

static void
write_goals(const Results *results, FILE *file, TableForm form)
{
	const char *heads[] = {"figure", "of", "measured", "against", "ratio", "wanted", "verdict"};
	Table *table = table_create(7, heads);

	for (int i = 0; i < results->num_standings; i++)
		for (const Goal *goal = results->standings[i].contest->goals; goal->side != NULL; goal++)
			add_goal(&results->standings[i], goal, table);
	table_write(table, file, form);
	table_free(table);
}

static void
write_conditions(const Results *results, const Args *args, FILE *file)
{
	double longest = 0;

	for (int i = 0; i < results->num_standings; i++)
		if (results->standings[i].contest->load.seconds > longest)
			longest = results->standings[i].contest->load.seconds;
	fprintf(
		file,
		"%d connections where not told otherwise, %d %s, the sides in turn, medians; a ratio is\n"
		"the median of the rounds' ratios. Every connection has mapped what it uses of what is cached\n"
		"before its trial. %s.\n",
		args->connections, args->rounds, args->rounds == 1 ? "round" : "rounds", args->machine);
	if (args->seconds < longest)
		fprintf(file, "A quick run: no trial was longer than %g s.\n", args->seconds);
	if (args->seats > 0)
		fprintf(file, "A small run: each night has %d seats.\n", args->seats);
	if (args->plain != NULL)
		fputs("Sides at level 0 have a server of their own, the same but for preloading.\n", file);
	fputs("The server is as initdb makes it, apart from what is marked as set here.\n\n", file);
}

void
report_write(const Results *results, const Args *args, FILE *file, TableForm form)
{
	const char *head = form == TABLE_MARKDOWN ? "## " : "";

	fprintf(file, "%s%s\n\n", form == TABLE_MARKDOWN ? "# " : "", results->level->title);
	write_conditions(results, args, file);
	write_settings(file, form);
	fprintf(file, "\n%sWhat is wanted of seatlock\n\n", head);
	write_goals(results, file, form);
	for (int i = 0; i < results->num_standings; i++)
	{
		const Standing *standing = &results->standings[i];

		fprintf(file, "\n%s%s\n\n", head, standing->contest->title);
		write_standing(standing, file, form);
	}
	fputs(
		"\nErrors are no answers. Oversold counts seats that a buyer was told to have and that the\n"
		"tables give to another or to nobody; a side with either is not compared.\n",
		file);
}
