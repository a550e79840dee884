/*-------------------------------------------------------------------------
 *
 * plan_drawing.c
 *		A plan's areas as a layout keeps them, for the pictures.
 *
 * Each is kept as the plan has it, beside what its JSON does not tell: where its
 * zone is, and of which section its places are.  The one reader of areas reads
 * it then.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include "seating/plan_area.h"

static void
add_area(StringInfo json, const SeatingPlan *plan, const PlanArea *area, double down)
{
	appendStringInfo(json, "{\"origin\": {\"x\": %.15g, \"y\": %.15g}, \"area\": ", area->origin.x,
					 area->origin.y + down);
	(void) JsonbToCString(json, area->json, 0);
	if (area->section != PLAN_NO_SECTION)
	{
		appendStringInfoString(json, ", \"section\": ");
		escape_json(json, plan->sections[area->section].name);
	}
	appendStringInfoChar(json, '}');
}

Jsonb *
sl_plan_drawing(const SeatingPlan *plan, double down)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '[');
	for (int i = 0; i < plan->num_areas; i++)
	{
		if (i > 0)
			appendStringInfoChar(&json, ',');
		add_area(&json, plan, &plan->areas[i], down);
	}
	appendStringInfoChar(&json, ']');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}

/* The areas of a drawing, and of each that has places the name of their section. */
PlanArea *
sl_plan_read_drawing(Jsonb *drawing, int *num_areas, const char ***sections)
{
	PlanPlace place = {0};
	PlanArea *areas;

	*num_areas = JB_ROOT_COUNT(drawing);
	areas = palloc(sizeof(PlanArea) * *num_areas);
	*sections = palloc(sizeof(char *) * *num_areas);
	for (int i = 0; i < *num_areas; i++)
	{
		JsonbContainer *json = sl_plan_json_element(&drawing->root, i, &place);

		(*sections)[i] = sl_plan_json_find_text(json, "section", &place);
		sl_plan_read_area(sl_plan_json_find_object(json, "area", &place), &place,
						  sl_plan_json_point(json, "origin", &place), &areas[i]);
	}
	return areas;
}
