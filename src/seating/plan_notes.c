/*-------------------------------------------------------------------------
 *
 * plan_notes.c
 *		What is noted of a plan while it is read: faults, and what was put right.
 *
 * A person who draws a plan wants to hear all of its faults at once.  What leaves no
 * doubt about what is meant is no fault: it is put right, and counted.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_notes.h"

/* faults that are told each by itself */
#define MAX_FAULTS_TOLD 20

PlanNotes *
sl_plan_notes_create(void)
{
	PlanNotes *notes = palloc0(sizeof(PlanNotes));

	initStringInfo(&notes->faults);
	return notes;
}

static void
append_step(StringInfo buf, const char *what, const PlanStep *step)
{
	if (step->number == 0)
		return;
	if (buf->len > 0)
		appendStringInfoString(buf, ", ");
	if (step->name)
		appendStringInfo(buf, "%s \"%s\"", what, step->name);
	else
		appendStringInfo(buf, "%s %d", what, step->number);
}

static char *
say_where(const PlanPlace *place, const char *problem)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_step(&buf, "category", &place->category);
	append_step(&buf, "zone", &place->zone);
	append_step(&buf, "row", &place->row);
	append_step(&buf, "seat", &place->seat);
	append_step(&buf, "area", &place->area);
	if (buf.len > 0)
		appendStringInfoString(&buf, ": ");
	appendStringInfoString(&buf, problem);
	return buf.data;
}

void
sl_plan_refuse(const PlanPlace *place, const char *problem, const char *detail)
{
	PlanNotes *notes = place->notes;
	char *fault;

	if (notes == NULL)
		sl_plan_give_up(place, problem, detail);
	if (notes->num_faults++ >= MAX_FAULTS_TOLD)
		return;
	fault = say_where(place, problem);
	if (notes->num_faults == 1)
		notes->detail = pstrdup(detail);
	else
		appendStringInfoChar(&notes->faults, '\n');
	appendStringInfoString(&notes->faults, fault);
	pfree(fault);
}

void
sl_plan_check(const PlanPlace *place)
{
	const PlanNotes *notes = place->notes;
	const char *rest = "";

	if (notes->num_faults == 0)
		return;
	if (notes->num_faults > MAX_FAULTS_TOLD)
		rest = psprintf("\nand %d more", notes->num_faults - MAX_FAULTS_TOLD);
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					notes->num_faults == 1
						? errmsg("invalid seating plan: %s", notes->faults.data)
						: errmsg("invalid seating plan: %d problems", notes->num_faults),
					notes->num_faults == 1 ? errdetail("%s", notes->detail)
										   : errdetail("%s%s", notes->faults.data, rest)));
}

void
sl_plan_give_up(const PlanPlace *place, const char *problem, const char *detail)
{
	PlanPlace here = *place;

	if (here.notes == NULL)
		here.notes = sl_plan_notes_create();
	sl_plan_refuse(&here, problem, detail);
	sl_plan_check(&here);
	pg_unreachable();
}

void
sl_plan_tell_remedies(const PlanNotes *notes, const char *venue, const char *default_category)
{
	static const char *const what[NUM_REMEDIES] = {
		[REMEDY_EMPTY_ROW] = "rows without seats, left out",
		[REMEDY_ROW_NUMBER] = "rows without a number, numbered",
		[REMEDY_SEAT_NUMBER] = "seats without a number, numbered",
		[REMEDY_DOUBLED_NUMBER] = "seats with a number that their row had before",
		[REMEDY_NUMBER_AS_TEXT] = "names that were numbers and not strings",
		[REMEDY_ZONE_NAME] = "zones without a name, numbered",
		[REMEDY_DOUBLED_CATEGORY] = "categories with a name that was there before, left out",
		[REMEDY_NO_CATEGORY] = "seats without a category, put into",
		[REMEDY_DOUBLED_GUID] = "seats with a guid that another has too, left without",
		[REMEDY_BYTE_ORDER_MARK] = "byte-order marks before the plan, passed over",
	};
	StringInfoData counts;

	initStringInfo(&counts);
	for (int i = 0; i < NUM_REMEDIES; i++)
	{
		if (notes->remedies[i] == 0)
			continue;
		appendStringInfo(&counts, "%s%s", counts.len > 0 ? "; " : "", what[i]);
		if (i == REMEDY_NO_CATEGORY)
			appendStringInfo(&counts, " \"%s\"", default_category);
		appendStringInfo(&counts, ": %d", notes->remedies[i]);
	}
	if (counts.len > 0)
		ereport(WARNING, (errmsg("the seating plan of venue \"%s\" was put right", venue),
						  errdetail("Corrections: %s.", counts.data)));
}
