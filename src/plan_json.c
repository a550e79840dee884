/*-------------------------------------------------------------------------
 *
 * plan_json.c
 *		Typed reading of a seating plan's jsonb, with errors that name the place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/numeric.h"

#include "json_number.h"
#include "name.h"
#include "plan_json.h"

/* farther out than any hall, near enough that float4 still tells seats apart */
#define MAX_NUMBER 10000000
#define MAX_DECIMALS 100

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

void
sl_plan_refuse(const PlanPlace *place, const char *problem, const char *detail)
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
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid seating plan: %s%s", buf.data, problem), errdetail("%s", detail)));
}

static const char *
type_in_words(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvString:
			return "a string";
		case jbvNumeric:
			return "a number";
		case jbvBool:
			return "a boolean";
		case jbvBinary:
			return JsonContainerIsArray(value->val.binary.data) ? "an array" : "an object";
		default:
			return "null";
	}
}

static void
refuse_value(const PlanPlace *place, const char *key, const JsonbValue *value, const char *wanted)
{
	sl_plan_refuse(place,
				   value ? psprintf("\"%s\" is %s", key, type_in_words(value))
						 : psprintf("\"%s\" is missing", key),
				   psprintf("\"%s\" must be %s.", key, wanted));
}

static bool
find_value(JsonbContainer *object, const char *key, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, key, (int) strlen(key), value) != NULL &&
		   value->type != jbvNull;
}

JsonbContainer *
sl_plan_json_find_object(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
		return NULL;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		refuse_value(place, key, &value, "an object");
	return value.val.binary.data;
}

JsonbContainer *
sl_plan_json_find_array(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
		return NULL;
	if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data))
		refuse_value(place, key, &value, "an array");
	return value.val.binary.data;
}

JsonbContainer *
sl_plan_json_array(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	JsonbContainer *array = sl_plan_json_find_array(object, key, place);

	if (array == NULL)
		refuse_value(place, key, NULL, "an array");
	return array;
}

/* The i-th element of an array of objects; place already counts it. */
JsonbContainer *
sl_plan_json_element(JsonbContainer *array, int i, const PlanPlace *place)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		sl_plan_refuse(place, psprintf("found %s", type_in_words(value)),
					   "There must be an object here.");
	return value->val.binary.data;
}

static void
refuse_text(const PlanPlace *place, const char *key, const char *what)
{
	sl_plan_refuse(place, psprintf("\"%s\" %s", key, what),
				   psprintf("\"%s\" must be a string of 1 to %d bytes.", key, SL_MAX_NAME_LENGTH));
}

/* Measured before it is copied; NULL when it is absent or empty. */
static char *
read_text(JsonbContainer *object, const char *key, const PlanPlace *place, bool required)
{
	JsonbValue value;
	const char *text;
	size_t length;

	if (!find_value(object, key, &value))
	{
		if (required)
			refuse_text(place, key, "is missing");
		return NULL;
	}
	if (value.type != jbvString)
		refuse_text(place, key, psprintf("is %s", type_in_words(&value)));
	text = value.val.string.val;
	length = sl_name_trim(&text, value.val.string.len);
	if (length > SL_MAX_NAME_LENGTH)
		refuse_text(place, key, "is too long");
	if (length > 0)
		return pnstrdup(text, length);
	if (required)
		refuse_text(place, key, "is empty");
	return NULL;
}

char *
sl_plan_json_text(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	return read_text(object, key, place, true);
}

char *
sl_plan_json_find_text(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	return read_text(object, key, place, false);
}

bool
sl_plan_json_find_number(JsonbContainer *object, const char *key, const PlanPlace *place,
						 double *number)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
		return false;
	if (value.type != jbvNumeric)
		refuse_value(place, key, &value, "a number");
	if (!json_number_is_within(value.val.numeric, MAX_NUMBER, MAX_DECIMALS))
		sl_plan_refuse(
			place, psprintf("\"%s\" is out of range", key),
			psprintf("Numbers of a plan lie between -%d and %d, and have at most %d decimals.",
					 MAX_NUMBER, MAX_NUMBER, MAX_DECIMALS));
	*number =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
	return true;
}

double
sl_plan_json_number(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	double number;

	if (!sl_plan_json_find_number(object, key, place, &number))
		refuse_value(place, key, NULL, "a number");
	return number;
}

bool
sl_plan_json_find_bool(JsonbContainer *object, const char *key, const PlanPlace *place, bool *flag)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
		return false;
	if (value.type != jbvBool)
		refuse_value(place, key, &value, "a boolean");
	*flag = value.val.boolean;
	return true;
}

bool
sl_plan_json_find_point(JsonbContainer *object, const char *key, const PlanPlace *place,
						PlanPoint *point)
{
	JsonbContainer *container = sl_plan_json_find_object(object, key, place);

	if (container == NULL)
		return false;
	point->x = sl_plan_json_number(container, "x", place);
	point->y = sl_plan_json_number(container, "y", place);
	return true;
}

PlanPoint
sl_plan_json_point(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	PlanPoint point;

	if (!sl_plan_json_find_point(object, key, place, &point))
		refuse_value(place, key, NULL, "an object of numbers x and y");
	return point;
}
