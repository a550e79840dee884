/*-------------------------------------------------------------------------
 *
 * svg_headings.c
 *		Names of sections in the SVG picture.
 *
 * A name never covers a seat or a row's letter.  It stands above its section,
 * in smaller letters if need be, else beside, along or below it.  In a large
 * house it may be as small as is in scale with the seats: who wants to see them
 * has to zoom in anyway.  Where all of that is taken it stands as near by as
 * there is room, with a line that leads to the section; but so many lines that
 * nobody can follow them are not drawn, and names without a place are left out.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "picture/seat_map_svg.h"
#include "seating/plan_area.h"

/* sizes of headings, in units */
#define HEADING_UNITS 1.35
#define MIN_HEADING_UNITS 0.75
/* in a large house: in gaps of the section */
#define SMALL_HEADING_GAPS 1.2
/* the sizes that are tried, each a share of the one before */
#define NUM_SIZES 3
#define SIZE_FACTOR 0.8
/* bold letters are wider than others by this */
#define HEADING_WIDTH 1.12
/* half the height of a heading with the air about it, from its seats to its middle: in its sizes */
#define HALF_HEADING 0.6
#define HEADING_DISTANCE 0.85
/* places further and further away, in heights of the heading */
#define MAX_SEARCH 100
/* names that stand apart, at most */
#define MAX_LED 16
/* how much a heading beside the house may widen the picture, in units */
#define MAX_WIDENING 3.0

/* where a section's name may go, best place first */
typedef enum HeadingPlace
{
	HEADING_ABOVE,
	HEADING_ABOVE_LETTERS, /* rows that go downwards have theirs on top */
	HEADING_BESIDE_LEFT,
	HEADING_BESIDE_RIGHT,
	HEADING_ALONG_LEFT, /* turned by a right angle */
	HEADING_ALONG_RIGHT,
	HEADING_BELOW, /* last: it may be taken for the next section's */
	NUM_HEADING_PLACES
} HeadingPlace;

/* What a heading is placed by. */
typedef struct HeadingSite
{
	const MapSection *section;
	PlanBox around; /* its seats, and the areas that it stands in */
	PlanBox outer;  /* those and the letters of its rows */
} HeadingSite;

/*
 * Move the upper and lower side of the box around a section to where its seats
 * end about the middle: rows may be curved.
 */
static PlanBox
middle_part(const SvgPicture *picture, const MapSection *section, PlanBox around, double width)
{
	double middle = (around.low.x + around.high.x) / 2;
	PlanBox part = {{around.low.x, around.high.y}, {around.high.x, around.low.y}};

	for (int i = section->first_seat; i < section->first_seat + section->num_seats; i++)
	{
		PlanPoint point = picture->map->seats[i].position;

		if (fabs(point.x - middle) > width / 2 + section->gap)
			continue;
		part.low.y = Min(part.low.y, point.y);
		part.high.y = Max(part.high.y, point.y);
	}
	return part.low.y <= part.high.y ? part : around;
}

/* The box of a heading that is so wide. */
static PlanBox
place_heading(const SvgPicture *picture, const HeadingSite *site, HeadingPlace place, double size,
			  double width)
{
	const PlanBox *outer = &site->outer;
	PlanPoint middle = {(site->around.low.x + site->around.high.x) / 2,
						(outer->low.y + outer->high.y) / 2};
	double away = HEADING_DISTANCE * size;
	bool along = place == HEADING_ALONG_LEFT || place == HEADING_ALONG_RIGHT;
	PlanPoint half = {width / 2, HALF_HEADING * size};
	PlanBox part = site->around;

	if (along)
		half = (PlanPoint){half.y, half.x};
	if (!site->section->general_admission)
		part = middle_part(picture, site->section, part, width);
	if (place == HEADING_ABOVE)
		middle.y = part.low.y - sl_svg_seat_radius(site->section) - away;
	else if (place == HEADING_ABOVE_LETTERS)
		middle.y = outer->low.y - away;
	else if (place == HEADING_BELOW)
		middle.y = part.high.y + sl_svg_seat_radius(site->section) + away;
	else if (place == HEADING_ALONG_LEFT || place == HEADING_BESIDE_LEFT)
		middle.x = outer->low.x - half.x - away / 2;
	else
		middle.x = outer->high.x + half.x + away / 2;
	return (PlanBox){{middle.x - half.x, middle.y - half.y},
					 {middle.x + half.x, middle.y + half.y}};
}

