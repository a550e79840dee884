/*-------------------------------------------------------------------------
 *
 * chart.c
 *		The comparison as a bar chart, in SVG.
 *
 * One panel for each figure of a contest that something is wanted of, one bar
 * for each side.  The scale ends beyond the longest bar; the protocol's limit
 * runs out of the picture, with its number.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "chart.h"

#define WIDTH 980
#define MARGIN 24
#define SMALL_LETTER 6.3 /* width of a small letter, on average */
#define BAR_LEFT 300     /* names stand to the left of the bars */
#define BAR_SPACE 460
#define BAR_HEIGHT 20
#define BAR_PITCH 32
/* numbers stand to the right of all bars, where the mark of what is wanted crosses none */
#define NUMBER_LEFT (BAR_LEFT + BAR_SPACE + 18)
#define PANEL_HEAD 78
#define PANEL_FOOT 20
#define MARK_PITCH 16
#define TOP 64

typedef struct Panel
{
	const Standing *standing;
	Figure figure;
	double top;
	double per_pixel; /* of the figure */
} Panel;

/* colour of won and refused claims */
typedef struct BarColors
{
	const char *won;
	const char *refused;
} BarColors;

static const BarColors colors[] = {
	[PEER_CORRECT] = {"#52677d", "#b4c1ce"},
	[PEER_NAIVE] = {"url(#hatch-won)", "url(#hatch-refused)"},
	[PEER_LIMIT] = {"#e3e6ea", "#e3e6ea"},
	[PEER_YARDSTICK] = {"#8a6d3b", "#d9c7a3"},
	[PEER_SEATLOCK] = {"#0b7a6f", "#86cfc4"},
};

static void
write_text(FILE *file, double x, double y, const char *attributes, const char *text)
{
	fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, attributes);
	for (; *text != '\0'; text++)
	{
		if (*text == '&')
			fputs("&amp;", file);
		else if (*text == '<')
			fputs("&lt;", file);
		else
			fputc(*text, file);
	}
	fputs("</text>\n", file);
}

static double
value_of(const Panel *panel, int side)
{
	return standing_figure(panel->standing, side, panel->figure);
}

/* the panel's next goal after this one, or its first after NULL; NULL at the end */
static const Goal *
next_goal(const Panel *panel, const Goal *goal)
{
	goal = goal == NULL ? panel->standing->contest->goals : goal + 1;
	while (goal->side != NULL && goal->figure != panel->figure)
		goal++;
	return goal->side != NULL ? goal : NULL;
}

static double
panel_height(const Panel *panel)
{
	double height = PANEL_HEAD + panel->standing->num_sides * BAR_PITCH + PANEL_FOOT;

	for (const Goal *goal = next_goal(panel, NULL); goal != NULL; goal = next_goal(panel, goal))
		height += MARK_PITCH;
	return height;
}

static double
choose_scale(const Panel *panel)
{
	double highest = 0;

	for (int i = 0; i < panel->standing->num_sides; i++)
	{
		double value = value_of(panel, i);

		if (panel->standing->sides[i].peer.role != PEER_LIMIT && figure_measured(value) &&
			value > highest)
			highest = value;
	}
	/* the marks of what is wanted must fit in, too */
	for (const Goal *goal = next_goal(panel, NULL); goal != NULL; goal = next_goal(panel, goal))
	{
		Verdict verdict = standing_verdict(panel->standing, goal);

		if (verdict.missing == NULL && verdict.mark > highest)
			highest = verdict.mark;
	}
	return (highest > 0 ? highest : 1) * 1.02 / BAR_SPACE;
}

static void
write_limit(FILE *file, double y)
{
	double right = BAR_LEFT + BAR_SPACE;

	fprintf(file, "<path d=\"M%d %.1f H%.1f l-7 5 l14 5 l-14 5 l7 5 H%d Z\" fill=\"%s\"/>\n",
			BAR_LEFT, y, right, BAR_LEFT, colors[PEER_LIMIT].won);
}

static void
write_rectangle(FILE *file, double y, double width, const char *fill)
{
	fprintf(file, "<rect x=\"%d\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
			BAR_LEFT, y, width, BAR_HEIGHT, fill);
}

