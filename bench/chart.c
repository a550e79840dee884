/*-------------------------------------------------------------------------
 *
 * chart.c
 *		The comparison as a bar chart, in SVG.
 *
 * One panel for each load, one bar for each peer.  The scale ends beyond the
 * fastest peer; the protocol's limit runs out of the picture, with its number.
 *
 *-------------------------------------------------------------------------
 */
#include "chart.h"

#define WIDTH 980
#define BAR_LEFT 300 /* names stand to the left of the bars */
#define BAR_SPACE 460
#define BAR_HEIGHT 20
#define BAR_PITCH 32
/* numbers stand to the right of all bars, where the mark of what is wanted crosses none */
#define NUMBER_LEFT (BAR_LEFT + BAR_SPACE + 18)
#define PANEL_HEAD 62
#define PANEL_FOOT 34
#define TOP 64

typedef struct Panel
{
	const Results *results;
	int load;
	double top;
	double per_pixel; /* of the figure that counts */
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
panel_height(const Results *results)
{
	return PANEL_HEAD + results->num_peers * BAR_PITCH + PANEL_FOOT;
}

/* the figure that counts */
static double
figure_of(const Results *results, int load, int peer)
{
	return results_figure(results, load, peer, loads[load].figure);
}

static double
choose_scale(const Results *results, int load)
{
	int best = results_best_peer(results, load);
	/* the mark of what is wanted must fit in, too */
	double highest = best < 0 ? 1 : figure_of(results, load, best) * loads[load].wanted;

	for (int i = 0; i < results->num_peers; i++)
		if (results->peers[i].role != PEER_LIMIT && figure_of(results, load, i) > highest)
			highest = figure_of(results, load, i);
	return highest * 1.02 / BAR_SPACE;
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

static void
write_note(FILE *file, const Panel *panel, int peer, double y)
{
	const Results *results = panel->results;
	double oversold = results_figure(results, panel->load, peer, FIGURE_OVERSOLD);
	double errors = results_figure(results, panel->load, peer, FIGURE_ERRORS);
	const char *figure = with_commas(figure_of(results, panel->load, peer));
	char note[160];

	if (results->peers[peer].role == PEER_LIMIT)
		snprintf(note, sizeof(note), "%s",
				 with_commas(results_figure(results, panel->load, peer, FIGURE_ANSWERS)));
	else if (oversold > 0)
		snprintf(note, sizeof(note), "%s, oversold %s seats", figure, with_commas(oversold));
	else if (errors > 0)
		snprintf(note, sizeof(note), "%s, %s errors", figure, with_commas(errors));
	else
		snprintf(note, sizeof(note), "%s  (%.2f)", figure,
				 results_ratio(results, panel->load, peer));
	write_text(file, NUMBER_LEFT, y + 15,
			   results_correct(results, panel->load, peer) ? "class=\"number\""
														   : "class=\"number wrong\"",
			   note);
}

static void
write_bar(FILE *file, const Panel *panel, int peer, double y)
{
	const Results *results = panel->results;
	PeerRole role = results->peers[peer].role;
	double won = results_figure(results, panel->load, peer, FIGURE_WON) / panel->per_pixel;
	double all = figure_of(results, panel->load, peer) / panel->per_pixel;

	write_text(file, BAR_LEFT - 10, y + 15,
			   role == PEER_SEATLOCK ? "text-anchor=\"end\" class=\"strong\""
									 : "text-anchor=\"end\"",
			   results->peers[peer].title);
	write_note(file, panel, peer, y);
	if (role == PEER_LIMIT)
	{
		write_limit(file, y);
		return;
	}
	/* refused claims are what is seen of the longer bar */
	write_rectangle(file, y, all, colors[role].refused);
	write_rectangle(file, y, won, colors[role].won);
}

/* a dashed line where seatlock must arrive */
static void
write_wanted(FILE *file, const Panel *panel)
{
	int best = results_best_peer(panel->results, panel->load);
	double x;
	double bottom = panel->top + panel_height(panel->results) - PANEL_FOOT;
	char note[80];

	if (best < 0)
		return;
	x = BAR_LEFT +
		loads[panel->load].wanted * figure_of(panel->results, panel->load, best) / panel->per_pixel;
	fprintf(file,
			"<path d=\"M%.1f %.1f V%.1f\" stroke=\"#b3261e\" stroke-dasharray=\"4 3\" "
			"fill=\"none\"/>\n",
			x, panel->top + PANEL_HEAD - 6, bottom);
	snprintf(note, sizeof(note), "wanted of seatlock: %.1f of the best correct peer",
			 loads[panel->load].wanted);
	write_text(file, x, bottom + 15, "text-anchor=\"middle\" class=\"small wrong\"", note);
}

static void
write_panel(FILE *file, const Panel *panel)
{
	write_text(file, 24, panel->top + 20, "class=\"strong\"", loads[panel->load].title);
	write_text(
		file, 24, panel->top + 40, "class=\"small\"",
		loads[panel->load].figure == FIGURE_WON
			? "claims won per second (ratio to the best correct peer)"
			: "answers per second, dark: won, light: refused (ratio to the best correct peer)");
	for (int i = 0; i < panel->results->num_peers; i++)
		write_bar(file, panel, i, panel->top + PANEL_HEAD + i * BAR_PITCH);
	write_wanted(file, panel);
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
	double height = TOP + num_loads * panel_height(results);

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
	write_text(file, 24, 34, "font-size=\"18\" class=\"strong\"",
			   "seatlock and its peers, side by side on one machine");
	for (int load = 0; load < num_loads; load++)
	{
		Panel panel = {.results = results,
					   .load = load,
					   .top = TOP + load * panel_height(results),
					   .per_pixel = choose_scale(results, load)};

		write_panel(file, &panel);
	}
	fputs("</svg>\n", file);
}
