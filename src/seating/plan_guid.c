/*-------------------------------------------------------------------------
 *
 * plan_guid.c
 *		The guids of a plan's seats, each of one seat.
 *
 * Editors that copy a row copy its guids too.  Such a guid names no seat, and it
 * is not known which of them had it first: to leave it with one would be to guess
 * which seat a ticket is for.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "miscadmin.h"

#include "base/name_table.h"
#include "seating/plan_guid.h"

/* How many seats have each guid; NULL when none has one. */
static names_hash *
count_guids(const SeatingPlan *plan)
{
	names_hash *counts = NULL;

	for (int i = 0; i < plan->num_seats; i++)
	{
		const char *guid = plan->seats[i].guid;
		NameEntry *entry;
		bool found;

		if (guid == NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (counts == NULL)
			counts = names_create(CurrentMemoryContext, plan->num_seats - i, NULL);
		entry = names_insert(counts, guid, &found);
		entry->number = found ? entry->number + 1 : 1;
	}
	return counts;
}

void
sl_plan_drop_doubled_guids(SeatingPlan *plan, const PlanPlace *place)
{
	names_hash *counts = count_guids(plan);

	if (counts == NULL)
		return;
	for (int i = 0; i < plan->num_seats; i++)
	{
		PlanSeat *seat = &plan->seats[i];

		if (seat->guid == NULL || names_lookup(counts, seat->guid)->number == 1)
			continue;
		seat->guid = NULL;
		plan_remedy(place, REMEDY_DOUBLED_GUID);
	}
	names_destroy(counts);
}