/* The side's ratio to the best correct peer, or as a goal has it; 0 when there is none. */
static double
ratio_of(const Panel *panel, int side)
{
	int best =
		standing_best_peer(panel->standing, panel->standing->sides[side].size, panel->figure);

	if (best >= 0)
		return standing_ratio(panel->standing, side, best, panel->figure);
	for (const Goal *goal = next_goal(panel, NULL); goal != NULL; goal = next_goal(panel, goal))
	{
		Verdict verdict = standing_verdict(panel->standing, goal);

		if (verdict.side == side && verdict.missing == NULL && goal->against != NULL &&
			goal->measure == MEASURE_RATIO)
			return verdict.ratio;
	}
	return 0;
}

static void
write_note(FILE *file, const Panel *panel, int side, double y)
{
	const Standing *standing = panel->standing;
	double oversold = standing_figure(standing, side, FIGURE_OVERSOLD);
	double errors = standing_figure(standing, side, FIGURE_ERRORS);
	double ratio = ratio_of(panel, side);
	const char *text = figure_text(panel->figure, value_of(panel, side));
	char note[160];

	if (!figure_measured(value_of(panel, side)))
		snprintf(note, sizeof(note), "not measured");
	else if (standing->sides[side].peer.role == PEER_LIMIT)
		snprintf(note, sizeof(note), "%s",
				 with_commas(standing_figure(standing, side, FIGURE_ANSWERS)));
	else if (oversold > 0)
		snprintf(note, sizeof(note), "%s, oversold %s seats", text, with_commas(oversold));
	else if (errors > 0)
		snprintf(note, sizeof(note), "%s, %s errors", text, with_commas(errors));
	else if (ratio > 0)
		snprintf(note, sizeof(note), "%s  (%.2f)", text, ratio);
	else
		snprintf(note, sizeof(note), "%s", text);
	write_text(file, NUMBER_LEFT, y + 15,
			   standing_correct(standing, side) ? "class=\"number\"" : "class=\"number wrong\"",
			   note);
}

static void
write_bar(FILE *file, const Panel *panel, int side, double y)
{
	PeerRole role = panel->standing->sides[side].peer.role;
	double all = value_of(panel, side);

	write_text(file, BAR_LEFT - 10, y + 15,
			   role == PEER_SEATLOCK ? "text-anchor=\"end\" class=\"strong\""
									 : "text-anchor=\"end\"",
			   panel->standing->sides[side].title);
	write_note(file, panel, side, y);
	if (!figure_measured(all))
		return;
	if (role == PEER_LIMIT)
	{
		write_limit(file, y);
		return;
	}
	write_rectangle(file, y, all / panel->per_pixel,
					panel->figure == FIGURE_ANSWERS ? colors[role].refused : colors[role].won);
	/* refused claims are what is seen of the longer bar */
	if (panel->figure == FIGURE_ANSWERS)
		write_rectangle(file, y,
						standing_figure(panel->standing, side, FIGURE_WON) / panel->per_pixel,
						colors[role].won);
}

/* the side's title, or the name that the contest has for it when it did not take part */
static const char *
title_of(const Panel *panel, int side, const char *name)
{
	return side >= 0 ? panel->standing->sides[side].title : name;
}

/* a dashed line where the goal's side must arrive */
static void
write_mark(FILE *file, const Panel *panel, const Goal *goal, double bottom, double text_y)
{
	Verdict verdict = standing_verdict(panel->standing, goal);
	double x = BAR_LEFT;
	const char *against = "";
	char *note;

	if (goal->against != NULL)
		against = strcmp(goal->against, BEST_PEER) == 0
					  ? BEST_PEER
					  : title_of(panel, verdict.against, goal->against);
	note = format_string("wanted of %s: %s %g%s%s", title_of(panel, verdict.side, goal->side),
						 figure_infos[goal->figure].less_is_better ? "at most" : "at least",
						 goal->wanted,
						 goal->against == NULL           ? ""
						 : goal->measure == MEASURE_MORE ? " more than "
														 : " of ",
						 against);
	if (verdict.missing == NULL)
	{
		x += verdict.mark / panel->per_pixel;
		fprintf(file,
				"<path d=\"M%.1f %.1f V%.1f\" stroke=\"#b3261e\" stroke-dasharray=\"4 3\" "
				"fill=\"none\"/>\n",
				x, panel->top + PANEL_HEAD - 6, bottom);
	}
	/* beside the mark where there is room, and never out of the picture */
	write_text(file, fmax(fmin(x, WIDTH - MARGIN - SMALL_LETTER * (double) strlen(note)), MARGIN),
			   text_y, "class=\"small wrong\"", note);
	free(note);
}

