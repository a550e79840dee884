/*-------------------------------------------------------------------------
 *
 * plan_drawing.c
 *		Writes a plan's areas as the jsonb that the pictures are drawn from.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

#include "seating/plan_area.h"

static void push_area(JsonbParseState **state, const SeatingPlan *plan, const PlanArea *area,
					  double down);
static void push_geometry(JsonbParseState **state, const PlanArea *area);
static void push_area_text(JsonbParseState **state, const PlanArea *area);

Jsonb *
sl_plan_drawing(const SeatingPlan *plan, double down)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < plan->num_areas; i++)
		push_area(&state, plan, &plan->areas[i], down);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL));
}

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *text)
{
	JsonbValue value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, text);
	value.val.string.len = (int) strlen(text);
	pushJsonbValue(state, token, &value);
}

static void
push_optional(JsonbParseState **state, const char *key, const char *text)
{
	if (text == NULL)
		return;
	push_text(state, WJB_KEY, key);
	push_text(state, WJB_VALUE, text);
}

static void
push_number(JsonbParseState **state, const char *key, double number)
{
	JsonbValue value;

	push_text(state, WJB_KEY, key);
	value.type = jbvNumeric;
	value.val.numeric =
		DatumGetNumeric(DirectFunctionCall1(float8_numeric, Float8GetDatum(number)));
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_bool(JsonbParseState **state, const char *key, bool value)
{
	JsonbValue json = {.type = jbvBool, .val.boolean = value};

	push_text(state, WJB_KEY, key);
	pushJsonbValue(state, WJB_VALUE, &json);
}

static void
open_object(JsonbParseState **state, const char *key)
{
	push_text(state, WJB_KEY, key);
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
}

static void
close_object(JsonbParseState **state)
{
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

static void
push_point(JsonbParseState **state, const char *key, double x, double y)
{
	open_object(state, key);
	push_number(state, "x", x);
	push_number(state, "y", y);
	close_object(state);
}

static void
push_area(JsonbParseState **state, const SeatingPlan *plan, const PlanArea *area, double down)
{
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_optional(state, "shape", sl_plan_shape_words[area->shape]);
	push_point(state, "position", area->position.x, area->position.y + down);
	push_number(state, "rotation", area->rotation);
	push_optional(state, "color", area->color);
	push_optional(state, "border_color", area->border_color);
	/* in any case: it may have been told by what is not kept, or against the text */
	push_bool(state, "stage", area->is_stage);
	push_geometry(state, area);
	push_area_text(state, area);
	if (area->section != PLAN_NO_SECTION)
	{
		push_optional(state, "section", plan->sections[area->section].name);
		push_number(state, "capacity", area->capacity);
	}
	close_object(state);
}

static void
push_geometry(JsonbParseState **state, const PlanArea *area)
{
	if (area->shape == SHAPE_TEXT)
		return;
	open_object(state, sl_plan_shape_words[area->shape]);
	if (area->shape == SHAPE_RECTANGLE)
	{
		push_number(state, "width", area->extent.x);
		push_number(state, "height", area->extent.y);
	}
	else if (area->shape == SHAPE_CIRCLE)
		push_number(state, "radius", area->extent.x);
	else if (area->shape == SHAPE_ELLIPSE)
		push_point(state, "radius", area->extent.x, area->extent.y);
	else
	{
		push_text(state, WJB_KEY, "points");
		pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
		for (int i = 0; i < area->num_points; i++)
		{
			pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
			push_number(state, "x", area->points[i].x);
			push_number(state, "y", area->points[i].y);
			close_object(state);
		}
		pushJsonbValue(state, WJB_END_ARRAY, NULL);
	}
	close_object(state);
}

static void
push_area_text(JsonbParseState **state, const PlanArea *area)
{
	if (area->text == NULL)
		return;
	open_object(state, "text");
	push_optional(state, "text", area->text);
	push_point(state, "position", area->text_position.x, area->text_position.y);
	push_optional(state, "color", area->text_color);
	if (area->text_size > 0)
		push_number(state, "size", area->text_size);
	close_object(state);
}
