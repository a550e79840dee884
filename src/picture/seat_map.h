/*-------------------------------------------------------------------------
 *
 * seat_map.h
 *		Pictures of an event's seats: one as text, one as SVG.
 *
 * Pure: structs in, text out; no catalog, no SQL.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_SEAT_MAP_H
#define SEATLOCK_SEAT_MAP_H

#include "lib/stringinfo.h"

#include "base/vocabulary.h"
#include "seating/plan.h"

#define MAP_NUM_STATUSES 4

/* For whom a seat is kept. */
typedef enum MapKind
{
	KIND_USUAL,
	KIND_ACCESSIBLE,
	KIND_COMPANION, /* of who sits on an accessible one */
	NUM_MAP_KINDS
} MapKind;

/* One seat or place; section and category are indexes into the map's arrays. */
typedef struct MapSeat
{
	const char *label;
	const char *row_label; /* NULL in general admission */
	PlanPoint position;
	int32 row_no; /* PLAN_NO_ROW in general admission */
	int32 run_no; /* likewise; seats of one run are neighbours */
	int32 section;
	int32 category;
	MapKind kind;
	SeatStatus status; /* an expired hold is free here */
} MapSeat;

/* Numbers of seats, in the order free, held, booked, not for sale. */
typedef struct MapCounts
{
	int total;
	int by_status[MAP_NUM_STATUSES];
} MapCounts;

typedef struct MapSection
{
	const char *name;
	bool general_admission;
	int first_seat;
	int num_seats;
	/* the rest is worked out by sl_seat_map_prepare */
	MapCounts counts;
	PlanBox box;  /* around the seats' centres */
	double step;  /* usual distance of neighbours */
	double gap;   /* usual distance of the nearest seats: rows may stand closer */
	bool is_pile; /* its places are ours, the plan had none */
	int layer;    /* sections that lie on top of each other have different ones */
} MapSection;

typedef struct MapCategory
{
	const char *name;
	const char *color;
	bool accessible; /* all its seats are */
	MapCounts counts;
} MapCategory;

typedef struct SeatMap
{
	const char *event;
	int num_categories;
	MapCategory *categories;
	int num_sections;
	MapSection *sections;
	int num_seats;
	MapSeat *seats; /* section by section, in seat order */
	int num_areas;
	PlanArea *areas;
	/* the rest is worked out by sl_seat_map_prepare */
	MapCounts counts;
	MapCounts kinds[NUM_MAP_KINDS];
	double step; /* usual distance of neighbours in the whole map */
	double gap;  /* likewise of the nearest seats: what sizes are measured by */
	int num_layers;
	struct SeatFinder **finders; /* the seats of each layer by place */
	const PlanArea *stage;       /* NULL: the plan draws none */
} SeatMap;

/* Where the rows begin, as the seats say. */
typedef enum MapFront
{
	FRONT_UNKNOWN,
	FRONT_ABOVE,
	FRONT_BELOW
} MapFront;

#define ALL_LAYERS (-1)

/* the statuses in the order of MapCounts, and their names for people */
extern const SeatStatus sl_seat_map_statuses[MAP_NUM_STATUSES];
extern const char *const sl_seat_map_status_names[MAP_NUM_STATUSES];

/* to be called once the arrays are filled */
extern void sl_seat_map_prepare(SeatMap *map);
extern int sl_seat_map_status_index(SeatStatus status);
extern void sl_seat_map_extend(PlanBox *box, PlanPoint point);
/* is no seat of the layer nearer to the box than clearance (at most 1) of its section's gap? */
extern bool sl_seat_map_box_is_free(const SeatMap *map, int layer, const PlanBox *box,
									double clearance);

/* seat_map_pile.c */
extern void sl_seat_map_spread_piles(SeatMap *map);

/* seat_map_stage.c */
extern const PlanArea *sl_seat_map_find_stage(const SeatMap *map);
extern MapFront sl_seat_map_section_front(const SeatMap *map, const MapSection *section);
/* of all sections of a layer, or of all */
extern MapFront sl_seat_map_front(const SeatMap *map, int layer);
/* do seats stand on it? */
extern bool sl_seat_map_is_ground(const SeatMap *map, const PlanArea *area);

extern void sl_seat_map_text(const SeatMap *map, StringInfo out);
extern void sl_seat_map_svg(const SeatMap *map, StringInfo out);

#endif /* SEATLOCK_SEAT_MAP_H */
