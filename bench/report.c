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

static void
add_latency(Table *table, double rate, double ms)
{
	if (rate > 0)
		table_add(table, "%.2f", ms);
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
		Figures figures = results_median(results, load, i);

		table_start_row(table);
		table_add(table, "%s", results->peers[i].title);
		table_add(table, "%s", with_commas(figures.won));
		table_add(table, "%s", with_commas(figures.refused));
		table_add(table, "%s", with_commas(figures.answers));
		table_add(table, "%.2f", results_ratio(results, load, i));
		add_latency(table, figures.won, figures.won_p50);
		add_latency(table, figures.won, figures.won_p99);
		add_latency(table, figures.refused, figures.refused_p50);
		add_latency(table, figures.refused, figures.refused_p99);
		table_add(table, "%.0f %%", figures.sold * 100);
		table_add(table, "%.1f", figures.seconds);
		table_add(table, "%s", with_commas(figures.errors));
		table_add(table, "%s", with_commas(figures.oversold));
	}
	table_write(table, file, form);
	table_free(table);
}

static const char *
figure_name(int load)
{
	return loads[load].figure == FIGURE_WON ? "claims won per second" : "answers per second";
}

static void
write_verdicts(const Results *results, int load, FILE *file)
{
	int best = results_best_peer(results, load);
	Figures figures;

	if (best < 0)
	{
		fputs("No correct peer took part, so there is nothing to compare with.\n", file);
		return;
	}
	figures = results_median(results, load, best);
	fprintf(file, "Best correct peer: %s, %s %s.\n", results->peers[best].title,
			with_commas(results_figure(&figures, load)), figure_name(load));
	for (int i = 0; i < results->num_peers; i++)
	{
		double ratio = results_ratio(results, load, i);

		figures = results_median(results, load, i);
		if (results->peers[i].role == PEER_SEATLOCK)
			fprintf(file, "%s reaches %.2f of it; wanted is at least %.1f: %s.\n",
					results->peers[i].title, ratio, loads[load].wanted,
					figures.errors > 0 || figures.oversold > 0 ? "not correct"
					: ratio >= loads[load].wanted              ? "reached"
															   : "missed");
	}
}

void
report_write(const Results *results, const Args *args, FILE *file, TableForm form)
{
	fprintf(file, "%sseatlock and its peers, side by side\n\n", form == TABLE_MARKDOWN ? "# " : "");
	fprintf(
		file,
		"%d connections, %d %s of at most %g s a trial, the sides in turn, medians. The server\n"
		"is as initdb makes it, apart from what is marked as set here: %s.\n\n",
		args->connections, args->rounds, args->rounds == 1 ? "round" : "rounds", args->seconds,
		args->machine);
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
