/*-------------------------------------------------------------------------
 *
 * seat_map_text.c
 *		The seat map as text, for a psql window.
 *
 * Each row of the plan is a line with one sign per seat.  Seats stand at the
 * column that their x gives, as far as that leaves room: the seats of a row
 * never overlap and keep a gap where a run ends, and a row that is too long
 * goes on in the next line.  Rows at the same height share a line.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "base/name.h"
#include "picture/seat_map_text.h"
#include "seating/plan_area.h"

#define BAR_WIDTH 50

static const char status_signs[MAP_NUM_STATUSES] = {'.', 'h', '#', 'x'};
/* of free seats: claim_best leaves some to those who name them */
static const char kind_signs[NUM_MAP_KINDS] = {'.', 'a', 'c'};

/* A line in the making. */
typedef struct TextLine
{
	StringInfo out;
	int column;
} TextLine;

static PlanBox find_frame(const SeatMap *map);
static void write_stage(const SeatMap *map, const PlanBox *frame, bool on_top, StringInfo out);
static void write_seated(const SeatMap *map, const MapSection *section, const PlanBox *frame,
						 StringInfo out);
static void write_standing(const MapSection *section, StringInfo out);
static void write_legend(const SeatMap *map, StringInfo out);
static void write_line(const TextSection *text, TextRow *rows, int num_rows, StringInfo out);

/* The columns that a text takes; append it when out is not NULL. */
int
sl_text_put(StringInfo out, const char *text, int max_width)
{
	int width = 0;

	while (*text != '\0')
	{
		int length = pg_mblen(text);
		int char_width = pg_dsplen(text);

		if (width + Max(char_width, 1) > max_width)
			break;
		/* what moves the cursor, or turns the direction, would tear the map apart */
		if (char_width < 0 || sl_name_letter_is_control(text, length) ||
			sl_name_letter_is_bidirectional(text, length))
		{
			char_width = 1;
			if (out)
				appendStringInfoChar(out, '?');
		}
		else if (out)
			appendBinaryStringInfo(out, text, length);
		width += char_width;
		text += length;
	}
	return width;
}

void
sl_seat_map_text(const SeatMap *map, StringInfo out)
{
	PlanBox frame = find_frame(map);

	sl_text_put(out, map->event, TEXT_MAX_WIDTH);
	appendStringInfoChar(out, '\n');
	write_stage(map, &frame, true, out);
	for (int i = 0; i < map->num_sections; i++)
	{
		const MapSection *section = &map->sections[i];

		appendStringInfoChar(out, '\n');
		sl_text_put(out, section->name, TEXT_MAX_WIDTH - 32);
		appendStringInfo(out, " (%d of %d free)\n", section->counts.by_status[0],
						 section->counts.total);
		if (section->general_admission)
			write_standing(section, out);
		else
			write_seated(map, section, &frame, out);
	}
	write_stage(map, &frame, false, out);
	write_legend(map, out);
}

/* Around all seats that have rows: so the sections of a hall stand in line. */
static PlanBox
find_frame(const SeatMap *map)
{
	PlanBox frame = {{0, 0}, {0, 0}};
	bool is_empty = true;

	for (int i = 0; i < map->num_sections; i++)
	{
		const MapSection *section = &map->sections[i];

		if (section->general_admission)
			continue;
		if (is_empty)
			frame = section->box;
		sl_seat_map_extend(&frame, section->box.low);
		sl_seat_map_extend(&frame, section->box.high);
		is_empty = false;
	}
	return frame;
}

/*
 * Above or below the seats, where it is; in their midst, or without a name, it
 * is left out.  One that is not drawn is where the rows begin.
 */
static void
write_stage(const SeatMap *map, const PlanBox *frame, bool on_top, StringInfo out)
{
	const char *text = "Stage";

	if (map->stage)
	{
		PlanBox box = sl_plan_area_box(map->stage);
		double middle = (box.low.y + box.high.y) / 2;

		if (on_top ? middle >= frame->low.y : middle <= frame->high.y)
			return;
		text = map->stage->text;
		if (text == NULL)
			return;
	}
	else if (sl_seat_map_front(map, ALL_LAYERS) != (on_top ? FRONT_ABOVE : FRONT_BELOW))
		return;
	appendStringInfo(out, "\n%*s[ ",
					 Max((TEXT_MAX_WIDTH - 4 - sl_text_put(NULL, text, TEXT_MAX_WIDTH - 4)) / 2, 0),
					 "");
	sl_text_put(out, text, TEXT_MAX_WIDTH - 4);
	appendStringInfoString(out, " ]\n");
}

