/*-------------------------------------------------------------------------
 *
 * plan_keys.c
 *		The keys that objects of a plan have, and those that nobody reads.
 *
 * A key that is not read may be one that is misspelt, and then seats are sold
 * that should be kept: so the caller is told.  What editors of plans
 * write for themselves is no such key.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "base/seatlock.h"
#include "seating/plan_keys.h"

#define MAX_KEYS 16

static const struct
{
	const char *name;
	const char *read[MAX_KEYS];
	const char *editors[MAX_KEYS]; /* of the format, and nothing to do with seats on sale */
} objects[NUM_OBJECTS] = {
	[OBJECT_PLAN] = {"plan", {"name", "size", "categories", "zones"}, {NULL}},
	[OBJECT_CATEGORY] = {"category", {"name", "color", "accessible"}, {NULL}},
	[OBJECT_ZONE] = {"zone",
					 {"name", "position", "rows", "areas"},
					 {"zone_id", "uuid", "displayed"}},
	[OBJECT_ROW] = {"row",
					{"row_number", "row_label", "position", "seats"},
					{"uuid", "row_number_position", "seat_label", "number_of_seats",
					 "seats_spacing"}},
	[OBJECT_SEAT] = {"seat",
					 {"seat_number", "category", "position", "seat_guid", "uuid", "accessible",
					  "companion", "for_sale"},
					 {"radius"}},
	[OBJECT_AREA] = {"area",
					 {"name", "shape", "position", "rotation", "color", "border_color", "text",
					  "rectangle", "circle", "ellipse", "polygon", "capacity", "category", "stage"},
					 {"uuid", "width", "height"}},
};

static bool
is_listed(const char *const *keys, const JsonbValue *key)
{
	for (int i = 0; i < MAX_KEYS && keys[i] != NULL; i++)
		if (strlen(keys[i]) == key->val.string.len &&
			memcmp(keys[i], key->val.string.val, key->val.string.len) == 0)
			return true;
	return false;
}

static void
note_unknown(PlanNotes *notes, PlanObject kind, const JsonbValue *key)
{
	int length = pg_mbcliplen(key->val.string.val, key->val.string.len, SL_MAX_NAME_LENGTH);
	UnknownKey *unknown;

	for (int i = 0; i < notes->num_unknown; i++)
	{
		unknown = &notes->unknown[i];
		if (unknown->of == objects[kind].name && strlen(unknown->key) == length &&
			memcmp(unknown->key, key->val.string.val, length) == 0)
		{
			unknown->count++;
			return;
		}
	}
	if (notes->num_unknown == MAX_UNKNOWN_KEYS)
	{
		notes->more_unknown = true;
		return;
	}
	unknown = &notes->unknown[notes->num_unknown++];
	*unknown = (UnknownKey){objects[kind].name, pnstrdup(key->val.string.val, length), 1};
}

void
sl_plan_note_keys(const PlanPlace *place, PlanObject kind, JsonbContainer *json)
{
	JsonbIterator *iterator = JsonbIteratorInit(json);
	JsonbIteratorToken token;
	JsonbValue key;

	/* values are not entered */
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token == WJB_KEY && !is_listed(objects[kind].read, &key) &&
			!is_listed(objects[kind].editors, &key))
			note_unknown(place->notes, kind, &key);
	}
}

void
sl_plan_tell_keys(const PlanNotes *notes, const char *venue)
{
	StringInfoData keys;

	if (notes->num_unknown == 0)
		return;
	initStringInfo(&keys);
	for (int i = 0; i < notes->num_unknown; i++)
		appendStringInfo(&keys, "%s%s \"%s\": %d", i > 0 ? "; " : "", notes->unknown[i].of,
						 notes->unknown[i].key, notes->unknown[i].count);
	if (notes->more_unknown)
		appendStringInfoString(&keys, "; and others");
	ereport(NOTICE,
			(errmsg("the seating plan of venue \"%s\" has keys that mean nothing here", venue),
			 errdetail("Passed over: %s.", keys.data)));
}