/* Where a box ends up that is moved by so many of its heights. */
static PlanBox
shift_box(PlanBox box, double x, double y)
{
	double height = box.high.y - box.low.y;

	box.low.x += x * height;
	box.high.x += x * height;
	box.low.y += y * height;
	box.high.y += y * height;
	return box;
}

/* A place that the picture need not be made wider for. */
static bool
is_within(const SvgPicture *picture, const SvgPanel *panel, const PlanBox *box)
{
	double widening = MAX_WIDENING * picture->unit;

	return box->low.x > panel->box.low.x - widening && box->high.x < panel->box.high.x + widening;
}

/* Sizes from the heading's own on, no smaller than that. */
static bool
find_beside(const SvgPicture *picture, const SvgPanel *panel, const HeadingSite *site,
			SvgText *heading, double min_size)
{
	for (HeadingPlace place = 0; place < NUM_HEADING_PLACES; place++)
	{
		double size = heading->size;

		for (int i = 0; i < NUM_SIZES; i++)
		{
			double width = HEADING_WIDTH * sl_svg_text_width(heading->text, size);
			PlanBox box = place_heading(picture, site, place, size, width);

			if ((place <= HEADING_ABOVE_LETTERS || is_within(picture, panel, &box)) &&
				sl_svg_is_clear(picture, panel, &box))
			{
				heading->box = box;
				heading->size = size;
				heading->along = place == HEADING_ALONG_LEFT || place == HEADING_ALONG_RIGHT;
				return true;
			}
			if (size <= min_size)
				break;
			size = Max(SIZE_FACTOR * size, min_size);
		}
	}
	return false;
}

static bool
find_at_section(const SvgPicture *picture, const SvgPanel *panel, const HeadingSite *site,
				SvgText *heading)
{
	double min_size = MIN_HEADING_UNITS * picture->unit;
	double small = SMALL_HEADING_GAPS * site->section->gap;

	if (find_beside(picture, panel, site, heading, min_size))
		return true;
	if (small >= min_size)
		return false;
	heading->size = small;
	return find_beside(picture, panel, site, heading, small);
}

/* Further and further away; above all that is drawn there is always room. */
static void
find_far(const SvgPicture *picture, const SvgPanel *panel, const HeadingSite *site,
		 SvgText *heading)
{
	static const struct
	{
		HeadingPlace place;
		int x;
		int y;
	} ways[] = {{HEADING_ABOVE, 0, -1},
				{HEADING_BESIDE_LEFT, -1, 0},
				{HEADING_BESIDE_RIGHT, 1, 0},
				{HEADING_BELOW, 0, 1}};
	double size = MIN_HEADING_UNITS * picture->unit;
	double width = HEADING_WIDTH * sl_svg_text_width(heading->text, size);

	heading->size = size;
	for (int k = 1; k <= MAX_SEARCH; k++)
	{
		for (int i = 0; i < lengthof(ways); i++)
		{
			PlanBox box = place_heading(picture, site, ways[i].place, size, width);

			heading->box = shift_box(box, k * ways[i].x, k * ways[i].y);
			if (is_within(picture, panel, &heading->box) &&
				sl_svg_is_clear(picture, panel, &heading->box))
				return;
		}
	}
	heading->box = place_heading(picture, site, HEADING_ABOVE, size, width);
	heading->box = shift_box(heading->box, 0,
							 -1 - (heading->box.low.y - panel->box.low.y) /
									  (heading->box.high.y - heading->box.low.y));
}

/* The point of a box that is nearest to another one's middle. */
static PlanPoint
point_towards(const PlanBox *box, const PlanBox *other)
{
	PlanPoint middle = {(other->low.x + other->high.x) / 2, (other->low.y + other->high.y) / 2};

	return (PlanPoint){Min(Max(middle.x, box->low.x), box->high.x),
					   Min(Max(middle.y, box->low.y), box->high.y)};
}

