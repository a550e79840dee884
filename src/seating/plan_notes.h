/*-------------------------------------------------------------------------
 *
 * plan_notes.h
 *		What is noted of a plan while it is read: faults, and what was put right.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SEATLOCK_PLAN_NOTES_H
#define SEATLOCK_PLAN_NOTES_H

#include "lib/stringinfo.h"

#include "base/compat.h"

/* one step of the way down to a place in the plan */
typedef struct PlanStep
{
	int number;       /* counted from 1; 0: not inside such a thing */
	const char *name; /* NULL until it is known */
} PlanStep;

/* What is put right in a plan, and told in one warning. */
typedef enum PlanRemedy
{
	REMEDY_EMPTY_ROW,
	REMEDY_ROW_NUMBER,
	REMEDY_SEAT_NUMBER,
	REMEDY_DOUBLED_NUMBER,
	REMEDY_NUMBER_AS_TEXT,
	REMEDY_ZONE_NAME,
	REMEDY_DOUBLED_CATEGORY,
	REMEDY_NO_CATEGORY,
	REMEDY_DOUBLED_GUID,
	REMEDY_BYTE_ORDER_MARK,
	NUM_REMEDIES
} PlanRemedy;

/* different keys that are told; there is no end to what a plan may have */
#define MAX_UNKNOWN_KEYS 20

typedef struct UnknownKey
{
	const char *of; /* what kind of object */
	const char *key;
	int count;
} UnknownKey;

typedef struct PlanNotes
{
	int num_faults;
	StringInfoData faults; /* a line for each of the first */
	const char *detail;    /* of the first */
	int remedies[NUM_REMEDIES];
	int num_unknown;
	UnknownKey unknown[MAX_UNKNOWN_KEYS];
	bool more_unknown;
} PlanNotes;

/* Where the reader is, for errors. */
typedef struct PlanPlace
{
	PlanStep category;
	PlanStep zone;
	PlanStep row;
	PlanStep seat;
	PlanStep area;
	PlanNotes *notes; /* NULL: the first fault is an error at once */
} PlanPlace;

extern PlanNotes *sl_plan_notes_create(void);
/* the plan will be refused for it; the reader goes on, to find the rest */
extern void sl_plan_refuse(const PlanPlace *place, const char *problem, const char *detail);
/* the same where it cannot go on */
pg_noreturn extern void sl_plan_give_up(const PlanPlace *place, const char *problem,
										const char *detail);
/* 22023 if there was a fault: "invalid seating plan: <place>: <problem>" */
extern void sl_plan_check(const PlanPlace *place);
static inline int
plan_num_faults(const PlanPlace *place)
{
	return place->notes == NULL ? 0 : place->notes->num_faults;
}

static inline void
plan_remedy(const PlanPlace *place, PlanRemedy remedy)
{
	if (place->notes != NULL)
		place->notes->remedies[remedy]++;
}

/* one warning with counts of all that was put right */
extern void sl_plan_tell_remedies(const PlanNotes *notes, const char *venue,
								  const char *default_category);

#endif /* SEATLOCK_PLAN_NOTES_H */
