/*-------------------------------------------------------------------------
 *
 * plan_json.c
 *		Typed reading of a seating plan's jsonb, with errors that name the place.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "utils/numeric.h"

#include "base/json_number.h"
#include "base/name.h"
#include "seating/plan_json.h"

/* farther out than any hall, near enough that float4 still tells seats apart */
#define MAX_NUMBER 10000000
#define MAX_DECIMALS 100

/* in UTF-8 */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/*
 * A string may hold the text of a plan: a file just as it was read, also with the
 * byte-order mark in front that some editors write and no parser of JSON takes.
 */
Jsonb *
sl_plan_json_unwrap(Jsonb *json, const PlanPlace *place)
{
	const int mark_length = strlen(BYTE_ORDER_MARK);
	JsonbValue value;
	const char *text;
	bool marked;

	if (!JB_ROOT_IS_SCALAR(json) || !JsonbExtractScalar(&json->root, &value) ||
		value.type != jbvString)
		return json;
	text = pnstrdup(value.val.string.val, value.val.string.len);
	marked = strncmp(text, BYTE_ORDER_MARK, mark_length) == 0;
	if (marked)
		text += mark_length;
	if (text[strspn(text, " \t\r\n")] != '{')
		return json;
	if (marked)
		plan_remedy(place, REMEDY_BYTE_ORDER_MARK);
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
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

/* NULL when it is absent, or refused; required tells what it must be, if it must be there. */
static JsonbContainer *
read_container(JsonbContainer *object, const char *key, const PlanPlace *place, bool array,
			   const char *required)
{
	const char *wanted = array ? "an array" : "an object";
	JsonbValue value;

	if (!find_value(object, key, &value))
	{
		if (required != NULL)
			refuse_value(place, key, NULL, required);
		return NULL;
	}
	if (value.type == jbvBinary && (array ? JsonContainerIsArray(value.val.binary.data)
										  : JsonContainerIsObject(value.val.binary.data)))
		return value.val.binary.data;
	refuse_value(place, key, &value, wanted);
	return NULL;
}

JsonbContainer *
sl_plan_json_find_object(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	return read_container(object, key, place, false, NULL);
}

JsonbContainer *
sl_plan_json_find_array(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	return read_container(object, key, place, true, NULL);
}

JsonbContainer *
sl_plan_json_array(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	return read_container(object, key, place, true, "an array");
}

int
sl_plan_json_size(JsonbContainer *array)
{
	return array == NULL ? 0 : JsonContainerSize(array);
}

/* The i-th element of an array of objects; place already counts it.  NULL: it is none. */
JsonbContainer *
sl_plan_json_element(JsonbContainer *array, int i, const PlanPlace *place)
{
	JsonbValue *value = getIthJsonbValueFromContainer(array, i);

	if (value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data))
		return value->val.binary.data;
	sl_plan_refuse(place, psprintf("found %s", type_in_words(value)),
				   "There must be an object here.");
	return NULL;
}

static void
refuse_text(const PlanPlace *place, const char *key, const char *what)
{
	sl_plan_refuse(place, psprintf("\"%s\" %s", key, what),
				   psprintf("\"%s\" must be a string of 1 to %d bytes.", key, SL_MAX_NAME_LENGTH));
}

/* A number where a name should be: what is meant is clear, within reason. */
static char *
number_as_text(const PlanPlace *place, const char *key, const JsonbValue *value)
{
	if (!json_number_is_within(value->val.numeric, MAX_NUMBER, MAX_DECIMALS))
	{
		refuse_text(place, key, "is out of range");
		return "?";
	}
	plan_remedy(place, REMEDY_NUMBER_AS_TEXT);
	return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
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
		return required ? "?" : NULL;
	}
	if (value.type == jbvNumeric)
		return number_as_text(place, key, &value);
	if (value.type != jbvString)
	{
		refuse_text(place, key, psprintf("is %s", type_in_words(&value)));
		return "?";
	}
	text = value.val.string.val;
	length = sl_name_trim(&text, value.val.string.len);
	if (length > SL_MAX_NAME_LENGTH)
	{
		refuse_text(place, key, "is too long");
		return "?";
	}
	if (length > 0)
		return pnstrdup(text, length);
	if (required)
		refuse_text(place, key, "is empty");
	return required ? "?" : NULL;
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

/* False when it is absent, or refused. */
static bool
read_number(JsonbContainer *object, const char *key, const PlanPlace *place, bool required,
			double *number)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
	{
		if (required)
			refuse_value(place, key, NULL, "a number");
		return false;
	}
	if (value.type != jbvNumeric)
	{
		refuse_value(place, key, &value, "a number");
		return false;
	}
	/* a drawing is ours, and an origin in it lies wherever plans are put below one another */
	if (place->notes != NULL && !json_number_is_within(value.val.numeric, MAX_NUMBER, MAX_DECIMALS))
	{
		sl_plan_refuse(
			place, psprintf("\"%s\" is out of range", key),
			psprintf("Numbers of a plan lie between -%d and %d, and have at most %d decimals.",
					 MAX_NUMBER, MAX_NUMBER, MAX_DECIMALS));
		return false;
	}
	*number =
		DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(value.val.numeric)));
	return true;
}

bool
sl_plan_json_find_number(JsonbContainer *object, const char *key, const PlanPlace *place,
						 double *number)
{
	return read_number(object, key, place, false, number);
}

double
sl_plan_json_number(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	double number = 0;

	(void) read_number(object, key, place, true, &number);
	return number;
}

bool
sl_plan_json_find_bool(JsonbContainer *object, const char *key, const PlanPlace *place, bool *flag)
{
	JsonbValue value;

	if (!find_value(object, key, &value))
		return false;
	if (value.type != jbvBool)
	{
		refuse_value(place, key, &value, "a boolean");
		return false;
	}
	*flag = value.val.boolean;
	return true;
}

static bool
read_point(JsonbContainer *container, const PlanPlace *place, PlanPoint *point)
{
	if (container == NULL)
		return false;
	point->x = sl_plan_json_number(container, "x", place);
	point->y = sl_plan_json_number(container, "y", place);
	return true;
}

bool
sl_plan_json_find_point(JsonbContainer *object, const char *key, const PlanPlace *place,
						PlanPoint *point)
{
	return read_point(sl_plan_json_find_object(object, key, place), place, point);
}

PlanPoint
sl_plan_json_point(JsonbContainer *object, const char *key, const PlanPlace *place)
{
	PlanPoint point = {0, 0};

	(void) read_point(read_container(object, key, place, false, "an object of numbers x and y"),
					  place, &point);
	return point;
}
