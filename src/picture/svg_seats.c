/*-------------------------------------------------------------------------
 *
 * svg_seats.c
 *		Seats of the SVG picture, and the legend that explains their signs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "picture/seat_map_svg.h"

#define FALLBACK_COLOR "#9E9E9E"

/* the legend: in units */
#define LEGEND_LINE 2.2
#define LEGEND_RADIUS 0.75
#define LEGEND_SPACE 3.5 /* about the text of an entry */
#define LEGEND_COLOR "#616161"

/* radius of a seat: so much of the distance to the nearest one */
#define RADIUS_SHARE 0.43
/* radii are cut to powers of this, so that sections share symbols */
#define RADIUS_STEP 1.05

/*
 * Drawn with radius 1 about 0, 0; fill and stroke are those of the category.
 * What is free stands out: a full disc with an edge, for pale colours.  What
 * is gone fades: small grey signs, on a hint of the category's colour.
 */
static const char *const status_shapes[MAP_NUM_STATUSES] = {
	"<circle r=\".94\" stroke=\"#000\" stroke-opacity=\".4\" stroke-width=\".12\"/>",
	"<g opacity=\".8\"><circle r=\".74\" fill=\"#fff\" stroke-width=\".24\"/>"
	"<path d=\"M0-.74A.74.74 0 0 0 0 .74z\" stroke=\"none\"/></g>",
	"<path d=\"M-.7-.7H.7V.7H-.7z\" fill-opacity=\".18\" stroke=\"none\"/>"
	"<path d=\"M-.42-.42L.42.42M.42-.42L-.42.42\" fill=\"none\" stroke=\"#8A8A8A\""
	" stroke-width=\".2\"/>",
	"<path d=\"M-.7-.14H.7V.14H-.7z\" fill=\"#B0B0B0\" stroke=\"none\"/>",
};

/* Set around the sign of a seat's status; as faint as that. */
static const char *const kind_frames[NUM_MAP_KINDS] = {
	"",
	"<rect x=\"-1.07\" y=\"-1.07\" width=\"2.14\" height=\"2.14\" rx=\".4\" fill=\"none\""
	" stroke=\"#37474F\" stroke-width=\".15\"",
	"<rect x=\"-1.07\" y=\"-1.07\" width=\"2.14\" height=\"2.14\" rx=\".4\" fill=\"none\""
	" stroke=\"#37474F\" stroke-width=\".15\" stroke-dasharray=\".35 .25\"",
};

/* a wheelchair, on a free seat */
static const char *const accessible_sign =
	"<g fill=\"none\" stroke=\"#fff\" stroke-width=\".15\"><circle cx=\"-.12\" cy=\"-.58\" r=\".06\"/>"
	"<path d=\"M-.12-.32V.08H.24L.42.5M-.08-.14H.2M-.32-.06A.4.4 0 1 0 .2.4\"/></g>";

static const char *const kind_names[NUM_MAP_KINDS] = {"", "accessible", "companion"};

/* The legend in the making: lines from left to right, filled from the top. */
typedef struct Legend
{
	double left;
	double right;
	PlanPoint place;
} Legend;

double
sl_svg_seat_radius(const MapSection *section)
{
	double radius = RADIUS_SHARE * section->gap;

	return pow(RADIUS_STEP, floor(log(radius) / log(RADIUS_STEP)));
}

/* What is drawn for a seat, about 0, 0. */
static void
put_sign(StringInfo out, int status, MapKind kind)
{
	appendStringInfoString(out, status_shapes[status]);
	if (kind != KIND_USUAL)
		appendStringInfo(out, "%s%s/>", kind_frames[kind], status == 0 ? "" : " opacity=\".4\"");
	if (kind == KIND_ACCESSIBLE && status == 0)
		appendStringInfoString(out, accessible_sign);
}

/* The name of a symbol, without its radius. */
static void
put_symbol_name(StringInfo out, int status, MapKind kind)
{
	appendStringInfo(out, "seat-%s-", sl_vocabulary_status(sl_seat_map_statuses[status]));
	if (kind != KIND_USUAL)
		appendStringInfo(out, "%s-", kind_names[kind]);
}

