/*-------------------------------------------------------------------------
 *
 * plan.h
 *		A seating plan in memory: categories, sections, seats, areas.
 *
 * Pure: jsonb or numbers in, structs out; no catalog, no SQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_H
#define SEATLOCK_PLAN_H

#include <math.h>

#include "utils/jsonb.h"

#include "seating/label.h"

#define PLAN_NO_ROW (-1)     /* row and run of general admission */
#define PLAN_NO_SECTION (-1) /* section of an area that is only drawn */

/* distance of neighbours where seatlock itself lays out seats */
#define PLAN_SEAT_STEP 25.0

typedef struct PlanCategory
{
	const char *name;
	const char *color;
	bool accessible; /* kept for those who ask for it */
} PlanCategory;

typedef struct PlanSection
{
	const char *name;
	bool general_admission;
	int num_seats;
} PlanSection;

typedef struct PlanPoint
{
	double x;
	double y;
} PlanPoint;

static inline double
plan_distance(PlanPoint a, PlanPoint b)
{
	return hypot(a.x - b.x, a.y - b.y);
}

typedef struct PlanBox
{
	PlanPoint low;
	PlanPoint high;
} PlanBox;

/* One seat or place; section and category are indexes into the plan's arrays. */
typedef struct PlanSeat
{
	int section;
	int category;
	int row;               /* counted from 0 over the plan; PLAN_NO_ROW */
	int run;               /* likewise; seats of one run are neighbours */
	int along;             /* how far along its row: SL_ROW_STEP; 0 in general admission */
	const char *row_label; /* NULL in general admission */
	const char *seat_number;
	PlanPoint position; /* absolute */
	bool accessible;
	bool companion;    /* beside an accessible seat */
	bool not_for_sale; /* when an event begins */
	const char *guid;  /* as the plan's editor knows it; NULL: none of its own */
} PlanSeat;

typedef enum AreaShape
{
	SHAPE_RECTANGLE, /* position is its upper left corner */
	SHAPE_CIRCLE,    /* position is its centre */
	SHAPE_ELLIPSE,   /* position is its centre */
	SHAPE_POLYGON,   /* points are relative to position */
	SHAPE_TEXT,      /* nothing but the text, at position */
	NUM_SHAPES
} AreaShape;

/* An area to draw, and perhaps to stand in. */
typedef struct PlanArea
{
	JsonbContainer *json; /* as the plan has it */
	PlanPoint origin;     /* of its zone */
	AreaShape shape;
	PlanPoint position; /* absolute */
	double rotation;    /* degrees, clockwise, about position */
	const char *color;  /* NULL: not filled */
	const char *border_color;
	PlanPoint extent; /* rectangle: width and height; circle, ellipse: radii */
	int num_points;
	PlanPoint *points;
	const char *text; /* NULL: none */
	const char *text_color;
	double text_size;        /* 0: as the renderer likes */
	PlanPoint text_position; /* relative to position, turned with the shape */
	int section;             /* PLAN_NO_SECTION: only drawn */
	int capacity;
	bool is_stage; /* what the audience looks at: rows rank from there */
} PlanArea;

typedef struct SeatingPlan
{
	PlanPoint size; /* width and height */
	int num_categories;
	PlanCategory *categories;
	int num_sections;
	int max_sections; /* room in sections */
	PlanSection *sections;
	int num_seats;
	int max_seats;   /* room in seats */
	PlanSeat *seats; /* sections, rows, seats: the seat order */
	int num_areas;
	PlanArea *areas;
	const struct PlanNotes *notes; /* what was put right; NULL for a plan that was made */
	const char *default_category;  /* of seats that name none; NULL: there are none */
} SeatingPlan;

/*
 * From the public JSON shape; 22023, naming the place, when it is malformed.  The
 * rule tells what labels will be made of.
 */
extern SeatingPlan *sl_plan_parse(Jsonb *json, LabelRule rule);

/*
 * one section of rows A..Z, AA.. except for the skipped letters (NULL: none), with
 * seats 1..n; 22023 when too large
 */
extern SeatingPlan *sl_plan_make_grid(const char *section, int num_rows, int seats_per_row,
									  const char *category, const char *skip_letters);
/* one section of general admission */
extern SeatingPlan *sl_plan_make_area(const char *section, int capacity, const char *category);

/*
 * The areas as the jsonb array that layout.drawing holds: of each the "origin" of
 * its zone, moved down by that much, the "area" as the plan has it, and of one
 * with places the name of their "section".
 */
extern Jsonb *sl_plan_drawing(const SeatingPlan *plan, double down);
/* its areas, and the names of their sections: NULL for one that is only drawn */
extern PlanArea *sl_plan_read_drawing(Jsonb *drawing, int *num_areas, const char ***sections);

/* for building plans: shared by the parser and the makers */
extern const char *sl_plan_default_color(int category);
extern bool sl_plan_is_accessible_name(const char *category);
extern int sl_plan_add_section(SeatingPlan *plan, const char *name, bool general_admission);
extern void sl_plan_add_seat(SeatingPlan *plan, const PlanSeat *seat);

/* plan_row.c: the seats of one row */
typedef struct PlanLine
{
	PlanPoint start;
	PlanPoint end;
} PlanLine;

extern PlanLine sl_plan_find_line(const PlanSeat *seats, int num_seats);
extern double sl_plan_drop_onto(const PlanLine *line, PlanPoint at);
extern void sl_plan_order_row(PlanSeat *seats, int num_seats);
extern double sl_plan_usual_step(const PlanSeat *seats, int num_seats);
/* fill in run and along; *num_runs counts on */
extern void sl_plan_measure_row(PlanSeat *seats, int num_seats, int *num_runs);

#endif /* SEATLOCK_PLAN_H */
