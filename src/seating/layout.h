/*-------------------------------------------------------------------------
 *
 * layout.h
 *		A layout as the best-available search knows it.
 *
 * Pure: it is built from seats handed in one by one, and never changes
 * afterwards.  All of it lives in the memory context that was current
 * meanwhile.  What only names sections and categories has no seats.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_LAYOUT_H
#define SEATLOCK_LAYOUT_H

#include "base/seatlock.h"

/* LayoutBuilder: row_no and run_no of a place of general admission */
#define SL_NO_ROW (-1)

typedef struct LayoutSeat
{
	int32 seat_no;
	int32 kind;  /* index into the kinds: house_seat_category and what else it is */
	int32 along; /* how far along its row, from one end of it, in parts of SL_ROW_STEP;
					 * 0 when standing */
} LayoutSeat;

/* Neighbours in seat order, or all places of an area of general admission. */
typedef struct LayoutRun
{
	int first; /* index into Layout.seats */
	int count;
} LayoutRun;

/* A row of the plan, or places of an area of general admission, which are one run. */
typedef struct LayoutRow
{
	int section; /* index into Layout.sections */
	int first_run;
	int num_runs;
	int32 ends;    /* along of both ends, added: twice the row's middle */
	bool standing; /* general admission: neighbours mean nothing here */
	int more;      /* the row in which the area goes on, where it has grown; 0: it does not */
	bool is_more;  /* it is such a row */
} LayoutRow;

typedef struct LayoutSection
{
	int32 section_no;
	char *name; /* several sections may share one */
	bool general_admission;
	int area; /* the last row of its places, where it is general admission; -1: none yet */
} LayoutSection;

typedef struct LayoutCategory
{
	int32 category_no;
	char *name;
	char *color;
	bool accessible; /* for those who ask for it */
} LayoutCategory;

/* Every array runs in seat order: sections as created, rows, seats; categories by number. */
typedef struct Layout
{
	int32 layout_id;
	int num_seats;
	int num_runs;
	int num_rows;
	int num_sections;
	int num_categories;
	LayoutSeat *seats;
	LayoutRun *runs;
	LayoutRow *rows;
	LayoutSection *sections;
	LayoutCategory *categories;
} Layout;

/* One seat as the builder is told of it. */
typedef struct SeatPlace
{
	int32 seat_no;
	int32 section;  /* index into Layout.sections */
	int32 category; /* index into Layout.categories */
	int32 row_no;   /* SL_NO_ROW in general admission */
	int32 run_no;   /* SL_NO_ROW in general admission */
	int32 along;
	bool by_label; /* accessible, or for the company of who sits there */
} SeatPlace;

/*
 * A layout in the making; it begins with one that has sections and categories, and
 * the rest zeros.
 */
typedef struct LayoutBuilder
{
	Layout *layout;
	SeatPlace last; /* the seat added last */
	int max_seats;
	int max_runs;
	int max_rows;
} LayoutBuilder;

/* in seat order */
extern void sl_layout_add_seat(LayoutBuilder *builder, const SeatPlace *seat);
extern Layout *sl_layout_end(LayoutBuilder *builder);

/* the index of a seat, section or category; -1 when there is none */
extern int sl_layout_find_seat(const Layout *layout, int32 seat_no);
extern int sl_layout_find_section(const Layout *layout, const char *name);
extern int sl_layout_find_category(const Layout *layout, const char *name);

/*
 * Seats of a category are of two kinds: those that a search may pick, and those
 * that are sold by label only, as they are kept for who needs them.
 */
static inline int
layout_kind(int category, bool by_label)
{
	return 2 * category + by_label;
}

/* index into Layout.categories */
static inline int
layout_seat_category(const LayoutSeat *seat)
{
	return seat->kind / 2;
}

static inline bool
layout_seat_is_by_label(const LayoutSeat *seat)
{
	return seat->kind % 2 != 0;
}

static inline int
layout_num_kinds(const Layout *layout)
{
	return 2 * layout->num_categories;
}

static inline int
layout_row_first(const Layout *layout, const LayoutRow *row)
{
	return layout->runs[row->first_run].first;
}

/* one past the row's last seat */
static inline int
layout_row_end(const Layout *layout, const LayoutRow *row)
{
	const LayoutRun *last = &layout->runs[row->first_run + row->num_runs - 1];

	return last->first + last->count;
}

#endif /* SEATLOCK_LAYOUT_H */