static void
put_shapes(const SvgPicture *picture, double radius)
{
	for (int i = 0; i < MAP_NUM_STATUSES * NUM_MAP_KINDS; i++)
	{
		int status = i % MAP_NUM_STATUSES;
		MapKind kind = i / MAP_NUM_STATUSES;

		if (kind != KIND_USUAL && picture->map->kinds[kind].by_status[status] == 0)
			continue;
		appendStringInfoString(picture->out, "<g id=\"");
		put_symbol_name(picture->out, status, kind);
		sl_svg_put_number(picture, radius);
		appendStringInfoString(picture->out, "\" transform=\"scale(");
		sl_svg_put_number(picture, radius);
		appendStringInfoString(picture->out, ")\">");
		put_sign(picture->out, status, kind);
		appendStringInfoString(picture->out, "</g>\n");
	}
}

/*
 * One set of symbols for each radius that occurs.  The radius is in their
 * names, so that pictures which share a page each find the right ones.
 */
void
sl_svg_write_symbols(const SvgPicture *picture)
{
	const SeatMap *map = picture->map;
	double *radii = palloc(sizeof(double) * (map->num_sections + 1));
	int num_radii = 0;

	appendStringInfoString(picture->out, "<defs>\n");
	for (int i = 0; i < map->num_sections; i++)
	{
		double radius = sl_svg_seat_radius(&map->sections[i]);
		int known = 0;

		while (known < num_radii && radii[known] != radius)
			known++;
		if (known < num_radii)
			continue;
		radii[num_radii++] = radius;
		put_shapes(picture, radius);
	}
	appendStringInfoString(picture->out, "</defs>\n");
	pfree(radii);
}

static void
open_category(const SvgPicture *picture, const MapCategory *category)
{
	appendStringInfoString(picture->out, "<g");
	sl_svg_put_color(picture->out, "fill", category->color, FALLBACK_COLOR);
	sl_svg_put_color(picture->out, "stroke", category->color, FALLBACK_COLOR);
	appendStringInfoString(picture->out, ">\n");
}

static void
put_attribute(StringInfo out, const char *attribute, const char *text)
{
	appendStringInfo(out, " %s=\"", attribute);
	sl_svg_put_text(out, text);
	appendStringInfoChar(out, '"');
}

/* What a script on the page asks for stands in attributes, what people read in the title. */
static void
put_seat(const SvgPicture *picture, const MapSeat *seat, double radius)
{
	StringInfo out = picture->out;
	const char *category = picture->map->categories[seat->category].name;
	int status = sl_seat_map_status_index(seat->status);

	appendStringInfoString(out, "<use xlink:href=\"#");
	put_symbol_name(out, status, seat->kind);
	sl_svg_put_number(picture, radius);
	appendStringInfoChar(out, '"');
	sl_svg_put_point(picture, "x", "y", seat->position);
	put_attribute(out, "data-seat", seat->label);
	put_attribute(out, "data-status", sl_vocabulary_status(seat->status));
	put_attribute(out, "data-category", category);
	if (seat->kind != KIND_USUAL)
		put_attribute(out, "data-kind", kind_names[seat->kind]);
	appendStringInfoString(out, "><title>");
	sl_svg_put_text(out, seat->label);
	appendStringInfoString(out, ", ");
	sl_svg_put_text(out, category);
	appendStringInfo(out, ", %s%s%s</title></use>\n", sl_seat_map_status_names[status],
					 seat->kind == KIND_USUAL ? "" : ", ", kind_names[seat->kind]);
}

void
sl_svg_write_seats(const SvgPicture *picture, const MapSection *section)
{
	const SeatMap *map = picture->map;
	double radius = sl_svg_seat_radius(section);
	int category = -1;

	appendStringInfoString(picture->out, "<g class=\"seats\"");
	put_attribute(picture->out, "data-section", section->name);
	appendStringInfoString(picture->out, ">\n");
	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		const MapSeat *seat = &map->seats[i];

		CHECK_FOR_INTERRUPTS();
		if (seat->category != category)
		{
			if (category >= 0)
				appendStringInfoString(picture->out, "</g>\n");
			category = seat->category;
			open_category(picture, &map->categories[category]);
		}
		put_seat(picture, seat, radius);
	}
	if (category >= 0)
		appendStringInfoString(picture->out, "</g>\n");
	appendStringInfoString(picture->out, "</g>\n");
}