static void
write_seated(const SeatMap *map, const MapSection *section, const PlanBox *frame, StringInfo out)
{
	TextSection text = {0};
	int first = 0;

	text.map = map;
	text.step = section->step;
	text.frame =
		(frame->high.x - frame->low.x) / section->step < TEXT_MAX_WIDTH ? *frame : section->box;
	sl_text_lay_out_rows(&text, section);
	while (first < text.num_rows)
	{
		int end = first + 1;

		while (end < text.num_rows && text.rows[end].line == text.rows[first].line)
			end++;
		write_line(&text, &text.rows[first], end - first, out);
		first = end;
	}
	pfree(text.runs);
	pfree(text.rows);
}

static void
move_to(TextLine *line, int column)
{
	if (column > line->column)
	{
		appendStringInfo(line->out, "%*s", column - line->column, "");
		line->column = column;
	}
}

static void
put_label(TextLine *line, const TextRow *row)
{
	line->column += sl_text_put(line->out, row->label, TEXT_MAX_LABEL_WIDTH);
}

static void
put_run(TextLine *line, const TextSection *text, const TextRun *run, int first, int count)
{
	for (int i = first; i < first + count; i++)
	{
		int seat = run->backwards ? run->first + run->count - 1 - i : run->first + i;
		const MapSeat *shown = &text->map->seats[seat];
		int status = sl_seat_map_status_index(shown->status);

		appendStringInfoChar(line->out,
							 (char) (status == 0 ? kind_signs[shown->kind] : status_signs[status]));
	}
	line->column += count;
}

/* Runs come in seat order; a row that is numbered from the right starts last. */
static const TextRun *
row_run(const TextSection *text, const TextRow *row, int i)
{
	const TextRun *runs = &text->runs[row->first_run];
	bool backwards = row->num_runs > 1 && runs[row->num_runs - 1].middle < runs[0].middle;

	return &runs[backwards ? row->num_runs - 1 - i : i];
}

/* The column at which a run would stand by its x. */
static int
run_column(const TextSection *text, const TextRun *run)
{
	int margin = text->label_width + 1;
	double usable = TEXT_MAX_WIDTH - 2 * margin - 1;
	double range = (text->frame.high.x - text->frame.low.x) / text->step;
	double scale = range > usable ? usable / range : 1;
	double slack = range > usable ? 0 : (usable - range) / 2;
	double middle = (run->middle - text->frame.low.x) / text->step * scale;

	return margin + (int) floor(slack + middle - (run->count - 1) / 2.0 + 0.5);
}

/*
 * Write the rows of a line, each run at its column or further right if there
 * is no room; or all packed, from that column on, when start is not negative.
 * Of two rows with one label only the outer ends are labelled.
 */
static void
put_rows(TextLine *line, const TextSection *text, const TextRow *rows, int num_rows, int start)
{
	for (int i = 0; i < num_rows; i++)
	{
		const TextRow *row = &rows[i];
		bool begins = i == 0 || strcmp(rows[i - 1].label, row->label) != 0;
		bool ends = i == num_rows - 1 || strcmp(rows[i + 1].label, row->label) != 0;

		if (i == 0)
			move_to(line, start);
		for (int k = 0; k < row->num_runs; k++)
		{
			const TextRun *run = row_run(text, row, k);
			int lead = k == 0 && begins ? row->label_width + 1 : 0;
			int gap = line->column == Max(start, 0) ? 0 : (lead > 0 ? 2 : 1);
			int first_column = line->column + gap + lead;
			int column = start < 0 ? Max(run_column(text, run), first_column) : first_column;

			move_to(line, column - lead);
			if (lead > 0)
			{
				put_label(line, row);
				move_to(line, column);
			}
			put_run(line, text, run, 0, run->count);
		}
		if (ends)
		{
			move_to(line, line->column + 1);
			put_label(line, row);
		}
	}
}

