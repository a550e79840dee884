/*-------------------------------------------------------------------------
 *
 * seat_map_svg.h
 *		What the files that write the SVG picture share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_MAP_SVG_H
#define SEATLOCK_SEAT_MAP_SVG_H

#include "picture/seat_map.h"

#define SVG_TEXT_COLOR "#333333"

/* A picture in the making. */
typedef struct SvgPicture
{
	const SeatMap *map;
	StringInfo out;
	double zoom;  /* what lengths are multiplied by as they are written: mostly 1 */
	int decimals; /* of lengths: enough for a hundredth of a gap */
	double unit;  /* size of the small letters */
} SvgPicture;

/* A row's letter or a section's name, where it will be. */
typedef struct SvgText
{
	const char *text; /* NULL: left out */
	PlanBox box;
	double size;
	bool along;       /* read upwards */
	bool is_led;      /* so far away that a line leads to what it names */
	PlanPoint target; /* of that line */
} SvgText;

/* The row letters of one section. */
typedef struct SvgLetters
{
	int first; /* index into the panel's letters */
	int count;
	PlanBox box; /* around them */
} SvgLetters;

/* One layer of the map, drawn with what belongs to it. */
typedef struct SvgPanel
{
	int layer;
	PlanBox inner;  /* around the centres of its seats, and the areas to stand in */
	PlanBox box;    /* around all that is drawn */
	double down;    /* how far below its own place it is drawn */
	MapFront front; /* where a stage is drawn by us; unknown: none is */
	PlanBox stage;
	int num_letters;
	int max_letters;
	SvgText *letters;       /* section by section */
	SvgLetters *letters_of; /* by section of the map */
	int num_headings;
	SvgText *headings;
	int num_taken; /* boxes that headings must keep clear of, except for seats and letters */
	PlanBox *taken;
} SvgPanel;

/* svg_write.c */
extern void sl_svg_put_text(StringInfo out, const char *text);
extern void sl_svg_put_number(const SvgPicture *picture, double number);
extern void sl_svg_put_length(const SvgPicture *picture, const char *attribute, double length);
extern void sl_svg_put_point(const SvgPicture *picture, const char *x_name, const char *y_name,
							 PlanPoint point);
extern void sl_svg_put_color(StringInfo out, const char *attribute, const char *color,
							 const char *fallback);
/* in common fonts; bold letters are a bit wider */
extern double sl_svg_text_width(const char *text, double size);
/* a text about the middle of its box */
extern void sl_svg_put_label(const SvgPicture *picture, const SvgText *text);

/* svg_seats.c */
extern double sl_svg_seat_radius(const MapSection *section);
extern void sl_svg_write_symbols(const SvgPicture *picture);
extern void sl_svg_write_seats(const SvgPicture *picture, const MapSection *section);
/* how wide its widest entry is */
extern double sl_svg_legend_width(const SvgPicture *picture);
/* from place on, so wide; returns its height */
extern double sl_svg_write_legend(const SvgPicture *picture, PlanPoint place, double width);

/* seat_map_space.c */
extern void sl_svg_extend(PlanBox *box, const PlanBox *other);
extern PlanBox sl_svg_widen(PlanBox box, double margin);
/* does the box cover no seat and no letter of a row? */
extern bool sl_svg_is_clear_of_rows(const SvgPicture *picture, const SvgPanel *panel,
									const PlanBox *box);
/* and nothing else either? */
extern bool sl_svg_is_clear(const SvgPicture *picture, const SvgPanel *panel, const PlanBox *box);

/* svg_letters.c */
extern void sl_svg_lay_out_letters(const SvgPicture *picture, SvgPanel *panel,
								   const MapSection *section);
extern void sl_svg_write_letters(const SvgPicture *picture, const SvgPanel *panel);

/* svg_headings.c */
extern void sl_svg_lay_out_headings(const SvgPicture *picture, SvgPanel *panel);
extern void sl_svg_write_headings(const SvgPicture *picture, const SvgPanel *panel);

#endif /* SEATLOCK_SEAT_MAP_SVG_H */