static double
entry_width(const SvgPicture *picture, const char *text)
{
	return sl_svg_text_width(text, picture->unit) + LEGEND_SPACE * picture->unit;
}

/* A symbol and its text, in a new line if need be; moves on to the next place. */
static void
put_legend_entry(const SvgPicture *picture, Legend *legend, int status, MapKind kind,
				 const char *color, const char *text)
{
	double unit = picture->unit;
	double width = entry_width(picture, text);
	StringInfo out = picture->out;

	if (legend->place.x > legend->left && legend->place.x + width > legend->right)
	{
		legend->place.x = legend->left;
		legend->place.y += LEGEND_LINE * unit;
	}
	appendStringInfoString(out, "<g");
	sl_svg_put_color(out, "fill", color, FALLBACK_COLOR);
	sl_svg_put_color(out, "stroke", color, FALLBACK_COLOR);
	appendStringInfoString(out, " transform=\"translate(");
	sl_svg_put_number(picture, legend->place.x + unit);
	appendStringInfoChar(out, ' ');
	sl_svg_put_number(picture, legend->place.y + unit);
	appendStringInfoString(out, ") scale(");
	sl_svg_put_number(picture, LEGEND_RADIUS * unit);
	appendStringInfoString(out, ")\">");
	put_sign(out, status, kind);
	appendStringInfoString(out, "</g>\n<text dy=\".35em\"");
	sl_svg_put_point(picture, "x", "y",
					 (PlanPoint){legend->place.x + 2.3 * unit, legend->place.y + unit});
	appendStringInfoChar(out, '>');
	sl_svg_put_text(out, text);
	appendStringInfoString(out, "</text>\n");
	legend->place.x += width;
}

static char *
status_entry(const SeatMap *map, int status)
{
	return psprintf("%s: %d", sl_seat_map_status_names[status], map->counts.by_status[status]);
}

static char *
free_entry(const char *name, const MapCounts *counts)
{
	return psprintf("%s: %d of %d free", name, counts->by_status[0], counts->total);
}

double
sl_svg_legend_width(const SvgPicture *picture)
{
	const SeatMap *map = picture->map;
	double width = 0;

	for (int i = 0; i < MAP_NUM_STATUSES; i++)
		width = Max(width, entry_width(picture, status_entry(map, i)));
	for (int i = 0; i < map->num_categories; i++)
	{
		const MapCategory *category = &map->categories[i];

		if (category->counts.total > 0)
			width = Max(width, entry_width(picture, free_entry(category->name, &category->counts)));
	}
	return width;
}

/* Signs with counts, then categories with theirs; returns the height. */
double
sl_svg_write_legend(const SvgPicture *picture, PlanPoint place, double width)
{
	const SeatMap *map = picture->map;
	Legend legend = {place.x, place.x + width, place};

	appendStringInfoString(picture->out, "<g class=\"legend\" text-anchor=\"start\""
										 " fill=\"" SVG_TEXT_COLOR "\"");
	sl_svg_put_length(picture, "font-size", picture->unit);
	appendStringInfoString(picture->out, ">\n");
	for (int i = 0; i < MAP_NUM_STATUSES; i++)
		put_legend_entry(picture, &legend, i, KIND_USUAL, LEGEND_COLOR, status_entry(map, i));
	for (int i = KIND_ACCESSIBLE; i < NUM_MAP_KINDS; i++)
	{
		if (map->kinds[i].total > 0)
			put_legend_entry(picture, &legend, 0, i, LEGEND_COLOR,
							 free_entry(kind_names[i], &map->kinds[i]));
	}
	legend.place.x = legend.left;
	legend.place.y += LEGEND_LINE * picture->unit;
	for (int i = 0; i < map->num_categories; i++)
	{
		const MapCategory *category = &map->categories[i];

		if (category->counts.total > 0)
			put_legend_entry(picture, &legend, 0, KIND_USUAL, category->color,
							 free_entry(category->name, &category->counts));
	}
	appendStringInfoString(picture->out, "</g>\n");
	return legend.place.y + LEGEND_LINE * picture->unit - place.y;
}
