/*-------------------------------------------------------------------------
 *
 * seat_map_signs.c
 *		Seats of the SVG picture, and the legend that explains their signs.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "seat_map_svg.h"

#define FALLBACK_COLOR "#9E9E9E"

/* the legend: in units */
#define LEGEND_LINE 2.2
#define LEGEND_RADIUS 0.75
#define LEGEND_COLOR "#616161"

/* drawn with radius 1 about 0, 0; fill and stroke are those of the seat */
static const char *const status_shapes[MAP_NUM_STATUSES] = {
	"<circle r=\"1\" stroke=\"none\"/>",
	"<circle r=\".86\" fill=\"#fff\" stroke-width=\".28\"/>"
	"<path d=\"M0-.86A.86.86 0 0 0 0 .86z\" stroke=\"none\"/>",
	"<path d=\"M-.86-.86H.86V.86H-.86z\" fill-opacity=\".2\" stroke=\"none\"/>"
	"<path d=\"M-.6-.6L.6.6M.6-.6L-.6.6\" fill=\"none\" stroke-width=\".34\"/>",
	"<path d=\"M-.9-.22H.9V.22H-.9z\" fill-opacity=\".75\" stroke=\"none\"/>",
};

/* The legend in the making: lines from left to right, filled from the top. */
typedef struct Legend
{
	double left;
	double right;
	PlanPoint place;
} Legend;

static void
put_shapes(const SvgPicture *picture, double radius)
{
	for (int i = 0; i < MAP_NUM_STATUSES; i++)
	{
		appendStringInfo(picture->out, "<g id=\"seat-%s-",
						 sl_words_status(sl_seat_map_statuses[i]));
		sl_svg_put_number(picture, radius);
		appendStringInfoString(picture->out, "\" transform=\"scale(");
		sl_svg_put_number(picture, radius);
		appendStringInfo(picture->out, ")\">%s</g>\n", status_shapes[i]);
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
put_symbol(const SvgPicture *picture, int status, double radius, PlanPoint place)
{
	appendStringInfo(picture->out, "<use xlink:href=\"#seat-%s-",
					 sl_words_status(sl_seat_map_statuses[status]));
	sl_svg_put_number(picture, radius);
	appendStringInfoChar(picture->out, '"');
	sl_svg_put_point(picture, "x", "y", place);
}

static void
open_category(const SvgPicture *picture, const MapCategory *category)
{
	appendStringInfoString(picture->out, "<g");
	sl_svg_put_color(picture->out, "fill", category->color, FALLBACK_COLOR);
	sl_svg_put_color(picture->out, "stroke", category->color, FALLBACK_COLOR);
	appendStringInfoString(picture->out, ">\n");
}

void
sl_svg_write_seats(const SvgPicture *picture, const MapSection *section)
{
	const SeatMap *map = picture->map;
	StringInfo out = picture->out;
	double radius = sl_svg_seat_radius(section);
	int category = -1;

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		const MapSeat *seat = &map->seats[i];
		int status = sl_seat_map_status_index(seat->status);

		CHECK_FOR_INTERRUPTS();
		if (seat->category != category)
		{
			if (category >= 0)
				appendStringInfoString(out, "</g>\n");
			category = seat->category;
			open_category(picture, &map->categories[category]);
		}
		put_symbol(picture, status, radius, seat->position);
		appendStringInfoString(out, "><title>");
		sl_svg_put_text(out, seat->label);
		appendStringInfoString(out, ", ");
		sl_svg_put_text(out, map->categories[category].name);
		appendStringInfo(out, ", %s</title></use>\n", sl_seat_map_status_names[status]);
	}
	if (category >= 0)
		appendStringInfoString(out, "</g>\n");
}

/* A symbol and its text, in a new line if need be; moves on to the next place. */
static void
put_legend_entry(const SvgPicture *picture, Legend *legend, int status, const char *color,
				 const char *text)
{
	double unit = picture->unit;
	double width = sl_svg_text_width(text, unit) + 4 * unit;
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
	appendStringInfo(out, ")\">%s</g>\n<text dy=\".35em\"", status_shapes[status]);
	sl_svg_put_point(picture, "x", "y",
					 (PlanPoint){legend->place.x + 2.3 * unit, legend->place.y + unit});
	appendStringInfoChar(out, '>');
	sl_svg_put_text(out, text);
	appendStringInfoString(out, "</text>\n");
	legend->place.x += width;
}

/* Shapes with counts, then categories with theirs; returns the height. */
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
		put_legend_entry(picture, &legend, i, LEGEND_COLOR,
						 psprintf("%s: %d", sl_seat_map_status_names[i], map->counts.by_status[i]));
	legend.place.x = legend.left;
	legend.place.y += LEGEND_LINE * picture->unit;
	for (int i = 0; i < map->num_categories; i++)
	{
		const MapCategory *category = &map->categories[i];

		if (category->counts.total > 0)
			put_legend_entry(picture, &legend, 0, category->color,
							 psprintf("%s: %d of %d free", category->name,
									  category->counts.by_status[0], category->counts.total));
	}
	appendStringInfoString(picture->out, "</g>\n");
	return legend.place.y + LEGEND_LINE * picture->unit - place.y;
}
