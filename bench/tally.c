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

static const TallyLine *
find_line(const Tally *tally, Aim aim, const char *outcome)
{
	for (int i = 0; i < tally->num_lines[aim]; i++)
		if (strcmp(tally->lines[aim][i].outcome, outcome) == 0)
			return &tally->lines[aim][i];
	return NULL;
}

static TallyLine *
find_or_make_line(Tally *tally, Aim aim, const char *outcome, bool ok)
{
	TallyLine *line = (TallyLine *) find_line(tally, aim, outcome);

	if (line != NULL)
		return line;
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
	TallyLine *line = find_or_make_line(tally, aim, outcome, ok);

	tally->num_answers++;
	line->num_seats += num_seats;
	histogram_add(&line->latency, latency);
}

/* The cells of one channel; a line that it never had stays empty. */
static void
write_cells(const TallyLine *line, Table *table)
{
	if (line == NULL)
	{
		for (int i = 0; i < 4; i++)
			table_add(table, "%s", "");
		return;
	}
	table_add(table, "%s", with_commas((double) line->latency.count));
	table_add(table, "%s", line->num_seats > 0 ? with_commas((double) line->num_seats) : "");
	table_add(table, "%.2f", histogram_percentile(&line->latency, 0.5));
	table_add(table, "%.2f", histogram_percentile(&line->latency, 0.99));
}

/* An outcome for all channels, by the first one that had it. */
static void
write_outcome(const Tally *tallies, int num_channels, int channel, Aim aim, int number,
			  Table *table)
{
	const TallyLine *line = &tallies[channel].lines[aim][number];

	for (int i = 0; i < channel; i++)
		if (find_line(&tallies[i], aim, line->outcome) != NULL)
			return;
	table_start_row(table);
	table_add(table, "  %s%s", line->ok ? "" : "refused: ", line->outcome);
	for (int i = 0; i < num_channels; i++)
		write_cells(find_line(&tallies[i], aim, line->outcome), table);
}

static void
write_outcomes(const Tally *tallies, int num_channels, Aim aim, bool ok, Table *table)
{
	for (int channel = 0; channel < num_channels; channel++)
		for (int i = 0; i < tallies[channel].num_lines[aim]; i++)
			if (tallies[channel].lines[aim][i].ok == ok)
				write_outcome(tallies, num_channels, channel, aim, i, table);
}

static void
write_asked(const Tally *tallies, int num_channels, Aim aim, Table *table)
{
	table_start_row(table);
	table_add(table, "%s", aim_names[aim]);
	for (int i = 0; i < num_channels; i++)
	{
		table_add(table, "%s", with_commas((double) tallies[i].num_asked[aim]));
		for (int j = 0; j < 3; j++)
			table_add(table, "%s", "");
	}
}

void
tally_write(const Tally *tallies, int num_channels, Table *table)
{
	for (int aim = 0; aim < NUM_AIMS; aim++)
	{
		int64_t num_asked = 0;

		for (int i = 0; i < num_channels; i++)
			num_asked += tallies[i].num_asked[aim];
		if (num_asked == 0)
			continue;
		write_asked(tallies, num_channels, (Aim) aim, table);
		/* successes first */
		write_outcomes(tallies, num_channels, (Aim) aim, true, table);
		write_outcomes(tallies, num_channels, (Aim) aim, false, table);
	}
}
