/*-------------------------------------------------------------------------
 *
 * seat_map_text.h
 *		What the files that write the map as text share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_MAP_TEXT_H
#define SEATLOCK_SEAT_MAP_TEXT_H

#include "picture/seat_map.h"

/* psql puts a blank before and a blank and a plus sign after each line */
#define TEXT_MAX_WIDTH 76
#define TEXT_MAX_LABEL_WIDTH 10

/* Neighbours, as they are shown from left to right. */
typedef struct TextRun
{
	int first; /* index into the map's seats */
	int count;
	bool backwards;
	double middle; /* x */
} TextRun;

/* A row of the plan. */
typedef struct TextRow
{
	int number; /* the order in which they are shown */
	const char *label;
	int label_width;
	int first_run; /* index into the section's runs */
	int num_runs;
	int num_seats;
	PlanBox box;
	bool is_level;
	int line; /* the number of the row that begins its line */
} TextRow;

/* A section laid out in lines. */
typedef struct TextSection
{
	const SeatMap *map;
	double step;
	PlanBox frame; /* its sides are those of the text */
	int num_runs;
	TextRun *runs;
	int num_rows;
	TextRow *rows;
	int label_width; /* of the longest label */
} TextSection;

/* seat_map_text.c */
extern int sl_text_put(StringInfo out, const char *text, int max_width);

/* seat_map_text_rows.c: fill in the rows and runs, in the order in which they are shown */
extern void sl_text_lay_out_rows(TextSection *text, const MapSection *section);

#endif /* SEATLOCK_SEAT_MAP_TEXT_H */