static void
fold_line(TextLine *line, int margin)
{
	appendStringInfoChar(line->out, '\n');
	line->column = 0;
	move_to(line, margin);
}

/* A row that is longer than a line goes on below, between the labels. */
static void
write_folded(const TextSection *text, const TextRow *row, StringInfo out)
{
	int margin = row->label_width + 1;
	TextLine line = {out, 0};

	put_label(&line, row);
	move_to(&line, margin);
	for (int i = 0; i < row->num_runs; i++)
	{
		const TextRun *run = row_run(text, row, i);
		int done = 0;

		/* rather at an aisle than among neighbours */
		if (line.column > margin && line.column + 1 + run->count > TEXT_MAX_WIDTH &&
			margin + run->count <= TEXT_MAX_WIDTH)
			fold_line(&line, margin);
		if (line.column > margin && line.column + 1 < TEXT_MAX_WIDTH)
			move_to(&line, line.column + 1);
		while (done < run->count)
		{
			int count = Min(run->count - done, TEXT_MAX_WIDTH - margin - line.column);

			if (count > 0)
				put_run(&line, text, run, done, count);
			done += Max(count, 0);
			if (done < run->count)
				fold_line(&line, margin);
		}
	}
	move_to(&line, line.column + 1);
	put_label(&line, row);
	appendStringInfoChar(out, '\n');
}

static void
write_line(const TextSection *text, TextRow *rows, int num_rows, StringInfo out)
{
	StringInfoData trial;
	TextLine line = {&trial, 0};

	CHECK_FOR_INTERRUPTS();
	initStringInfo(&trial);
	put_rows(&line, text, rows, num_rows, -1);
	if (line.column > TEXT_MAX_WIDTH)
	{
		int width;

		resetStringInfo(&trial);
		line.column = 0;
		put_rows(&line, text, rows, num_rows, 0);
		width = line.column;
		resetStringInfo(&trial);
		line.column = 0;
		if (width <= TEXT_MAX_WIDTH)
			put_rows(&line, text, rows, num_rows, (TEXT_MAX_WIDTH - width) / 2);
	}
	if (trial.len == 0)
	{
		for (int i = 0; i < num_rows; i++)
			write_folded(text, &rows[i], out);
	}
	else
	{
		appendBinaryStringInfo(out, trial.data, trial.len);
		appendStringInfoChar(out, '\n');
	}
	pfree(trial.data);
}

/* A bar: its parts are as long as their share, but never nothing. */
static void
write_standing(const MapSection *section, StringInfo out)
{
	int width = Min(section->counts.total, BAR_WIDTH);
	int cells[MAP_NUM_STATUSES];
	int sum = 0;
	int longest = 0;

	for (int i = 0; i < MAP_NUM_STATUSES; i++)
	{
		int count = section->counts.by_status[i];

		cells[i] = (int) ((int64) count * width / section->counts.total);
		if (count > 0)
			cells[i] = Max(cells[i], 1);
		sum += cells[i];
		if (cells[i] > cells[longest])
			longest = i;
	}
	cells[longest] += width - sum;
	appendStringInfo(out, "%*s[", (TEXT_MAX_WIDTH - width - 2) / 2, "");
	/* free places last: the bar fills up from the left */
	for (int i = MAP_NUM_STATUSES - 1; i >= 0; i--)
	{
		for (int k = 0; k < cells[i]; k++)
			appendStringInfoChar(out, status_signs[i]);
	}
	appendStringInfoString(out, "]\n");
}

static void
write_legend(const SeatMap *map, StringInfo out)
{
	appendStringInfoChar(out, '\n');
	for (int i = 0; i < MAP_NUM_STATUSES; i++)
		appendStringInfo(out, "%c %s %d   ", status_signs[i], sl_seat_map_status_names[i],
						 map->counts.by_status[i]);
	appendStringInfo(out, "of %d", map->counts.total);
	if (map->kinds[KIND_USUAL].total < map->counts.total)
		appendStringInfo(out, "\nof those free: a accessible %d   c companion %d",
						 map->kinds[KIND_ACCESSIBLE].by_status[0],
						 map->kinds[KIND_COMPANION].by_status[0]);
}