/* What is before a colon, and the rest in small letters below it; returns where the next line goes. */
static double
write_title(FILE *file, const char *title, double y)
{
	const char *colon = strstr(title, ": ");
	char *head;

	if (colon == NULL)
	{
		write_text(file, MARGIN, y, "class=\"strong\"", title);
		return y + 18;
	}
	head = format_string("%.*s", (int) (colon - title), title);
	write_text(file, MARGIN, y, "class=\"strong\"", head);
	write_text(file, MARGIN, y + 18, "class=\"small\"", colon + 2);
	free(head);
	return y + 36;
}

static void
write_panel(FILE *file, const Panel *panel)
{
	double bottom = panel->top + PANEL_HEAD + panel->standing->num_sides * BAR_PITCH;
	double text_y = bottom + 15;
	char note[160];

	snprintf(note, sizeof(note), "%s%s%s", figure_infos[panel->figure].name,
			 panel->figure == FIGURE_ANSWERS ? ", dark: won, light: refused" : "",
			 standing_best_peer(panel->standing, panel->standing->sides[0].size, panel->figure) >= 0
				 ? " (ratio to the best correct peer)"
				 : "");
	write_text(file, MARGIN, write_title(file, panel->standing->contest->title, panel->top + 20),
			   "class=\"small\"", note);
	for (int i = 0; i < panel->standing->num_sides; i++)
		write_bar(file, panel, i, panel->top + PANEL_HEAD + i * BAR_PITCH);
	for (const Goal *goal = next_goal(panel, NULL); goal != NULL; goal = next_goal(panel, goal))
	{
		write_mark(file, panel, goal, bottom, text_y);
		text_y += MARK_PITCH;
	}
}

/* Whether the goal before these in its contest's list has a panel for the figure already. */
static bool
has_panel(const Contest *contest, const Goal *goal)
{
	for (const Goal *other = contest->goals; other < goal; other++)
		if (other->figure == goal->figure)
			return true;
	return false;
}

/* All panels below one another; returns where they end.  Without a file, measures only. */
static double
write_panels(FILE *file, const Results *results)
{
	double top = TOP;

	for (int i = 0; i < results->num_standings; i++)
	{
		const Standing *standing = &results->standings[i];

		for (const Goal *goal = standing->contest->goals; goal->side != NULL; goal++)
		{
			Panel panel = {.standing = standing, .figure = goal->figure, .top = top};

			if (has_panel(standing->contest, goal))
				continue;
			panel.per_pixel = choose_scale(&panel);
			if (file != NULL)
				write_panel(file, &panel);
			top += panel_height(&panel);
		}
	}
	return top;
}

static void
write_hatch(FILE *file, const char *id, const char *background, const char *stroke)
{
	fprintf(file,
			"<pattern id=\"%s\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
			"patternTransform=\"rotate(45)\"><rect width=\"7\" height=\"7\" fill=\"%s\"/>"
			"<path d=\"M0 0 V7\" stroke=\"%s\" stroke-width=\"5\"/></pattern>\n",
			id, background, stroke);
}

void
chart_write(const Results *results, FILE *file)
{
	double height = write_panels(NULL, results);

	fprintf(file,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
			"viewBox=\"0 0 %d %.0f\" font-family=\"Helvetica, Arial, sans-serif\" "
			"font-size=\"13\" fill=\"#1f2933\">\n"
			"<style>.strong{font-weight:bold}.small{font-size:12px}.number{font-size:12.5px}"
			".wrong{fill:#b3261e}</style>\n<defs>\n",
			WIDTH, height, WIDTH, height);
	write_hatch(file, "hatch-won", "#f3c4c0", "#b3261e");
	write_hatch(file, "hatch-refused", "#fbe9e7", "#e8a09a");
	fprintf(file, "</defs>\n<rect width=\"%d\" height=\"%.0f\" fill=\"#ffffff\"/>\n", WIDTH,
			height);
	write_text(file, MARGIN, 34, "font-size=\"18\" class=\"strong\"", results->level->title);
	write_panels(file, results);
	fputs("</svg>\n", file);
}
