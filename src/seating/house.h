/*-------------------------------------------------------------------------
 *
 * house.h
 *		A house: what the best-available search knows of a layout.
 *
 * Pure: it is built from seats handed in one by one, and never changes
 * afterwards.  All of it lives in the memory context that was current at
 * sl_house_begin.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_HOUSE_H
#define SEATLOCK_HOUSE_H

#include "base/seatlock.h"

/* HouseBuilder: row_no and run_no of a place of general admission */
#define SL_NO_ROW (-1)

typedef struct HouseSeat
{
	int32 seat_no;
	int32 kind;  /* index into the kinds: house_seat_category and what else it is */
	int32 along; /* how far along its row, from one end of it, in parts of SL_ROW_STEP;
					 * 0 when standing */
} HouseSeat;

/* Neighbours in seat order, or all places of an area of general admission. */
typedef struct HouseRun
{
	int first; /* index into House.seats */
	int count;
} HouseRun;

/* A row of the plan, or places of an area of general admission, which are one run. */
typedef struct HouseRow
{
	int section; /* index into House.sections */
	int first_run;
	int num_runs;
	int32 ends;    /* along of both ends, added: twice the row's middle */
	bool standing; /* general admission: neighbours mean nothing here */
	int more;      /* the row in which the area goes on, where it has grown; 0: it does not */
	bool is_more;  /* it is such a row */
} HouseRow;

typedef struct HouseSection
{
	int32 section_no;
	char *name; /* several sections may share one */
	int area;   /* the last row of its places, where it is general admission; -1: none yet */
} HouseSection;

typedef struct HouseCategory
{
	int32 category_no;
	char *name;
	bool accessible; /* for those who ask for it */
} HouseCategory;

/* Every array runs in seat order: sections as created, rows, seats; categories by number. */
typedef struct House
{
	int32 layout_id;
	int num_seats;
	int num_runs;
	int num_rows;
	int num_sections;
	int num_categories;
	HouseSeat *seats;
	HouseRun *runs;
	HouseRow *rows;
	HouseSection *sections;
	HouseCategory *categories;
} House;

/* One seat as the builder is told of it. */
typedef struct SeatPlace
{
	int32 seat_no;
	int32 section_no;
	int32 category_no;
	int32 row_no; /* SL_NO_ROW in general admission */
	int32 run_no; /* SL_NO_ROW in general admission */
	int32 along;
	bool by_label; /* accessible, or for the company of who sits there */
} SeatPlace;

/* A house in the making. */
typedef struct HouseBuilder
{
	MemoryContext context;
	House *house;
	SeatPlace last; /* the seat added last */
	int max_seats;
	int max_runs;
	int max_rows;
} HouseBuilder;

extern void sl_house_begin(HouseBuilder *builder, int32 layout_id);
/* sections and categories first, each in the order of their numbers */
extern void sl_house_add_section(HouseBuilder *builder, int32 section_no, const char *name);
extern void sl_house_add_category(HouseBuilder *builder, int32 category_no, const char *name,
								  bool accessible);
/* then the seats, in seat order */
extern void sl_house_add_seat(HouseBuilder *builder, const SeatPlace *seat);
extern House *sl_house_end(HouseBuilder *builder);

/* the index of a seat, section or category; -1 when there is none */
extern int sl_house_find_seat(const House *house, int32 seat_no);
extern int sl_house_find_section(const House *house, const char *name);
extern int sl_house_find_category(const House *house, const char *name);

/*
 * The index of a number in an ascending array of structs that begin with one;
 * guess is where it may well be.
 */
extern int sl_house_find_number(const void *array, int count, Size size, int32 number, int guess);

/*
 * Seats of a category are of two kinds: those that a search may pick, and those
 * that are sold by label only, as they are kept for who needs them.
 */
static inline int
house_kind(int category, bool by_label)
{
	return 2 * category + by_label;
}

/* index into House.categories */
static inline int
house_seat_category(const HouseSeat *seat)
{
	return seat->kind / 2;
}

static inline bool
house_seat_is_by_label(const HouseSeat *seat)
{
	return seat->kind % 2 != 0;
}

static inline int
house_num_kinds(const House *house)
{
	return 2 * house->num_categories;
}

static inline int
house_row_first(const House *house, const HouseRow *row)
{
	return house->runs[row->first_run].first;
}

/* one past the row's last seat */
static inline int
house_row_end(const House *house, const HouseRow *row)
{
	const HouseRun *last = &house->runs[row->first_run + row->num_runs - 1];

	return last->first + last->count;
}

#endif /* SEATLOCK_HOUSE_H */
