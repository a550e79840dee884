/*-------------------------------------------------------------------------
 *
 * seat_map_svg.h
 *		What the files that write the SVG picture share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_MAP_SVG_H
#define SEATLOCK_SEAT_MAP_SVG_H

#include "seat_map.h"

#define SVG_TEXT_COLOR "#333333"

/* usual width of a letter, as a share of the font's size */
#define SVG_LETTER_WIDTH 0.58

/* A picture in the making. */
typedef struct SvgPicture
{
	const SeatMap *map;
	StringInfo out;
	double zoom;  /* what lengths are multiplied by as they are written: mostly 1 */
	int decimals; /* of lengths: enough for a hundredth of a step */
	double unit;  /* size of the small letters */
} SvgPicture;

/* One layer of the map, drawn with what belongs to it. */
typedef struct SvgPanel
{
	int layer;
	PlanBox seats; /* around the centres of its seats */
	PlanBox box;   /* around all that is drawn */
	double down;   /* how far below its own place it is drawn */
	PlanBox stage; /* drawn by us, when the plan has none */
	int num_taken; /* boxes that headings must keep clear of */
	PlanBox *taken;
} SvgPanel;

/* seat_map_xml.c */
extern void sl_svg_put_text(StringInfo out, const char *text);
extern void sl_svg_put_number(const SvgPicture *picture, double number);
extern void sl_svg_put_length(const SvgPicture *picture, const char *attribute, double length);
extern void sl_svg_put_point(const SvgPicture *picture, const char *x_name, const char *y_name,
							 PlanPoint point);
extern void sl_svg_put_color(StringInfo out, const char *attribute, const char *color,
							 const char *fallback);
extern double sl_svg_text_width(const char *text, double size);

/* seat_map_signs.c */
extern void sl_svg_write_symbols(const SvgPicture *picture);
extern void sl_svg_write_seats(const SvgPicture *picture, const MapSection *section);
/* from place on, so wide; returns its height */
extern double sl_svg_write_legend(const SvgPicture *picture, PlanPoint place, double width);

/* seat_map_labels.c */
extern void sl_svg_write_row_labels(const SvgPicture *picture, const MapSection *section);
extern void sl_svg_write_heading(const SvgPicture *picture, SvgPanel *panel,
								 const MapSection *section);
/* how far the letters reach beyond the rows */
extern double sl_svg_row_label_reach(const SvgPicture *picture, const MapSection *section);
extern double sl_svg_seat_radius(const MapSection *section);

#endif /* SEATLOCK_SEAT_MAP_SVG_H */
