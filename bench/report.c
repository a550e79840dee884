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
							  " 'wal_sync_method', 'shared_buffers', 'max_connections')"
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

/* a number that says something only if its rate is not 0 */
static void
add_number(Table *table, double rate, double number)
{
	if (rate > 0)
		table_add(table, "%.2f", number);
	else
		table_add(table, "-");
}

static void
write_load(const Results *results, int load, FILE *file, TableForm form)
{
	const char *heads[] = {"",           "won/s",  "refused/s",   "answers/s", "x best",
						   "won p50 ms", "p99",    "refused p50", "p99",       "sold",
						   "in s",       "errors", "oversold"};
	Table *table = table_create(13, heads);

	for (int i = 0; i < results->num_peers; i++)
	{
		double values[NUM_FIGURES];

		for (int figure = 0; figure < NUM_FIGURES; figure++)
			values[figure] = results_figure(results, load, i, (Figure) figure);
		table_start_row(table);
		table_add(table, "%s", results->peers[i].title);
		table_add(table, "%s", with_commas(values[FIGURE_WON]));
		table_add(table, "%s", with_commas(values[FIGURE_REFUSED]));
		table_add(table, "%s", with_commas(values[FIGURE_ANSWERS]));
		add_number(table, values[loads[load].figure], results_ratio(results, load, i));
		add_number(table, values[FIGURE_WON], values[FIGURE_WON_P50]);
		add_number(table, values[FIGURE_WON], values[FIGURE_WON_P99]);
		add_number(table, values[FIGURE_REFUSED], values[FIGURE_REFUSED_P50]);
		add_number(table, values[FIGURE_REFUSED], values[FIGURE_REFUSED_P99]);
		table_add(table, "%.0f %%", values[FIGURE_SOLD] * 100);
		table_add(table, "%.1f", values[FIGURE_SECONDS]);
		table_add(table, "%s", with_commas(values[FIGURE_ERRORS]));
		table_add(table, "%s", with_commas(values[FIGURE_OVERSOLD]));
	}
	table_write(table, file, form);
	table_free(table);
}

static const char *
figure_name(int load)
{
	return loads[load].figure == FIGURE_WON ? "claims won per second" : "answers per second";
}

static const char *
verdict(const Results *results, int load, int peer)
{
	if (!results_correct(results, load, peer))
		return "not correct";
	return results_ratio(results, load, peer) >= loads[load].wanted ? "reached" : "missed";
}

static void
write_verdicts(const Results *results, int load, FILE *file)
{
	int best = results_best_peer(results, load);

	if (best < 0)
	{
		fputs("No correct peer took part, so there is nothing to compare with.\n", file);
		return;
	}
	fprintf(file, "Best correct peer: %s, %s %s.\n", results->peers[best].title,
			with_commas(results_figure(results, load, best, loads[load].figure)),
			figure_name(load));
	for (int i = 0; i < results->num_peers; i++)
		if (results->peers[i].role == PEER_SEATLOCK)
			fprintf(file, "%s reaches %.2f of it; wanted is at least %.1f: %s.\n",
					results->peers[i].title, results_ratio(results, load, i), loads[load].wanted,
					verdict(results, load, i));
}

void
report_write(const Results *results, const Args *args, FILE *file, TableForm form)
{
	fprintf(file, "%sseatlock and its peers, side by side\n\n", form == TABLE_MARKDOWN ? "# " : "");
	fprintf(file,
			"%d connections, %d %s, the sides in turn, medians; every connection\n"
			"has read all tables and indexes once before its trial. %s.\n",
			args->connections, args->rounds, args->rounds == 1 ? "round" : "rounds", args->machine);
	if (args->seconds < loads[num_loads - 1].seconds)
		fprintf(file, "A quick run: no trial was longer than %g s.\n", args->seconds);
	fputs("The server is as initdb makes it, apart from what is marked as set here.\n\n", file);
	write_settings(file, form);
	for (int load = 0; load < num_loads; load++)
	{
		fprintf(file, "\n%s%s\n\n", form == TABLE_MARKDOWN ? "## " : "", loads[load].title);
		write_load(results, load, file, form);
		fputc('\n', file);
		write_verdicts(results, load, file);
	}
	fputs(
		"\nErrors are no answers. Oversold counts seats that a buyer was told to have and that the\n"
		"tables give to another or to nobody; a peer with either is no correct one.\n",
		file);
}
