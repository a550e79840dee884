/*-------------------------------------------------------------------------
 *
 * plan_stage.c
 *		Is an area of a plan what the audience looks at?
 *
 * A plan may say so by "stage": true or false; else its words do.  In a text of
 * several words the last one counts: a "main stage" is one, a "stage door" none.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "seating/plan_area.h"

/* letters without a lower case in ASCII stand in both */
static const char *const stage_words[] = {
	"stage", "screen", "field",      "pitch",        "court",    "rink",     "ring",      "podium",
	"bühne", "bÜhne",  "hauptbühne", "hauptbÜhne",   "buehne",   "leinwand", "spielfeld", "scene",
	"scène", "scÈne",  "escenario",  "palcoscenico", "pantalla", "scena",    "сцена",     "СЦЕНА",
};

/* Words are of letters, in whatever script: "Screen 3" and "(Stage)" are of one. */
static bool
is_letter(char c)
{
	return IS_HIGHBIT_SET(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
ends_in_stage_word(const char *text)
{
	size_t end = strlen(text);
	size_t start;

	while (end > 0 && !is_letter(text[end - 1]))
		end--;
	start = end;
	while (start > 0 && is_letter(text[start - 1]))
		start--;
	for (int i = 0; i < lengthof(stage_words); i++)
		if (strlen(stage_words[i]) == end - start &&
			pg_strncasecmp(text + start, stage_words[i], end - start) == 0)
			return true;
	return false;
}

bool
sl_plan_is_stage(const PlanArea *area, const char *name, JsonbContainer *json,
				 const PlanPlace *place)
{
	bool is_stage;

	if (sl_plan_json_find_bool(json, "stage", place, &is_stage))
		return is_stage;
	/* nobody stands on it to look at it */
	return area->capacity == 0 && ((area->text != NULL && ends_in_stage_word(area->text)) ||
								   (name != NULL && ends_in_stage_word(name)));
}