static HeadingSite
find_site(const SvgPicture *picture, const SvgPanel *panel, const MapSection *section)
{
	const SeatMap *map = picture->map;
	const SvgLetters *letters = &panel->letters_of[section - map->sections];
	HeadingSite site = {section, section->box, section->box};

	for (int i = 0; i < map->num_areas && section->general_admission; i++)
	{
		const PlanArea *area = &map->areas[i];

		if (area->section != PLAN_NO_SECTION && &map->sections[area->section] == section)
		{
			PlanBox box = sl_plan_area_box(area);

			sl_svg_extend(&site.around, &box);
		}
	}
	site.outer = sl_svg_widen(site.around, sl_svg_seat_radius(section));
	if (letters->count > 0)
		sl_svg_extend(&site.outer, &letters->box);
	return site;
}

/* The name as large as its section is wide, within bounds. */
static SvgText
make_heading(const SvgPicture *picture, const HeadingSite *site)
{
	const MapSection *section = site->section;
	SvgText heading = {.text = section->name, .size = HEADING_UNITS * picture->unit};
	double width;

	/* its places are too small to be counted by eye */
	if (section->general_admission)
		heading.text = psprintf("%s: %d of %d free", section->name, section->counts.by_status[0],
								section->counts.total);
	width = HEADING_WIDTH * sl_svg_text_width(heading.text, heading.size);
	heading.size *= Min(1, (site->outer.high.x - site->outer.low.x) / width);
	heading.size = Max(heading.size, MIN_HEADING_UNITS * picture->unit);
	return heading;
}

static void
take_place(SvgPanel *panel, const SvgText *heading)
{
	sl_svg_extend(&panel->box, &heading->box);
	panel->taken[panel->num_taken++] = heading->box;
}

/* Those that find no place at their section come last: they take what is left. */
void
sl_svg_lay_out_headings(const SvgPicture *picture, SvgPanel *panel)
{
	const SeatMap *map = picture->map;
	HeadingSite *sites = palloc(sizeof(HeadingSite) * map->num_sections);
	int num_led = 0;

	for (int i = 0; i < map->num_sections; i++)
	{
		SvgText *heading = &panel->headings[panel->num_headings];
		HeadingSite *site = &sites[panel->num_headings];

		if (map->sections[i].layer != panel->layer)
			continue;
		*site = find_site(picture, panel, &map->sections[i]);
		*heading = make_heading(picture, site);
		heading->is_led = !find_at_section(picture, panel, site, heading);
		if (heading->is_led)
			num_led++;
		else
			take_place(panel, heading);
		panel->num_headings++;
	}
	for (int i = 0; i < panel->num_headings; i++)
	{
		SvgText *heading = &panel->headings[i];

		if (!heading->is_led)
			continue;
		if (num_led > MAX_LED)
		{
			heading->text = NULL;
			continue;
		}
		find_far(picture, panel, &sites[i], heading);
		heading->target = point_towards(&sites[i].around, &heading->box);
		take_place(panel, heading);
	}
	pfree(sites);
}

static void
put_leader(const SvgPicture *picture, const SvgText *heading)
{
	PlanBox target = {heading->target, heading->target};

	appendStringInfoString(picture->out, "<line stroke=\"#9E9E9E\" stroke-opacity=\".7\"");
	sl_svg_put_length(picture, "stroke-width", picture->unit / 10);
	sl_svg_put_point(picture, "x1", "y1", point_towards(&heading->box, &target));
	sl_svg_put_point(picture, "x2", "y2", heading->target);
	appendStringInfoString(picture->out, "/>\n");
}

void
sl_svg_write_headings(const SvgPicture *picture, const SvgPanel *panel)
{
	appendStringInfoString(picture->out, "<g class=\"sections\" fill=\"#555555\""
										 " font-weight=\"bold\">\n");
	for (int i = 0; i < panel->num_headings; i++)
	{
		if (panel->headings[i].is_led && panel->headings[i].text)
			put_leader(picture, &panel->headings[i]);
	}
	/* upon the lines */
	for (int i = 0; i < panel->num_headings; i++)
	{
		if (panel->headings[i].text)
			sl_svg_put_label(picture, &panel->headings[i]);
	}
	appendStringInfoString(picture->out, "</g>\n");
}
