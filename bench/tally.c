/*-------------------------------------------------------------------------
 *
 * tally.c
 *		How often the server answered what, and how fast.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "tally.h"

static const char *const aim_names[NUM_AIMS] = {
	"asked for seats", "extended a hold", "paid", "paid too late", "gave back",
};

static TallyLine *
find_line(Tally *tally, Aim aim, const char *outcome, bool ok)
{
	TallyLine *line;

	for (int i = 0; i < tally->num_lines[aim]; i++)
		if (strcmp(tally->lines[aim][i].outcome, outcome) == 0)
			return &tally->lines[aim][i];
	if (tally->num_lines[aim] == MAX_TALLY_LINES)
		die("too many outcomes");
	line = &tally->lines[aim][tally->num_lines[aim]++];
	snprintf(line->outcome, sizeof(line->outcome), "%s", outcome);
	line->ok = ok;
	return line;
}

void
tally_add(Tally *tally, Aim aim, const char *outcome, bool ok, int num_seats, int64_t latency)
{
	TallyLine *line = find_line(tally, aim, outcome, ok);

	tally->num_answers++;
	line->num_seats += num_seats;
	histogram_add(&line->latency, latency);
}

static void
write_line(const TallyLine *line, Table *table)
{
	table_start_row(table);
	table_add(table, "  %s%s", line->ok ? "" : "refused: ", line->outcome);
	table_add(table, "%s", with_commas((double) line->latency.count));
	if (line->num_seats > 0)
		table_add(table, "%s", with_commas((double) line->num_seats));
	else
		table_add(table, "%s", "");
	table_add(table, "%.2f", histogram_percentile(&line->latency, 0.5));
	table_add(table, "%.2f", histogram_percentile(&line->latency, 0.99));
}

void
tally_write(const Tally *tally, Table *table)
{
	for (int aim = 0; aim < NUM_AIMS; aim++)
	{
		if (tally->num_asked[aim] == 0)
			continue;
		table_start_row(table);
		table_add(table, "%s", aim_names[aim]);
		table_add(table, "%s", with_commas((double) tally->num_asked[aim]));
		/* successes first */
		for (int pass = 0; pass < 2; pass++)
			for (int i = 0; i < tally->num_lines[aim]; i++)
				if (tally->lines[aim][i].ok == (pass == 0))
					write_line(&tally->lines[aim][i], table);
	}
}
